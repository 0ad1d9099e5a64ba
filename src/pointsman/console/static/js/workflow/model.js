/* A workflow's configuration as its JSON has it. The document that was read is what is changed and written again, so that
   every key that the editor does not know stays as it is. Which keys mean what: as the server reads them
   (core/workflow/rules.py), with their older spellings; where one of those is there, it is the one that is changed. */

export const FILTER = {
  name: ["filter_friendly_name", "friendly_name", "filterFriendlyName", "friendlyName"],
  expression: ["expression"],
  targets: ["targets"],
};
export const TARGET = {
  queue: ["queue", "task_queue_sid"],
  timeout: ["timeout"],
  priority: ["priority"],
  expression: ["expression"],
  order_by: ["order_by"],
  skip_if: ["skip_if"],
  known_worker_sid: ["known_worker_sid"],
  known_worker_friendly_name: ["known_worker_friendly_name"],
};

/** A number keeps its spelling (1.0, or more digits than a script can hold), where the browser can do that. */
function exact(key, value, context) {
  const isOdd = typeof value === "number" && context?.source !== undefined && String(value) !== context.source;
  return isOdd && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && !JSON.isRawJSON?.(value);

/** Throws what keeps the rules from being shown. */
export function read(text) {
  const whole = JSON.parse(text, exact);
  const routing = isObject(whole) ? whole.task_routing : null;
  if (!isObject(routing)) throw new Error('Expected an object with the object "task_routing"');
  const filters = routing.filters ?? [];
  if (!Array.isArray(filters) || !filters.every(isObject)) throw new Error('Expected "filters" to be a list of objects');
  for (const filter of filters) {
    const targets = get(filter, FILTER.targets) ?? [];
    if (!Array.isArray(targets) || !targets.every(isObject)) throw new Error('Expected "targets" to be a list of objects');
  }
  if (routing.default_filter != null && !isObject(routing.default_filter)) throw new Error('Expected "default_filter" to be an object');
  return whole;
}

export const write = (whole) => JSON.stringify(whole, null, 2);

const isCapital = (key) => /^\p{Lu}/u.test(key);

/** The keys of an entry that stand for one of these names, the one that counts first. */
function keysOf(entry, names) {
  const own = Object.keys(entry);
  return names.flatMap((name) => [
    ...own.filter((key) => key === name),
    ...own.filter((key) => isCapital(key) && key.toLowerCase() === name),
  ]);
}

export function get(entry, names) {
  const key = keysOf(entry, names).find((each) => entry[each] != null);
  return key === undefined ? undefined : entry[key];
}

/** `undefined` takes it away. */
export function set(entry, names, value) {
  const keys = keysOf(entry, names);
  if (value === undefined) {
    for (const key of keys) delete entry[key];
  } else {
    entry[keys.find((key) => entry[key] != null) ?? keys[0] ?? names[0]] = value;
  }
}

/** The keys that the editor does not know. */
export function unknown(entry, known) {
  const mine = new Set(Object.values(known).flatMap((names) => keysOf(entry, names)));
  return Object.keys(entry).filter((key) => !mine.has(key));
}

/** A list in an entry, made if it is not there. */
export function list(entry, names) {
  const found = get(entry, names);
  if (found) return found;
  set(entry, names, []);
  return get(entry, names);
}

export function move(items, from, to) {
  items.splice(to, 0, ...items.splice(from, 1));
}
