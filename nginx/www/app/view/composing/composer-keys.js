// What Enter does in the composer: it sends, or begins a new line, as the user has chosen. Without a choice it sends where
// there is a keyboard; a phone's has no Shift+Enter. Ctrl+Enter, on a Mac Command+Enter, sends in any case.

import { t } from "../../language/language.js";
import { browserStorage, preferences } from "../../storage.js";
import { isComposing } from "../keyboard.js";
import { isMac } from "../shortcuts.js";

const STORAGE_NAME = "enter";
const CHOICES = ["send", "newLine"];
const CHANGED = "enter-changed";

const isTouchOnly = matchMedia("(hover: none) and (pointer: coarse)");
const changes = new EventTarget();

isTouchOnly.addEventListener("change", () => changes.dispatchEvent(new Event(CHANGED)));
addEventListener("storage", (event) => {
  if (browserStorage.nameIn(event) === STORAGE_NAME) changes.dispatchEvent(new Event(CHANGED));
});

/** Returns what Enter does: "send" or "newLine". */
export function enterDoes() {
  const chosen = preferences.get(STORAGE_NAME);
  if (CHOICES.includes(chosen)) return chosen;
  return isTouchOnly.matches ? "newLine" : "send";
}

/** Returns the choice as a group of a menu's items (view/menu.js). */
export function enterItems() {
  return {
    label: t("enterKey"),
    items: CHOICES.map((choice) => ({
      label: t(`enter_${choice}`), kind: "radio", isChecked: choice === enterDoes(), onSelect: () => choose(choice),
    })),
  };
}

function choose(choice) {
  preferences.set(STORAGE_NAME, choice);
  changes.dispatchEvent(new Event(CHANGED));
}

/** Returns a shortcut of SHORTCUTS with the keys that it has by the user's choice, for a list of them. */
export function withChosenKeys(shortcut) {
  const keys = {
    send: enterDoes() === "send" ? ["Enter", "Mod+Enter"] : ["Mod+Enter"],
    newLine: enterDoes() === "send" ? ["Shift+Enter"] : ["Enter"],
  }[shortcut.name];
  return keys ? { ...shortcut, keys } : shortcut;
}

/**
 * Has the keys of a text field send, and the field and a hint tell what they do.
 *
 * @param {HTMLElement} hint gets the text
 * @param {function()} send
 * @param {AbortSignal} signal ends it
 */
export function sendsByKeys(field, hint, send, signal) {
  const tell = () => {
    const isSend = enterDoes() === "send";
    field.setAttribute("enterkeyhint", isSend ? "send" : "enter");
    hint.textContent = isSend ? t("composerHint") : t("composerHintNewLine", { key: isMac() ? "⌘" : "Ctrl+" });
  };
  changes.addEventListener(CHANGED, tell, { signal });
  field.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.altKey || isComposing(event)) return;
    if (enterDoes() !== "send" && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    send();
  }, { signal });
  tell();
}
