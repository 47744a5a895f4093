// The user's conversations, latest activity first, in as many pages as were scrolled to.

import { RetryingTask } from "../api/retrying-task.js";
import { Model } from "./model.js";

const PAGE_SIZE = 20;

/** The types that conversations have, and that the list can be filtered by. */
export const TYPES = ["kol_order", "ad_order", "general", "support"];

// A conversation without messages was last active when it was made, which its id CONV_{milliseconds}_{number} says.
// created_at does not: its time zone is known to the service alone.
const activityOf = ({ last_message_at, conversation_id }) => last_message_at ?? Number(conversation_id.split("_")[1]);

export class ConversationList extends Model {
  #api;
  #byId = new Map();
  #loadedPages = 0;
  // Each refresh reads, beside the first page, one of the further pages in turn: this one is next.
  #nextPage = 2;
  // A round is a series of refreshes that has read all pages. A conversation that was in none of two rounds' pages is
  // removed.
  #round = 0;
  #loadMoreTask = new RetryingTask(() => this.#loadNextPage(), () => this.dispatchChange());
  #filterVersion = 0;
  // Counts calls of setUnread. By conversation, #lastUnreadUpdate has the number of the last one.
  #unreadUpdates = 0;
  #lastUnreadUpdate = new Map();

  conversations = [];
  isLoaded = false;
  hasMore = false;
  type = null;
  /** The number of unread messages in all conversations of the user, whatever the filter. */
  totalUnread = 0;

  constructor(api) {
    super();
    this.#api = api;
  }

  /** @param {?string} type one of TYPES, or null for all */
  setType(type) {
    if (type === this.type) return;
    this.type = type;
    this.#filterVersion += 1;
    this.#byId.clear();
    this.conversations = [];
    this.#loadedPages = 0;
    this.isLoaded = false;
    this.hasMore = false;
    this.dispatchChange();
  }

  find(id) {
    return this.#byId.get(id)?.conversation ?? null;
  }

  /** Returns the user's own name, which is among the members of a conversation; null while there is none. */
  myName(userId) {
    return this.conversations[0]?.members.find((member) => member.user_id === userId)?.nickname ?? null;
  }

  /**
   * Reads the first page, where all new activity appears, and one of the further pages in turn, for changes that do not
   * move a conversation to the top.
   */
  async refresh() {
    if (this.#loadedPages > 1) await this.#readPage(this.#nextPage);
    // The first page comes last: of a conversation that moves to it in between, it has the newer state.
    await this.#readPage(1);
    this.#nextPage += 1;
    if (this.#nextPage > this.#loadedPages) {
      this.#nextPage = 2;
      this.#endRound();
    }
    this.#publish();
  }

  /** Loads the next page, unless that is under way or has just failed. */
  loadMore() {
    if (this.hasMore) this.#loadMoreTask.run();
  }

  async #loadNextPage() {
    await this.#readPage(this.#loadedPages + 1);
    this.#publish();
  }

  /** Applies the answer of mark_read before the next refresh does. */
  setUnread(id, unreadCount) {
    this.#unreadUpdates += 1;
    this.#lastUnreadUpdate.set(id, this.#unreadUpdates);
    const conversation = this.find(id);
    if (!conversation || conversation.unread_count === unreadCount) return;
    this.totalUnread = Math.max(0, this.totalUnread - conversation.unread_count + unreadCount);
    conversation.unread_count = unreadCount;
    this.dispatchChange();
  }

  async #readPage(page) {
    const filterVersion = this.#filterVersion;
    const unreadUpdates = this.#unreadUpdates;
    const answer = await this.#api.getConversations({ type: this.type, page, page_size: PAGE_SIZE });
    if (filterVersion !== this.#filterVersion) return;
    for (const conversation of answer.conversations) {
      const known = this.find(conversation.id);
      // This answer may be older than that of a mark_read which came in meanwhile.
      if (known && this.#lastUnreadUpdate.get(conversation.id) > unreadUpdates) {
        conversation.unread_count = known.unread_count;
      }
      this.#byId.set(conversation.id, { conversation, round: this.#round });
    }
    const { total_pages } = answer.page_info;
    this.#loadedPages = Math.min(Math.max(this.#loadedPages, page), total_pages);
    this.hasMore = this.#loadedPages < total_pages;
    if (unreadUpdates === this.#unreadUpdates) this.totalUnread = answer.total_unread;
    this.isLoaded = true;
  }

  #endRound() {
    for (const [id, { round }] of this.#byId) if (round < this.#round - 1) this.#byId.delete(id);
    this.#round += 1;
  }

  #publish() {
    this.conversations = Array.from(this.#byId.values(), ({ conversation }) => conversation)
      .sort((a, b) => activityOf(b) - activityOf(a) || b.id - a.id);
    this.dispatchChange();
  }
}
