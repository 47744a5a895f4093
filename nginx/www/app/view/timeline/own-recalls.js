// The texts of messages that the user has taken back, which can be edited and sent again until the page is left.

// By chat, so that what one user has written is not there for the next one: message ids to {text, replyTo}.
const recalled = new WeakMap();

/** Keeps the text of a message that is being taken back. */
export function keepRecalled(chat, { message_id: id, message_type: type, content, reply_to: replyTo = null }) {
  if (type !== "text") return;
  if (!recalled.has(chat)) recalled.set(chat, new Map());
  recalled.get(chat).set(id, { text: content, replyTo });
}

/** Forgets it, where the message was not taken back. */
export function forgetRecalled(chat, id) {
  recalled.get(chat)?.delete(id);
}

/** Returns {text, replyTo} of a message that was taken back on this page; undefined for others. */
export function recalledText(chat, id) {
  return recalled.get(chat)?.get(id);
}
