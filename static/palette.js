// Search from anywhere: Ctrl+K or / opens it, arrows choose, Enter goes there, Escape leaves. What is found comes from /search.
"use strict";
{
const TYPES_HERE = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const palette = () => document.getElementById("palette");
const box = () => document.getElementById("palette-q");
const options = () => [...palette().querySelectorAll("[role=option]")];
// Whether what is listed was found by what stands in the box now: Enter never opens what somebody has typed past.
let isFresh = false;

function mark(chosen) {
  for (const option of options()) option.setAttribute("aria-selected", option === chosen);
  if (chosen) box().setAttribute("aria-activedescendant", chosen.id);
  else box().removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

function open() {
  if (!palette() || document.querySelector("dialog[open]")) return;
  palette().showModal();
  box().select();
  isFresh = false;
  htmx.trigger(box(), "look");
}

function move(by) {
  const all = options();
  const at = all.findIndex((option) => option.ariaSelected === "true");
  mark(all.at((at < 0 && by < 0 ? by : at + by) % all.length));
}

// On a keyboard that is switched to Arabic, K and / are other letters.
const opens = (event) => {
  if (event.altKey || event.shiftKey) return false;
  if (event.ctrlKey || event.metaKey) return event.code === "KeyK";
  return ["/", "ظ"].includes(event.key) && !event.target.closest(TYPES_HERE);
};

document.addEventListener("keydown", (event) => {
  if (opens(event) && palette()) {
    event.preventDefault();
    if (palette().open) palette().close(); else open();
  }
  if (event.target !== box() || event.isComposing) return;
  const chosen = options().find((option) => option.ariaSelected === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (options().length) move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && isFresh && chosen) {
    event.preventDefault();
    chosen.click();
  }
});

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest(".topbar .find")) open();
  else if (palette()?.open && (target === palette() || target.closest("[data-leave], [role=option]"))) palette().close();
});
document.addEventListener("submit", ({ target }) => { if (target.contains(box())) palette().close(); });

document.addEventListener("input", ({ target }) => {
  if (target !== box()) return;
  isFresh = false;
  mark(null);
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.requestConfig?.elt !== box()) return;
  isFresh = true;
  options().forEach((option, at) => { option.id = `palette-${at}`; });
  box().ariaExpanded = options().length > 0;
  box().setAttribute("aria-controls", "palette-list");
  mark(box().value.trim() ? options()[0] : null);
  document.getElementById("palette-said").textContent = document.getElementById("palette-found").dataset.said;
});
// What failed is said in a toast, which stands behind it; what was typed is there when it is opened again.
for (const failed of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failed, ({ detail }) => { if (detail.requestConfig?.elt === box()) palette().close(); });
}
}
