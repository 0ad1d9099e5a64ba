/* Editors of JSON, `data-json`: what is wrong is said while typing, with line and column; the server has the last word. */

const PAUSE_MS = 300;
const timers = new WeakMap();

function place(text, message) {
  const said = /line (\d+) column (\d+)/.exec(message);
  if (said) return `line ${said[1]}, column ${said[2]}`;
  const at = /position (\d+)/.exec(message);
  if (!at && !/end of/.test(message)) return "";
  const before = text.slice(0, at ? Number(at[1]) : text.length);
  return `line ${before.split("\n").length}, column ${before.length - before.lastIndexOf("\n")}`;
}

export function problemOf(text) {
  try {
    const value = JSON.parse(text || "{}");
    return value && typeof value === "object" && !Array.isArray(value) ? "" : "Expected a JSON object, such as {}";
  } catch (problem) {
    const where = place(text, problem.message);
    return `Not JSON${where ? `, ${where}` : ""}: ${problem.message.replace(/ in JSON at position.*| \(line.*/, "")}`;
  }
}

function judge(area) {
  const problem = problemOf(area.value);
  const told = document.getElementById(`${area.id}-problem`);
  told.textContent = problem;
  told.hidden = !problem;
  if (problem) area.setAttribute("aria-invalid", "true");
  else area.removeAttribute("aria-invalid");
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("textarea[data-json]")) return;
  clearTimeout(timers.get(event.target));
  timers.set(event.target, setTimeout(judge, PAUSE_MS, event.target));
});
