// Times of a conversation in milliseconds, where its answers have them in the time zone that the service alone knows.

/** Returns when a conversation was opened, which its id CONV_{milliseconds}_{number} says. */
export function openedAt({ conversation_id: id }) {
  return Number(id.split("_")[1]) || 0;
}

/** Returns when a conversation was last active: one without messages was when it was opened. */
export function activityOf(conversation) {
  return conversation.last_message_at ?? openedAt(conversation);
}

/**
 * Returns about when somebody became a member, and not later: the time zone is what created_at differs by from the time
 * in the conversation's id.
 */
export function memberSince(conversation, { joined_at: joinedAt }) {
  const since = openedAt(conversation) + (parse(joinedAt) - parse(conversation.created_at)) - 1_000;
  return Number.isFinite(since) ? Math.max(0, since) : 0;
}

function parse(text) {
  return Date.parse(`${text?.replace(" ", "T")}Z`);
}
