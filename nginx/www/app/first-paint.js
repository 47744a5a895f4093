// Runs before the page is painted for the first time, unlike modules: a page that is to be dark does not flash white.
// It is a script of its own, since the page's policy allows none within the markup.

try {
  const theme = JSON.parse(localStorage.getItem("orbia.theme"));
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden. The page looks as the system does.
}
