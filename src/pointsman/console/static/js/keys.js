/* The keyboard: `data-key="n"` or `data-key="g o"` is what presses (or focuses) an element; `?` lists them. */

const PAUSE_MS = 1000;
const list = document.getElementById("keys");
let before = "";
let timer;

const known = () => [...document.querySelectorAll("[data-key]")].filter((each) => !each.closest("dialog"));
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

function show() {
  const facts = list.querySelector("[data-keys-list]");
  facts.replaceChildren();
  const rows = known().map((each) => [each.dataset.key, each.getAttribute("aria-label") || each.textContent.trim()]);
  for (const [keys, text] of [...rows, ["?", "This list"], ["Esc", "Close what is open"]]) {
    const term = document.createElement("dt");
    for (const key of keys.split(" ")) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
    facts.append(term, Object.assign(document.createElement("dd"), { textContent: text }));
  }
  list.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !list) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") return show();
  const pressed = before ? `${before} ${event.key}` : event.key;
  before = "";
  clearTimeout(timer);
  const found = [pressed, pressed.toLowerCase()].map((keys) => known().find((each) => each.dataset.key === keys)).find(Boolean);
  if (found) {
    event.preventDefault();
    if (found.matches("input, select, textarea")) found.focus();
    else found.click();
  } else if (known().some((each) => each.dataset.key.startsWith(`${pressed} `))) {
    before = pressed;
    timer = setTimeout(() => (before = ""), PAUSE_MS);
  }
});
