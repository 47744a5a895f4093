// Which of the loaded messages of a conversation are unread, and whether unread ones are missing.

export class UnreadMessages {
  #timeline;
  #userId;
  #tracker;

  /** @param {ReadTracker} tracker knows up to where the user has read */
  constructor(timeline, userId, tracker) {
    this.#timeline = timeline;
    this.#userId = userId;
    this.#tracker = tracker;
  }

  /** The loaded ones, oldest first. One's own and those of the system are never unread. */
  get loaded() {
    return this.#timeline.messages.filter((message) => this.#has(message));
  }

  /** Whether there is one up to that message. It is asked with each scroll, and looks no further back than need be. */
  isAnyUpTo(index) {
    const { messages } = this.#timeline;
    for (let i = index; i >= 0 && messages[i].created_at > this.#tracker.readUpTo; i--) {
      if (this.#has(messages[i])) return true;
    }
    return false;
  }

  /**
   * Whether some are missing between what was read and what is loaded.
   *
   * @param {number} count the conversation's unread_count. There can be fewer than that: deleted ones are still counted.
   */
  isMissing(count) {
    return count > 0 && !this.#timeline.reachesBackTo(this.#tracker.readUpTo) && this.loaded.length < count;
  }

  #has({ sender_id: sender, message_type: type, created_at: createdAt }) {
    return sender !== this.#userId && type !== "system" && createdAt > this.#tracker.readUpTo;
  }
}
