// An entry of the outbox: {conversationId, key, message, quote, state, progress, error}, as in UnsentMessage. It is
// replaced by another one when it changes.

import { isTemporary } from "../api/api-error.js";

const unsentByEntry = new WeakMap();

/** Returns the UnsentMessage of an entry, which has no conversation: the same object as long as the entry is. */
export function unsentOf(entry) {
  if (!unsentByEntry.has(entry)) {
    const { conversationId, ...unsent } = entry;
    unsentByEntry.set(entry, Object.freeze(unsent));
  }
  return unsentByEntry.get(entry);
}

/** Whether an entry has failed for a reason that may be over. */
export function canPass({ state, error }) {
  return state === "failed" && isTemporary(error.status);
}

/** Returns the `error` of an entry. */
export function errorOf({ status = 0, message }) {
  return Object.freeze({ status, message });
}

/** Returns a new key. It must be the user's only one in a conversation, and need not be hard to guess. */
export function randomKey() {
  // crypto.randomUUID is missing on pages over plain HTTP, and crypto in older versions of Node.
  const bytes = new Uint8Array(16);
  if (globalThis.crypto) crypto.getRandomValues(bytes);
  else bytes.forEach((_, index) => { bytes[index] = Math.random() * 256; });
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
