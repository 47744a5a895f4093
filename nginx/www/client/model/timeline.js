// The loaded messages of one conversation: a part of it without a gap.

import { RetryingTask } from "../timing/retrying-task.js";
import { recalledIn, withoutRecalled } from "./recalls.js";

// Sizes of pages.
const FIRST_PAGE = 30;
const AROUND_PAGE = 30;
const OLDER_PAGE = 50;
const NEWER_PAGE = 100;

/**
 * Grows at its beginning by pages of older messages. At its end it grows by what comes in, where the conversation's
 * newest message is loaded; else, after a jump into the past, by pages of newer messages until it is.
 *
 * Own messages are added as soon as they are sent. They do not move the cursors: messages that others sent before them
 * may not be loaded yet.
 *
 * `messages` is another array after each change, and its messages never change.
 */
export class Timeline {
  #api;
  #conversationId;
  #messageIds = new Set();
  #recalledIds = new Set();
  // These are created_at of messages. Between oldest and newest no message is missing. Up to `end` the newest messages
  // have been read; where the newest messages are loaded, that is `newest`.
  #oldest = Infinity;
  #newest = 0;
  #end = 0;
  // Raised where other messages take the place of those that are loaded: pages that were asked for before are void.
  #version = 0;
  #olderTask;
  #newerTask;

  /** Oldest first. created_at is strictly increasing, except that some old rows of the platform share one. */
  messages = [];
  hasOlder = false;
  hasNewer = false;

  /**
   * @param {function()} onChange called when a further page was loaded
   * @param {function()} onRetryDue called when one could not be, and may be tried again
   */
  constructor(api, conversationId, onChange, onRetryDue) {
    this.#api = api;
    this.#conversationId = conversationId;
    this.#olderTask = new RetryingTask(() => this.#readOlder(OLDER_PAGE), onRetryDue, onChange);
    this.#newerTask = new RetryingTask(() => this.#loadNewerPage(), onRetryDue, onChange);
  }

  /** created_at of the newest message of the conversation that a page or poll has brought; 0 before the first one. */
  get end() {
    return this.#end;
  }

  /** Whether the loaded messages begin at that time or before it. */
  reachesBackTo(createdAt) {
    return !this.hasOlder || this.messages[0]?.created_at <= createdAt;
  }

  stop() {
    this.#olderTask.reset();
    this.#newerTask.reset();
  }

  // MARK: Loading anew

  /** Loads the newest messages, and older pages until `isEnough(messages)`. */
  async loadEnd(isEnough = () => true) {
    const version = ++this.#version;
    const page = await this.#readPage({ limit: FIRST_PAGE });
    if (version !== this.#version) return;
    this.#replace(page.messages, { hasOlder: page.has_more, hasNewer: false });
    this.#end = this.#newest;
    while (this.hasOlder && !isEnough(this.messages)) {
      if (!await this.#readOlder(NEWER_PAGE)) return;
    }
  }

  /**
   * Loads the messages around a moment: the last one at that time or before it, and those before and behind it.
   *
   * @param {number} createdAt the moment
   * @param {object} options `end`, created_at of the conversation's newest message, where none was read yet; `wanted`, a
   *   message_id: where that is not among them, what is loaded stays
   * @returns {Promise<boolean>} whether they were loaded
   */
  async loadAround(createdAt, { end = 0, wanted = null } = {}) {
    const version = ++this.#version;
    const endBefore = Math.max(this.#end, end);
    const [older, newer] = await Promise.all([
      this.#readPage({ before_timestamp: createdAt + 1, limit: AROUND_PAGE }),
      this.#readPage({ after_timestamp: createdAt, limit: AROUND_PAGE }),
    ]);
    if (version !== this.#version) return false;
    const messages = [...older.messages, ...newer.messages];
    if (wanted !== null && !messages.some((message) => message.message_id === wanted)) return false;
    this.#end = Math.max(this.#end, endBefore);
    this.#replace(messages, { hasOlder: older.has_more, hasNewer: true });
    this.#newest = newer.messages.at(-1)?.created_at ?? createdAt;
    this.#joinEnd(newer, endBefore);
    return true;
  }

  #replace(messages, { hasOlder, hasNewer }) {
    this.messages = [];
    this.#messageIds.clear();
    this.#oldest = messages[0]?.created_at ?? Infinity;
    this.#newest = messages.at(-1)?.created_at ?? 0;
    this.hasOlder = hasOlder;
    this.hasNewer = hasNewer;
    this.#olderTask.reset();
    this.#newerTask.reset();
    this.#add(messages);
  }

  // MARK: Loading further pages

  /** Loads the page before the oldest message, unless that is under way or has just failed. */
  loadOlder() {
    if (this.hasOlder) this.#olderTask.run();
  }

  /** The same for the page behind the newest message, where that is not the conversation's newest one. */
  loadNewer() {
    if (this.hasNewer) this.#newerTask.run();
  }

  // Resolves to whether the page was added.
  async #readOlder(limit) {
    const version = this.#version;
    const page = await this.#readPage({ before_timestamp: this.#oldest, limit });
    if (version !== this.#version) return false;
    this.hasOlder = page.has_more;
    this.#oldest = page.messages[0]?.created_at ?? this.#oldest;
    this.#add(page.messages);
    return true;
  }

  async #loadNewerPage() {
    const version = this.#version;
    const end = this.#end;
    const page = await this.#readPage({ after_timestamp: this.#newest, limit: NEWER_PAGE });
    if (version === this.#version) {
      this.#newest = page.messages.at(-1)?.created_at ?? this.#newest;
      this.#add(page.messages);
      this.#joinEnd(page, end);
    }
  }

  // A page without further ones behind it has reached the end, unless that has moved on since the page was asked for.
  #joinEnd(page, endBefore) {
    if (page.has_more || this.#end > Math.max(endBefore, this.#newest)) return;
    this.hasNewer = false;
    this.#end = Math.max(this.#end, this.#newest);
  }

  // MARK: What comes in

  /** Reads all messages that are new at the end. Yields them page by page, whether they are loaded or not. */
  async *readNew() {
    for (let hasMore = true; hasMore;) {
      const version = this.#version;
      const page = await this.#readPage({ after_timestamp: this.#end, limit: NEWER_PAGE });
      // The newest messages were loaded meanwhile.
      if (version !== this.#version) continue;
      hasMore = page.has_more;
      this.#end = Math.max(this.#end, page.messages.at(-1)?.created_at ?? 0);
      if (page.messages.length === 0) return;
      let news = page.messages.filter((message) => !this.#recalledIds.has(message.message_id));
      for (const message of news) this.applyEvent(message);
      news = news.filter((message) => !this.#recalledIds.has(message.message_id));
      if (!this.hasNewer) {
        this.#newest = Math.max(this.#newest, this.#end);
        news = this.#add(news);
      }
      if (news.length > 0) yield news;
    }
  }

  /** Takes a message off that a system message tells to be recalled. Returns whether anything was changed. */
  applyEvent(message) {
    const recalled = recalledIn(message);
    if (recalled === null || this.#recalledIds.has(recalled)) return false;
    // A page that was asked for before the recall can still have it.
    this.#recalledIds.add(recalled);
    this.messages = withoutRecalled(this.messages, this.#recalledIds);
    return true;
  }

  /**
   * Adds an own message. One that was sent long ago, its answer having been lost, may be older than all that are
   * loaded: it comes with its page. So does one that is behind all that are loaded.
   */
  addSent(message) {
    if (this.hasNewer || (this.hasOlder && message.created_at < this.#oldest)) return;
    this.#add([message]);
  }

  #readPage(range) {
    return this.#api.getMessages({ conversation_id: this.#conversationId, ...range });
  }

  // Adds messages, which are in order, and returns those that were not there. Messages with the same created_at come in
  // one page, and keep its order.
  #add(messages) {
    const added = withoutRecalled(messages, this.#recalledIds)
      .filter((message) => !this.#messageIds.has(message.message_id));
    for (const message of added) this.#messageIds.add(message.message_id);
    if (added.length === 0) return added;
    const last = this.messages.at(-1);
    if (!last || last.created_at <= added[0].created_at) {
      this.messages = this.messages.concat(added);
    } else if (added.at(-1).created_at <= this.messages[0].created_at) {
      this.messages = added.concat(this.messages);
    } else {
      this.messages = this.messages.concat(added).sort((a, b) => a.created_at - b.created_at);
    }
    return added;
  }
}
