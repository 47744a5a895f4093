// The settings, which are the user's for this browser: items of a menu, and a button with a menu of these alone.

import { t } from "../../language/language.js";
import { enterItems } from "../composing/composer-keys.js";
import { iconButton } from "../dom.js";
import { opensMenu } from "../menu.js";
import { notificationItem } from "../alerts/notifications.js";
import { showShortcuts } from "../shortcuts-dialog.js";
import { themeItems } from "../theme.js";

/** Makes the button. Where somebody is signed in, sidebar-head.js has the items in its menu. */
export function settingsButton(signal) {
  return opensMenu(iconButton("settings", t("settings"), null), () => settingsItems(signal), { signal });
}

/**
 * @param {AbortSignal} signal closes the dialogs that they open
 * @param {?Alerts} alerts null where nobody is signed in, who would be alerted
 */
export function settingsItems(signal, alerts = null) {
  return [
    alerts && { label: t("sound"), kind: "check", isChecked: alerts.hasSound, onSelect: () => alerts.toggleSound() },
    alerts && notificationItem(),
    themeItems(),
    alerts && enterItems(),
    alerts && { label: t("shortcuts"), onSelect: () => showShortcuts(signal) },
  ];
}
