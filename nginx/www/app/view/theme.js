// The colours of the page: light, dark, or as the system has them. styles/base.css has the palettes.

import { t } from "../language/language.js";
import { browserStorage, preferences } from "../storage.js";

// first-paint.js reads this before anything is painted.
const STORAGE_NAME = "theme";

/** The themes to choose from. */
export const THEMES = ["system", "light", "dark"];

/** Returns the theme that is chosen. */
export function theme() {
  return document.documentElement.dataset.theme ?? "system";
}

/** @param {string} choice one of THEMES */
export function setTheme(choice) {
  preferences.set(STORAGE_NAME, choice === "system" ? null : choice);
  apply(choice);
}

/** Returns the themes as a group of a menu's items (view/menu.js). */
export function themeItems() {
  return {
    label: t("theme"),
    items: THEMES.map((each) => ({
      label: t(`theme_${each}`), kind: "radio", isChecked: each === theme(), onSelect: () => setTheme(each),
    })),
  };
}

function apply(choice) {
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  showThemeColor();
}

// The bars that the browser draws around the page have the colour of its surface.
function showThemeColor() {
  const { head, documentElement } = document;
  let meta = head.querySelector("meta[name=theme-color]");
  if (meta === null) {
    meta = document.createElement("meta");
    meta.name = "theme-color";
    head.append(meta);
  }
  meta.content = getComputedStyle(documentElement).getPropertyValue("--surface").trim();
}

showThemeColor();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showThemeColor);
// Another tab of the browser has been told.
addEventListener("storage", (event) => {
  if (browserStorage.nameIn(event) === STORAGE_NAME) apply(preferences.get(STORAGE_NAME, "system"));
});
