// Dragging in the calendar: a follow-up goes to the half hour, or the day, that it is dropped on. The server decides; a
// refused one is back where it was, and what was wanted stands beside it with the next free slot.
"use strict";
{
let held = null;

const cellOf = (event) => held && event.target.closest?.("#calendar td:is([data-at], [data-day], :has(> button[name=at]))");
const momentOf = (cell) => cell.dataset.at ?? cell.querySelector("button")?.value ?? `${cell.dataset.day}T${held.dataset.held}`;
const unmark = () => document.querySelector("#calendar .is-open")?.classList.remove("is-open");

function send(event, moment) {
  const move = document.querySelector("#calendar [data-move]");
  move.setAttribute("hx-vals", JSON.stringify({ ...JSON.parse(move.dataset.move), due_date: moment }));
  htmx.ajax("post", new URL("due-date", event.href).pathname, { source: move }).catch(() => {});
}

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
  send(held, momentOf(cell));
});
document.addEventListener("dragend", () => {
  unmark();
  held?.classList.remove("is-held");
  held = null;
});

// With the keyboard: Space picks a follow-up up, the arrows move it by half an hour or a day (in a month by days and weeks),
// Enter or Space drops it, Escape leaves it where it is. Where it would go is said in words.
let lifted = null; // the follow-up, and the minutes of Dubai's clock that it would go to
let dropped = null;
const A_DAY = 1440, HALF_AN_HOUR = 30;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

const told = () => document.getElementById("calendar-said");
const minutesOf = (text) => Date.parse(`${text}Z`) / 60000;
const textOf = (minutes) => new Date(minutes * 60000).toISOString().slice(0, 16);
const isMonth = (event) => event.closest("table").matches(".month");
const cellAt = (text) => document.querySelector(`#calendar td:is([data-at="${text}"], [data-day="${text.slice(0, 10)}"], :has(> button[value="${text}"]))`);
const daysShown = () => [...document.querySelectorAll("#calendar td:is([data-at], [data-day], :has(> button[name=at]))")]
  .map((cell) => (cell.dataset.at ?? cell.dataset.day ?? cell.querySelector("button").value).slice(0, 10)).sort();

function say(what) {
  const words = { name: lifted.event.querySelector("bdi").textContent, time: inWords(lifted.at) };
  told().textContent = Object.entries(words).reduce((text, [name, value]) => text.replace(`{${name}}`, value), told().dataset[what]);
}
function inWords(minutes) {
  const locale = document.documentElement.lang === "ar" ? "ar-AE-u-nu-latn" : "en-GB";
  const parts = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" };
  return new Intl.DateTimeFormat(locale, parts).format(minutes * 60000);
}

function lift(event) {
  const cell = event.closest("td");
  const from = minutesOf(`${(cell.dataset.at ?? cell.dataset.day).slice(0, 10)}T${event.dataset.held}`);
  lifted = { event, from, at: from };
  event.classList.add("is-held");
  say("moving");
}

function carry([days, steps]) {
  const forward = document.dir === "rtl" ? -1 : 1;
  const { at } = lifted;
  const shown = daysShown();
  let to = at + days * forward * A_DAY;
  if (isMonth(lifted.event)) to += steps * 7 * A_DAY;
  else if (steps) to = (steps > 0 ? Math.floor(at / HALF_AN_HOUR) + 1 : Math.ceil(at / HALF_AN_HOUR) - 1) * HALF_AN_HOUR;
  const day = textOf(to).slice(0, 10);
  if (day < shown[0] || day > shown.at(-1)) return;
  lifted.at = to;
  unmark();
  const slot = isMonth(lifted.event) ? to : Math.floor(to / HALF_AN_HOUR) * HALF_AN_HOUR;
  const cell = cellAt(textOf(slot));
  cell?.classList.add("is-open");
  cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
  say("over");
}

function putDown(isDropped) {
  const { event, from, at } = lifted;
  unmark();
  event.classList.remove("is-held");
  if (!isDropped || at === from) say("stays");
  else {
    told().textContent = "";
    dropped = new URL(event.href).pathname;
    send(event, textOf(at));
  }
  lifted = null;
}

document.addEventListener("keydown", (pressed) => {
  const event = pressed.target.closest?.("#calendar table [data-held]");
  if (lifted && event === lifted.event) {
    if (ARROWS[pressed.key]) carry(ARROWS[pressed.key]);
    else if (pressed.key === "Enter" || pressed.key === " ") putDown(true);
    else if (pressed.key === "Escape") putDown(false);
    else return;
  } else if (event && pressed.key === " ") lift(event);
  else return;
  pressed.preventDefault();
  pressed.stopPropagation();
}, true);
document.addEventListener("focusout", ({ target }) => { if (lifted?.event === target) putDown(false); });

function describe() {
  for (const event of document.querySelectorAll("#calendar table [data-held]")) event.setAttribute("aria-describedby", "calendar-keys");
}
document.addEventListener("DOMContentLoaded", describe);

// What was refused has the focus: the way out of it is one key away. Else what was dropped has it, where it is now.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  describe();
  if (detail.target?.id !== "calendar" && detail.elt?.id !== "calendar") return;
  const offer = [...document.querySelectorAll("#calendar [form=offer]")].find((button) => button.checkVisibility());
  const moved = dropped && document.querySelector(`#calendar table [data-held][href^="${dropped}"]`);
  (offer ?? moved)?.focus();
  dropped = null;
});
}
