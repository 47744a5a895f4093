// What a recall does to messages that are loaded: they go, and what quotes them says so.

/** Returns the id of the message that a system message tells to be recalled, or null. */
export function recalledIn(message) {
  return message.event?.type === "recall" ? message.event.message_id : null;
}

/** Returns the messages without those of the ids, and without their content in quotes. */
export function withoutRecalled(messages, ids) {
  if (ids.size === 0) return messages;
  return messages.filter((message) => !ids.has(message.message_id)).map((message) => {
    const { reply_to: quote } = message;
    if (!quote || quote.recalled || !ids.has(quote.message_id)) return message;
    return { ...message, reply_to: recalledQuote(quote) };
  });
}

/** Returns a quote as the service has it once the quoted message is recalled. */
export function recalledQuote({ content, file_name, ...quote }) {
  return { ...quote, recalled: true };
}

/** Returns the quote of a message, as the service makes it. */
export function quoteOf({ message_id, sender_id, sender_nickname, message_type, content, file_name }) {
  const beginning = Array.from(content).slice(0, QUOTED_CHARACTERS).join("");
  return { message_id, sender_id, sender_nickname, message_type, content: beginning, file_name: file_name ?? null };
}

const QUOTED_CHARACTERS = 200;
