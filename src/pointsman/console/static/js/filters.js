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

/* Where only a part of the page is asked for again, the page's own address follows: it may be kept, or sent to others. */
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-sends][hx-get]")) return;
  const asked = [...new FormData(event.target)].filter(([, value]) => value);
  history.replaceState(history.state, "", `?${new URLSearchParams(asked)}`);
});
