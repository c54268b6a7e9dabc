// What somebody typed outlives their session: when they must sign in again, or the page must come anew, it waits in this
// tab, for them and for that page alone, and is put back into its forms. Read before app.js, which tends what was filled.
"use strict";
{
const KEPT = "typed";
const user = document.body.dataset.user;

const isLeftOut = (box) => ["password", "file"].includes(box.type) || ["csrf_token", "nonce"].includes(box.name);
const asksSomething = (form) => form.method === "post" && form.querySelector("input:not([type=hidden]), select, textarea");
const formsHere = () => [...document.querySelectorAll("main form")].map((form) => [form.getAttribute("action"), form]);
const answers = (form) => {
  const leftOut = new Set([...form.elements].filter(isLeftOut).map((box) => box.name));
  return [...new FormData(form)].filter(([name]) => !leftOut.has(name));
};

// The form that was sent, and the others that somebody has typed into.
function keep(sent) {
  const forms = formsHere().filter(([, form]) => form === sent || "typed" in form.dataset);
  if (!forms.some(([, form]) => asksSomething(form))) return;
  const kept = forms.map(([action, form]) => [action, answers(form)]);
  sessionStorage.setItem(KEPT, JSON.stringify({ user, page: location.pathname, forms: kept }));
}

// A form that is not there yet (a search shows it) goes on waiting.
function putBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT));
  if (!kept || (kept.user === user && kept.page !== location.pathname)) return;
  sessionStorage.removeItem(KEPT);
  if (kept.user !== user) return;
  // Of two that are sent to one address, the one that asks something.
  const here = new Map(formsHere().sort(([, one], [, other]) => !!asksSomething(one) - !!asksSomething(other)));
  const waiting = kept.forms.filter(([action]) => !here.has(action));
  if (waiting.length) sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, forms: waiting }));
  for (const [action, given] of kept.forms) if (here.has(action)) fill(here.get(action), given);
}

function fill(form, given) {
  for (const box of form.elements) {
    if (!box.name || isLeftOut(box) || box.matches("button")) continue;
    const values = given.filter(([name]) => name === box.name).map(([, value]) => value);
    const before = [box.value, box.checked].join();
    if (box.matches("[type=radio], [type=checkbox]")) box.checked = values.includes(box.value);
    else box.value = values.filter(Boolean).join(", ");
    if ([box.value, box.checked].join() === before) continue;
    unfold(box);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (!asksSomething(form)) return;
  unfold(form);
  form.prepend(document.getElementById("typed-before").content.cloneNode(true));
  form.firstElementChild.focus();
}

function unfold(element) {
  for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

document.addEventListener("input", ({ target }) => { if (target.form) target.form.dataset.typed = ""; });
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.getResponseHeader("HX-Redirect") || xhr.getResponseHeader("HX-Refresh")) keep(requestConfig.elt.closest("form"));
});
document.addEventListener("htmx:afterSettle", putBack);
document.addEventListener("DOMContentLoaded", putBack);
}
