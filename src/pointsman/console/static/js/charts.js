/* Charts: `data-chart` is where the points are, each `data-line` in the legend a line of them. */

import { whenever } from "./requests.js";
import { duration } from "./times.js";

const AGAIN_MS = 30000;
const HEIGHT = 152;
const WHOLE = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].flatMap((each) => [each, 2 * each, 5 * each]); // nothing is counted in halves
const DAYS_S = 2 * 86400; // beyond that, days are shown in place of hours
const charts = new Set();

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const stateOf = (item) => getComputedStyle(item).getPropertyValue("--state").trim() || colour("--ink-2");

function draw(figure, data) {
  const place = figure.querySelector(".plot");
  const items = [...figure.querySelectorAll("[data-line]")];
  const spelled = (value) => (value == null ? "" : figure.dataset.unit === "s" ? duration(value) : value.toLocaleString());
  const axis = { stroke: colour("--ink-3"), font: "11px system-ui", ticks: { show: false } };
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => [0, Math.max(high, 4)] } },
    axes: [
      { ...axis, grid: { show: false }, space: 64, size: 28, values: (_, times) => times.map(spread(data.times) > DAYS_S ? day : clock) },
      { ...axis, grid: { stroke: colour("--line"), width: 1 }, size: 44, incrs: WHOLE, values: (_, all) => all.map(spelled) },
    ],
    series: [{}, ...items.map((item) => ({ stroke: stateOf(item), width: 1.75, points: { show: false, filter: lone }, spanGaps: false }))],
    hooks: { setCursor: [(plot) => tell(plot, items, spelled)] },
  };
  place.replaceChildren();
  const lines = items.map((item) => data[item.dataset.line]);
  figure.plot = new uPlot(options, [data.times, ...lines], place);
  const told = (value) => items.map((item, at) => `${nameOf(item)} ${spelled(value(lines[at])) || "none"}`).join(", ");
  const newest = told((line) => line.findLast((value) => value != null));
  const highest = told((line) => line.reduce((most, value) => (value == null || most > value ? most : value), null));
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `${figure.querySelector("h3").textContent}. Newest: ${newest}. Highest: ${highest}.`);
  tabulate(figure, items, spelled);
}

/** Where a line has a value between gaps: nothing else would be seen of it. */
const lone = (plot, series) => {
  const line = plot.data[series];
  return [...line.keys()].filter((at) => line[at] != null && line[at - 1] == null && line[at + 1] == null);
};

const nameOf = (item) => item.firstChild.textContent.trim();

/** The points for whoever can't see them, the newest first; made once somebody opens them. */
function tabulate(figure, items, spelled) {
  const details = figure.querySelector(".points");
  details.ontoggle = () => tabulate(figure, items, spelled);
  if (!details.open) return;
  const row = (cells, kind) => {
    const made = document.createElement("tr");
    made.append(...cells.map((text, at) => cell(text, at ? kind : "th", at)));
    return made;
  };
  const cell = (text, kind, at) => {
    const made = Object.assign(document.createElement(kind), { textContent: text, className: at ? "number" : "" });
    if (kind === "th") made.scope = at ? "col" : "row";
    return made;
  };
  const table = document.createElement("table");
  const { times } = figure.data;
  const when = (seconds) => `${day(seconds)}, ${clock(seconds)}`;
  table.createTHead().append(row(["From", ...items.map(nameOf)], "th"));
  table.tHead.rows[0].cells[0].scope = "col";
  table.createTBody().append(
    ...times.map((at, index) => row([when(at), ...items.map((item) => spelled(figure.data[item.dataset.line][index]) || "–")], "td")).reverse(),
  );
  details.querySelector(".scroll").replaceChildren(table);
}

const spread = (times) => times.at(-1) - times[0];

function day(seconds) {
  return new Date(seconds * 1000).toLocaleDateString([], { day: "numeric", month: "short" });
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

function tell(plot, items, spelled) {
  const at = plot.cursor.idx;
  items.forEach((item, index) => {
    item.querySelector("output").textContent = at == null ? "" : spelled(plot.data[index + 1][at]);
  });
}

async function load(figure) {
  const answer = await fetch(figure.dataset.chart, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  figure.data = await answer.json();
  draw(figure, figure.data);
}

whenever("[data-chart]", (figure) => {
  if (charts.has(figure)) return;
  charts.add(figure);
  load(figure);
});

const again = () => charts.forEach((figure) => figure.data && draw(figure, figure.data));
setInterval(() => document.hidden || charts.forEach(load), AGAIN_MS);
new ResizeObserver(again).observe(document.body);
document.addEventListener("theme", again);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
