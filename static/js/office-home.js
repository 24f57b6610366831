// The home page: draws its tables of hours and days as charts whose bars lead to the list behind
// them, and brings the numbers up to date every minute while somebody is there.

const INK = "#455266";
const LINE = "#dfe5ec";
const EDGE = "#c6cfda";
const BLUE = "#3f74c4";
const PALE_BLUE = "#dbe6f7";
const RED = "#c2494e";
const FONT = 'Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC"';
const SHAPES = { hours: { top: 126, every: 1, split: 4 }, days: { top: 82, every: 0, split: 2 } };

const RENEW_EVERY = 60_000;
// Whoever has left is signed out after a while, which a page that asks on its own would prevent.
const RENEW_AFTER_LAST_INPUT = 10 * 60_000;

let charts = [];

// ---- charts -----------------------------------------------------------------------------------

function figuresOf(panel) {
  const heads = [...panel.querySelectorAll("thead th")].map((cell) => cell.textContent);
  const rows = [...panel.querySelectorAll("tbody tr")].map((row) => ({
    name: row.querySelector("th").textContent,
    isPartial: "partial" in row.dataset,
    isAhead: "ahead" in row.dataset,
    cells: [...row.querySelectorAll("td")].map((cell) => ({
      count: Number(cell.textContent.replace(/,/g, "")),
      href: cell.querySelector("a")?.href,
    })),
  }));
  return { names: heads.slice(1), rows };
}

function bars(figures, number, color) {
  return figures.rows.map((row) => {
    const value = row.isAhead ? "-" : row.cells[number].count;
    const hollow = { color: PALE_BLUE, borderColor: BLUE, borderWidth: 1 };
    return row.isPartial && color === BLUE ? { value, itemStyle: hollow } : { value };
  });
}

const isNarrow = () => innerWidth < 600;

function optionsOf(figures, shape) {
  const labels = figures.rows.map((row) => row.name);
  const most = Math.max(2, ...figures.rows.map((row) => row.cells[1].count));
  const xAxis = (gridIndex, show) => ({
    gridIndex,
    type: "category",
    data: labels,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: EDGE } },
    axisLabel: { show, color: INK, fontSize: 11, interval: isNarrow() ? "auto" : shape.every },
  });
  const yAxis = (gridIndex, splitNumber, more) => ({
    gridIndex,
    type: "value",
    splitNumber,
    minInterval: 1,
    axisLabel: { color: INK, fontSize: 11 },
    splitLine: { lineStyle: { color: LINE } },
    ...more,
  });
  const series = (number, color) => ({
    name: figures.names[number],
    type: "bar",
    xAxisIndex: number,
    yAxisIndex: number,
    data: bars(figures, number, color),
    itemStyle: { color, borderRadius: [2, 2, 0, 0] },
    barMaxWidth: 18,
  });
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    tooltip: { trigger: "axis", renderMode: "richText" },
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: [
      { left: 40, right: 10, top: 10, height: shape.top },
      { left: 40, right: 10, top: shape.top + 32, bottom: 22 },
    ],
    xAxis: [xAxis(0, false), xAxis(1, true)],
    yAxis: [yAxis(0, shape.split), yAxis(1, 1, { max: most })],
    series: [series(0, BLUE), series(1, RED)],
  };
}

function draw(panel) {
  const figures = figuresOf(panel);
  const plot = panel.querySelector(".plot");
  show(panel, false);
  const chart = window.echarts.init(plot);
  chart.setOption(optionsOf(figures, SHAPES[panel.dataset.chart]));
  chart.on("click", ({ seriesIndex, dataIndex }) => {
    const { href } = figures.rows[dataIndex].cells[seriesIndex];
    if (href) location.assign(href);
  });
  charts.push(chart);
}

function show(panel, asTable) {
  panel.querySelector(".plot").hidden = asTable;
  panel.querySelector("[data-figures]").hidden = !asTable;
}

function drawAll() {
  for (const chart of charts) chart.dispose();
  charts = [];
  for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
  if (!window.echarts) return;
  for (const panel of document.querySelectorAll("[data-chart]")) draw(panel);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-switch]");
  if (!button) return;
  const panel = button.closest("[data-chart]");
  show(panel, panel.querySelector("[data-figures]").hidden);
  // The button says what it will show.
  const words = button.textContent;
  button.textContent = button.dataset.switch;
  button.dataset.switch = words;
});

addEventListener("resize", () => {
  for (const chart of charts) chart.resize();
});

// ---- every minute -----------------------------------------------------------------------------

let lastInput = Date.now();
for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"]) {
  addEventListener(kind, () => (lastInput = Date.now()), { passive: true });
}

setInterval(() => {
  const isThere = !document.hidden && Date.now() - lastInput < RENEW_AFTER_LAST_INPUT;
  const readsTable = document.querySelector("[data-figures]:not([hidden])");
  if (isThere && !readsTable) window.htmx?.trigger("#now", "renew");
}, RENEW_EVERY);

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "now" || event.target.id === "now") drawAll();
});

drawAll();
