// A worker's page: who I am, what I do, and what I am offered.
const { Worker } = require("twilio-taskrouter");

const at = (id) => document.getElementById(id);
const say = (text) => (at("status").textContent = text);

async function fetchToken() {
  return (await fetch("/token")).json();
}

async function start() {
  const { token, bridge } = await fetchToken();
  const worker = new Worker(token, { ebServer: bridge, wsServer: bridge.replace(/^http/, "ws") });

  worker.on("ready", () => {
    at("name").textContent = worker.name;
    say("connected");
    showActivities(worker);
    showAll(worker); // after a lost connection too: offers may have been made meanwhile
  });
  worker.on("disconnected", (why) => say(`disconnected: ${why.message}`));
  worker.on("error", (error) => say(error.message));
  worker.on("activityUpdated", () => showActivities(worker));
  worker.on("reservationCreated", () => showAll(worker));
  worker.on("tokenExpired", async () => worker.updateToken((await fetchToken()).token));
}

function showActivities(worker) {
  const options = [...worker.activities.values()].map((each) => new Option(each.name, each.sid));
  at("activity").replaceChildren(...options);
  at("activity").value = worker.activity.sid;
  at("activity").onchange = () => attempt(() => worker.activities.get(at("activity").value).setAsCurrent());
}

function showAll(worker) {
  at("reservations").replaceChildren();
  for (const reservation of worker.reservations.values()) show(reservation);
}

function show(reservation) {
  const item = document.createElement("li");
  const update = () => {
    item.replaceChildren(`${JSON.stringify(reservation.task.attributes)}: ${reservation.status}`);
    const can = { pending: ["accept", "reject"], accepted: ["wrap", "complete"], wrapping: ["complete"] };
    for (const method of can[reservation.status] || []) {
      const button = document.createElement("button");
      button.textContent = method;
      button.onclick = () => attempt(() => reservation[method]());
      item.append(button);
    }
  };
  update();
  for (const event of ["accepted", "wrapup"]) reservation.on(event, update);
  for (const event of ["rejected", "timeout", "canceled", "rescinded", "completed"]) {
    reservation.on(event, () => item.remove());
  }
  at("reservations").append(item);
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
}

start().catch((error) => say(error.message));
