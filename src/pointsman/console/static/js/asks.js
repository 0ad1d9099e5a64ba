/* What the server says of a form while it is filled in: `data-asks` is the address that is asked, `data-of` the names of
   the values that it is asked about, `data-when` a selector that must find something in the form. The answer is shown in
   the element. `data-asks-now="ID"` is a button that asks at once. */

import { whenever } from "./requests.js";
import { csrf, ended } from "./session.js";

const PAUSE_MS = 300;
const states = new WeakMap();

function valuesOf(place) {
  const form = place.closest("form") ?? document.getElementById(place.dataset.form);
  const wanted = place.dataset.of.split(" ");
  return new URLSearchParams(wanted.map((name) => [name, form.elements.namedItem(name)?.value ?? ""]));
}

async function ask(place, isPressed = false) {
  const state = states.get(place);
  clearTimeout(state.timer);
  state.control?.abort();
  if (!isPressed && place.dataset.when && !document.querySelector(place.dataset.when)) return place.replaceChildren();
  state.control = new AbortController();
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(place.dataset.asks, {
      method: "POST",
      body: valuesOf(place),
      headers: { "X-CSRF-Token": csrf(), "HX-Request": "true" },
      signal: state.control.signal,
    });
    if (answer.status === 401) ended();
    if (!answer.ok) place.textContent = "This can't be answered now.";
    else place.innerHTML = await answer.text();
    htmx.process(place);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    place.textContent = "The server can't be reached now.";
  }
  place.removeAttribute("aria-busy");
  place.dispatchEvent(new CustomEvent("asked", { bubbles: true }));
}

/** Whether a field of a form matters to what is asked. */
function concerns({ form, name }, place) {
  const isOf = form && (place.closest("form") ?? document.getElementById(place.dataset.form)) === form;
  return isOf && (place.dataset.of.split(" ").includes(name) || place.dataset.when?.includes(`[name=${name}]`));
}

function heard(event) {
  for (const place of document.querySelectorAll("[data-asks]")) {
    const state = states.get(place);
    if (!state || !concerns(event.target, place)) continue;
    clearTimeout(state.timer);
    state.timer = setTimeout(ask, PAUSE_MS, place);
  }
}

document.addEventListener("input", heard);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-asks-now]");
  if (button) ask(document.getElementById(button.dataset.asksNow), true);
});
whenever("[data-asks]", (place) => {
  if (states.has(place)) return;
  states.set(place, {});
  ask(place);
});
