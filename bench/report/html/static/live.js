// A run that goes on: what arrives is drawn in place. Between arrivals the page does nothing at all.

const SECONDS_BETWEEN_WORDS = 30;
const before = new Map();
let told = -Infinity;
let stale = false;

/** Has what it is drawn from changed since this was last asked? */
function changed(name, ...parts) {
  const now = JSON.stringify(parts);
  if (before.get(name) === now) return false;
  before.set(name, now);
  return true;
}

/** What a run's view is drawn from. */
const partsOf = (run) => [run, PAGE.run[PAGE.runs.cell[run]], detailsOf(run), block("shared"), PAGE.bottlenecks, runsOf(PAGE.runs.cell[run])];

/** Draw what has changed of what is shown. */
function refresh() {
  if (document.hidden) { stale = true; return; }
  stale = false;
  byId("count").setAttribute("aria-live", "off");
  load();
  words = kept = null;
  keeping(() => {
    const run = state.run ? runNamed(state.run) : -1, stays = (run >= 0) === (runShown >= 0);
    showSummary();
    if (changed("answer", PAGE.answer)) showAnswer();
    if (changed("filters", Object.keys(CHOICES).map((name) => COLUMNS.get(name).pool), PAGE.comparisons.verdict, PAGE.findings, PAGE.columns.map((one) => [one.name, one.shown]))) makeFilters();
    if (!stays) { chartsOf = ""; show(); return; }
    if (run >= 0) {
      runShown = run;
      chartsOf = "";
      if (changed("run", ...partsOf(run))) { showRun(run); dropDrawings(); }
      return;
    }
    showFilters();
    if (changed("cells", PAGE)) { showTable(); showCharts(); }
  });
}

/** Words for those who listen, rarely: the state itself stands there to be read. */
function tell(text, urgent) {
  if (!urgent && performance.now() - told < SECONDS_BETWEEN_WORDS * 1000) return;
  told = performance.now();
  byId("live-told").textContent = text;
}

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { timeStyle: "short" });

function showState(run) {
  byId("live-lead").textContent = run.lead;
  const bar = byId("live-done");
  bar.hidden = run.over || !run.cells;
  bar.max = run.cells || 1;
  bar.value = run.done;
  byId("live-now").textContent = [run.now && `${run.now}, since ${clock(run.since)}.`, run.ends && `The run ends at about ${clock(run.ends)}.`, run.over && "This page stays as it is."].filter(Boolean).join(" ");
  byId("live-notes").replaceChildren(...(run.notes.length ? [make("ul", { class: "notes" }, run.notes.map((text) => make("li", {}, text)))] : []));
  tell(run.lead, run.over);
}

/** Say that the run can't be heard; nothing: that it can. */
function showLink(text) {
  if (byId("live-link").textContent === text) return;
  byId("live-link").textContent = text;
  byId("live-link").hidden = !text;
  tell(text || "The run is heard again.", true);
}

/** What arrives: the run's state, blocks that have changed, or both. */
function hear(news) {
  for (const [name, content] of Object.entries(news.blocks ?? {})) blocks.set(name, content);
  if (news.state) showState(news.state);
  if (!PAGE && blocks.has("page")) begin();
  else if (PAGE && Object.keys(news.blocks ?? {}).length) refresh();
}

document.addEventListener("visibilitychange", () => { if (stale && !document.hidden) refresh(); });
byId("filters").addEventListener("input", () => byId("count").removeAttribute("aria-live"), true);
