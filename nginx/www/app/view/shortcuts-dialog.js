// The list of keyboard shortcuts.

import { t } from "../language/language.js";
import { withChosenKeys } from "./composing/composer-keys.js";
import { openDialog } from "./dialog.js";
import { element } from "./dom.js";
import { keyLabels, SHORTCUTS } from "./shortcuts.js";

/** @param {AbortSignal} signal closes the list */
export function showShortcuts(signal) {
  openDialog(t("shortcuts"), () => [element(
    "dl.shortcuts", {},
    ...SHORTCUTS.map((shortcut) => element(
      "div", {},
      element("dt", {}, t(`shortcut_${shortcut.name}`)),
      element("dd", {}, ...keyLabels(withChosenKeys(shortcut)).flatMap(combination)),
    )),
  )], { signal });
}

function combination(keys, index) {
  const pressed = keys.flatMap((key, at) => [at > 0 ? " + " : "", element("kbd", {}, key)]);
  return [index > 0 ? element("span.note", {}, ` ${t("or")} `) : "", ...pressed];
}
