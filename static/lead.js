// A lead's page: its keys, and logging what was just sent or said.
"use strict";
{
const KEYS = {
  l: "#activity-form input[type=radio]",
  f: "#task-form select",
  s: ".stepper .next button, .stepper form button",
};
const TYPES_HERE = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const keys = () => document.getElementById("keys");

function goTo(element) {
  for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  element.scrollIntoView({ block: "center" });
  element.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPES_HERE) || keys()?.open) return;
  if (event.key === "?") keys()?.showModal();
  const element = document.querySelector(KEYS[event.key.toLowerCase()] ?? ":not(*)");
  if (!element) return;
  event.preventDefault();
  goTo(element);
});

// Whoever opens a chat or a call finds the form ready for it; what they have typed there stays.
function offerToLog(type) {
  const form = document.getElementById("activity-form");
  const choice = form?.querySelector(`input[name=type][value=${type}]`);
  if (!choice) return;
  choice.checked = true;
  for (const hint of form.querySelectorAll("[data-after]")) hint.hidden = hint.dataset.after !== type;
  goTo(form.querySelector("textarea"));
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-keys]")) keys().showModal();
  if (target.closest("[data-close]") || target === keys()) keys().close();
  const link = target.closest("a[data-log]");
  if (!link) return;
  const menu = link.closest("details.pop");
  if (menu) menu.open = false;
  offerToLog(link.dataset.log);
});
}
