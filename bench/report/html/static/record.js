// The view of a run: all that its records say.

/** A run's windows by their time since the first: rounds one after another. */
function windows(details) {
  let clock = 0;
  const rounds = details.processes.filter((one) => one.times.length).map((one) => {
    const list = one.times.map((time, place) => {
      const steps = Array.isArray(one.steps) ? one.steps[place] : one.steps;
      clock += (time * steps) / PAGE.step.per_second;
      return { x: clock, y: time, steps, out: one.out.includes(place), place };
    });
    return { name: `round ${one.round}, group ${one.group}`, list };
  });
  if (!rounds.length) return null;
  const told = () => ({
    height: 340,
    columns: [{ heading: "round" }, { heading: "window", align: "right" }, { heading: "steps", align: "right" }, { heading: PAGE.step.heading, align: "right" }, { heading: "counts" }],
    rows: rounds.flatMap(({ name, list }) => list.map((one) => [name, one.place + 1, one.steps, one.y, one.out ? "no" : "yes"])),
    option: {
      grid: { ...usual().grid, ...UPRIGHT },
      xAxis: numbers("seconds measured, rounds one after another", [0, clock], false),
      yAxis: numbers(PAGE.step.heading, rounds.flatMap(({ list }) => list.map((one) => one.y)), false, false),
      series: rounds.map(({ name, list }, place) => ({ name, type: "scatter", symbol: sign(place), symbolSize: 7, itemStyle: { color: colour(place) },
        data: list.map((one) => ({ value: [one.x, one.y], told: `${name}, window ${one.place + 1}: ${one.y} ${PAGE.step.heading}, ${one.steps} steps${one.out ? ", left out" : ""}`, itemStyle: one.out ? { opacity: 0.25 } : {} })) })),
    },
  });
  return figure("Windows over time", "A point for each window; pale ones were disturbed and count in no figure.", told);
}

/** A cell's runs in the order in which they were started. */
const runsOf = (row) => PAGE.runs.cell.flatMap((cell, run) => (cell === row ? [run] : [])).sort((a, b) => PAGE.runs.started[a].localeCompare(PAGE.runs.started[b]));

function historyOf(row, run) {
  const { started, value, low, high } = PAGE.runs, list = runsOf(row).filter((one) => value[one] !== null);
  if (list.length < 2) return null;
  const told = () => ({
    height: 300,
    columns: [{ heading: "started" }, { heading: PAGE.step.heading, align: "right" }, { heading: "95 % from", align: "right" }, { heading: "to", align: "right" }],
    rows: list.map((one) => [started[one], value[one], low[one], high[one]]),
    option: {
      grid: { ...usual().grid, ...UPRIGHT },
      xAxis: { ...usual().xAxis, type: "category", data: list.map((one) => started[one].slice(0, 16).replace("T", " ")) },
      yAxis: numbers(PAGE.step.heading, list.flatMap((one) => [low[one], high[one]]), false, false),
      series: [points("runs", list.map((one, x) => ({ x, y: value[one], low: low[one], high: high[one], run: one, told: `${started[one]}: ${value[one]} ${PAGE.step.heading}${one === run ? ", this run" : ""}` })), colour(0), "circle", false)],
    },
  });
  return figure("This cell over its runs", "Points with 95 % intervals; a point leads to its run.", told);
}

function figuresOf(details) {
  return plainTable("Figures", [{ heading: "figure" }, { heading: "value", align: "right" }, { heading: "unit" }, { heading: "what it is" }],
    details.figures.map(([place, text]) => { const [, title, unit, legend] = PAGE.metrics[place]; return [title, text, unit, legend]; }));
}

function processesOf(details) {
  const columns = ["round", "group", "place", "started", "status", PAGE.step.heading, "windows"].map((heading) => ({ heading }));
  return plainTable("Processes", columns, details.processes.map((one) => [one.round, one.group, one.place, one.started, one.status, one.shown, one.times.length]));
}

/** Titles and what stands under each; none where there is nothing. */
const part = (title, ...children) => (children.some(Boolean) ? [make("h3", {}, title), ...children.filter(Boolean)] : []);

function showRun(run) {
  const row = PAGE.runs.cell[run], details = detailsOf(run), shared = block("shared");
  const names = ["host", "team", "suite", "model", "variant", "batch", "seed"].map((name) => [name, nameOf(name, row)]).filter(([, value]) => value);
  const findings = details.findings.map(([code, place]) => make("li", {}, badge(code), ` ${shared.messages[place]}`, make("span", { class: "quiet" }, ` ${PAGE.kinds[code]?.[1] ?? ""}`)));
  const bound = PAGE.run[row] === run ? PAGE.bottlenecks.find((one) => one.cell === row) : undefined;
  const others = runsOf(row).filter((one) => one !== run);
  const curves = details.curves ? [["", details.curves]] : [];
  byId("run").replaceChildren(
    make("p", {}, make("a", { href: fragment({ run: "" }), id: "back" }, "Back to all cells")),
    make("h2", { tabindex: -1, id: "run-title" }, nameOf("cell", row)),
    make("p", { class: "lead" }, `${PAGE.runs.status[run]} · started ${PAGE.runs.started[run]}${PAGE.run[row] === run ? "" : " · not the newest run of its cell"}`),
    details.why ? make("p", { class: "why" }, details.why) : "",
    pairs(names),
    ...part("Findings", findings.length ? make("ul", { class: "findings" }, findings) : null),
    ...part("To measure it again", make("pre", { tabindex: 0 }, make("code", {}, details.command))),
    ...part("Measured", windows(details), historyOf(row, run)),
    ...part("Bottleneck", bound ? make("p", {}, bound.text) : null),
    ...part("Training", ...(curves.length ? [epochs("Accuracy by epoch", details.curves.synthetic ? "On synthetic images." : "", "accuracies", curves), epochs("Loss by epoch", "", "losses", curves)] : [])),
    ...part("Network", ...networkOf(details)),
    ...part("Figures", details.figures.length ? figuresOf(details) : null),
    ...part("Not measured, and how figures were read", shared.reasons[details.reasons].length ? folded("Why", () => pairs(shared.reasons[details.reasons])) : null),
    ...part("Provenance", pairs(details.own), ...shared.setups[details.setup].map(([title, list]) => make("section", { class: "setup" }, make("h4", {}, title), pairs(list)))),
    ...part("Processes of this run", processesOf(details)),
    ...part("Other runs of this cell", others.length ? make("ul", {}, others.slice(-100).map((one) => make("li", {}, runLink(one, PAGE.runs.started[one]), ` ${PAGE.runs.status[one]}`))) : null),
  );
}
