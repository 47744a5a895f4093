// Marks messages as read once they have been on the screen.

import { RetryingTask } from "../api/retrying-task.js";

// A message that passes by while the user scrolls has not been read. It has to stay for this many milliseconds.
const DWELL = 400;

export class ReadTracker {
  #api;
  #conversationId;
  #userId;
  #onMarked;
  // These are created_at of messages: up to where the member has read, what this page has last marked, what is still to
  // be marked, and the newest one on the screen.
  #readUpTo;
  #markedUpTo = -1;
  #pendingUpTo = null;
  #visibleUpTo = null;
  #timer = null;
  #markTask = new RetryingTask(() => this.#mark(), () => this.#onDue());

  /**
   * @param {?number} lastReadAt up to where the member has read already, milliseconds
   * @param {function(number)} onMarked called with the unread_count that is left
   */
  constructor(api, conversationId, userId, lastReadAt, onMarked) {
    this.#api = api;
    this.#conversationId = conversationId;
    this.#userId = userId;
    this.#readUpTo = lastReadAt ?? 0;
    this.#onMarked = onMarked;
  }

  /**
   * The view calls this whenever the messages on the screen change. What stays there is marked as read.
   *
   * @param {object[]} messages all that are loaded, oldest first
   * @param {object} newest the newest one on the screen
   * @param {number} unreadCount the service's count, in which messages that were deleted since are included
   */
  setVisible(messages, newest, unreadCount) {
    if (newest.created_at === this.#visibleUpTo) return;
    clearTimeout(this.#timer);
    this.#visibleUpTo = newest.created_at;
    const isEnd = newest === messages.at(-1);
    const isDue = newest.created_at > (this.#pendingUpTo ?? this.#markedUpTo)
      && (this.#hasUnreadOfOthers(messages, newest) || (isEnd && unreadCount > 0));
    if (isDue) this.#timer = setTimeout(() => this.#onDwelt(newest.created_at), DWELL);
  }

  /** The view calls this when no message is on the screen. */
  setHidden() {
    clearTimeout(this.#timer);
    this.#visibleUpTo = null;
  }

  #onDwelt(createdAt) {
    this.#pendingUpTo = createdAt;
    this.#onDue();
  }

  #hasUnreadOfOthers(messages, newest) {
    for (let i = messages.indexOf(newest); i >= 0 && messages[i].created_at > this.#readUpTo; i--) {
      if (messages[i].sender_id !== this.#userId) return true;
    }
    return false;
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
      this.#readUpTo = Math.max(this.#readUpTo, upTo);
      this.#markedUpTo = upTo;
      if (this.#pendingUpTo === upTo) this.#pendingUpTo = null;
      this.#onMarked(unreadCount);
    }
  }

  stop() {
    clearTimeout(this.#timer);
    this.#pendingUpTo = null;
  }
}
