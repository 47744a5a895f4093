// The control that changes the page's language.

import { LANGUAGES, language, t } from "../language/language.js";
import { element } from "./dom.js";

/** @param {function(string)} onChange called with the code of the language */
export function languageSwitch(onChange) {
  return element(
    "select.language", { "aria-label": t("language"), onchange: (event) => onChange(event.target.value) },
    ...Object.entries(LANGUAGES).map(([code, name]) => element(
      "option", { value: code, lang: code, selected: code === language() }, name,
    )),
  );
}
