// Dragging in the calendar: a follow-up goes to the half hour, or the day, that it is dropped on. The server decides; a
// refused one is back where it was, and what was wanted stands beside it with the next free slot.
"use strict";
{
let held = null;

const cellOf = (event) => held && event.target.closest?.("#calendar td:is([data-at], [data-day], :has(> button[name=at]))");
const momentOf = (cell) => cell.dataset.at ?? cell.querySelector("button")?.value ?? `${cell.dataset.day}T${held.dataset.held}`;
const unmark = () => document.querySelector("#calendar .is-open")?.classList.remove("is-open");

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("#calendar [data-held]") ?? null;
  if (!held) return;
  event.dataTransfer.effectAllowed = "move";
  held.classList.add("is-held");
});
document.addEventListener("dragover", (event) => {
  const cell = cellOf(event);
  if (!held) return;
  unmark();
  if (!cell || cell.contains(held)) return;
  event.preventDefault();
  cell.classList.add("is-open");
});
document.addEventListener("drop", (event) => {
  const cell = cellOf(event);
  if (!cell || cell.contains(held)) return;
  event.preventDefault();
  const move = document.querySelector("#calendar [data-move]");
  const answers = { ...JSON.parse(move.dataset.move), due_date: momentOf(cell) };
  move.setAttribute("hx-vals", JSON.stringify(answers));
  htmx.ajax("post", new URL("due-date", held.href).pathname, { source: move }).catch(() => {});
});
document.addEventListener("dragend", () => {
  unmark();
  held?.classList.remove("is-held");
  held = null;
});

// What was refused has the focus: the way out of it is one key away.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id !== "calendar" && detail.elt?.id !== "calendar") return;
  [...document.querySelectorAll("#calendar [form=offer]")].find((button) => button.checkVisibility())?.focus();
});
}
