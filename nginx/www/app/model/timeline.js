// The loaded messages of one conversation, without a gap from the oldest to the newest.

import { RetryingTask } from "../api/retrying-task.js";
import { Model } from "./model.js";

// Sizes of pages.
const FIRST_PAGE = 30;
const OLDER_PAGE = 50;
const NEWER_PAGE = 100;

/**
 * Grows at its beginning by pages of older messages, and at its end by what polls bring.
 *
 * Own messages are added as soon as they are sent. They do not move the poll's cursor: messages that others sent before
 * them may not be loaded yet.
 */
export class Timeline extends Model {
  #api;
  #conversationId;
  #messageIds = new Set();
  // The two cursors are created_at of the newest message that a page or poll has brought, and of the oldest one that a
  // page has brought. Between them no message is missing.
  #newestCursor = 0;
  #oldestCursor = Infinity;
  #olderTask = new RetryingTask(() => this.#loadOlderPage(), () => this.dispatchChange());

  /** Oldest first. created_at is strictly increasing, except that some old rows of the platform share one. */
  messages = [];
  hasOlder = false;

  /** created_at of the newest message that a page or poll has brought; 0 before the first one. */
  get newestTime() {
    return this.#newestCursor;
  }

  constructor(api, conversationId) {
    super();
    this.#api = api;
    this.#conversationId = conversationId;
  }

  /** Loads the newest messages, and older pages until `isEnough(messages)`. */
  async load(isEnough) {
    // A call before this one may have failed half-way.
    this.messages = [];
    this.#messageIds.clear();
    this.#oldestCursor = Infinity;
    const page = await this.#readPage({ limit: FIRST_PAGE });
    this.#newestCursor = page.messages.at(-1)?.created_at ?? 0;
    this.#addOlder(page);
    while (this.hasOlder && !isEnough(this.messages)) await this.#readOlder(NEWER_PAGE);
  }

  /** Loads the page before the oldest message, unless that is under way or has just failed. */
  loadOlder() {
    if (this.hasOlder) this.#olderTask.run();
  }

  async #loadOlderPage() {
    await this.#readOlder(OLDER_PAGE);
    this.dispatchChange();
  }

  async #readOlder(limit) {
    this.#addOlder(await this.#readPage({ before_timestamp: this.#oldestCursor, limit }));
  }

  #addOlder(page) {
    this.hasOlder = page.has_more;
    this.#oldestCursor = page.messages[0]?.created_at ?? this.#oldestCursor;
    this.#add(page.messages);
  }

  /** Reads all newer messages. Yields, page by page, those that were added. */
  async *readNewer() {
    for (let hasMore = true; hasMore;) {
      const page = await this.#readPage({ after_timestamp: this.#newestCursor, limit: NEWER_PAGE });
      hasMore = page.has_more;
      this.#newestCursor = page.messages.at(-1)?.created_at ?? this.#newestCursor;
      const added = this.#add(page.messages);
      if (added.length === 0) continue;
      this.dispatchChange();
      yield added;
    }
  }

  /**
   * Adds an own message. One that was sent long ago, its answer having been lost, may be older than all that are
   * loaded: it comes with its page.
   */
  addSent(message) {
    if (this.hasOlder && message.created_at < this.#oldestCursor) return;
    if (this.#add([message]).length > 0) this.dispatchChange();
  }

  #readPage(range) {
    return this.#api.getMessages({ conversation_id: this.#conversationId, ...range });
  }

  // Adds messages, which are in order, and returns those that were not there. Messages with the same created_at come in
  // one page, and keep its order.
  #add(messages) {
    const added = messages.filter((message) => !this.#messageIds.has(message.message_id));
    for (const message of added) this.#messageIds.add(message.message_id);
    if (added.length === 0) return added;
    const last = this.messages.at(-1);
    if (!last || last.created_at <= added[0].created_at) {
      this.messages.push(...added);
    } else if (added.at(-1).created_at <= this.messages[0].created_at) {
      this.messages = added.concat(this.messages);
    } else {
      this.messages = this.messages.concat(added).sort((a, b) => a.created_at - b.created_at);
    }
    return added;
  }
}
