/* What was wrong with a field is forgotten once it is changed; editors of JSON judge anew themselves. */

document.addEventListener("input", ({ target }) => {
  const told = target.id && document.getElementById(`${target.id}-problem`);
  if (!told || told.hidden || target.matches("[data-json]")) return;
  told.hidden = true;
  target.removeAttribute("aria-invalid");
});
