// The user's conversations, latest activity first, in as many pages as were scrolled to.

import { UpdateLog } from "../changes/update-log.js";
import { RetryingTask } from "../timing/retrying-task.js";
import { activityOf } from "./conversation-times.js";
import { withSender } from "./last-message.js";
import { matches, NO_FILTER, requestOf } from "./list-filter.js";
import { Observable } from "./observable.js";

const PAGE_SIZE = 20;
// The list is read anew at this interval where changes are told, in case that one was not.
const REREAD_INTERVAL = 10 * 60_000;
// So many pages are read anew at most. Those behind them are dropped, and loaded again by scrolling.
const PAGES_REREAD = 10;

export class ConversationList extends Observable {
  #api;
  #events;
  // All conversations that were read or told, by id, and of those that are listed the round in which they were read.
  #known = new Map();
  #rounds = new Map();
  #loadedPages = 0;
  // Each refresh reads, beside the first page, one of the further pages in turn: this one is next.
  #nextPage = 2;
  // A round is a series of refreshes that has read all pages. A conversation that was in none of two rounds' pages is
  // removed.
  #round = 0;
  #loadMoreTask = new RetryingTask(
    () => this.#loadNextPage(), () => this.tellAgain(), () => this.#publish());
  #filter = NO_FILTER;
  #filterVersion = 0;
  // Calls of setUnread, and conversations that changes have named.
  #unreadUpdates = new UpdateLog();
  #changes = new UpdateLog();
  #readAt = 0;
  #conversations = [];
  #isLoaded = false;
  #hasMore = false;
  #isIncomplete = false;

  /** The number of unread messages in all conversations of the user, whatever the filter. */
  totalUnread = 0;
  /** The same by type; null: not known. */
  unreadByType = null;
  /** What names the state of the first page as it was last read: changes are asked for from there. Null: not known. */
  cursor = null;

  /**
   * @param {object} events onFilter() when others are to be read; onConversations(array) with what was read or told;
   *   onTotals() when the numbers of unread messages may have changed, which are no part of the snapshot
   */
  constructor(api, events) {
    super();
    this.#api = api;
    this.#events = events;
  }

  makeSnapshot() {
    return {
      conversations: this.#conversations, filter: this.#filter, isLoaded: this.#isLoaded, hasMore: this.#hasMore,
      isIncomplete: this.#isIncomplete,
    };
  }

  setFilter(changes) {
    const filter = Object.freeze({ ...this.#filter, ...changes });
    if (Object.keys(filter).every((key) => filter[key] === this.#filter[key])) return;
    this.#filter = filter;
    this.#filterVersion += 1;
    this.#rounds.clear();
    this.#conversations = [];
    this.#loadedPages = 0;
    this.#nextPage = 2;
    this.#isLoaded = false;
    this.#hasMore = false;
    this.#loadMoreTask.reset();
    this.changed();
    this.#events.onFilter();
  }

  get isLoaded() {
    return this.#isLoaded;
  }

  /** Returns a conversation as it was last read or told, whether it is listed or not; null where it never was. */
  find(id) {
    return this.#known.get(id) ?? null;
  }

  /** Returns the user's name and picture, which are among the members of a conversation; null while there is none. */
  findMember(userId) {
    for (const { members } of this.#known.values()) {
      const me = members.find((member) => member.user_id === userId);
      if (me) return me;
    }
    return null;
  }

  /** In how many milliseconds the list is to be read anew; 0: now. Polls put it off. */
  get timeUntilReread() {
    return this.#isLoaded ? Math.max(0, this.#readAt + REREAD_INTERVAL - Date.now()) : 0;
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
    const filterVersion = this.#filterVersion;
    this.#round += 1;
    this.#loadedPages = Math.min(this.#loadedPages, PAGES_REREAD);
    for (let page = 1; page <= Math.max(1, this.#loadedPages); page++) {
      await this.#readPage(page);
      if (filterVersion !== this.#filterVersion) return;
    }
    this.#dropOlderThan(this.#round);
    this.#readAt = startedAt;
    this.#publish();
  }

  /** Applies an answer with changes: each conversation whole, and `removed`, ids of those that the user has no more. */
  applyChanges({ conversations, removed = [], total_unread: totalUnread, unread_by_type: unreadByType }) {
    for (const id of removed) {
      this.#changes.add(id);
      // Where nothing else has changed, the answer has no number.
      const listed = this.find(id);
      if (listed) this.#countUnread(listed, -listed.unread_count);
      // One that was behind the loaded pages has moved into them.
      if (this.#rounds.delete(id) && this.#hasMore) this.expire();
      this.#known.delete(id);
    }
    const oldest = this.#hasMore ? activityOf(this.#conversations.at(-1)) : 0;
    const told = conversations.map(withSender);
    for (const conversation of told) {
      this.#changes.add(conversation.id);
      // One that has been read, or renamed, while it is listed stays where the user sees it.
      this.#known.set(conversation.id, conversation);
      if (!this.#rounds.has(conversation.id) && !matches(conversation, this.#filter)) continue;
      // One that is older than all that are loaded comes with its page.
      if (!this.#rounds.has(conversation.id) && activityOf(conversation) < oldest) continue;
      this.#rounds.set(conversation.id, this.#round);
    }
    this.#events.onConversations(told);
    if (totalUnread !== undefined) this.totalUnread = totalUnread;
    if (unreadByType !== undefined) this.unreadByType = Object.freeze(unreadByType);
    this.#publish();
  }

  // The numbers of all conversations follow one of them, until an answer has them.
  #countUnread({ type }, change) {
    this.totalUnread = Math.max(0, this.totalUnread + change);
    const { unreadByType } = this;
    if (!unreadByType || !(type in unreadByType)) return;
    this.unreadByType = Object.freeze({ ...unreadByType, [type]: Math.max(0, unreadByType[type] + change) });
  }

  /**
   * Reads the first page, where all new activity appears, and one of the further pages in turn, for changes that do not
   * move a conversation to the top.
   */
  async refresh() {
    const filterVersion = this.#filterVersion;
    if (this.#loadedPages > 1) await this.#readPage(this.#nextPage);
    // The first page comes last: of a conversation that moves to it in between, it has the newer state.
    await this.#readPage(1);
    if (filterVersion !== this.#filterVersion) return;
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
    if (this.#hasMore) this.#loadMoreTask.run();
  }

  async #loadNextPage() {
    const before = this.#rounds.size;
    // Those that were read are not among the unread ones any more, and the others have moved up to earlier pages.
    if (this.#filter.unread) await this.#readPage(Math.floor(this.#unreadCount / PAGE_SIZE) + 1);
    if (this.#rounds.size === before && this.#hasMore) await this.#readPage(this.#loadedPages + 1);
  }

  // How many of the listed conversations have unread messages.
  get #unreadCount() {
    return this.#conversations.filter((conversation) => conversation.unread_count > 0).length;
  }

  /** Applies the answer of mark_read before the next refresh does. */
  setUnread(id, unreadCount) {
    this.#unreadUpdates.add(id);
    const conversation = this.find(id);
    if (!conversation || conversation.unread_count === unreadCount) return;
    this.#countUnread(conversation, unreadCount - conversation.unread_count);
    this.#known.set(id, { ...conversation, unread_count: unreadCount });
    this.#publish();
  }

  async #readPage(page) {
    const filterVersion = this.#filterVersion;
    const { count: unreadUpdates } = this.#unreadUpdates;
    const { count: changes } = this.#changes;
    const answer = await this.#api.getConversations({ ...requestOf(this.#filter), page, page_size: PAGE_SIZE });
    if (filterVersion !== this.#filterVersion) return;
    const conversations = answer.conversations.map(withSender);
    for (const read of conversations) {
      const { id } = read;
      const known = this.find(id);
      // This answer may be older than that of a mark_read, or than a change, which came in meanwhile.
      const isOld = known && this.#unreadUpdates.hasSince(unreadUpdates, id);
      const isChanged = this.#changes.hasSince(changes, id);
      if (!isChanged) this.#known.set(id, isOld ? { ...read, unread_count: known.unread_count } : read);
      if (!isChanged || this.#known.has(id)) this.#rounds.set(id, this.#round);
    }
    this.#events.onConversations(conversations);
    const { total_pages, incomplete } = answer.page_info;
    this.#loadedPages = Math.min(Math.max(this.#loadedPages, page), total_pages);
    this.#hasMore = this.#loadedPages < total_pages;
    this.#isIncomplete = incomplete === true;
    if (unreadUpdates === this.#unreadUpdates.count && changes === this.#changes.count) {
      this.totalUnread = answer.total_unread;
      this.unreadByType = answer.unread_by_type ? Object.freeze(answer.unread_by_type) : null;
    }
    if (page === 1) this.cursor = answer.cursor ?? null;
    this.#isLoaded = true;
  }

  #endRound() {
    this.#dropOlderThan(this.#round - 1);
    this.#round += 1;
  }

  // One that is read while the unread ones are listed stays: the user is busy with it.
  #dropOlderThan(oldest) {
    for (const [id, round] of this.#rounds) {
      const isKept = this.#filter.unread && this.find(id)?.unread_count === 0;
      if (round < oldest && !isKept) this.#rounds.delete(id);
    }
  }

  #publish() {
    this.#conversations = Array.from(this.#rounds.keys(), (id) => this.#known.get(id))
      .sort((a, b) => activityOf(b) - activityOf(a) || b.id - a.id);
    this.changed();
    this.#events.onTotals();
  }
}
