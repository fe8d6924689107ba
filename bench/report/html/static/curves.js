// Learning curves, of a run and of several.

const MOST_CURVES = 7;

/** Lines by epoch of pairs of a title and its details, one kind of figure. */
function epochs(title, note, kind, list) {
  const all = list.flatMap(([name, curves]) => curves[kind].map((one) => ({ name: list.length > 1 ? `${name}, ${one.title}` : one.title, epochs: curves.epochs, values: one.values, short: one.title })));
  if (!all.length) return null;
  const shorts = distinct(all.map((one) => one.short)), unit = kind === "accuracies" ? list[0][1].unit : "";
  const told = () => ({
    height: 290 + LINE * all.length,
    columns: [{ heading: "epoch" }, ...all.map((one) => ({ heading: one.name, align: "right" }))],
    rows: distinct(all.flatMap((one) => one.epochs)).sort((a, b) => a - b).map((epoch) => [epoch, ...all.map((one) => one.values[one.epochs.indexOf(epoch)] ?? "–")]),
    option: {
      ...tall(all.length),
      xAxis: { ...numbers("epoch", all.flatMap((one) => one.epochs), false), minInterval: 1 },
      yAxis: numbers(unit || "loss", all.flatMap((one) => one.values), false, false),
      series: all.map((one, place) => {
        const tint = colour(list.length > 1 ? Math.floor(place / shorts.length) : place);
        return { name: one.name, type: "line", symbol: sign(place), symbolSize: 5, connectNulls: false, itemStyle: { color: tint },
          lineStyle: { color: tint, width: 2, type: ["solid", "dashed", "dotted"][shorts.indexOf(one.short)] },
          data: one.epochs.map((epoch, i) => ({ value: [epoch, one.values[i]], told: `${one.name}\nepoch ${epoch}: ${one.values[i]} ${unit}` })) };
      }),
    },
  });
  return figure(title, note, told);
}

/** The curves of the first few trained cells. */
function trainings(found) {
  const trained = found.filter((row) => (figureOf("epochs", row) ?? 0) > 0);
  const list = trained.slice(0, MOST_CURVES).map((row) => [`${nameOf("cell", row)}`, detailsOf(PAGE.run[row]).curves]).filter(([, curves]) => curves);
  if (!list.length) return [];
  const more = trained.length > MOST_CURVES ? ` The first ${MOST_CURVES} of ${trained.length} cells: filters choose others.` : "";
  return [epochs("Learning curves", `Accuracy by epoch; solid: training, dashed: held out.${more}`, "accuracies", list.map(([name, curves]) => [name, { ...curves, accuracies: curves.accuracies.slice(0, 2) }]))];
}
