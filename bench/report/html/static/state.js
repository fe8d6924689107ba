// What is shown: all of it stands in the address's fragment, so that a link leads to the very same view.

const DEFAULTS = {
  q: "", host: "", team: "", suite: "", model: "", status: "", finding: "", verdict: "",
  sort: "", page: "1", columns: "", group: "", cost: "", figure: "", run: "",
};
/** In a notebook's output the page has no address of its own: what its fragment would say is kept here. */
const FRAMED = location.protocol === "about:";
let unaddressed = "";
let state = read();

function read() {
  const given = new URLSearchParams((FRAMED ? unaddressed : location.hash).slice(1));
  return Object.fromEntries(Object.entries(DEFAULTS).map(([name, usual]) => [name, given.get(name) ?? usual]));
}

/** The fragment of a view: the present one with changes. */
function fragment(changes) {
  const wanted = { ...state, ...changes };
  const told = Object.entries(wanted).filter(([name, value]) => value !== DEFAULTS[name]);
  return `#${new URLSearchParams(told)}`;
}

/** Change the view in place; going back leads to the view before the last run that was opened. */
function change(changes) {
  state = { ...state, ...changes };
  if (!FRAMED) history.replaceState(null, "", fragment({}));
  show();
}

/** What names a run in a link. */
function runName(run) {
  const row = PAGE.runs.cell[run];
  const names = ["host_id", "team", "suite", "cell", "seed"].map((name) => nameOf(name, row)).filter(Boolean);
  return `${names.join("/")}@${PAGE.runs.started[run]}`;
}

/** The run of that name, the newest of several; -1 where there is none. */
function runNamed(name) {
  for (let run = PAGE.runs.cell.length - 1; run >= 0; run--) if (name.endsWith(PAGE.runs.started[run]) && runName(run) === name) return run;
  return -1;
}

/** A link to a run. */
const runLink = (run, text) => make("a", { href: fragment({ run: runName(run) }) }, text);

/** Open a view by its fragment, as its link does. */
function go(to) {
  if (!FRAMED) { location.hash = to; return; }
  unaddressed = to;
  state = read();
  if (PAGE) show();
}

const openRun = (run) => go(fragment({ run: runName(run) }));
