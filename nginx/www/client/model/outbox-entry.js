// An entry of the outbox: {conversationId, key, message, quote, state, progress, error}, as in UnsentMessage. It is
// replaced by another one when it changes.

/** Makes the UnsentMessage of an entry, which has no conversation. */
export function unsentOf({ conversationId, ...unsent }) {
  return Object.freeze(unsent);
}

/** Whether an entry has failed for a reason that may be over. */
export function canPass({ state, error }) {
  return state === "failed" && (error.status === 0 || error.status === 429 || error.status >= 500);
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
