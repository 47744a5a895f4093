// The messages of one conversation that are here, without a gap from the oldest to the newest.

import { Model } from "./model.js";

const OLDER = 50;
const NEWER = 100;

/**
 * Grows at its beginning by pages of older messages, and at its end by what the polls bring.
 *
 * Own messages are put in as soon as they are sent. They do not move the poll's cursor: what others sent before them
 * may not be here yet.
 */
export class Timeline extends Model {
  #api;
  #conversationId;
  #known = new Set();
  // created_at of the newest message that a page or a poll has brought: up to here nothing is missing.
  #polledUpTo = 0;
  #older = null;

  /** Oldest first, strictly by created_at but for old rows that share one. */
  messages = [];
  isLoaded = false;
  hasOlder = false;

  constructor(api, conversationId) {
    super();
    this.#api = api;
    this.#conversationId = conversationId;
  }

  /** Reads the newest messages, at least `count` of them where there are as many. */
  async load(count) {
    const page = await this.#page({ limit: Math.min(100, count) });
    this.hasOlder = page.has_more;
    this.isLoaded = true;
    this.#take(page.messages);
    this.changed();
  }

  /** Reads the page before the oldest message, once however often it is asked for meanwhile. */
  loadOlder() {
    this.#older ??= this.#readOlder().finally(() => { this.#older = null; });
    return this.#older;
  }

  async #readOlder() {
    if (!this.hasOlder) return;
    const page = await this.#page({ before_timestamp: this.messages[0].created_at, limit: OLDER });
    this.hasOlder = page.has_more;
    this.#add(page.messages);
    this.changed();
  }

  /** Reads what is newer, all of it. Resolves to the messages that were not here before. */
  async poll() {
    const fresh = [];
    for (let hasMore = true; hasMore;) {
      const page = await this.#page({ after_timestamp: this.#polledUpTo, limit: NEWER });
      hasMore = page.has_more;
      fresh.push(...this.#take(page.messages));
    }
    if (fresh.length > 0) this.changed();
    return fresh;
  }

  /** Puts in a message that was just sent. */
  addSent(message) {
    if (this.isLoaded && this.#add([message]).length > 0) this.changed();
  }

  #page(part) {
    return this.#api.getMessages({ conversation_id: this.#conversationId, ...part });
  }

  #take(page) {
    if (page.length > 0) this.#polledUpTo = Math.max(this.#polledUpTo, page.at(-1).created_at);
    return this.#add(page);
  }

  // Both are in order. Equal times come in one page, and stay in its order.
  #add(page) {
    const fresh = page.filter((message) => !this.#known.has(message.message_id));
    for (const message of fresh) this.#known.add(message.message_id);
    if (fresh.length === 0) return fresh;
    const last = this.messages.at(-1);
    if (!last || last.created_at <= fresh[0].created_at) {
      this.messages.push(...fresh);
    } else if (fresh.at(-1).created_at <= this.messages[0].created_at) {
      this.messages = fresh.concat(this.messages);
    } else {
      this.messages = this.messages.concat(fresh).sort((a, b) => a.created_at - b.created_at);
    }
    return fresh;
  }
}
