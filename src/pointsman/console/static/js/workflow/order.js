/* Putting the items of a list into another order: by dragging a grip, or with the arrow keys on it. An item is an element
   with `data-item`; `moved(item, from, to)` is called when one has found its place. */

const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const itemsOf = (list) => [...list.children].filter((each) => each.matches("[data-item]"));

export function orderable(root, moved) {
  root.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-grip]");
    const step = STEPS[event.key];
    if (!grip || !step) return;
    event.preventDefault();
    const item = grip.closest("[data-item]");
    const items = itemsOf(item.parentElement);
    const from = items.indexOf(item);
    if (items[from + step]) moved(item, from, from + step);
  });
  root.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (grip && event.button === 0) drag(grip.closest("[data-item]"), event, moved);
  });
}

/** The others make room; the item itself is never taken out, or the pointer would be lost. */
function drag(item, start, moved) {
  const list = item.parentElement;
  const from = itemsOf(list).indexOf(item);
  const control = new AbortController();
  let isDragging = false;

  function follow(event) {
    if (!isDragging && Math.abs(event.clientY - start.clientY) < 4) return;
    isDragging = true;
    item.dataset.dragged = "";
    event.preventDefault();
    const items = itemsOf(list);
    const at = items.indexOf(item);
    const before = items[at - 1];
    const after = items[at + 1];
    if (before && event.clientY < middle(before)) item.after(before);
    else if (after && event.clientY > middle(after)) item.before(after);
  }

  function end(isKept) {
    control.abort();
    delete item.dataset.dragged;
    const to = itemsOf(list).indexOf(item);
    if (isDragging && (to !== from || !isKept)) moved(item, from, isKept ? to : from);
  }

  document.addEventListener("pointermove", follow, { signal: control.signal });
  document.addEventListener("pointerup", () => end(true), { signal: control.signal });
  document.addEventListener("pointercancel", () => end(false), { signal: control.signal });
  document.addEventListener("keydown", (event) => event.key === "Escape" && end(false), { signal: control.signal });
}

function middle(element) {
  const box = element.getBoundingClientRect();
  return box.top + box.height / 2;
}
