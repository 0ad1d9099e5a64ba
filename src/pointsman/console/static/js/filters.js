/* Forms of filters, `data-sends`: what is typed is sent after a pause, what is chosen at once, and what means nothing
   while it is half written (`data-waits`) with Enter. */

const PAUSE_MS = 350;
let timer;

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-sends]");
  if (!form || event.target.matches("[data-waits]")) return;
  clearTimeout(timer);
  timer = setTimeout(() => form.requestSubmit(), event.target.matches("select, [type=checkbox]") ? 0 : PAUSE_MS);
});
