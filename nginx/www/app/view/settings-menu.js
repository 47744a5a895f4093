// The menu of settings, which are the user's for this browser.

import { t } from "../language/language.js";
import { iconButton } from "./dom.js";
import { opensMenu } from "./menu.js";
import { showShortcuts } from "./shortcuts-dialog.js";
import { themeItems } from "./theme.js";

/**
 * Makes the button that opens the menu.
 *
 * @param {AbortSignal} signal closes the menu and the dialogs that it opens
 * @param {?Alerts} alerts null where there is no sound to turn on and off
 */
export function settingsButton(signal, alerts = null) {
  return opensMenu(iconButton("settings", t("settings"), null), () => [
    alerts && { label: t("sound"), kind: "check", isChecked: alerts.hasSound, onSelect: () => alerts.toggleSound() },
    themeItems(),
    alerts && { label: t("shortcuts"), onSelect: () => showShortcuts(signal) },
  ], { signal });
}
