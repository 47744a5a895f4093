// The page's keyboard shortcuts: the one handler of keys, and what each shortcut does for the time being.

import { shortcutOf } from "./shortcuts.js";

// By the shortcut's name, functions, the one that is asked first at the end.
const handlers = new Map();

/**
 * Has a shortcut do something until the signal aborts. Of several functions for a shortcut the one that was added last
 * is asked first; one that returns false leaves the key to the others and, after them, to the browser.
 *
 * @param {string} name of one of SHORTCUTS in shortcuts.js
 * @param {function(KeyboardEvent): (boolean|void)} run
 * @param {AbortSignal} signal
 */
export function onShortcut(name, run, signal) {
  if (signal.aborted) return;
  const all = handlers.get(name) ?? [];
  handlers.set(name, [...all, run]);
  signal.addEventListener("abort", () => handlers.set(name, handlers.get(name).filter((each) => each !== run)));
}

/** Returns whether a key belongs to an input method, which composes: it then has no other meaning. */
export function isComposing(event) {
  // Safari ends the composition before the key's event, which then has the code 229.
  return event.isComposing || event.keyCode === 229;
}

document.addEventListener("keydown", (event) => {
  const name = shortcutOf(event);
  // An open dialog has the keys for itself, wherever the focus is.
  if (name === null || document.querySelector("dialog[open]")) return;
  const isDone = (handlers.get(name) ?? []).findLast((run) => run(event) !== false);
  if (isDone) event.preventDefault();
});
