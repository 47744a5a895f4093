// The language of the page: the browser's, until somebody chooses another one.

import { preferences } from "../model/storage.js";
import { en } from "./en.js";
import { zh } from "./zh.js";

const KEY = "language";
const TEXTS = { zh, en };
const LOCALES = { zh: "zh-CN", en: "en" };

/** The languages there are, by their own names. */
export const LANGUAGES = { zh: "中文", en: "English" };

const chosen = preferences.get(KEY);
let current = chosen in TEXTS ? chosen : preferred();

// The first of the browser's languages that there is; English where there is none.
function preferred() {
  return navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag in TEXTS) ?? "en";
}

export function language() {
  return current;
}

/** For Intl and for the attribute "lang". */
export function locale() {
  return LOCALES[current];
}

export function setLanguage(choice) {
  current = choice;
  preferences.set(KEY, choice);
}

/** The text of that name, with `values` in it. */
export function t(name, values = {}) {
  const text = TEXTS[current][name] ?? en[name];
  return typeof text === "function" ? text(values) : text ?? name;
}

/** The text of that name where there is one, else `otherwise`. */
export function tOr(name, otherwise) {
  return name in en ? t(name) : otherwise;
}
