/* Buttons that hold a region still, `data-pauses` with its id, so that it can be read: it goes on being told of news, and
   shows all of it when it follows again. */

import { catchUp } from "./live.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pauses]");
  if (!button) return;
  const pauses = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", pauses);
  button.textContent = pauses ? "Paused" : "Pause";
  if (!pauses) catchUp(document.getElementById(button.dataset.pauses));
});

document.addEventListener("news", (event) => {
  const button = document.querySelector(`[data-pauses="${event.target.id}"]`);
  button.textContent = "Paused: there is news";
});
