// The table of all cells: filtered, sorted, a page of it at a time.

const PAGE_ROWS = 50;
const CHOICES = { host: "host", team: "team", suite: "suite", model: "model", status: "status" };
let words = null;
let kept = null;

/** What a search looks through, of each cell. */
function haystack() {
  const names = ["host", "host_id", "team", "suite", "cell", "model", "variant", "status"];
  words ??= Array.from({ length: CELLS }, (_, row) => [...names.map((name) => nameOf(name, row)), ...PAGE.findings[row]].join(" ").toLowerCase());
  return words;
}

/** The places of the cells that the filters leave, in the order that was asked for. */
function rows() {
  const key = JSON.stringify([state.q, state.host, state.team, state.suite, state.model, state.status, state.finding, state.verdict, state.sort]);
  if (kept?.key !== key) kept = { key, rows: sorted(filtered()) };
  return kept.rows;
}

function filtered() {
  const tests = Object.keys(CHOICES).filter((name) => state[name]).map((name) => {
    const { pool, at } = COLUMNS.get(name), wanted = pool.map((value) => String(value) === state[name]);
    return (row) => wanted[at[row]];
  });
  const asked = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  if (asked.length) tests.push((row) => asked.every((word) => haystack()[row].includes(word)));
  if (state.finding) tests.push((row) => PAGE.findings[row].includes(state.finding));
  if (state.verdict) tests.push((row) => PAGE.comparisons.verdict[row] === state.verdict);
  const found = [];
  for (let row = 0; row < CELLS; row++) if (tests.every((test) => test(row))) found.push(row);
  return found;
}

function sorted(found) {
  const falling = state.sort.startsWith("-"), name = state.sort.replace(/^-/, ""), column = COLUMNS.get(name);
  if (!column && name !== "findings") return found;
  const values = name === "findings" ? PAGE.findings.map((codes) => codes.length)
    : Array.from({ length: CELLS }, (_, row) => (column.numbers ? numberOf(column, row) : column.pool[column.at[row]]));
  const compare = values.some((value) => typeof value === "string") ? new Intl.Collator("en", { numeric: true }).compare : (a, b) => a - b;
  const turn = falling ? -1 : 1;
  // a cell without a figure stands last, whichever way the others are turned
  return found.sort((a, b) => (values[a] === null) - (values[b] === null) || (values[a] === null ? 0 : turn * compare(values[a], values[b])) || a - b);
}

/** The columns that stand in the table. */
function shownColumns() {
  const wanted = state.columns ? state.columns.split(",") : null;
  return PAGE.columns.filter((column) => column.name !== "cell" && (wanted ? wanted.includes(column.name) : column.shown));
}

/** What a click on a heading sorts by next: the better end of a figure first, then the other. */
function nextSort(name, better) {
  const [first, second] = better === "higher" || name === "findings" ? [`-${name}`, name] : [name, `-${name}`];
  return state.sort === first ? second : state.sort === second ? "" : first;
}

function heading(name, text, legend, better) {
  const way = state.sort === name ? "ascending" : state.sort === `-${name}` ? "descending" : null;
  const arrow = make("span", { "aria-hidden": "true", class: "arrow" }, way === "ascending" ? "▲" : way ? "▼" : "");
  const press = button([text, arrow], () => {
    change({ sort: nextSort(name, better), page: "1" });
    byId(`sort-${name}`).focus();
  }, { id: `sort-${name}`, title: legend || null });
  return make("th", { scope: "col", "aria-sort": way, class: better || legend ? "number" : null }, press);
}

function showTable() {
  const found = rows(), columns = shownColumns();
  const pages = Math.max(1, Math.ceil(found.length / PAGE_ROWS)), page = Math.min(pages, Math.max(1, Number(state.page) || 1));
  const shown = found.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
  const head = make("tr", {}, heading("cell", "cell", "", null), columns.map((one) => heading(one.name, one.heading, one.legend, one.better)), heading("findings", "findings", "", null));
  const line = (row) => make("tr", {},
    make("th", { scope: "row" }, runLink(PAGE.run[row], nameOf("cell", row))),
    columns.map((column) => make("td", { class: column.numbers ? "number" : null }, textOf(column, row))),
    make("td", {}, PAGE.findings[row].map((code) => [badge(code), " "]).flat()));
  byId("table").replaceChildren(make("table", { class: "cells" }, make("thead", {}, head), make("tbody", {}, shown.map(line))));
  const part = found.length > PAGE_ROWS ? `, ${(page - 1) * PAGE_ROWS + 1} to ${(page - 1) * PAGE_ROWS + shown.length} shown` : "";
  const told = `${found.length.toLocaleString("en")} of ${CELLS.toLocaleString("en")} cells${part}`;
  if (byId("count").textContent !== told) byId("count").textContent = told;
  showPages(page, pages);
}

function showPages(page, pages) {
  const to = (text, target, id) => button(text, () => {
    change({ page: String(target) });
    (byId(id).disabled ? byId("table") : byId(id)).focus();
  }, { id, disabled: target < 1 || target > pages });
  byId("pages").replaceChildren(...(pages > 1 ? [to("Back", page - 1, "page-back"), make("span", {}, `page ${page} of ${pages}`), to("Next", page + 1, "page-next")] : []));
}

/** A choice among what a column has. */
function choice(name, label, values) {
  const select = make("select", { id: `filter-${name}` }, make("option", { value: "" }, "all"), values.map((value) => make("option", { value }, value)));
  select.addEventListener("change", () => change({ [name]: select.value, page: "1" }));
  return make("label", {}, label, select);
}

function makeFilters() {
  const search = make("input", { id: "filter-q", type: "search", autocomplete: "off", spellcheck: "false" });
  search.addEventListener("input", () => change({ q: search.value, page: "1" }));
  const values = (name) => COLUMNS.get(name).pool.map(String).sort();
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").replaceChildren(
    make("label", {}, "search", search),
    ...Object.entries(CHOICES).filter(([name]) => values(name).length > 1).map(([name, label]) => choice(name, label, values(name))),
    choice("verdict", "speed-up", distinct(PAGE.comparisons.verdict).filter(Boolean)),
    choice("finding", "finding", distinct(PAGE.findings.flat()).sort()),
    button("Clear", () => change({ ...Object.fromEntries(["q", "verdict", "finding", ...Object.keys(CHOICES)].map((name) => [name, ""])), page: "1" })),
    folded("Columns", () => make("ul", { class: "columns" }, PAGE.columns.filter((column) => column.name !== "cell").map(columnChoice))),
  );
}

function columnChoice(column) {
  const box = make("input", { type: "checkbox", checked: shownColumns().includes(column), "data-column": column.name });
  box.addEventListener("change", () => {
    const names = shownColumns().map((one) => one.name).filter((name) => name !== column.name);
    change({ columns: PAGE.columns.map((one) => one.name).filter((name) => names.includes(name) || (name === column.name && box.checked)).join(",") || "cell" });
  });
  return make("li", {}, make("label", {}, box, column.heading), column.legend ? make("span", { class: "quiet" }, ` ${column.legend}`) : null);
}

/** Bring the filters to what the fragment says. */
function showFilters() {
  for (const name of ["q", "verdict", "finding", ...Object.keys(CHOICES)]) {
    const field = byId(`filter-${name}`);
    if (field && field.value !== state[name]) field.value = state[name];
  }
  for (const box of document.querySelectorAll("[data-column]")) box.checked = shownColumns().some((one) => one.name === box.dataset.column);
}
