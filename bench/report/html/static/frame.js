// In a notebook's output what arrives, arrives from outputs beside this one, which the kernel replaces.

const RUN = block("frame").run;
const OWN = origin === "null" ? "*" : origin;
const newest = { state: 0, blocks: 0 };

addEventListener("message", ({ data }) => {
  if (data?.run !== RUN || !(data.version > newest[data.kind])) return;
  newest[data.kind] = data.version;
  hear({ [data.kind]: data.told });
});
// those that are there already, as in a notebook that is opened again, tell it once more
for (let place = 0; place < parent.length; place++) parent[place].postMessage({ asks: RUN }, OWN);

// a link to a fragment would lead to the notebook's own address
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  if (!link || event.defaultPrevented) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
