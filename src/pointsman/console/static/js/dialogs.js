/* The dialog that forms and questions open in. What htmx puts into it opens it; closing it gives the focus back. */

import { raise } from "./toasts.js";

const dialog = document.getElementById("dialog");
const inside = document.getElementById("dialog-inside");

/* Not by htmx's events: a region that is renewed while the dialog is closing would open it again. */
if (dialog) new MutationObserver(open).observe(inside, { childList: true });

function open() {
  if (!inside.childElementCount || dialog.open) return;
  dialog.showModal();
  raise();
}

document.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // beside it
  const closer = event.target.closest("[data-closes]");
  if (closer && dialog?.contains(closer)) {
    event.preventDefault();
    dialog.close();
  }
});

document.addEventListener("done", () => dialog?.close()); // what it was for is done, as the answer says

dialog?.addEventListener("close", () => inside.replaceChildren());
