(() => {
"use strict";
// News for the page that is another output of the same cell; told when this is shown, and whenever the page asks.
const news = JSON.parse(document.getElementById("news").textContent);
const own = origin === "null" ? "*" : origin;
const tell = (frame) => frame.postMessage(news, own);
addEventListener("message", ({ data, source }) => { if (data?.asks === news.run) tell(source); });
for (let place = 0; place < parent.length; place++) tell(parent[place]);
})();
