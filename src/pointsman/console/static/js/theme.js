/* Light or dark, if the person chose; the server puts it into the next page. */

const YEAR_S = 365 * 86400;
const root = document.documentElement;

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-button]")) return;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `pointsman_theme=${root.dataset.theme}; path=${document.body.dataset.root}; max-age=${YEAR_S}; samesite=lax`;
  document.dispatchEvent(new Event("theme"));
});
