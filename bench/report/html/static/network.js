// A run's network: its layers, and a drawing of them in the page's own colours.

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing, as `make` makes those of the document. */
function ink(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children.flat(Infinity));
  return made;
}

function boxInk([x, y, width, height, family, stacked, lines]) {
  const shape = (shift) => ink("rect", { x: x + shift, y: y + shift, width, height, rx: 4, class: `net-${family}` });
  const words = lines.map((text, place) => ink("text", { x: x + width / 2, y: y + 17 + 14 * place, class: place ? "net-more" : "net-title" }, text));
  return ink("g", {}, stacked ? shape(4) : [], shape(0), words);
}

function networkDrawing(told) {
  const frames = told.frames.map(([x, y, width, height, label]) => [
    ink("rect", { x, y, width, height, rx: 8, class: "net-frame" }), ink("text", { x: x + 8, y: y + 16, class: "net-label" }, label)]);
  const legend = told.legend.map(([x, y, family, words]) => [
    ink("rect", { x, y, width: 11, height: 11, rx: 2, class: `net-${family}` }), ink("text", { x: x + 16, y: y + 10, class: "net-key" }, words)]);
  const drawn = ink("svg", { viewBox: `0 0 ${told.width} ${told.height}`, width: told.width, height: told.height, role: "img", "aria-label": `Drawing of the network: ${told.told}`, class: "network" },
    frames, told.lines.map((d) => ink("path", { d, class: "net-line" })), told.heads.map((d) => ink("path", { d, class: "net-head" })), told.boxes.map(boxInk), legend);
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Drawing of the network" }, drawn);
}

/** What the record's view shows of the network, and why there is nothing where that is so. */
function networkOf(details) {
  const told = details.network ? block(`network-${details.network}`) : null;
  if (!told) return [make("p", { class: "quiet" }, details.network_absent)];
  return [
    told.drawing ? folded("Drawing", () => networkDrawing(told.drawing), true) : null,
    folded("Table of its layers", () => [plainTable("Layers", told.columns, told.rows), make("ul", { class: "notes" }, told.notes.map((note) => make("li", {}, note)))]),
  ];
}
