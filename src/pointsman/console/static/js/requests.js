/* What each of htmx's requests carries, and which of its answers stay out of the page. */

import { csrf, ended } from "./session.js";

const FORM_REFUSED = 422; // a form that comes back with its problems

document.addEventListener("htmx:config:request", (event) => {
  if (csrf()) event.detail.ctx.request.headers["X-CSRF-Token"] = csrf();
});

document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status !== 401) return;
  event.preventDefault();
  ended();
});

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (ctx.response.status < 400 || ctx.response.status === FORM_REFUSED) return;
  for (let at = tasks.length - 1; at >= 0; at -= 1) {
    if (tasks[at].type === "main") tasks.splice(at, 1); // what is told beside it still is
  }
});

/** Calls `act` for each element that matches, now and whenever htmx has put it in. */
export function whenever(selector, act) {
  const look = (root) => {
    if (root.matches?.(selector)) act(root);
    for (const each of root.querySelectorAll(selector)) act(each);
  };
  look(document);
  document.addEventListener("htmx:after:process", (event) => look(event.target));
}
