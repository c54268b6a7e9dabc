// The board: a lead is dragged, or picked up with the keyboard, and dropped on another lane. Where it may go is what its
// own menu offers, and dropping it presses what stands there; the server decides, and says on the card why not.
"use strict";
{
let held = null;  // the card, its lane, and by lane what in its menu takes it there
let dropped = null; // the card that was dropped, and its lead's address: where that turns up again has the focus
let moved = null;

const board = () => document.querySelector("#board .board");
const link = (card) => card.querySelector("a.name");
const word = (lane) => lane.querySelector("h2").textContent.trim();
const fill = (text, words) => Object.entries(words).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);
const say = (text) => { const place = document.getElementById("board-said"); if (place) place.textContent = text; };

// A card's menu: where its lane lets it go. It stands in the card from when it is first asked for.
function menuOf(card) {
  const there = card.querySelector(".moves");
  const { status, moves } = card.closest(".lane").dataset;
  if (there || !moves) return there;
  const { sent, moveTo } = board().dataset;
  const address = `${link(card).getAttribute("href")}/status`;
  const menu = Object.assign(document.createElement("span"), { className: "moves", hidden: true, textContent: moveTo });
  for (const to of moves.split(" ")) menu.append(way(to, address, { ...JSON.parse(sent), status_from: status, status: to }));
  card.append(menu);
  htmx.process(menu);
  return menu;
}

function way(to, address, answers) {
  const isFinal = to === "lost" || to === "converted"; // asks something first
  const control = document.createElement(isFinal ? "a" : "button");
  control.dataset.to = to;
  control.textContent = JSON.parse(board().dataset.names)[to];
  if (isFinal) control.href = `${address}?${new URLSearchParams({ status: to, next: answers.next })}`;
  else {
    control.type = "button";
    control.setAttribute("hx-post", address);
    control.setAttribute("hx-vals", JSON.stringify(answers));
    control.setAttribute("hx-target", "#board-news");
    control.setAttribute("hx-swap", "outerHTML");
  }
  return control;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.(".lead-card > .more");
  for (const menu of document.querySelectorAll(".moves:not([hidden])")) if (!menu.contains(event.target)) shut(menu);
  if (!opener) return;
  event.preventDefault();
  const menu = menuOf(opener.parentElement);
  menu.hidden = opener.ariaExpanded === "true";
  opener.ariaExpanded = String(!menu.hidden);
});
function shut(menu) {
  menu.hidden = true;
  menu.parentElement.querySelector(".more").ariaExpanded = "false";
}

function pickUp(card) {
  const ways = new Map();
  for (const way of menuOf(card)?.querySelectorAll("[data-to]") ?? []) {
    const lane = document.getElementById(`lane-${way.dataset.to}`);
    if (lane) ways.set(lane, way);
  }
  if (!ways.size) return;
  held = { card, ways, lane: card.closest(".lane"), over: null };
  card.classList.add("is-held");
  for (const lane of board().querySelectorAll(".lane")) lane.classList.add(ways.has(lane) ? "is-open" : "is-shut");
  const lanes = lanesInOrder().filter((lane) => ways.has(lane)).map(word).join(", ");
  say(fill(board().dataset.moving, { name: link(card).textContent, lane: word(held.lane), lanes }));
}

const lanesInOrder = () => [...board().querySelectorAll(".lane")];

function hover(lane) {
  if (held.over === lane) return;
  held.over?.classList.remove("is-over");
  held.over = lane;
  lane?.classList.add("is-over");
}

function letGo() {
  hover(null);
  held.card.classList.remove("is-held");
  for (const lane of document.querySelectorAll(".lane")) lane.classList.remove("is-open", "is-shut");
  held = null;
  say("");
}

function drop() {
  const { ways, over, card, lane } = held;
  const stays = fill(board().dataset.stays, { name: link(card).textContent, lane: word(lane) });
  letGo();
  if (!over) return say(stays);
  dropped = card;
  moved = link(card).getAttribute("href");
  ways.get(over).click();
}

const openLane = (event) => {
  const lane = held && event.target.closest?.(".lane");
  return lane && held.ways.has(lane) ? lane : null;
};
document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".lead-card");
  if (!card) return;
  if (held) letGo();
  pickUp(card);
  if (!held) return event.preventDefault();
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setDragImage(card, event.offsetX, event.offsetY);
});
document.addEventListener("dragover", (event) => {
  if (!held) return;
  const lane = openLane(event);
  hover(lane);
  if (lane) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (!openLane(event)) return;
  event.preventDefault();
  drop();
});
document.addEventListener("dragend", () => { if (held) letGo(); });

// With the keyboard: Enter or Space picks up, the arrows choose among the lanes that are open, Enter drops, Escape puts back.
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".lead-card");
  if (held && event.key === "Escape") { hover(null); drop(); return event.preventDefault(); }
  if (!card || card !== event.target) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (held?.card === card) drop(); else pickUp(card);
  } else if (held && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    event.preventDefault();
    const forward = (event.key === "ArrowRight") === (document.dir !== "rtl");
    const lanes = lanesInOrder().filter((lane) => held.ways.has(lane) || lane === held.lane);
    const next = lanes[lanes.indexOf(held.over ?? held.lane) + (forward ? 1 : -1)];
    if (!next) return;
    hover(next === held.lane ? null : next);
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(fill(board().dataset[held.over ? "over" : "stays"], { name: link(card).textContent, lane: word(next) }));
  }
});
document.addEventListener("focusout", ({ target }) => { if (held && target === held.card && !target.matches(":active")) letGo(); });

// Cards that have come can be reached by keyboard; the one that was dropped has the focus where it is now.
function tend() {
  for (const card of document.querySelectorAll(".lead-card:not([tabindex]):has(> .more)")) {
    card.tabIndex = 0;
    card.setAttribute("aria-describedby", "board-keys");
  }
  const arrived = moved && document.querySelector(`.lead-card:has(> a.name[href="${moved}"])`);
  if (!arrived || arrived === dropped) return;
  arrived.focus();
  dropped = moved = null;
}
document.addEventListener("DOMContentLoaded", tend);
document.addEventListener("htmx:afterSettle", tend);
}
