/* The page of a workflow: the rules to be seen as filters and targets or as JSON, both in step; what the server says of
   them; and a question before what was typed is lost. The JSON's text is what is saved. */

import { whenever } from "../requests.js";
import { csrf, ended } from "../session.js";
import { lineAndColumn, locate } from "./locate.js";
import { read, write } from "./model.js";
import { View } from "./view.js";

const PAUSE_MS = 400;
let shown = "visual"; // it stays as it was when the form comes back with a problem
let dirty = false;
let began = ""; // the mark of the workflow that the form shows

class Page {
  constructor(form) {
    const find = (selector) => form.querySelector(selector);
    this.area = form.elements.namedItem("Configuration");
    this.told = document.getElementById(`${this.area.id}-problem`);
    this.alert = find("[data-rules-problem]");
    this.json = find("[data-rules-json]");
    this.warnings = find("[data-rules-warnings]");
    this.place = find("[data-rules]");
    this.switch = find("[data-switch]");
    this.whole = null;
    const fixed = "fixed" in this.place.dataset;
    if (fixed) enable(form, this.switch);
    const queues = [...find("[data-rules-queues]").options].map((each) => ({ sid: each.value, name: each.text }));
    suggest(form, queues);
    this.view = new View(this.place, queues, {
      fixed,
      changed: () => this.#written(),
      say: (text) => (document.getElementById("rules-said").textContent = text),
    });
    this.place.after(Object.assign(document.createElement("p"), { id: "rules-said", className: "unseen", role: "status" }));
    this.switch.hidden = false;
    this.switch.addEventListener("click", (event) => event.target.dataset.shows && this.#show(event.target.dataset.shows));
    this.area.addEventListener("input", (event) => this.#heard(event));
    form.addEventListener("input", () => (dirty = true));
    began = savedAs();
    tellOfOthers();
    this.#read();
    this.#show(this.whole ? shown : "json");
    this.#check();
  }

  #show(which) {
    const isVisual = which === "visual" && this.whole !== null;
    if (this.whole) shown = which;
    this.place.hidden = !isVisual;
    this.json.hidden = isVisual;
    for (const button of this.switch.children) button.setAttribute("aria-pressed", String((button.dataset.shows === "visual") === isVisual));
  }

  /** The text was changed here: it is read again. */
  #heard(event) {
    if (!event.isOwn) this.#read();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#check(), PAUSE_MS);
  }

  #read() {
    try {
      this.whole = read(this.area.value);
      this.view.show(this.whole);
    } catch (problem) {
      this.whole = null;
      this.alert.textContent = problem instanceof SyntaxError ? "" : problem.message;
    }
    this.alert.hidden = this.whole !== null || !this.alert.textContent;
    this.switch.querySelector('[data-shows="visual"]').disabled = this.whole === null;
  }

  /** The filters or targets were changed: so is the text. */
  #written() {
    this.area.value = write(this.whole);
    const event = new InputEvent("input", { bubbles: true });
    event.isOwn = true;
    this.area.dispatchEvent(event);
  }

  async #check() {
    if (!this.whole) return this.#tell([]);
    this.control?.abort();
    this.control = new AbortController();
    const text = this.area.value;
    try {
      const body = new URLSearchParams({ Configuration: text });
      const headers = { "X-CSRF-Token": csrf(), Accept: "application/json" };
      const answer = await fetch(this.place.dataset.rules, { method: "POST", body, headers, signal: this.control.signal });
      if (answer.status === 401) return ended();
      if (!answer.ok) return;
      const { problem, warnings } = await answer.json();
      const notes = warnings.map((each) => ({ where: each.where, text: each.message, state: "wait" }));
      this.#tell(problem ? [{ ...problem, state: "bad" }] : notes, text);
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  }

  /** Beside what it concerns; in the JSON by line and column. */
  #tell(notes, text = "") {
    const left = this.whole ? this.view.note(notes) : [];
    const general = left.find((each) => each.state === "bad");
    if (this.whole) {
      this.alert.textContent = general?.text ?? "";
      this.alert.hidden = !general;
    }
    const rows = notes.map((each) => this.#row(each, text));
    this.warnings.replaceChildren(...rows);
    this.warnings.hidden = !rows.length;
  }

  #row(note, text) {
    const row = document.createElement("li");
    row.className = note.state;
    if (note.where) {
      const offset = locate(text, note.where);
      const { line, column } = lineAndColumn(text, offset);
      const button = Object.assign(document.createElement("button"), { type: "button", className: "where", textContent: `Line ${line}, column ${column}` });
      button.addEventListener("click", () => {
        this.area.focus();
        this.area.setSelectionRange(offset, offset);
      });
      row.append(button, ` ${note.where}: `);
    }
    row.append(note.text);
    return row;
  }
}

const savedAs = () => document.querySelector("[data-saved]")?.dataset.saved ?? "";

/** At once, and not only when one saves. */
function tellOfOthers() {
  const told = document.querySelector("[data-meanwhile]");
  if (told) told.hidden = savedAs() === began;
}

/** Whoever may only look may look in either way: each field is closed for itself, and not all together. */
function enable(form, buttons) {
  for (const each of form.elements) each.disabled = form.contains(each) && !buttons.contains(each);
  form.querySelector("fieldset").disabled = false;
}

/** Queues to choose from where there are too many for a menu. */
function suggest(form, queues) {
  const suggestions = Object.assign(document.createElement("datalist"), { id: "queues-known" });
  suggestions.append(...queues.map(({ sid, name }) => Object.assign(document.createElement("option"), { value: sid, label: name })));
  form.append(suggestions);
}

addEventListener("beforeunload", (event) => dirty && event.preventDefault());
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response?.status === 204) dirty = false; // it was saved, and leads on
});

document.addEventListener("htmx:after:swap", tellOfOthers);

const pages = new WeakSet();
whenever("#workflow-form", (form) => {
  if (pages.has(form)) return;
  pages.add(form);
  new Page(form);
});
