// What a reader has in hand stays while something is drawn anew: focus, what is open, and where the page is scrolled to.

/** What an element is found by once others stand in its place. */
function placeOf(node) {
  const within = node.id ? node : node.parentElement?.closest("[id]"), own = node.matches("summary, button, a") ? node.textContent : node.querySelector(":scope > summary")?.textContent;
  const chart = node.closest("figure")?.querySelector("h3")?.textContent;
  return JSON.stringify([within?.id, chart, node.tagName, node.getAttribute("href"), node.getAttribute("aria-label"), node.dataset.column, own]);
}

/** The first element of such a place. */
const foundAt = (place, tag) => [...document.getElementsByTagName(tag)].find((node) => placeOf(node) === place);

/** The heading of what is being read: the last one above the window's upper third. */
const topmost = () => [...document.querySelectorAll("h1, h2, h3")].filter((node) => node.offsetParent && node.getBoundingClientRect().top < innerHeight / 3).pop();

/** Draw, and give the reader back what they had. */
function keeping(draw) {
  const open = [...document.querySelectorAll("details[open]")].map(placeOf);
  const across = [...document.querySelectorAll(".scroll")].filter((node) => node.scrollLeft).map((node) => [placeOf(node), node.tagName, node.scrollLeft]);
  const active = document.activeElement, focused = active && active !== document.body ? placeOf(active) : null;
  const selection = active?.selectionStart === undefined ? null : [active.selectionStart, active.selectionEnd];
  const head = topmost(), mark = head && [placeOf(head), head.textContent], top = head?.getBoundingClientRect().top;
  draw();
  for (const place of open) {
    const node = foundAt(place, "details");
    if (node && !node.open) { node.open = true; node.dispatchEvent(new Event("toggle")); }
  }
  for (const [place, tag, left] of across) { const node = foundAt(place, tag); if (node && node.scrollLeft !== left) node.scrollLeft = left; }
  if (focused && !active.isConnected) {
    const node = foundAt(focused, active.tagName);
    node?.focus({ preventScroll: true });
    if (node && selection?.[0] !== null && selection) node.setSelectionRange(...selection);
  }
  const again = head?.isConnected ? head : mark && [...document.getElementsByTagName(head.tagName)].find((node) => placeOf(node) === mark[0] && node.textContent === mark[1]);
  if (again && scrollY) scrollBy({ top: again.getBoundingClientRect().top - top, behavior: "instant" });
}
