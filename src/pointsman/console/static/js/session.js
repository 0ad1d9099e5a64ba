/* The session that the page was made in, and what to do once it has ended. Where nothing was typed the page is loaded again:
   the sign-in leads back to it. Else it stays, says so, and goes on with the session that was begun in another tab, if that
   is the same account's or worker's: what one has typed is not sent as another's. */

const LOOK_MS = 2000;

const banner = document.getElementById("ended");
const meta = document.querySelector('meta[name="csrf"]');
const typed = new Set(); // the addresses of forms in which somebody has typed
let timer = null;

/** What shows that a request comes from a page of the session. */
export const csrf = () => meta?.content ?? "";

export const hasEnded = () => timer !== null;

const isTyped = () => [...document.querySelectorAll('form[method="post"]')].some((form) => typed.has(form.action));

/** To be called when an answer, or the stream, says that nobody is signed in. */
export function ended() {
  if (!isTyped()) return location.reload();
  if (hasEnded()) return;
  show();
  timer = setInterval(look, LOOK_MS);
  look(); // it may have been begun before
}

/** In the dialog that is open: nothing else can be pressed. */
function show() {
  (document.querySelector("dialog[open]") ?? document.body).append(banner);
  banner.hidden = false;
}

async function look() {
  if (document.hidden) return;
  const answer = await fetch(banner.dataset.session, { headers: { Accept: "application/json" } }).catch(() => null);
  const session = answer?.ok ? await answer.json() : null;
  if (!hasEnded()) return;
  if (session?.whose === banner.dataset.whose) begun(session.csrf);
  else say(session ? "other" : "ended");
}

function say(what) {
  for (const each of banner.querySelectorAll("[data-says]")) each.hidden = each.dataset.says !== what;
}

function begun(token) {
  clearInterval(timer);
  timer = null;
  banner.hidden = true;
  say("ended");
  meta.content = token;
  for (const input of document.querySelectorAll('input[name="csrf"]')) input.value = token;
  document.dispatchEvent(new Event("session"));
}

document.addEventListener("input", ({ target }) => target.form?.method === "post" && typed.add(target.form.action));
addEventListener("focus", () => hasEnded() && look());
document.getElementById("dialog")?.addEventListener("close", () => setTimeout(() => { // once it is empty
  if (!hasEnded()) return;
  if (isTyped()) show();
  else location.reload();
}));
