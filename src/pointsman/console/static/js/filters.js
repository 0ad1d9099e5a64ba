/* Forms of filters, `data-sends`: what is typed is sent after a pause, what is chosen at once. */

const PAUSE_MS = 350;
let timer;

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-sends]");
  if (!form) return;
  clearTimeout(timer);
  timer = setTimeout(() => form.requestSubmit(), event.target.matches("select, [type=checkbox]") ? 0 : PAUSE_MS);
});
