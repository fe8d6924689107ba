// The charts of the cells that the filters leave.

const VERDICT_SIGNS = { faster: { symbol: "triangle" }, slower: { symbol: "triangle", symbolRotate: 180 }, same: { symbol: "rect" }, undecided: { symbol: "circle" } };

/** The first of a list that are drawn, and a word on the rest. */
const drawn = (list) => list.slice(0, MOST_DRAWN);
const left = (list) => (list.length > MOST_DRAWN ? ` The first ${MOST_DRAWN} of ${list.length}: filters choose others.` : "");

/** What shares a baseline, by its title. */
function groups(found) {
  const by = new Map();
  for (const row of found) {
    const title = [measuredOn(row), ...["suite", "model", "batch", "seed"].map((name) => nameOf(name, row))].join(" · ");
    if (!by.has(title)) by.set(title, []);
    by.get(title).push(row);
  }
  return by;
}

/** A choice that stands in the fragment. */
function pick(name, label, options, chosen) {
  const select = make("select", { id: `pick-${name}` }, options.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
  select.addEventListener("change", () => { change({ [name]: select.value }); byId(`pick-${name}`)?.focus(); });
  return options.length > 1 ? [make("label", { class: "pick" }, label, select)] : [];
}

function speedups(found) {
  const { verdict, speedup_low: lows, speedup_high: highs, same_within: bands } = PAGE.comparisons;
  const by = groups(found.filter((row) => verdict[row]));
  if (!by.size) return null;
  const titles = [...by.keys()], chosen = by.has(state.group) ? state.group : titles.reduce((most, one) => (by.get(one).length > by.get(most).length ? one : most));
  const all = by.get(chosen), list = drawn(all);
  const base = found.find((row) => PAGE.comparisons.baseline[row] && groups([row]).has(chosen));
  const over = base === undefined ? "its baseline" : nameOf("variant", base);
  const band = Math.max(...list.map((row) => bands[row]));
  const of = (row, y) => ({ x: figureOf("speedup", row), y, low: lows[row], high: highs[row], run: PAGE.run[row],
    told: `${nameOf("variant", row)}: ${figureText("speedup", row)} × ${over}, ${verdict[row]}\n95 %: ${lows[row]} to ${highs[row]}` });
  const told = () => ({
    height: list.length * 26 + 110,
    columns: [{ heading: "variant" }, { heading: `× ${over}`, align: "right" }, { heading: "95 % from", align: "right" }, { heading: "to", align: "right" }, { heading: "verdict" }],
    rows: list.map((row) => [nameOf("variant", row), figureText("speedup", row), lows[row], highs[row], verdict[row]]),
    option: {
      yAxis: names(list.map((row) => nameOf("variant", row))),
      xAxis: numbers(`times as fast as ${over}`, list.flatMap((row) => [lows[row], highs[row], 1 / (1 + band), 1 + band]), true),
      series: [
        ...Object.entries(VERDICT_SIGNS).map(([name, look]) => points(`${PAGE.marks[name]} ${name}`, list.map(of).filter((_, i) => verdict[list[i]] === name), PAGE.colours.verdicts[name], look.symbol, true, look)).filter((one) => one.data.length),
        { type: "scatter", name: "same band", data: [], silent: true, itemStyle: { color: css("--band") },
          markArea: { silent: true, itemStyle: { color: css("--band") }, data: [[{ xAxis: 1 / (1 + band) }, { xAxis: 1 + band }]] },
          markLine: { silent: true, symbol: ["none", "none"], label: { show: false }, lineStyle: { color: css("--ink"), type: "solid", width: 1 }, data: [{ xAxis: 1 }] } },
      ],
    },
  });
  return figure("Speed-up of each variant", `${chosen}. Points with 95 % intervals; the band is where speeds count as the same.${left(all)}`, told,
    pick("group", "network", titles.map((title) => [title, title]), chosen));
}

function hosts(found) {
  const figures = PAGE.columns.filter((column) => column.numbers && column.name !== "speedup" && column.better);
  const chosen = figures.find((column) => column.name === state.figure) ?? COLUMNS.get("step_seconds");
  if (!chosen) return null;
  const places = new Map();
  const add = (name, host, point) => { if (!places.has(name)) places.set(name, new Map()); if (!places.get(name).has(host)) places.get(name).set(host, point); };
  const title = (model, variant, batch) => `${model} ${variant}, batch ${batch}`;
  const stepped = chosen.name === "step_seconds", { step_low: lows, step_high: highs } = PAGE.comparisons;
  for (const row of found) {
    if (numberOf(chosen, row) === null) continue;
    add(title(nameOf("model", row), nameOf("variant", row), nameOf("batch", row)), measuredOn(row),
      { x: numberOf(chosen, row), text: textOf(chosen, row), run: PAGE.run[row], ...(stepped && lows[row] > 0 ? { low: lows[row], high: highs[row] } : {}) });
  }
  if (stepped) for (const one of PAGE.published) { const name = title(one.model, one.variant, one.batch); if (places.has(name)) add(name, one.host, { x: one.value, text: one.text }); }
  const shared = [...places].filter(([, by]) => by.size > 1);
  if (!shared.length) return null;
  const list = drawn(shared), every = distinct(list.flatMap(([, by]) => [...by.keys()]));
  const told = () => ({
    height: list.length * Math.max(30, every.length * 9) + 96 + LINE * every.length,
    columns: [{ heading: "cell" }, ...every.map((host) => ({ heading: host, align: "right" }))],
    rows: list.map(([name, by]) => [name, ...every.map((host) => by.get(host)?.text ?? "–")]),
    option: {
      ...tall(every.length),
      yAxis: names(list.map(([name]) => name)),
      xAxis: numbers(chosen.heading, list.flatMap(([, by]) => [...by.values()].flatMap((one) => [one.x, one.low ?? one.x, one.high ?? one.x])), list.every(([, by]) => [...by.values()].every((one) => one.x > 0))),
      series: every.map((host, place) => points(host, list.flatMap(([name, by], y) => (by.has(host) ? [{ ...by.get(host), y, told: `${host}\n${name}: ${by.get(host).text}` }] : [])), colour(place), sign(place))),
    },
  });
  return figure("Hosts side by side", `Cells that several machines have.${left(shared)}`, told, pick("figure", "figure", figures.map((one) => [one.name, one.heading]), chosen.name));
}

function bottlenecks(found) {
  const here = new Set(found), all = PAGE.bottlenecks.filter((one) => one.shares && here.has(one.cell));
  if (!all.length) return null;
  const list = drawn(all), cell = (one) => `${nameOf("cell", one.cell)} (${measuredOn(one.cell)})`;
  const told = () => ({
    height: list.length * 30 + 110,
    columns: [{ heading: "cell" }, ...PAGE.shares.map((heading) => ({ heading: `${heading}, %`, align: "right" })), { heading: "verdict" }],
    rows: list.map((one) => [cell(one), ...one.shares, one.text]),
    option: {
      aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
      yAxis: names(list.map(cell)),
      xAxis: { ...usual().xAxis, type: "value", min: 0, max: 100, name: "share of a step, %", nameLocation: "middle", nameGap: 28 },
      series: PAGE.shares.map((name, place) => ({ name, type: "bar", stack: "step", barMaxWidth: 18, itemStyle: { color: colour(place) },
        data: list.map((one) => ({ value: one.shares[place], told: `${nameOf("cell", one.cell)}\n${name}: ${one.shares[place]} %`, run: PAGE.run[one.cell] })) })),
    },
  });
  return figure("Bottleneck of each step", `What a step's time is spent on, of cells that were measured with their loops.${left(all)}`, told);
}

function tradeoffs(found) {
  const accuracy = PAGE.accuracies.map((name) => COLUMNS.get(name)).find(Boolean);
  const costs = PAGE.costs.map((name) => COLUMNS.get(name)).filter(Boolean);
  if (!accuracy || !costs.length) return null;
  const trained = found.filter((row) => (figureOf("epochs", row) ?? 0) > 0 && numberOf(accuracy, row) !== null);
  const cost = costs.find((one) => one.name === state.cost) ?? costs[0];
  const all = trained.filter((row) => numberOf(cost, row) !== null);
  if (!all.length) return null;
  const list = all.slice(0, 2000), models = distinct(list.map((row) => nameOf("model", row)));
  const point = (row) => ({ x: numberOf(cost, row), y: numberOf(accuracy, row), run: PAGE.run[row], told: `${nameOf("cell", row)}, ${measuredOn(row)}\n${cost.heading}: ${textOf(cost, row)}\n${accuracy.heading}: ${textOf(accuracy, row)}` });
  const values = list.map((row) => numberOf(cost, row));
  const told = () => ({
    height: 360,
    columns: [{ heading: "cell" }, { heading: "host" }, { heading: cost.heading, align: "right" }, { heading: accuracy.heading, align: "right" }],
    rows: list.map((row) => [nameOf("cell", row), measuredOn(row), textOf(cost, row), textOf(accuracy, row)]),
    option: {
      grid: { ...usual().grid, ...UPRIGHT },
      xAxis: numbers(cost.heading, values, Math.min(...values) > 0 && Math.max(...values) > 4 * Math.min(...values)),
      yAxis: numbers(accuracy.heading, list.map((row) => numberOf(accuracy, row)), false, false),
      series: models.map((model, place) => points(model, list.filter((row) => nameOf("model", row) === model).map(point), colour(place), sign(place))),
    },
  });
  return figure("What accuracy costs", "Of the cells that were trained in epochs: up is more accurate, left is cheaper.", told, pick("cost", "cost", costs.map((one) => [one.name, one.heading]), cost.name));
}

function rooflines(found) {
  const here = new Set(found);
  return PAGE.rooflines.hosts.map(({ host, roofs, points: every }) => {
    const list = every.filter((one) => here.has(one.cell));
    if (!list.length) return null;
    const xs = [...list.map((one) => one.x), ...roofs.filter((roof) => roof.per_byte).map((roof) => roof.rate / roof.per_byte)], ends = [Math.min(...xs) / 3, Math.max(...xs) * 3];
    const ridge = (roof) => (roof.per_byte ? [ends[0], roof.rate / roof.per_byte, ends[1]].filter((x) => x >= ends[0] && x <= ends[1]) : ends);
    const height = (roof, x) => (roof.per_byte ? Math.min(roof.rate, roof.per_byte * x) : roof.rate);
    const models = distinct(list.map((one) => nameOf("model", one.cell)));
    const told = () => ({
      height: 340 + LINE * (roofs.length + models.length),
      columns: [{ heading: "cell" }, { heading: PAGE.rooflines.x, align: "right" }, { heading: "rate achieved" }],
      rows: [...roofs.map((roof) => [roof.text, "", ""]), ...list.map((one) => [nameOf("cell", one.cell), one.x.toPrecision(3), one.text])],
      option: {
        ...tall(roofs.length + models.length),
        xAxis: numbers(PAGE.rooflines.x, ends, true),
        yAxis: numbers(PAGE.rooflines.y, [...list.map((one) => one.y), ...roofs.map((roof) => roof.rate)], true, false),
        series: [
          ...roofs.map((roof, place) => ({ name: roof.text, type: "line", symbol: "none", lineStyle: { color: colour(place + 3), width: 2, type: roof.measured ? "solid" : "dashed" }, itemStyle: { color: colour(place + 3) },
            data: ridge(roof).map((x) => ({ value: [x, height(roof, x)], told: roof.text })) })),
          ...models.map((model, place) => points(model, list.filter((one) => nameOf("model", one.cell) === model).map((one) => ({ ...one, run: PAGE.run[one.cell], told: `${nameOf("cell", one.cell)}\n${one.text}` })), colour(place), sign(place))),
        ],
      },
    });
    return figure(`Roofline of ${host}`, `Solid roofs were measured, dashed ones are a datasheet's; ${PAGE.rooflines.note}.`, told);
  });
}

function showCharts() {
  const found = rows();
  const made = [speedups(found), hosts(found), bottlenecks(found), tradeoffs(found), ...rooflines(found), ...trainings(found)].filter(Boolean);
  byId("charts").replaceChildren(...(made.length ? made : [make("p", {}, "No two of these cells can be compared.")]));
  dropDrawings();
}
