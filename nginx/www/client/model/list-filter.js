// Which conversations the list has.

export const conversationTypes = Object.freeze(["kol_order", "ad_order", "general", "support"]);

export const NO_FILTER = Object.freeze({ type: null, query: "", unread: false });

// What the service takes for blank has none of these.
const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Returns what a request for a page has of the filter. */
export function requestOf({ type, query, unread }) {
  return { ...(type && { type }), ...(VISIBLE.test(query) && { query }), ...(unread && { unread }) };
}

/**
 * Returns whether a conversation that has changed belongs to the list. The service compares by a collation; this is close
 * to it, and the list is read anew now and then.
 */
export function matches(conversation, { type, query, unread }) {
  if (type !== null && conversation.type !== type) return false;
  if (unread && conversation.unread_count === 0) return false;
  if (!VISIBLE.test(query)) return true;
  const wanted = folded(query);
  const texts = [conversation.title ?? "", ...conversation.members.map((member) => member.nickname)];
  return texts.some((text) => folded(text).includes(wanted));
}

// Case and width do not count.
function folded(text) {
  return text.normalize("NFKC").toLowerCase();
}
