// The page's address: which conversation is open, and the message that one has come for.

const ADDRESS = /^#\/conversations\/(\d{1,15})(?:\?(.*))?$/;

/**
 * Returns the address of a conversation, "#/conversations/12", or of a message in it:
 * "#/conversations/12?message=MSG_…&at=1700000000000". `at` is the message's created_at, by which it is found.
 */
export function addressOf(id, message = null) {
  if (message === null) return `#/conversations/${id}`;
  const named = new URLSearchParams({ message: message.message_id, at: message.created_at });
  return `#/conversations/${id}?${named}`;
}

/** Returns {id, message} of an address; both null where it names no conversation, `message` where it names none. */
export function parseAddress(hash) {
  const [, id, query = ""] = hash.match(ADDRESS) ?? [];
  if (id === undefined) return { id: null, message: null };
  const named = new URLSearchParams(query);
  const messageId = named.get("message");
  const at = Number(named.get("at") ?? NaN);
  if (!messageId) return { id: Number(id), message: null };
  return {
    id: Number(id),
    message: { message_id: messageId, ...(Number.isSafeInteger(at) && at > 0 && { created_at: at }) },
  };
}
