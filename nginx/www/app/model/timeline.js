// The messages of one conversation that are here, without a gap from the oldest to the newest.

import { Attempts } from "../api/attempts.js";
import { Model } from "./model.js";

const FIRST = 30;
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
  // created_at of the oldest message that a page has brought: down to here nothing is missing.
  #pagedDownTo = Infinity;
  #older = new Attempts(() => this.#readOlder(), () => this.changed());

  /** Oldest first, strictly by created_at but for old rows that share one. */
  messages = [];
  hasOlder = false;

  constructor(api, conversationId) {
    super();
    this.#api = api;
    this.#conversationId = conversationId;
  }

  /** Reads the newest messages, and pages before them until `isEnough`, told all of them, is content. */
  async load(isEnough) {
    // One that failed on its way may have left some.
    this.messages = [];
    this.#known.clear();
    this.#pagedDownTo = Infinity;
    const page = await this.#page({ limit: FIRST });
    this.#polledUpTo = page.messages.at(-1)?.created_at ?? 0;
    this.#takeOlder(page);
    while (this.hasOlder && !isEnough(this.messages)) await this.#readPageBefore(NEWER);
  }

  /** Reads the page before the oldest message; nothing where that is on its way, or has just failed. */
  loadOlder() {
    if (this.hasOlder) this.#older.run();
  }

  async #readOlder() {
    await this.#readPageBefore(OLDER);
    this.changed();
  }

  async #readPageBefore(limit) {
    this.#takeOlder(await this.#page({ before_timestamp: this.#pagedDownTo, limit }));
  }

  #takeOlder(page) {
    this.hasOlder = page.has_more;
    this.#pagedDownTo = page.messages[0]?.created_at ?? this.#pagedDownTo;
    this.#add(page.messages);
  }

  /** Reads what is newer, all of it: page by page, the messages that were not here before. */
  async *newer() {
    for (let hasMore = true; hasMore;) {
      const page = await this.#page({ after_timestamp: this.#polledUpTo, limit: NEWER });
      hasMore = page.has_more;
      this.#polledUpTo = page.messages.at(-1)?.created_at ?? this.#polledUpTo;
      const fresh = this.#add(page.messages);
      if (fresh.length === 0) continue;
      this.changed();
      yield fresh;
    }
  }

  /**
   * Puts in a message that was just sent; or was sent long ago, its answer being lost: then it comes in its turn, when
   * the pages have come down to it.
   */
  addSent(message) {
    if (this.hasOlder && message.created_at < this.#pagedDownTo) return;
    if (this.#add([message]).length > 0) this.changed();
  }

  #page(part) {
    return this.#api.getMessages({ conversation_id: this.#conversationId, ...part });
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
