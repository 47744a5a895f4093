// What is known of a conversation beside its messages: status, title, members and receipts.

// How old it may be while no receipt is awaited, and no change is told.
const INTERVAL = 30_000;

export class ConversationDetails {
  #api;
  #id;
  // 0 while it is being read, or may be out of date.
  #readAt = 0;
  // How often a change has named the conversation.
  #changes = 0;

  /** The Conversation; null until it was read. */
  value = null;

  constructor(api, id) {
    this.#api = api;
    this.#id = id;
  }

  /** Whether it is to be read anew. */
  get isExpired() {
    return this.#readAt === 0;
  }

  /** A change may have been missed. */
  expire() {
    this.#readAt = 0;
  }

  /** A change has named the conversation; null where it cannot be taken over. */
  take(changed) {
    this.#changes += 1;
    if (changed === null) this.expire();
    else this.value = changed;
  }

  async read() {
    const changes = this.#changes;
    this.#readAt = 0;
    const { conversation } = await this.#api.getConversation(this.#id);
    // A change that was told meanwhile may be newer than this answer.
    this.#readAt = changes === this.#changes ? Date.now() : 0;
    this.value = conversation;
  }

  /**
   * Returns whether it is to be read where nobody tells changes: while somebody has not read the newest own message,
   * where the list has others, and else at intervals.
   *
   * @param {number} userId the user
   * @param {?object} newestOwn the newest own message
   * @param {?object} listed the conversation as the list has it
   */
  isDue(userId, newestOwn, listed) {
    const { status, title, members } = this.value;
    const isReceiptAwaited = newestOwn && members.some(
      (member) => member.user_id !== userId && (member.last_read_at ?? 0) < newestOwn.created_at);
    const isOutdated = listed && (listed.status !== status || listed.title !== title
      || listed.members.length !== members.length);
    return isReceiptAwaited || isOutdated || Date.now() - this.#readAt > INTERVAL;
  }
}
