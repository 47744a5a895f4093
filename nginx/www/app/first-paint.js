// Runs before the page is painted for the first time, unlike modules: a page that is to be dark does not flash white, and
// the frame that is shown until the modules are here is that of the view which will take its place. It is a script of its
// own, since the page's policy allows none within the markup.

{
  const { dataset } = document.documentElement;

  // Storage can be forbidden. The page then looks as the system does.
  const stored = (area, name) => {
    try {
      return JSON.parse(area().getItem(`orbia.${name}`));
    } catch {
      return null;
    }
  };

  const theme = stored(() => localStorage, "theme");
  if (theme === "light" || theme === "dark") dataset.theme = theme;

  const session = stored(() => sessionStorage, "session") ?? stored(() => localStorage, "session");
  if (!session?.token) dataset.frame = "sign-in";
  else dataset.frame = location.hash.startsWith("#/conversations/") ? "conversation" : "list";

  // A module that cannot be loaded, or does not run, leaves nothing behind it that could say so.
  const onError = ({ target }) => {
    const isOfModules = target === window || (target instanceof HTMLScriptElement && target.type === "module");
    if (isOfModules && document.querySelector("#app[aria-busy]")) dataset.frame = "failed";
  };
  addEventListener("error", onError, true);
  addEventListener("click", ({ target }) => {
    if (target.closest("#not-loaded button")) location.reload();
  });
}
