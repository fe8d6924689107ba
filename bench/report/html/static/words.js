// The answer, findings, and what else is said in words.

/** A finding as a badge; its meaning is told where it is pointed at, and stands in the run's own view. */
function badge(code) {
  const [severity, meaning] = PAGE.kinds[code] ?? ["hint", ""];
  return make("span", { class: `badge ${severity}`, title: `${severity}: ${meaning}` }, code);
}

/** Said once above a table or figure, and below it what its notes say. */
const notes = (list) => (list.length ? make("ul", { class: "notes" }, list.map((one) => make("li", {},
  one.mark ? make("b", {}, `${one.mark} `) : null, one.text))) : null);

const MOST_TOLD = 12;

/** A list that shows its first few entries, and the others when asked. */
function shortened(entries, what) {
  const rest = entries.slice(MOST_TOLD);
  return [...entries.slice(0, MOST_TOLD), ...(rest.length ? [folded(`${rest.length} more ${what}`, () => rest)] : [])];
}

function showAnswer() {
  const { beside, tables, fastest, changes, no_changes: none } = PAGE.answer;
  const first = tables.slice(0, 2), others = tables.slice(2);
  const told = (table) => [plainTable(table.title, table.columns, table.rows), notes(table.notes)];
  const change = (one) => make("li", {}, make("p", {}, make("strong", {}, one.text), make("span", { class: "quiet" }, ` ${one.where}`)),
    one.code.length ? make("pre", { tabindex: 0 }, make("code", {}, one.code.join("\n"))) : null);
  byId("answer").replaceChildren(
    make("h3", {}, "This machine beside the published cards"),
    ...beside.map((text) => make("p", { class: "lead" }, text)),
    ...first.flatMap(told).filter(Boolean),
    ...(others.length ? [folded("What was to be expected", () => others.flatMap(told).filter(Boolean))] : []),
    make("h3", {}, "What to change"),
    ...(changes.length ? [make("ul", { class: "changes" }, changes.slice(0, MOST_TOLD).map(change))] : [make("p", {}, none)]),
    ...(changes.length > MOST_TOLD ? [folded(`${changes.length - MOST_TOLD} more`, () => make("ul", { class: "changes" }, changes.slice(MOST_TOLD).map(change)))] : []),
    make("h3", {}, "What is fastest"),
    ...shortened(fastest.map((one) => make("div", {}, make("h4", {}, one.where), make("ul", {}, one.lines.map((text) => make("li", {}, text))))), "suites"),
    ...(fastest.length ? [] : [make("p", {}, "No two cells can be compared yet.")]),
  );
}

function showSummary() {
  if (!CELLS) { byId("summary").textContent = "Nothing is measured yet."; return; }
  const count = (name, one, many) => { const n = distinct(COLUMNS.get(name).pool).length; return `${n} ${n === 1 ? one : many}`; };
  const days = PAGE.runs.started.map((text) => text.slice(0, 10)).sort();
  const when = days[0] === days.at(-1) ? `on ${days[0]}` : `from ${days[0]} to ${days.at(-1)}`;
  const amount = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
  byId("summary").textContent = `${amount(CELLS, "cell", "cells")} of ${count("suite", "suite", "suites")} on ${count("host", "host", "hosts")}, `
    + `${amount(PAGE.runs.cell.length, "run", "runs")}, started ${when}.`;
}
