// The user's conversations, latest activity first, in as many pages as were scrolled to.

import { RetryingTask } from "../api/retrying-task.js";
import { Model } from "./model.js";
import { UpdateLog } from "./update-log.js";

const PAGE_SIZE = 20;
// The list is read anew at this interval where changes are told, in case that one was not.
const REREAD_INTERVAL = 10 * 60_000;
// So many pages are read anew at most. Those behind them are dropped, and loaded again by scrolling.
const PAGES_REREAD = 10;

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
  // Calls of setUnread, and conversations that changes have named.
  #unreadUpdates = new UpdateLog();
  #changes = new UpdateLog();
  #readAt = 0;

  conversations = [];
  isLoaded = false;
  hasMore = false;
  type = null;
  /** The number of unread messages in all conversations of the user, whatever the filter. */
  totalUnread = 0;
  /** What names the state of the first page as it was last read: changes are asked for from there. Null: not known. */
  cursor = null;

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

  /** In how many milliseconds the list is to be read anew; 0: now. Polls put it off. */
  get timeUntilReread() {
    return this.isLoaded ? Math.max(0, this.#readAt + REREAD_INTERVAL - Date.now()) : 0;
  }

  /** The list may have missed something: it is to be read anew now. */
  expire() {
    this.#readAt = 0;
  }

  /**
   * Reads all pages anew, and removes what is in none of them. What changes meanwhile must be told: a conversation that
   * moves to a page that was read already is in none.
   */
  async reread() {
    const startedAt = Date.now();
    this.#round += 1;
    this.#loadedPages = Math.min(this.#loadedPages, PAGES_REREAD);
    for (let page = 1; page <= Math.max(1, this.#loadedPages); page++) await this.#readPage(page);
    for (const [id, { round }] of this.#byId) if (round < this.#round) this.#byId.delete(id);
    this.#readAt = startedAt;
    this.#publish();
  }

  /** Applies an answer with changes: each conversation whole, and `removed`, ids of those that the user has no more. */
  applyChanges({ conversations, removed = [], total_unread: totalUnread }) {
    for (const id of removed) {
      this.#changes.add(id);
      // Where nothing else has changed, the answer has no number.
      this.totalUnread -= this.find(id)?.unread_count ?? 0;
      // One that was behind the loaded pages has moved into them.
      if (this.#byId.delete(id) && this.hasMore) this.expire();
    }
    const oldest = this.hasMore ? activityOf(this.conversations.at(-1)) : 0;
    for (const conversation of conversations) {
      this.#changes.add(conversation.id);
      if (this.type !== null && conversation.type !== this.type) continue;
      // One that is older than all that are loaded comes with its page.
      if (!this.find(conversation.id) && activityOf(conversation) < oldest) continue;
      this.#byId.set(conversation.id, { conversation, round: this.#round });
    }
    this.totalUnread = totalUnread ?? Math.max(0, this.totalUnread);
    this.#publish();
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
    this.#readAt = Date.now();
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
    this.#unreadUpdates.add(id);
    const conversation = this.find(id);
    if (!conversation || conversation.unread_count === unreadCount) return;
    this.totalUnread = Math.max(0, this.totalUnread - conversation.unread_count + unreadCount);
    conversation.unread_count = unreadCount;
    this.dispatchChange();
  }

  async #readPage(page) {
    const filterVersion = this.#filterVersion;
    const { count: unreadUpdates } = this.#unreadUpdates;
    const { count: changes } = this.#changes;
    const answer = await this.#api.getConversations({ type: this.type, page, page_size: PAGE_SIZE });
    if (filterVersion !== this.#filterVersion) return;
    for (const conversation of answer.conversations) {
      const { id } = conversation;
      const known = this.find(id);
      // This answer may be older than that of a mark_read, or than a change, which came in meanwhile.
      if (known && this.#unreadUpdates.hasSince(unreadUpdates, id)) conversation.unread_count = known.unread_count;
      if (!this.#changes.hasSince(changes, id)) this.#byId.set(id, { conversation, round: this.#round });
      else if (known) this.#byId.get(id).round = this.#round;
    }
    const { total_pages } = answer.page_info;
    this.#loadedPages = Math.min(Math.max(this.#loadedPages, page), total_pages);
    this.hasMore = this.#loadedPages < total_pages;
    if (unreadUpdates === this.#unreadUpdates.count && changes === this.#changes.count) {
      this.totalUnread = answer.total_unread;
    }
    if (page === 1) this.cursor = answer.cursor ?? null;
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
