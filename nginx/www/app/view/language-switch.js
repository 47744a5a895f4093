// A choice of the page's languages, by their own names.

import { LANGUAGES, language, t } from "../language/language.js";
import { element } from "./dom.js";

/** @param {function(string)} onChange told the code of the language */
export function languageSwitch(onChange) {
  return element(
    "select.language", { "aria-label": t("language"), onchange: (event) => onChange(event.target.value) },
    ...Object.entries(LANGUAGES).map(([code, name]) => element(
      "option", { value: code, lang: code, selected: code === language() }, name,
    )),
  );
}
