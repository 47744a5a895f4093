// What the user has seen of a conversation: marked as read up to there, and no further.

// A message that flies past while somebody scrolls has not been read.
const DWELL = 400;

export class Reading {
  #api;
  #conversationId;
  #userId;
  #onMarked;
  #readUpTo;
  // What this page has marked, and what it will mark next.
  #settledUpTo = -1;
  #seen = null;
  // The newest one on the screen, and what waits for it to stay there.
  #onScreen = null;
  #timer = null;
  #isMarking = false;

  /**
   * @param {?number} lastReadAt where the member has read to already, milliseconds
   * @param {function(number)} onMarked told the unread_count that is left
   */
  constructor(api, conversationId, userId, lastReadAt, onMarked) {
    this.#api = api;
    this.#conversationId = conversationId;
    this.#userId = userId;
    this.#readUpTo = lastReadAt ?? 0;
    this.#onMarked = onMarked;
  }

  /**
   * To be told whenever what is on the screen changes. What stays there for a moment is marked.
   *
   * @param {object[]} messages all that are here, oldest first
   * @param {object} newest the newest one on the screen
   * @param {number} unreadCount what the service counts: also what was deleted since, which nobody can see
   */
  see(messages, newest, unreadCount) {
    if (newest.created_at === this.#onScreen) return;
    clearTimeout(this.#timer);
    this.#onScreen = newest.created_at;
    const isEnd = newest === messages.at(-1);
    const isDue = newest.created_at > (this.#seen ?? this.#settledUpTo)
      && (this.#hasNews(messages, newest) || (isEnd && unreadCount > 0));
    if (isDue) this.#timer = setTimeout(() => this.#onDwelt(newest.created_at), DWELL);
  }

  /** Nothing is on the screen: the tab is hidden. */
  lookAway() {
    clearTimeout(this.#timer);
    this.#onScreen = null;
  }

  #onDwelt(createdAt) {
    this.#seen = createdAt;
    this.flush();
  }

  // Own messages are nothing to mark.
  #hasNews(messages, newest) {
    for (let i = messages.indexOf(newest); i >= 0 && messages[i].created_at > this.#readUpTo; i--) {
      if (messages[i].sender_id !== this.#userId) return true;
    }
    return false;
  }

  /** Marks what was seen. Where that fails it stays seen, to be marked with the next call. */
  async flush() {
    if (this.#seen === null || this.#isMarking) return;
    const upTo = this.#seen;
    this.#isMarking = true;
    try {
      const { unread_count } = await this.#api.markRead(this.#conversationId, upTo);
      this.#readUpTo = Math.max(this.#readUpTo, upTo);
      this.#settledUpTo = upTo;
      if (this.#seen === upTo) this.#seen = null;
      this.#onMarked(unread_count);
    } catch {
      // The poll that fails beside it says so; flush is called after the next one that succeeds.
    } finally {
      this.#isMarking = false;
    }
  }

  stop() {
    clearTimeout(this.#timer);
    this.#seen = null;
  }
}
