// The page follows its fragment.

let chartsOf = "";
let runShown = -1;

/** Draw what the state says: a run, or all cells. */
function show() {
  const run = state.run ? runNamed(state.run) : -1;
  byId("overview").hidden = run >= 0;
  byId("run").hidden = run < 0;
  if (run >= 0) {
    if (run !== runShown) { showRun(run); dropDrawings(); scrollTo(0, 0); byId("run-title").focus({ preventScroll: true }); }
    document.title = `${nameOf("cell", PAGE.runs.cell[run])} – bench`;
  } else {
    showFilters();
    showTable();
    const { sort, page, columns, run: _run, ...chosen } = state, key = JSON.stringify(chosen);
    if (key !== chartsOf) { chartsOf = key; later(showCharts); }
    document.title = "bench: results";
    if (state.run) byId("count").textContent = "The run of this link is not in this file; these are all cells.";
    if (runShown >= 0) document.querySelector(`a[href="${CSS.escape(fragment({ run: runName(runShown) }))}"]`)?.focus();
  }
  runShown = run;
}

/** Do it once the table is on the screen, and once for several changes. */
let due = 0;
function later(act) {
  cancelAnimationFrame(due);
  due = requestAnimationFrame(() => setTimeout(act));
}

addEventListener("hashchange", () => { state = read(); if (PAGE) show(); });
dark.addEventListener("change", redraw);
addEventListener("beforeprint", () => { printing = true; redraw(); });
addEventListener("afterprint", () => { printing = false; redraw(); });
byId("skip").addEventListener("click", (event) => { event.preventDefault(); byId("cells-title").focus(); });

/** Draw it all for the first time. */
function begin() {
  load();
  showSummary();
  showAnswer();
  makeFilters();
  show();
}
