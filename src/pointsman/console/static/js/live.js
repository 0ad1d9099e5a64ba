/* Regions that follow what happens. The page holds one stream, which names topics with news; a region with one of them
   (`data-live`) is asked for again and put in the old one's place. `data-every` asks again after so many seconds, and a
   region that is `data-later` is asked for at once, until it comes: the page came without it.

   A page that nobody sees lets go of its stream after a while, unless one of its regions is `data-always`: a browser has
   only few connections to a server. When it is seen again it hands in its last mark, and hears what it has missed. */

import { ended, hasEnded } from "./session.js";
import { toast } from "./toasts.js";

const SILENCE_MS = 40000; // the server says something every 15 s
const TOLD_AFTER_MS = 1500; // a short break is nobody's business
const HIDDEN_MS = 30000;
const LATER_AGAIN_MS = 5000;
const RETRY_MS = [250, 500, 1000, 2000, 5000];

const banner = document.getElementById("connection");
const address = document.body.dataset.stream;
const regions = () => [...document.querySelectorAll("[data-live]")];
const isHeld = (region) => document.querySelector(`[data-pauses="${region.id}"][aria-pressed="true"]`); // see pauses.js
const topicsOf = (region) => region.dataset.live.split(" ").filter(Boolean);

let mark = document.body.dataset.mark;
let failures = 0;
let control = null;
let listening = "";
let bannerTimer;

function refresh(region, seen = "") {
  const headers = seen ? { "X-Seen": seen } : {};
  return htmx.ajax("GET", region.dataset.url, { source: region, target: region, swap: "outerMorph", headers });
}

/* With all that the page has heard of so far. */
export function catchUp(region) {
  return refresh(region, mark);
}

function told(names) {
  const news = new Set(names);
  for (const region of regions()) {
    if (!topicsOf(region).some((topic) => news.has(topic))) continue;
    if (isHeld(region)) region.dispatchEvent(new Event("news", { bubbles: true }));
    else catchUp(region);
  }
}

/* --- the stream ------------------------------------------------------------------------------------------------- */

function open() {
  const topics = [...new Set(regions().flatMap(topicsOf))].join(",");
  if (!address || !topics || hasEnded() || (control && topics === listening)) return;
  close();
  listening = topics;
  control = new AbortController();
  read(topics, control.signal).catch(() => {}).finally(() => lost(topics));
}

function close() {
  control?.abort();
  control = null;
}

async function read(topics, signal) {
  const query = new URLSearchParams({ topics, mark });
  const answer = await fetch(`${address}?${query}`, { signal, headers: { Accept: "text/event-stream" } });
  if (answer.status === 401) return ended();
  if (!answer.ok) throw new Error(`the stream answers ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const silence = setTimeout(() => control?.abort(), SILENCE_MS);
    const { value, done } = await reader.read().finally(() => clearTimeout(silence));
    if (done || signal.aborted) return;
    connected();
    text += value;
    const messages = text.split("\n\n");
    text = messages.pop();
    messages.forEach(heard);
  }
}

function heard(message) {
  const fields = Object.fromEntries(message.split("\n").map((line) => line.split(/: (.*)/, 2)));
  if (fields.event === "ended") return ended();
  mark = fields.id;
  told(JSON.parse(fields.data));
}

function connected() {
  failures = 0;
  clearTimeout(bannerTimer);
  bannerTimer = null;
  banner.hidden = true;
}

function lost(topics) {
  if (listening !== topics || (control && control.signal.aborted && document.hidden)) return;
  if (!control) return; // it was let go
  control = null;
  if (hasEnded()) return; // until there is a session again
  bannerTimer ??= setTimeout(() => (banner.hidden = false), TOLD_AFTER_MS);
  const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
  failures += 1;
  setTimeout(open, pause);
}

/* --- when ------------------------------------------------------------------------------------------------------- */

let hiddenTimer;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiddenTimer);
  if (!document.hidden) open();
  else if (!document.querySelector("[data-always]")) hiddenTimer = setTimeout(close, HIDDEN_MS);
});
document.addEventListener("session", () => {
  toast("You are signed in again. Go on where you were.", "good");
  open();
});
addEventListener("online", open);
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => event.persisted && open());
document.addEventListener("htmx:after:swap", open); // there may be new topics

const due = new WeakMap();
setInterval(() => {
  if (document.hidden || hasEnded()) return;
  for (const region of regions()) {
    const every = Number(region.dataset.every) * 1000;
    const last = due.get(region) ?? performance.now();
    due.set(region, last);
    if (every && performance.now() - last >= every && !isHeld(region)) {
      due.set(region, performance.now());
      refresh(region);
    }
  }
}, 1000);

async function bring(id) {
  const region = document.getElementById(id);
  if (!region?.matches("[data-later]")) return; // it has come
  if (!hasEnded()) await Promise.resolve(catchUp(region)).catch(() => {});
  setTimeout(bring, LATER_AGAIN_MS, id);
}

addEventListener("load", () => document.querySelectorAll("[data-later]").forEach((region) => bring(region.id)));
open();
