// The browser's notifications: whether the user wants them, and whether the browser shows any.

import { t } from "../../language/language.js";
import { preferences } from "../../storage.js";

const STORAGE_NAME = "notifications";

class NotificationSwitch {
  // Browsers on phones have the interface, and show notifications of service workers alone.
  #isPossible = "Notification" in globalThis && isSecureContext;

  /** "on", "off", "blocked" by the browser, or "impossible" */
  get state() {
    if (!this.#isPossible) return "impossible";
    if (Notification.permission === "denied") return "blocked";
    return Notification.permission === "granted" && preferences.get(STORAGE_NAME, false) ? "on" : "off";
  }

  /** Turns them on or off. The browser asks the user at first, so it has to be called by a press. */
  async toggle() {
    if (this.state === "on") {
      preferences.set(STORAGE_NAME, false);
    } else if (this.state === "off" && await Notification.requestPermission() === "granted") {
      preferences.set(STORAGE_NAME, true);
      // It shows the user what is to come, and whether the browser can do it.
      this.show(t("notificationsOn"), { tag: "orbia", silent: true });
    }
  }

  /** Returns a notification, or null where there can be none. */
  show(title, options) {
    try {
      return this.state === "on" ? new Notification(title, options) : null;
    } catch {
      this.#isPossible = false;
      return null;
    }
  }
}

export const notificationSwitch = new NotificationSwitch();

/** Returns the item of a menu (view/menu.js) that turns them on and off. */
export function notificationItem() {
  const { state } = notificationSwitch;
  const isFixed = state === "blocked" || state === "impossible";
  return {
    label: t(isFixed ? `notifications_${state}` : "notifications"), kind: "check", isChecked: state === "on",
    isDisabled: isFixed, onSelect: () => notificationSwitch.toggle(),
  };
}
