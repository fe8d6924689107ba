// The document: elements are made of names and text, and what records say is never anything but text.

/** The element with this id. */
const byId = (id) => document.getElementById(id);

/** An element with attributes (null: none) and children, which are elements or text. */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null).map((child) => child.nodeType ? child : String(child)));
  return made;
}

/** A button that does something. */
function button(text, act, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

/** A table of text: headings with the side that a column keeps to, and rows whose first cell names them. */
function plainTable(title, columns, rows) {
  const side = (place) => (columns[place].align === "right" ? "number" : null);
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title },
    make("table", {},
      make("caption", {}, title),
      make("thead", {}, make("tr", {}, columns.map((one, i) => make("th", { scope: "col", class: side(i) }, one.heading)))),
      make("tbody", {}, rows.map((row) => make("tr", {}, row.map((text, i) => i
        ? make("td", { class: side(i) }, text)
        : make("th", { scope: "row" }, text)))))));
}

/** Names and values in two columns. */
const pairs = (rows) => make("dl", {}, rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));

/** What opens and closes, and is made when it is first opened. */
function folded(summary, body, open = false) {
  const made = make("details", { open }, make("summary", {}, summary));
  const fill = () => { if (made.open && made.childElementCount === 1) made.append(...[body()].flat()); };
  made.addEventListener("toggle", fill);
  fill();
  return made;
}
