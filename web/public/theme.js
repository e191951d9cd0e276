// Before the page is painted: the theme that was chosen, so that it does not flash in the other one.
try {
  const theme = localStorage.getItem("uim.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is turned off: the system's theme it is.
}
