// The language of the page: the browser's, until the user chooses another one.

import { preferences } from "../storage.js";
import { en } from "./en.js";
import { zh } from "./zh.js";

const STORAGE_NAME = "language";
const TEXTS = { zh, en };
const LOCALES = { zh: "zh-CN", en: "en" };

/** The names of the languages, each in the language itself. */
export const LANGUAGES = { zh: "中文", en: "English" };

const chosen = preferences.get(STORAGE_NAME);
let current = chosen in TEXTS ? chosen : preferred();

// Returns the first of the browser's languages that the page has, or else English.
function preferred() {
  return navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag in TEXTS) ?? "en";
}

export function language() {
  return current;
}

/** The language tag for Intl and for the attribute "lang". */
export function locale() {
  return LOCALES[current];
}

export function setLanguage(choice) {
  current = choice;
  preferences.set(STORAGE_NAME, choice);
}

/** Returns the text of that name, with `values` in it. */
export function t(name, values = {}) {
  const text = TEXTS[current][name] ?? en[name];
  return typeof text === "function" ? text(values) : text ?? name;
}

/** Returns the text of that name, or `otherwise` where there is none. */
export function tOr(name, otherwise) {
  return name in en ? t(name) : otherwise;
}
