// Which of the conversations that were read or told have a message of somebody else that is new.

import { activityOf } from "./conversation-times.js";

export class IncomingMessages {
  #userId;
  // By conversation, created_at of its newest message that is known.
  #newest = new Map();
  // What was there when the list was first read, in conversations that were not on its page: nothing newer than this.
  #start = null;

  constructor(userId) {
    this.#userId = userId;
  }

  /** Takes conversations over, and returns those with a new message. Of the first ones none is new. */
  find(conversations) {
    const isFirst = this.#start === null;
    if (isFirst) this.#start = Math.max(0, ...conversations.map(activityOf));
    return conversations.filter(({ id, unread_count: unread, last_message: message }) => {
      if (!message) return false;
      const known = this.#newest.get(id) ?? (isFirst ? Infinity : this.#start);
      this.#newest.set(id, Math.max(message.created_at, this.#newest.get(id) ?? 0));
      return message.created_at > known && unread > 0 && message.sender_id !== this.#userId
        && message.message_type !== "system";
    });
  }
}
