/* A worker's desk: countdowns, and whatever makes an offer noticed: words for screen readers, the title, a sound.

   The page has the server's time when it was made; deadlines are the server's too, so the clock here may be wrong. */

import { toast } from "./toasts.js";

const TICK_MS = 200;
const SOON_S = 10; // then it is said once more
const SETTLED_MS = 700; // keys answer an offer only once it has been there for so long
const CHIME_AGAIN_MS = 6000;

const said = document.getElementById("said");
const title = document.title;
const ahead = Number(said.dataset.now) - Date.now();
const now = () => Date.now() + ahead;
const all = (selector) => [...document.querySelectorAll(selector)];

/* --- what is before the worker ---------------------------------------------------------------------------------- */

function look() {
  return {
    offers: new Map(all("[data-offer]").map((each) => [each.dataset.offer, each.getAttribute("aria-labelledby")])),
    tasks: new Set(all("[data-task]").map((each) => each.dataset.task)),
    endings: new Map(all("[data-ending]").map((each) => [each.dataset.ending, each])),
  };
}

let before = look();
let mine = ""; // the reservation that was answered here last
let changed = performance.now(); // when the first offer became the first
const warned = new Set();

function compare() {
  const after = look();
  const words = [];
  for (const [sid, heading] of after.offers) {
    if (before.offers.has(sid)) continue;
    const offer = document.getElementById(heading).closest("[data-offer]");
    words.push(`New offer: ${wordsOf(offer)}. ${spoken(left(offer))} to answer.`);
    chime();
  }
  for (const sid of after.tasks) {
    if (before.offers.has(sid) && sid !== mine) toast("Accepted in another window: it is yours", "good");
  }
  for (const [sid, ending] of after.endings) {
    if (before.endings.has(sid) || !("told" in ending.dataset) || ending.dataset.of === mine) continue;
    toast(ending.querySelector("strong").textContent, ending.dataset.state === "bad" ? "wait" : ending.dataset.state);
  }
  if ([...before.offers.keys()][0] !== [...after.offers.keys()][0]) changed = performance.now();
  before = after;
  if (words.length) say(words.join(" "));
  keepFocus(after);
  tick();
}

function wordsOf(offer) {
  const lines = [...offer.querySelectorAll(".lines > div")].slice(0, 4);
  return [offer.querySelector("h2"), ...lines].map((each) => each.textContent.trim().replace(/\s+/g, " ")).join(", ");
}

function say(text) {
  said.textContent = text;
}

/** What had the focus is gone: go on where the work goes on. */
function keepFocus(after) {
  if (!mine || after.offers.has(mine)) return; // nothing has come of it yet
  if (!document.activeElement || document.activeElement === document.body) {
    (document.getElementById(`task-${mine}`) ?? document.querySelector("[data-offer] button, [data-task]"))?.focus();
  }
  mine = "";
}

/* --- time ------------------------------------------------------------------------------------------------------- */

const left = (offer) => Math.max((Number(offer.dataset.deadline) - now()) / 1000, 0);
const spoken = (seconds) => (seconds >= 90 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds)} seconds`);
const shown = (seconds) => {
  const whole = Math.ceil(seconds);
  return whole < 100 ? `${whole}` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

function tick() {
  for (const offer of all("[data-offer]")) {
    const seconds = left(offer);
    const whole = (Number(offer.dataset.deadline) - Number(offer.dataset.began)) / 1000;
    offer.querySelector("output").textContent = shown(seconds);
    offer.querySelector("circle.left").setAttribute("stroke-dashoffset", String(100 - (100 * seconds) / whole));
    offer.classList.toggle("soon", seconds <= Math.min(SOON_S, whole / 3));
    offer.classList.toggle("late", seconds === 0);
    for (const button of offer.querySelectorAll("button")) button.disabled ||= seconds === 0;
    if (seconds > 0 && seconds <= SOON_S && whole > 2 * SOON_S && !warned.has(offer.dataset.offer)) {
      warned.add(offer.dataset.offer);
      say(`${spoken(seconds)} left to answer the offer.`);
    }
  }
  document.querySelector("[data-offer]")?.classList.toggle("settled", performance.now() - changed >= SETTLED_MS);
  const count = before.offers.size;
  const wanted = count ? `(${count}) ${count === 1 ? "Offer" : "Offers"} · ${title}` : title;
  if (document.title !== wanted) document.title = wanted;
}

/* --- sound: off until it is asked for --------------------------------------------------------------------------- */

const button = document.querySelector("[data-sound]");
let audio = null;
let chimed = 0;

function chime() {
  if (!audio) return;
  chimed = performance.now();
  for (const [at, pitch] of [[0, 659.25], [0.16, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + at;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.25, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.5);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.55);
  }
  navigator.vibrate?.([120, 60, 120]);
}

button.addEventListener("click", async () => {
  if (audio) {
    await audio.close();
    audio = null;
  } else {
    audio = new AudioContext();
    await audio.resume();
    chime();
  }
  button.setAttribute("aria-pressed", String(Boolean(audio)));
});

/* --- answers ---------------------------------------------------------------------------------------------------- */

document.addEventListener("submit", (event) => {
  const card = event.target.closest("[data-offer], [data-task]");
  if (!card) return;
  if (card.getAttribute("aria-busy") === "true") {
    event.preventDefault(); // it was sent already
    event.stopImmediatePropagation();
    return;
  }
  mine = card.dataset.offer ?? card.dataset.task;
  card.setAttribute("aria-busy", "true");
  setTimeout(() => card.removeAttribute("aria-busy"), 3000); // it was refused, or no answer came
}, true);

/* A key that was meant for the offer that has just gone must not answer the one in its place. */
document.addEventListener("keydown", (event) => {
  const answers = ["a", "r"].includes(event.key.toLowerCase()) && !event.target.closest("input, textarea, select");
  if (answers && before.offers.size && (event.repeat || !document.querySelector("[data-offer].settled"))) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

document.addEventListener("htmx:after:swap", compare);
setInterval(() => {
  tick();
  if (before.offers.size && performance.now() - chimed > CHIME_AGAIN_MS) chime();
}, TICK_MS);
tick();
