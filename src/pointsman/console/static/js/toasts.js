/* Short words at the edge of the page. They go by themselves or make room for the next, but not while somebody reads them,
   and not if they tell of a problem; but what is said again, or of the same (`data-toast`), takes the place of what was said. */

import { whenever } from "./requests.js";

const STAYS_MS = 5000;
const place = document.getElementById("toasts");

export function toast(text, state = "idle") {
  const box = document.createElement("div");
  box.className = `toast ${state}`;
  box.dataset.toast = "";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  place.append(box);
  raise();
  settle(box);
}

/** Above whatever has been opened since. */
export function raise() {
  if (place?.matches(":popover-open")) place.hidePopover();
  if (place?.childElementCount) place.showPopover();
}

const textOf = (box) => box.querySelector("span").textContent;

function settle(box) {
  const said = textOf(box);
  for (const each of place.querySelectorAll("[data-toast]")) {
    const isOfSame = textOf(each) === said || (each.dataset.toast && each.dataset.toast === box.dataset.toast);
    if (each !== box && (isOfSame || !each.matches(".bad, :hover, :focus-within"))) each.remove();
  }
  if (box.classList.contains("bad")) return;
  const go = () => (box.matches(":hover, :focus-within") ? setTimeout(go, STAYS_MS) : box.remove());
  setTimeout(go, STAYS_MS);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismisses]")) event.target.closest("[data-toast]").remove();
});

whenever("[data-toast]", (box) => {
  raise();
  settle(box);
});
