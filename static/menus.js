// A menu that stands once on a page and opens in many rows: a row's link to the page that has it all is where it opens.
"use strict";
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("a[data-menu]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  const menu = document.getElementById(opener.dataset.menu).content.firstElementChild.cloneNode(true);
  const [summary, form] = [menu.querySelector("summary"), menu.querySelector("form")];
  summary.ariaLabel = opener.ariaLabel;
  form.action = opener.pathname + form.getAttribute("action").replace(/^.*(?=\/)/, "");
  form.querySelector("a").href = opener.href;
  for (const other of document.querySelectorAll("details.pop[open]")) other.open = false;
  opener.replaceWith(menu);
  htmx.process(menu);
  summary.focus();
}, true);
