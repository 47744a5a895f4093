// Marks messages as read once they have been on the screen.

import { RetryingTask } from "../timing/retrying-task.js";

// A message that passes by while the user scrolls has not been read. It has to stay for this many milliseconds.
const DWELL = 400;

export class ReadTracker {
  #api;
  #conversationId;
  #onMarked;
  // These are created_at of messages: up to where the member has read, what was last marked here, what is still to be
  // marked, and the newest one on the screen.
  #readUpTo;
  #markedUpTo = -1;
  #pendingUpTo = null;
  #visibleUpTo = null;
  #timer = null;
  #markTask = new RetryingTask(() => this.#mark(), () => this.#onDue());

  /**
   * @param {number} readUpTo up to where the member has read already, milliseconds
   * @param {function(number)} onMarked called with the unread_count that is left
   */
  constructor(api, conversationId, readUpTo, onMarked) {
    this.#api = api;
    this.#conversationId = conversationId;
    this.#readUpTo = readUpTo;
    this.#onMarked = onMarked;
  }

  /** created_at up to which the member has read. */
  get readUpTo() {
    return this.#readUpTo;
  }

  /**
   * To be called whenever the messages on the screen change. What stays there is marked as read.
   *
   * @param {number} newest created_at of the newest one on the screen
   * @param {boolean} isDue whether there is something to be marked up to there
   */
  setVisible(newest, isDue) {
    if (newest === this.#visibleUpTo) return;
    clearTimeout(this.#timer);
    this.#visibleUpTo = newest;
    if (isDue && newest > (this.#pendingUpTo ?? this.#markedUpTo)) {
      this.#timer = setTimeout(() => this.#onDwelt(newest), DWELL);
    }
  }

  /** No message is on the screen. */
  setHidden() {
    clearTimeout(this.#timer);
    this.#visibleUpTo = null;
  }

  /** Marks all messages, those that are not loaded too. Rejects with an ApiError. */
  async markAll(end) {
    const { unread_count: unreadCount } = await this.#api.markRead(this.#conversationId, end);
    this.#settle(end, unreadCount);
  }

  #onDwelt(createdAt) {
    this.#pendingUpTo = createdAt;
    this.#onDue();
  }

  #onDue() {
    if (this.#pendingUpTo !== null) this.#markTask.run();
  }

  // Marks what is to be marked, and what becomes so meanwhile.
  async #mark() {
    while (this.#pendingUpTo !== null) {
      const upTo = this.#pendingUpTo;
      let unreadCount;
      try {
        ({ unread_count: unreadCount } = await this.#api.markRead(this.#conversationId, upTo));
      } catch (error) {
        if (error.isTemporary) throw error;
        // The conversation cannot be read any more. The next poll says why.
        this.#pendingUpTo = null;
        return;
      }
      if (this.#pendingUpTo === upTo) this.#pendingUpTo = null;
      this.#settle(upTo, unreadCount);
    }
  }

  #settle(upTo, unreadCount) {
    this.#readUpTo = Math.max(this.#readUpTo, upTo);
    this.#markedUpTo = Math.max(this.#markedUpTo, upTo);
    this.#onMarked(unreadCount);
  }

  stop() {
    this.setHidden();
    this.#pendingUpTo = null;
    this.#markTask.reset();
  }
}
