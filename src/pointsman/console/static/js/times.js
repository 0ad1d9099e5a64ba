/* Relative times, kept up to date: `data-time="ago"` as `2 min ago`, `data-time="since"` as `2 min 5 s`,
   `data-time="until"` as `in 2 min 5 s`; and times of the day as they are here, `data-clock` in milliseconds. */

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

function ago(seconds) {
  if (seconds < 5) return "just now";
  const [size, unit] = UNITS.find(([each]) => seconds >= each);
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

export function duration(seconds) {
  let left = Math.max(Math.floor(seconds), 0);
  const parts = [];
  for (const [size, unit] of UNITS) {
    const number = Math.floor(left / size);
    left %= size;
    if (number || (unit === "s" && !parts.length)) parts.push(`${number} ${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}

const coming = (seconds) => (seconds <= -1 ? `in ${duration(-seconds)}` : "now");
const WAYS = { ago, since: duration, until: coming };

const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function renew() {
  for (const each of document.querySelectorAll("[data-clock]")) each.textContent = clock(Number(each.dataset.clock));
  for (const each of document.querySelectorAll("time[data-time]")) {
    const seconds = (Date.now() - Date.parse(each.dateTime)) / 1000;
    const text = WAYS[each.dataset.time](seconds);
    if (each.textContent !== text) each.textContent = text;
  }
}

setInterval(() => document.hidden || renew(), 1000);
document.addEventListener("visibilitychange", () => document.hidden || renew());
document.addEventListener("htmx:after:swap", renew);
renew();
