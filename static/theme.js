// Before the first paint: people who follow their device get its colours.
if (document.documentElement.hasAttribute("data-theme-follows-system") && matchMedia("(prefers-color-scheme: dark)").matches) {
  document.documentElement.dataset.bsTheme = "dark";
}
