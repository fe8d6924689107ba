// The model: blocks of JSON, read when they are first asked for.

const blocks = new Map();

/** A block by its name. */
function block(name) {
  if (!blocks.has(name)) blocks.set(name, JSON.parse(byId(name).textContent));
  return blocks.get(name);
}

let PAGE, COLUMNS, CELLS;

/** Read what is seen at once. */
function load() {
  PAGE = block("page");
  COLUMNS = new Map(PAGE.columns.map((column) => [column.name, column]));
  CELLS = PAGE.run.length;
}

/** The value of a column's row as people see it. */
const textOf = (column, row) => String(column.pool[column.at ? column.at[row] : row]);

/** The number of a column's row in the unit that people see, null where it has none. */
const numberOf = (column, row) => column.numbers[column.at ? column.at[row] : row];

/** What names a cell: its host, suite, model … */
const nameOf = (name, row) => textOf(COLUMNS.get(name), row);

/** The machine that a cell was measured on, and whose it is where it is a team's. */
const measuredOn = (row) => [nameOf("host", row), nameOf("team", row)].filter(Boolean).join(", team ");

/** The number of a figure by its name, null where no cell has any. */
const figureOf = (name, row) => (COLUMNS.has(name) ? numberOf(COLUMNS.get(name), row) : null);

/** The text of a figure by its name. */
const figureText = (name, row) => (COLUMNS.has(name) ? textOf(COLUMNS.get(name), row) : "");

/** All that is kept of a run. */
const detailsOf = (run) => block(`runs-${Math.floor(run / PAGE.chunk)}`)[run % PAGE.chunk];

/** Distinct values, in the order in which they come. */
const distinct = (values) => [...new Set(values)];
