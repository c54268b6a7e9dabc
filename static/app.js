// The quick half of the desk. Every page works without it; nothing here knows a rule.
"use strict";

const main = () => document.getElementById("main");

// Toasts leave after ten seconds, not while somebody reads them.
function dismissLater(toast) {
  let timer = setTimeout(() => toast.remove(), 10000);
  const hold = () => clearTimeout(timer);
  const go = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), 4000); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
}

function tendToasts() {
  for (const toast of document.querySelectorAll(".toast-note:not([data-tended])")) {
    toast.dataset.tended = "";
    if (!toast.matches(".is-late")) dismissLater(toast);
    else toast.focus();
  }
}

// After the middle of the page was replaced: the menu shows where we are, the first refusal has the focus.
function arrive() {
  const path = location.pathname;
  for (const link of document.querySelectorAll(".nav-list a, .bottombar a")) {
    const target = new URL(link.href).pathname;
    const here = path === target || (target !== "/" && path.startsWith(target));
    if (here && !link.querySelector(".plus")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = main();
  (place?.querySelector(".notice.is-late button") ?? place?.querySelector("[aria-invalid=true]"))?.focus();
}

document.addEventListener("htmx:afterSettle", (event) => {
  tendToasts();
  tendAreas();
  if (event.detail.target?.id === "main" || event.detail.elt?.id === "main") arrive();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button, [data-area]");
  if (button?.matches("[data-dismiss]")) button.closest(".toast-note").remove();
  if (button?.matches("[data-print]")) window.print();
  for (const open of document.querySelectorAll("details.pop[open]")) if (!open.contains(event.target)) open.open = false;
});

// No answer at all: say so and keep everything that was typed.
function sayOffline() {
  const toasts = document.getElementById("toasts");
  toasts.replaceChildren(document.getElementById("offline").content.cloneNode(true));
  toasts.firstElementChild?.classList.add("is-late");
  tendToasts();
}
const nobodyAsked = (event) => event.detail.elt?.getAttribute("hx-trigger")?.startsWith("every");
document.addEventListener("htmx:sendError", (event) => { if (!nobodyAsked(event)) sayOffline(); });
document.addEventListener("htmx:timeout", (event) => { if (!nobodyAsked(event)) sayOffline(); });

// An error that is not ours (a gateway's page) replaces nothing: it is no connection, too.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 500 || xhr.getResponseHeader("HX-Retarget") || xhr.getResponseHeader("HX-Reswap")) return;
  event.detail.shouldSwap = false;
  if (!nobodyAsked(event)) sayOffline();
});

// A button that was pressed is busy until the answer is there.
const busy = (event, on) => {
  const form = event.detail.elt?.closest?.("form");
  for (const button of form?.querySelectorAll("button[type=submit]") ?? []) {
    if (on) button.setAttribute("aria-busy", "true"); else button.removeAttribute("aria-busy");
  }
};
document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.requestConfig?.verb === "post") busy(event, true); });
document.addEventListener("htmx:afterRequest", (event) => busy(event, false));

// Keys: / searches, l logs an activity on a lead.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "/") { event.preventDefault(); document.getElementById("q")?.focus(); }
  const form = document.getElementById("activity-form");
  if (event.key.toLowerCase() === "l" && form) {
    event.preventDefault();
    form.scrollIntoView({ block: "center" });
    form.querySelector("input[type=radio]")?.focus();
  }
});

// Areas: what is chosen becomes a chip with its own field; the box is free for the next one.
function tendAreas() {
  for (const box of document.querySelectorAll("[data-areas]:not([data-tended])")) {
    box.dataset.tended = "";
    const input = box.querySelector("input");
    const chips = box.querySelector("[data-chips]");
    const found = box.querySelector("[data-found]");
    const name = input.name;
    const add = (area) => {
      const text = area.trim();
      if (!text) return;
      const chip = document.createElement("span");
      chip.className = "chip is-on";
      const value = Object.assign(document.createElement("input"), { type: "hidden", name, value: text });
      const remove = Object.assign(document.createElement("button"), { type: "button", className: "btn-clear", textContent: "×" });
      remove.setAttribute("aria-label", `${input.dataset.remove} ${text}`);
      remove.addEventListener("click", () => { chip.remove(); input.focus(); });
      chip.append(text, value, remove);
      chips.append(chip);
    };
    const close = () => found.replaceChildren();
    const take = (area) => { add(area); input.value = ""; close(); };
    for (const area of input.value.split(/[,،]/)) add(area);
    input.value = "";
    let timer;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        if (!input.value.trim()) return close();
        const answer = await fetch(`${input.dataset.url}?q=${encodeURIComponent(input.value)}`);
        if (answer.ok) found.innerHTML = await answer.text();
        found.querySelector("[data-area]")?.classList.add("is-on");
      }, 150);
    });
    input.addEventListener("keydown", (event) => {
      const options = [...found.querySelectorAll("[data-area]")];
      const at = options.findIndex((option) => option.classList.contains("is-on"));
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        options[at]?.classList.remove("is-on");
        options.at((at + (event.key === "ArrowDown" ? 1 : -1)) % options.length)?.classList.add("is-on");
      } else if ((event.key === "Enter" && (options.length || input.value)) || event.key === "," || event.key === "،") {
        event.preventDefault();
        take(options[at]?.dataset.area ?? input.value);
      } else if (event.key === "Escape") close();
      else if (event.key === "Backspace" && !input.value) chips.lastElementChild?.remove();
    });
    found.addEventListener("pointerdown", (event) => {
      const option = event.target.closest("[data-area]");
      if (option) { event.preventDefault(); take(option.dataset.area); }
    });
    input.addEventListener("blur", () => setTimeout(close, 150));
  }
}

tendToasts();
tendAreas();
main()?.querySelector("[aria-invalid=true]")?.focus();
document.documentElement.dataset.js = "";
