// Whose message a conversation's last one is. Lists tell the sender's name alone.

/**
 * Returns a conversation of a list whose last message has `sender_id`: the member who has the sender's name; null where
 * none has, or several have.
 */
export function withSender(conversation) {
  const { last_message: message, members } = conversation;
  if (!message || message.sender_id !== undefined) return conversation;
  const named = members.filter(({ nickname }) => nickname === message.sender_nickname);
  const sender_id = named.length === 1 ? named[0].user_id : null;
  return { ...conversation, last_message: { ...message, sender_id } };
}
