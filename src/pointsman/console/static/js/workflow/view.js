/* The rules as filters and targets that can be changed. `data-at` says which place of the document an element is about:
   problems and warnings are put there. */

import { FILTER, TARGET, get, list, move, set, unknown } from "./model.js";
import { orderable } from "./order.js";

const QUEUES_IN_A_MENU = 200; // more are typed, with a list of suggestions
const KNOWN = { known_worker_sid: "SID", known_worker_friendly_name: "Name" };
let ids = 0;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Shows and changes `whole`. `changed()` is called after each change, `say(text)` tells those who can't see it. */
export class View {
  constructor(root, queues, { fixed, changed, say }) {
    Object.assign(this, { root, queues, fixed, changed, say });
    orderable(root, (item, from, to) => this.#moved(item, from, to));
  }

  show(whole) {
    this.routing = whole.task_routing;
    const filters = this.routing.filters ?? [];
    this.root.replaceChildren(
      make("p", { class: "unseen", id: "grip-help" }, "Arrow up and arrow down move it."),
      filters.length
        ? make("ol", { class: "stack" }, ...filters.map((each, index) => this.#filter(each, index)))
        : make("p", { class: "quiet" }, "No filter yet: every task goes to the default filter."),
      this.#adds("Add filter", "filters", () => {
        this.routing.filters ??= [];
        this.routing.filters.push({ filter_friendly_name: "", expression: "1==1", targets: [{ queue: this.#firstQueue() }] });
        return `filters[${this.routing.filters.length - 1}]`;
      }),
      this.#default(),
    );
  }

  /* --- filters ------------------------------------------------------------------------------------------------- */

  #filter(filter, index) {
    const at = `filters[${index}]`;
    const targets = get(filter, FILTER.targets) ?? [];
    return make(
      "li",
      { class: "rule", "data-item": "filters", "data-index": index, "data-at": at },
      make(
        "div",
        { class: "rule-head" },
        this.#grip(`Move filter ${index + 1}`),
        make("span", { class: "ordinal" }, String(index + 1)),
        this.#text(filter, FILTER.name, `${at}.name`, "Name", { placeholder: "For people" }),
        this.#text(filter, FILTER.expression, `${at}.expression`, "Takes tasks by", { code: true, keep: true, placeholder: "language == 'es'" }),
        this.#removes(`Remove filter ${index + 1}`, () => {
          this.routing.filters.splice(index, 1);
          return "filters";
        }),
      ),
      this.#others(filter, FILTER),
      make("div", { class: "notes" }),
      make("ol", { class: "targets" }, ...targets.map((each, place) => this.#target(filter, each, place, at))),
      this.#adds("Add target", `${at}.targets`, () => {
        const all = list(filter, FILTER.targets);
        all.push({ queue: get(all.at(-1) ?? {}, TARGET.queue) ?? this.#firstQueue() });
        return `${at}.targets[${all.length - 1}]`;
      }),
    );
  }

  #target(filter, target, index, above) {
    const at = `${above}.targets[${index}]`;
    return make(
      "li",
      { class: "target", "data-item": "targets", "data-index": index, "data-filter": above, "data-at": at },
      this.#grip(`Move target ${index + 1}`),
      make("div", { class: "target-fields" }, ...this.#fields(target, at, index > 0)),
      this.#removes(`Remove target ${index + 1}`, () => {
        get(filter, FILTER.targets).splice(index, 1);
        return `${above}.targets`;
      }),
    );
  }

  #default() {
    const at = "default_filter";
    const target = this.routing.default_filter;
    if (target == null) {
      return make(
        "div",
        { class: "rule", "data-at": at },
        make("p", { class: "quiet" }, "No default filter: a task that no filter takes is refused."),
        make("div", { class: "notes" }),
        this.#adds("Add default filter", at, () => {
          this.routing.default_filter = { queue: this.#firstQueue() };
          return at;
        }),
      );
    }
    return make(
      "div",
      { class: "rule", "data-at": at, role: "group", "aria-label": "Default filter" },
      make(
        "div",
        { class: "rule-head" },
        make("h3", {}, "Default filter"),
        make("span", { class: "quiet small grow" }, "Takes what no filter takes"),
        this.#removes("Remove default filter", () => {
          delete this.routing.default_filter;
          return at;
        }),
      ),
      make("div", { class: "target-fields" }, ...this.#fields(target, at, false, ["timeout", "skip_if"])),
    );
  }

  /* --- the fields of a target ------------------------------------------------------------------------------------ */

  #fields(target, at, inherits, without = []) {
    const has = (name) => !without.includes(name);
    const more = [
      this.#text(target, TARGET.expression, `${at}.expression`, "Only workers who match", { code: true, placeholder: "worker.level >= task.level" }),
      this.#text(target, TARGET.order_by, `${at}.order_by`, "Order of workers", { code: true, placeholder: "worker.level DESC" }),
      has("skip_if") ? this.#text(target, TARGET.skip_if, `${at}.skip_if`, "Skip if nobody is free and", { code: true, placeholder: "workers.available == 0" }) : null,
      this.#knownWorker(target, at),
    ];
    const isUsed = ["expression", "order_by", "skip_if", "known_worker_sid", "known_worker_friendly_name"].some((name) => get(target, TARGET[name]) != null);
    return [
      make(
        "div",
        { class: "target-row" },
        this.#queue(target, `${at}.queue`, inherits),
        has("timeout") ? this.#number(target, TARGET.timeout, `${at}.timeout`, "Waits at most (s)", "no end") : null,
        this.#number(target, TARGET.priority, `${at}.priority`, "Priority", "the task's"),
      ),
      make("details", { open: isUsed }, make("summary", { class: "small" }, "Which workers, in which order"), make("div", { class: "target-more" }, ...more.filter(Boolean))),
      this.#others(target, TARGET),
      make("div", { class: "notes" }),
    ].filter(Boolean);
  }

  #labelled(control, at, label) {
    control.id = `rule-${(ids += 1)}`;
    const notes = make("div", { class: "notes", id: `${control.id}-notes` });
    control.setAttribute("aria-describedby", notes.id);
    control.disabled = this.fixed;
    return make("div", { class: "field", "data-at": at }, make("label", { for: control.id }, label), control, notes);
  }

  /** `keep`: where it is empty, it stays an empty text, since the key has to be there. */
  #text(entry, names, at, label, { code = false, keep = false, placeholder = "" } = {}) {
    const control = make("input", {
      value: get(entry, names) ?? "",
      class: code ? "code" : null,
      placeholder,
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#change(() => set(entry, names, control.value || keep ? control.value : undefined)),
    });
    return this.#labelled(control, at, label);
  }

  #number(entry, names, at, label, placeholder) {
    const control = make("input", {
      value: get(entry, names)?.rawJSON ?? get(entry, names) ?? "",
      inputmode: "numeric",
      placeholder,
      autocomplete: "off",
      oninput: () => this.#change(() => set(entry, names, numberOf(control.value.trim()))),
    });
    return this.#labelled(control, at, label);
  }

  #queue(entry, at, inherits) {
    const present = get(entry, TARGET.queue) ?? "";
    const none = inherits ? "As the target before" : "Choose a queue";
    const isMenu = this.queues.length <= QUEUES_IN_A_MENU;
    const control = isMenu ? make("select") : make("input", { list: "queues-known", value: present, placeholder: none, autocomplete: "off" });
    if (isMenu) {
      if (!present || inherits) control.append(new Option(none, ""));
      control.append(...this.queues.map(({ sid, name }) => new Option(name, sid)));
      if (present && !this.queues.some(({ sid }) => sid === present)) control.append(new Option(`${present} (unknown)`, present));
      control.value = present;
    }
    control.addEventListener("input", () => this.#change(() => set(entry, TARGET.queue, control.value || undefined)));
    return this.#labelled(control, at, "Task queue");
  }

  #knownWorker(target, at) {
    const present = Object.keys(KNOWN).find((name) => get(target, TARGET[name]) != null) ?? "known_worker_sid";
    const by = make("select", { "aria-label": "The known worker is named by", disabled: this.fixed }, ...Object.entries(KNOWN).map(([name, text]) => new Option(text, name)));
    by.value = present;
    const control = make("input", { value: get(target, TARGET[present]) ?? "", class: "code", placeholder: "task.agent", autocomplete: "off", spellcheck: "false" });
    const write = () =>
      this.#change(() => {
        for (const name of Object.keys(KNOWN)) set(target, TARGET[name], name === by.value && control.value ? control.value : undefined);
      });
    control.addEventListener("input", write);
    by.addEventListener("input", write);
    const field = this.#labelled(control, `${at}.known_worker_sid ${at}.known_worker_friendly_name`, "Only the worker whose");
    const pair = make("div", { class: "known" });
    control.replaceWith(pair);
    pair.append(by, control);
    field.querySelector("label").append(" … the task names");
    return field;
  }

  #others(entry, known) {
    const keys = unknown(entry, known);
    return keys.length ? make("p", { class: "quiet small" }, "Kept as they are: ", make("code", {}, keys.join(", "))) : null;
  }

  /* --- changes --------------------------------------------------------------------------------------------------- */

  #grip(label) {
    return make("button", { type: "button", class: "grip", "data-grip": true, "aria-label": label, "aria-describedby": "grip-help", disabled: this.fixed }, "⠿");
  }

  #removes(label, remove) {
    return make("button", { type: "button", class: "button plain little remove", "aria-label": label, disabled: this.fixed, onclick: () => this.#reshape(remove) }, "✕");
  }

  #adds(label, at, add) {
    if (this.fixed) return make("span");
    return make("p", { "data-adds": at }, make("button", { type: "button", class: "button little", onclick: () => this.#reshape(add) }, label));
  }

  #change(act) {
    act();
    this.changed();
  }

  /** `act` returns the place where one goes on. */
  #reshape(act) {
    const at = act();
    this.changed();
    this.show({ task_routing: this.routing });
    const there = this.place(at)?.querySelector("input, select") ?? this.root.querySelector(`[data-adds="${CSS.escape(at)}"] button`);
    (there ?? this.root.querySelector("button"))?.focus();
  }

  #moved(item, from, to) {
    const { item: kind, filter: above } = item.dataset;
    const items = kind === "filters" ? this.routing.filters : get(this.routing.filters[Number(/\d+/.exec(above))], FILTER.targets);
    move(items, from, to);
    if (from !== to) this.changed();
    this.show({ task_routing: this.routing });
    const at = kind === "filters" ? `filters[${to}]` : `${above}.targets[${to}]`;
    this.place(at)?.querySelector("[data-grip]").focus();
    this.say(`Now ${to + 1} of ${items.length}`);
  }

  #firstQueue() {
    return this.queues[0]?.sid ?? "";
  }

  /* --- what is said of it ---------------------------------------------------------------------------------------- */

  place(at) {
    return [...this.root.querySelectorAll("[data-at]")].find((each) => each.dataset.at.split(" ").includes(at));
  }

  /** `notes` are {where, text, state}; those without a place of their own stand at what is around it. */
  note(notes) {
    for (const old of this.root.querySelectorAll(".notes")) old.replaceChildren();
    for (const old of this.root.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
    const left = [];
    for (const each of notes) {
      const place = this.#around(each.where);
      if (!place) {
        left.push(each);
        continue;
      }
      const slot = place.querySelector(":scope > .notes, :scope > .target-fields > .notes");
      slot.append(make("p", { class: `note ${each.state}` }, each.text));
      place.closest("details")?.setAttribute("open", "");
      if (each.state === "bad" && place.matches(".field")) place.querySelector("input:not([type]), select")?.setAttribute("aria-invalid", "true");
    }
    return left;
  }

  #around(where) {
    for (let at = where; at; at = at.replace(/(^|\.)[^.[\]]+$|\[\d+\]$/, "")) {
      const place = this.place(at);
      if (place) return place;
    }
    return null;
  }
}

function numberOf(text) {
  if (!text) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : text; // the server says what is wrong with the rest
}
