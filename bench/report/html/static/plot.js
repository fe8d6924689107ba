// Charts: each a figure with words, a drawing by ECharts, and its figures as a table.

const SIGNS = ["circle", "triangle", "rect", "diamond", "pin", "roundRect", "arrow"];
const MOST_DRAWN = 40;
const dark = matchMedia("(prefers-color-scheme: dark)");
let printing = false;
let drawings = [];

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colours = () => (dark.matches && !printing ? PAGE.colours.dark : PAGE.colours.light);
const colour = (place) => colours()[place % colours().length];
const sign = (place) => SIGNS[Math.floor(place / colours().length + place) % SIGNS.length];

/** Draws when a figure comes into view, and not before. */
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) drawings.find((one) => one.node === target)?.draw();
}, { rootMargin: "200px" });
const sized = new ResizeObserver((entries) => {
  for (const { target } of entries) drawings.find((one) => one.node === target)?.fit();
});

/** A figure: `told` gives its option for ECharts, height, columns and rows of the same in figures; null: nothing to draw. */
function figure(title, note, told, controls = []) {
  const node = make("div", { class: "plot", role: "img", "aria-label": `${title}. ${note} Its figures are in the table below.` });
  const table = () => { const { columns, rows } = told(); return plainTable(title, columns, rows); };
  const drawing = { node, chart: null, draw, fit: () => drawing.chart?.resize(), drop };
  function draw() {
    const found = told();
    node.style.height = `${found.height}px`;
    drawing.chart ??= echarts.init(node, null, { renderer: "svg" });
    drawing.chart.resize();
    drawing.chart.setOption({ ...usual(), ...found.option }, { notMerge: true });
    drawing.chart.off("click");
    drawing.chart.on("click", (event) => { if (event.data?.run !== undefined) openRun(event.data.run); });
  }
  function drop() { seen.unobserve(node); sized.unobserve(node); drawing.chart?.dispose(); }
  drawings.push(drawing);
  node.style.height = `${told().height}px`;
  seen.observe(node);
  sized.observe(node);
  return make("figure", {}, make("figcaption", {}, make("h3", {}, title), make("p", { class: "quiet" }, note)), ...controls, node, folded("Figures as a table", table));
}

/** Forget the drawings of elements that are gone. */
function dropDrawings() {
  drawings = drawings.filter((one) => one.node.isConnected || (one.drop(), false));
}

function redraw() {
  for (const one of drawings) if (one.chart || printing) one.draw();
}

function usual() {
  const ink = css("--ink"), faint = css("--line");
  const axis = { axisLine: { lineStyle: { color: faint } }, axisTick: { show: false }, axisLabel: { color: ink }, nameTextStyle: { color: ink }, splitLine: { lineStyle: { color: faint } } };
  return {
    animation: false,
    textStyle: { color: ink, fontFamily: "system-ui, sans-serif" },
    grid: { left: 12, right: 28, top: 44, bottom: 44, containLabel: true },
    tooltip: { trigger: "item", renderMode: "richText", confine: true, formatter: (point) => point.data?.told ?? "", backgroundColor: css("--paper"), borderColor: ink, textStyle: { color: ink } },
    legend: { type: "scroll", top: 4, left: 4, right: 4, itemWidth: 18, itemHeight: 10, textStyle: { color: ink }, pageIconColor: ink, pageTextStyle: { color: ink } },
    xAxis: axis, yAxis: axis,
  };
}

/** An axis of numbers: its name, and whether equal ratios are equally long. */
function numbers(name, values, log, across = true) {
  const known = values.filter((value) => value !== null && Number.isFinite(value) && (!log || value > 0));
  const low = Math.min(...known), high = Math.max(...known);
  const room = log ? (high / low) ** 0.06 * 1.02 : (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  const limits = log ? { min: low / room, max: high * room } : { min: low >= 0 ? Math.max(0, low - room) : low - room, max: high + room };
  const marks = log ? logTicks(limits.min, limits.max) : null;
  const base = usual().xAxis;
  const label = { ...base.axisLabel, formatter: (value) => brief(value), hideOverlap: true };
  return {
    ...base, type: log ? "log" : "value", name, nameLocation: "middle", nameGap: across ? 28 : 44, ...limits,
    axisLabel: marks ? { ...label, customValues: marks } : { ...label, showMinLabel: false, showMaxLabel: false },
    ...(marks ? { axisTick: { show: false, customValues: marks } } : {}),
  };
}

/** A legend of long names, one below the other, with room for it above; and room for an upright axis' name. */
const tall = (count) => ({ legend: { ...usual().legend, type: "plain", orient: "vertical", textStyle: { color: css("--ink"), width: Math.max(120, Math.min(innerWidth, 640) - 120), overflow: "truncate" } }, grid: { ...usual().grid, ...UPRIGHT, top: 22 + LINE * count } });
const UPRIGHT = { left: 34 };
const LINE = 18;

/** A number on an axis in few signs. */
const brief = (value) => new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(value);

/** Round numbers from low to high, seven at most: of the coarsest kind that gives three, or evenly apart where the ends are close. */
function logTicks(low, high) {
  if (high < 4 * low) return evenTicks(low, high);
  let ticks = [];
  for (const kind of [[1], [1, 3], [1, 2, 5]]) {
    ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) ticks.push(...kind.map((step) => Number((step * 10 ** power).toPrecision(1))));
    ticks = ticks.filter((tick) => tick >= low && tick <= high);
    if (ticks.length >= 3) break;
  }
  const every = Math.ceil(ticks.length / 7);
  return ticks.filter((_, place) => place % every === 0);
}

/** Multiples of 1, 2 or 5 times a power of ten. */
function evenTicks(low, high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 6));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => (high - low) / one <= 6);
  const ticks = [];
  for (let count = Math.ceil(low / step); count * step <= high; count++) ticks.push(Number((count * step).toPrecision(6)));
  return ticks;
}

/** An axis of names, the first on top. */
const names = (list) => ({ ...usual().yAxis, type: "category", inverse: true, data: list, splitLine: { show: false },
  axisLabel: { color: css("--ink"), width: innerWidth < 600 ? 96 : 220, overflow: "truncate", interval: 0 } });

/** Thin lines from low to high. `across`: along the first axis. */
const intervals = (points, across, tint) => ({ silent: true, symbol: ["none", "none"], label: { show: false }, animation: false,
  lineStyle: { color: tint, width: 2, type: "solid", opacity: 0.75 },
  data: points.filter((one) => one.low !== null && one.low !== undefined).map((one) => (across
    ? [{ coord: [one.low, one.y] }, { coord: [one.high, one.y] }]
    : [{ coord: [one.x, one.low] }, { coord: [one.x, one.high] }])) });

/** Points as a series; those with an end of an interval have it drawn. */
function points(name, list, tint, symbol, across = true, more = {}) {
  return { name, type: "scatter", symbol, symbolSize: 11, itemStyle: { color: tint }, ...more,
    data: list.map((one) => ({ value: [one.x, one.y], told: one.told, ...(one.run === undefined ? {} : { run: one.run }) })), markLine: intervals(list, across, tint) };
}
