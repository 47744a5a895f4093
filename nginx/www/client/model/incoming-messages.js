// Messages of others that come in, in whichever conversation. What an open one reads is taken from it; of the others the
// list tells that there is something new, without all that a message has, and not each of several.

import { ApiError } from "../api/api-error.js";
import { environment } from "../environment.js";
import { activityOf } from "./conversation-times.js";

const PAGE = 100;

export class IncomingMessages {
  #api;
  #userId;
  #events;
  // By conversation, created_at of its newest message that is known.
  #newest = new Map();
  // What was there when the list was first read, in conversations that were not on its page: nothing newer than this.
  #start = null;
  // The end of the last reading: one follows the other.
  #reading = Promise.resolve();

  /** @param {object} events isHeard(): whether anybody wants to know; onMessage(message, conversation) */
  constructor(api, userId, events) {
    this.#api = api;
    this.#userId = userId;
    this.#events = events;
  }

  /**
   * Takes over conversations that were read or told, and reads what is new in them. In the first ones nothing is new.
   *
   * @param {function(number): boolean} isTaken whether a conversation's new messages come by `take`
   */
  find(conversations, isTaken) {
    const isFirst = this.#start === null;
    if (isFirst) this.#start = Math.max(0, ...conversations.map(activityOf));
    for (const conversation of conversations) {
      const { id, unread_count: unread, last_message: message } = conversation;
      if (!message) continue;
      if (!this.#newest.has(id)) this.#newest.set(id, isFirst ? message.created_at : this.#start);
      if (message.created_at <= this.#newest.get(id) || isTaken(id)) continue;
      if (unread === 0 || !this.#events.isHeard()) this.#newest.set(id, message.created_at);
      else this.#reading = this.#reading.then(() => this.#read(conversation));
    }
  }

  /** Takes messages of a conversation, oldest first, of which some may be known. */
  take(conversation, messages) {
    const known = this.#newest.get(conversation.id) ?? 0;
    for (const message of messages) {
      if (message.created_at <= known) continue;
      this.#newest.set(conversation.id, message.created_at);
      const isOthers = message.sender_id !== this.#userId && message.message_type !== "system";
      if (isOthers && this.#events.isHeard()) this.#events.onMessage(message, conversation);
    }
  }

  async #read(conversation) {
    const { id, last_message: { created_at: end } } = conversation;
    try {
      while (this.#newest.get(id) < end && this.#events.isHeard()) {
        const page = { conversation_id: id, after_timestamp: this.#newest.get(id), limit: PAGE };
        const { messages } = await this.#api.getMessages(page);
        // What was there is deleted.
        if (messages.length === 0) return;
        this.take(conversation, messages);
      }
    } catch (error) {
      // They are read with the next change of the conversation.
      if (!(error instanceof ApiError)) environment.reportError(error);
    }
  }
}
