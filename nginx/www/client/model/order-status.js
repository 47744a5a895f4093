// The status of a conversation's order, by the newest system message that told it.

export class OrderStatus {
  #api;
  #conversationId;
  #toldAt = 0;
  #wasAskedFor = false;

  /** The platform's name of the status; null where no message has told it. */
  value = null;

  constructor(api, conversationId) {
    this.#api = api;
    this.#conversationId = conversationId;
  }

  /** Takes over what the messages tell. */
  learn(messages) {
    for (const { event, created_at: createdAt } of messages) {
      if (event?.type !== "order_status" || createdAt < this.#toldAt) continue;
      this.#toldAt = createdAt;
      this.value = event.to;
    }
  }

  /** Asks for older messages that tell it, once, where the loaded ones do not and there are others. Never rejects. */
  async find({ related_order_id: order }, { hasOlder, hasNewer }) {
    if (this.#wasAskedFor || !order || !(hasOlder || hasNewer) || (this.value !== null && !hasNewer)) return;
    this.#wasAskedFor = true;
    try {
      const page = { conversation_id: this.#conversationId, message_type: "system", limit: 20 };
      this.learn((await this.#api.searchMessages(page)).messages);
    } catch {
      // The status is not shown.
    }
  }
}
