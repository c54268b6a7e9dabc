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

// After the middle of the page was replaced: the menu shows where we are; a refusal has the focus, at its field if it can.
const REFUSAL = ".notice.is-late button, [aria-invalid=true], fieldset[aria-describedby] input";
function arrive(status) {
  const path = location.pathname;
  for (const link of document.querySelectorAll(".nav-list a, .bottombar a")) {
    const target = new URL(link.href).pathname;
    const here = path === target || (target !== "/" && path.startsWith(target));
    if (here && !link.querySelector(".plus")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const refusal = main()?.querySelector(REFUSAL);
  if (refusal) refusal.focus();
  else if (status >= 400) main()?.focus();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const { target, elt, xhr } = event.detail;
  tendToasts();
  tendAreas();
  tallies();
  if (target?.id === "main" || elt?.id === "main") arrive(xhr?.status);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button, [data-area]");
  if (button?.matches("[data-dismiss]")) button.closest(".toast-note").remove();
  if (button?.matches("[data-print]")) window.print();
  for (const open of document.querySelectorAll("details.pop[open]")) if (!open.contains(event.target)) open.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.pop[open]")) {
    open.open = false;
    open.firstElementChild.focus();
  }
});

document.addEventListener("submit", (event) => {
  // The filters' menu is inside their form: it has been answered.
  for (const open of event.target.querySelectorAll("details.pop[open]")) open.open = false;
});

// A request that failed is said in words that have the focus; everything typed is still there and can be sent again.
function sayFailed(event, notice) {
  if (nobodyAsked(event)) return;
  const toast = document.getElementById(notice).content.firstElementChild.cloneNode(true);
  toast.classList.add("is-late");
  toast.role = "alert";
  toast.tabIndex = -1;
  document.getElementById("toasts").replaceChildren(toast);
  offerAgain(event);
  tendToasts();
}

function offerAgain(event) {
  const { elt, verb, path, triggeringEvent } = event.detail.requestConfig;
  const toast = document.querySelector("#toasts .is-late");
  if (!toast || toast.querySelector("[data-again]")) return;
  toast.querySelector("[data-dismiss]").before(document.getElementById("again").content.cloneNode(true));
  toast.querySelector("[data-again]").addEventListener("click", () => {
    toast.remove();
    const pressed = triggeringEvent?.submitter ?? (elt.matches("a") ? elt : null);
    if (pressed) pressed.click();
    else htmx.ajax(verb, path, { source: elt }).catch(() => {});
  });
}

// What asks by itself (a poll, a part that news brings up to date) fails in silence and asks again.
const nobodyAsked = (event) => /^(every|news)\b/.test(event.detail.requestConfig.elt.getAttribute("hx-trigger") ?? "");
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400 || !nobodyAsked(event)) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// An error that is not ours (a gateway's page) replaces nothing.
const isOurs = (xhr) => xhr.getResponseHeader("HX-Retarget") || xhr.getResponseHeader("HX-Reswap");
document.addEventListener("htmx:sendError", (event) => sayFailed(event, "offline"));
document.addEventListener("htmx:timeout", (event) => sayFailed(event, "offline"));
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400 || isOurs(xhr)) return;
  event.detail.shouldSwap = false;
  sayFailed(event, xhr.status < 500 ? "failed" : "offline");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { status } = event.detail.xhr;
  if ((status === 429 || status >= 500) && !nobodyAsked(event)) offerAgain(event);
});

// A button that was pressed is busy until the answer is there.
const busy = (event, on) => {
  const form = event.detail.elt?.closest?.("form");
  for (const button of form?.querySelectorAll("button[type=submit]") ?? []) {
    if (on) button.setAttribute("aria-busy", "true"); else button.removeAttribute("aria-busy");
  }
};
document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.requestConfig?.verb === "post") busy(event, true); });
// A page that nobody looks at does not ask for news.
document.addEventListener("htmx:beforeRequest", (event) => { if (document.hidden && event.detail.elt.id === "bell") event.preventDefault(); });
document.addEventListener("htmx:afterRequest", (event) => busy(event, false));

// What is ticked in a list is counted, with its budgets; the bar is there while something is ticked.
function tally(form) {
  const boxes = [...form.querySelectorAll("[name=lead_id]")];
  const on = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr").classList.toggle("is-on", box.checked);
  const bar = form.querySelector("[data-bar]");
  bar.hidden = !on.length;
  const count = bar.querySelector("[data-count]");
  count.textContent = `${on.length} ${count.dataset.one}`;
  const sum = on.reduce((total, box) => total + Number(box.dataset.aed), 0);
  bar.querySelector("[data-sum]").textContent = sum ? `AED ${sum.toLocaleString("en")}` : "";
  const all = form.querySelector("[data-all]");
  all.checked = on.length > 0 && on.length === boxes.length;
  all.indeterminate = on.length > 0 && on.length < boxes.length;
}
const tallies = () => document.querySelectorAll("[data-bulk]:has([data-bar])").forEach(tally);
document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-bulk]");
  if (!form) return;
  if (target.matches("[data-all]")) for (const box of form.querySelectorAll("[name=lead_id]")) box.checked = target.checked;
  tally(form);
});
document.addEventListener("reset", ({ target }) => { if (target.matches("[data-bulk]")) setTimeout(() => tally(target)); });

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
        const url = `${input.dataset.url}?q=${encodeURIComponent(input.value)}`;
        const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
        if (answer?.ok) found.innerHTML = await answer.text();
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

document.documentElement.dataset.js = "";
document.addEventListener("DOMContentLoaded", () => {
  tendToasts();
  tendAreas();
  tallies();
  main()?.querySelector(REFUSAL)?.focus();
  // What was typed before htmx listened is looked up now.
  for (const box of document.querySelectorAll("input[hx-get]")) if (box.value !== box.defaultValue) htmx.trigger(box, "unheard");
});
