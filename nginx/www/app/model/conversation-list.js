// The user's conversations, latest activity first, as many of them as were scrolled to.

import { Attempts } from "../api/attempts.js";
import { Model } from "./model.js";

const PAGE_SIZE = 20;

/** The types that conversations can be of, and be filtered by. */
export const TYPES = ["kol_order", "ad_order", "general", "support"];

// A CONV_{milliseconds}_{number} says when it was made; created_at is in a time zone that only the service knows.
const activityOf = ({ last_message_at, conversation_id }) => last_message_at ?? Number(conversation_id.split("_")[1]);

export class ConversationList extends Model {
  #api;
  #byId = new Map();
  // Pages that are here, and the one that is read beside the first with the next refresh.
  #pages = 0;
  #turn = 2;
  // Counts rounds of refreshes over all pages; what two rounds have not seen is gone.
  #round = 0;
  #more = new Attempts(() => this.#readMore(), () => this.changed());
  #filterNumber = 0;
  // Counts what setUnread was told, and has by conversation which of these was the last.
  #marks = 0;
  #markOf = new Map();

  conversations = [];
  isLoaded = false;
  hasMore = false;
  type = null;
  /** Over all conversations of the user, whatever the filter. */
  totalUnread = 0;

  constructor(api) {
    super();
    this.#api = api;
  }

  /** @param {?string} type one of TYPES, or null for all */
  setType(type) {
    if (type === this.type) return;
    this.type = type;
    this.#filterNumber += 1;
    this.#byId.clear();
    this.conversations = [];
    this.#pages = 0;
    this.isLoaded = false;
    this.hasMore = false;
    this.changed();
  }

  find(id) {
    return this.#byId.get(id)?.conversation ?? null;
  }

  /** The user's own name, as the members of a conversation show it; null while there is none. */
  myName(userId) {
    return this.conversations[0]?.members.find((member) => member.user_id === userId)?.nickname ?? null;
  }

  /**
   * Reads the first page, where all that is new appears; and of further ones that are here one in turn, for what
   * changes without moving to the top.
   */
  async refresh() {
    if (this.#pages > 1) await this.#read(this.#turn);
    // Last: what has moved from another page to this one is newer here.
    await this.#read(1);
    this.#turn += 1;
    if (this.#turn > this.#pages) {
      this.#turn = 2;
      this.#endRound();
    }
    this.#show();
  }

  /** Reads the next page; nothing where that is on its way, or has just failed. */
  loadMore() {
    if (this.hasMore) this.#more.run();
  }

  async #readMore() {
    await this.#read(this.#pages + 1);
    this.#show();
  }

  /** Takes over what mark_read has answered, until the next refresh says the same. */
  setUnread(id, unreadCount) {
    this.#marks += 1;
    this.#markOf.set(id, this.#marks);
    const conversation = this.find(id);
    if (!conversation || conversation.unread_count === unreadCount) return;
    this.totalUnread = Math.max(0, this.totalUnread - conversation.unread_count + unreadCount);
    conversation.unread_count = unreadCount;
    this.changed();
  }

  async #read(page) {
    const filterNumber = this.#filterNumber;
    const marks = this.#marks;
    const answer = await this.#api.getConversations({ type: this.type, page, page_size: PAGE_SIZE });
    if (filterNumber !== this.#filterNumber) return;
    for (const conversation of answer.conversations) {
      const known = this.find(conversation.id);
      // The answer may have been on its way when the mark was made.
      if (known && this.#markOf.get(conversation.id) > marks) conversation.unread_count = known.unread_count;
      this.#byId.set(conversation.id, { conversation, round: this.#round });
    }
    const { total_pages } = answer.page_info;
    this.#pages = Math.min(Math.max(this.#pages, page), total_pages);
    this.hasMore = this.#pages < total_pages;
    if (marks === this.#marks) this.totalUnread = answer.total_unread;
    this.isLoaded = true;
  }

  #endRound() {
    for (const [id, { round }] of this.#byId) if (round < this.#round - 1) this.#byId.delete(id);
    this.#round += 1;
  }

  #show() {
    this.conversations = Array.from(this.#byId.values(), ({ conversation }) => conversation)
      .sort((a, b) => activityOf(b) - activityOf(a) || b.id - a.id);
    this.changed();
  }
}
