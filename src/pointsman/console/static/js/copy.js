/* Buttons that copy: `data-copy` is the text. */

import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
    toast("Copied");
  } catch {
    toast("The browser did not let the page copy", "bad");
  }
});
