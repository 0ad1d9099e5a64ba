// The worker SDK, unmodified, as a servant of the tests: it makes clients and calls their methods as it is told, and
// tells of every event of everything that it knows of. `worker.js` is it in Node, and a page has it too.

const OF_WORKERS = [
  "activityUpdated",
  "attributesUpdated",
  "disconnected",
  "error",
  "monitor",
  "ready",
  "reservationCreated",
  "reservationFailed",
  "tokenExpired",
  "tokenUpdated",
];
const OF_RESERVATIONS = ["accepted", "canceled", "completed", "rejected", "rescinded", "timeout", "wrapup"];
const OF_TASKS = [
  "canceled",
  "completed",
  "transferAttemptFailed",
  "transferCanceled",
  "transferCompleted",
  "transferFailed",
  "transferInitiated",
  "updated",
  "wrapup",
];
const OF_CHANNELS = ["availabilityUpdated", "capacityUpdated"];
const OF_TRANSFERS = ["attemptFailed", "canceled", "completed", "failed"];

// What the tests may look at: properties and getters, two objects deep, and data whole.
function plain(value, depth = 2) {
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (Array.isArray(value)) return value.map((each) => plain(each, depth - 1));
  if (typeof value === "function" || value === undefined) return null;
  if (value === null || typeof value !== "object") return value;
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each, depth)]));
  }
  if (depth === 0) return "...";
  const found = {};
  for (const name of names(value)) {
    if (!name.startsWith("_") && typeof value[name] !== "function") found[name] = plain(value[name], depth - 1);
  }
  return found;
}

function names(value) {
  const found = new Set(Object.keys(value));
  for (let at = Object.getPrototypeOf(value); at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (property.get && name !== "__proto__") found.add(name);
    }
  }
  return found;
}

const revived = (value) => {
  if (value === null || typeof value !== "object") return value;
  if ("$date" in value) return new Date(value.$date);
  if (Array.isArray(value)) return value.map(revived);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revived(each)]));
};

function makeServant(TaskRouter, tell) {
  const clients = new Map();
  const heard = new WeakMap(); // what is listened to already, by the events

  function listen(kind, emitter, path, events, then = {}) {
    if (!emitter || heard.has(emitter)) return;
    heard.set(emitter, events);
    for (const event of events) {
      emitter.on(event, (value) => {
        if (then[event]) then[event](value);
        tell({ of: path, kind, event, value: plain(value) });
      });
    }
  }

  function listenToTask(task, path) {
    const outgoing = () =>
      listen("OutgoingTransfer", task.transfers.outgoing, `${path}/transfers/outgoing`, OF_TRANSFERS);
    listen("Task", task, path, OF_TASKS, { transferInitiated: outgoing });
    outgoing();
  }

  function listenToReservation(reservation, path) {
    listen("Reservation", reservation, path, OF_RESERVATIONS);
    listenToTask(reservation.task, `${path}/task`);
  }

  function listenToWorker(worker, name) {
    const all = () => {
      worker.channels.forEach((channel) =>
        listen("Channel", channel, `${name}/channels/${channel.taskChannelUniqueName}`, OF_CHANNELS),
      );
      worker.reservations.forEach((each) => listenToReservation(each, `${name}/reservations/${each.sid}`));
    };
    listen("Worker", worker, name, OF_WORKERS, { ready: all, reservationCreated: all });
  }

  // A path leads from a client through its properties; what stands in a map is named by its key.
  function find(path) {
    const [name, ...rest] = path.split("/");
    return rest.reduce((at, step) => {
      if (!(at instanceof Map)) return at[step];
      return at.get(step) || [...at.values()].find((each) => each.taskChannelUniqueName === step || each.name === step);
    }, clients.get(name));
  }

  const deeds = {
    make({ name, kind, args }) {
      const client = new TaskRouter[kind](...args.map(revived));
      clients.set(name, client);
      if (client.on) listenToWorker(client, name);
      return null;
    },
    async call({ of, method, args }) {
      const value = await find(of)[method](...args.map(revived));
      if (!(value instanceof Map)) return plain(value);
      return [...value.values()].map((each) => plain(each));
    },
    look({ of }) {
      return plain(find(of));
    },
  };

  return async function serve({ deed, ...rest }) {
    try {
      return { value: await deeds[deed](rest) };
    } catch (error) {
      return { error: plain(error) };
    }
  };
}

module.exports = { makeServant };
