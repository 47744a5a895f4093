// One user's chat: the list, the open conversations, the outbox, and what keeps them up to date: changes that are told,
// or polls.

import { ConversationApi } from "../api/conversation-api.js";
import { TokenSource } from "../api/token-source.js";
import { ChangeFeed } from "../changes/change-feed.js";
import { LoneTab } from "../changes/lone-tab.js";
import { TabGroup } from "../changes/tab-group.js";
import { environment } from "../environment.js";
import { Poller } from "../timing/poller.js";
import { Conversation } from "./conversation.js";
import { ConversationList } from "./conversation-list.js";
import { Drafts } from "./drafts.js";
import { IncomingMessages } from "./incoming-messages.js";
import { MessageSearch } from "./message-search.js";
import { Listeners, Observable } from "./observable.js";
import { Outbox } from "./outbox.js";
import { recalledIn } from "./recalls.js";
import { MemoryStorage, UserStorage } from "./user-storage.js";

// So many closed conversations keep what was loaded of them.
const KEPT_CONVERSATIONS = 20;
const DEFAULT_BASE = "/api/v1/conversation/";

export class Chat extends Observable {
  #tokens;
  #api;
  #base;
  #sharesTabs;
  #storage;
  #drafts;
  #outbox;
  #poller;
  #feed = null;
  #incoming = null;
  #listeners = new Listeners();
  #listening = null;
  // Open conversations and closed ones, the one that was closed last at the end.
  #conversations = new Map();
  #searches = new Set();
  // The errors of the last poll, and of the last question for changes.
  #errors = { poll: null, feed: null };
  #ended = null;

  /** @param {object} options as ChatOptions */
  constructor({ baseUrl = DEFAULT_BASE, getToken, storage, upload = null, sharesTabs = true, fetch }) {
    super();
    if (typeof getToken !== "function") throw new TypeError("createChat needs getToken");
    this.#base = String(baseUrl);
    this.#sharesTabs = sharesTabs;
    this.#tokens = new TokenSource(getToken);
    // Called as a method of nothing, as browsers want it.
    const request = fetch ?? ((...call) => globalThis.fetch(...call));
    this.#api = new ConversationApi(this.#base, this.#tokens, request);
    this.#storage = new UserStorage(storage ?? new MemoryStorage());
    this.#drafts = new Drafts(this.#storage);
    this.#drafts.subscribe(() => this.#onShared());
    this.#outbox = new Outbox(this.#api, this.#storage, upload, {
      onSent: (entry, message) => this.#onSent(entry, message), onFailure: () => this.#onSendFailure(),
    });
    this.#outbox.subscribe(() => this.#onShared());
    this.#poller = new Poller(() => this.#poll(), (error) => this.#onResult("poll", error));
    this.list = new ConversationList(this.#api, {
      onFilter: () => this.refresh(), onConversations: (conversations) => this.#onConversations(conversations),
      onTotals: () => this.changed(),
    });
  }

  makeSnapshot() {
    const { userId } = this.#tokens;
    const me = userId === null ? null : this.list.findMember(userId);
    return {
      userId,
      me: me && Object.freeze({ nickname: me.nickname, avatar_url: me.avatar_url }),
      problem: this.#ended ? null : this.#errors.poll ?? this.#errors.feed,
      ended: this.#ended,
      isTold: this.#feed?.isTold ?? false,
      isLeading: this.#feed?.isLeading ?? false,
      totalUnread: this.list.totalUnread,
      unreadByType: this.list.unreadByType,
      drafts: this.#drafts.getSnapshot(),
    };
  }

  // MARK: For the host

  start() {
    if (this.#listening) return;
    this.#listening = new AbortController();
    this.#ended = null;
    environment.onNetworkChange({ online: () => this.#outbox.resume() }, this.#listening.signal);
    this.#poller.start();
    if (this.#feed) this.#startUser();
    this.changed();
  }

  stop() {
    this.#listening?.abort();
    this.#listening = null;
    this.#poller.stop();
    this.#feed?.stop();
    this.#outbox.stop();
    for (const conversation of this.#conversations.values()) conversation.stop();
    for (const search of this.#searches) search.close();
  }

  refresh() {
    this.#poller.pollNow();
  }

  openConversation(id) {
    let conversation = this.#conversations.get(id);
    if (!conversation) {
      const tokens = this.#tokens;
      conversation = new Conversation(id, {
        api: this.#api, list: this.list, outbox: this.#outbox, drafts: this.#drafts,
        get userId() { return tokens.userId; },
        onClose: (closed) => this.#onClose(closed),
        onNews: (details, messages) => this.#incoming.take(details, messages),
      });
      this.#conversations.set(id, conversation);
    }
    conversation.open();
    this.refresh();
    return conversation;
  }

  async findByOrder(orderId, type = "kol_order") {
    const { conversation } = await this.#api.getConversationOfOrder({ related_order_id: orderId, type });
    return conversation;
  }

  search(request) {
    const search = new MessageSearch(this.#api, request, (closed) => this.#searches.delete(closed));
    this.#searches.add(search);
    return search;
  }

  forget() {
    this.#outbox.forget();
    this.#drafts.forget();
  }

  onMessage(listener) {
    return this.#listeners.add(listener);
  }

  // MARK: Keeping up to date

  // Where changes are told there is nothing to poll for but what has not been read yet, and the list now and then.
  async #poll() {
    if (!this.#feed) await this.#meetUser();
    // It waits for all even where one fails, so that two polls never overlap.
    const { isTold } = this.#feed;
    const open = Array.from(this.#conversations.values()).filter((conversation) => conversation.isOpen);
    const results = await Promise.allSettled([this.#pollList(), ...open.map((each) => each.poll(isTold))]);
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
    return this.#feed.isTold ? this.list.timeUntilReread : undefined;
  }

  // The token says who the user is.
  async #meetUser() {
    await this.#tokens.get();
    if (!this.#listening || this.#feed) return;
    const { userId } = this.#tokens;
    this.#storage.userId = userId;
    this.#incoming = new IncomingMessages(this.#api, userId, {
      isHeard: () => this.#listening !== null && this.#listeners.count > 0,
      onMessage: (message, conversation) => this.#listeners.call(message, conversation),
    });
    const name = `orbia.changes.2.${this.#base}.${userId}`;
    const isShared = environment.hasPage && this.#sharesTabs;
    this.#feed = new ChangeFeed(this.#api, (events) => isShared ? new TabGroup(name, events) : new LoneTab(events), {
      onChanges: (answer) => this.#onChanges(answer),
      onGap: () => this.#onGap(),
      onResult: (error) => this.#onResult("feed", error),
      onLeadership: () => this.changed(),
    });
    this.#drafts.load();
    this.#startUser();
  }

  #startUser() {
    this.#feed.start();
    this.#outbox.start();
  }

  async #pollList() {
    const { isTold } = this.#feed;
    const isDue = this.list.timeUntilReread === 0;
    if (isTold && !isDue) return;
    if (isDue) await this.list.reread();
    else await this.list.refresh();
    if (isTold) for (const conversation of this.#conversations.values()) conversation.expire();
    else if (this.#feed.begin(this.list.cursor)) this.#onBegin();
  }

  #onChanges(answer) {
    this.list.applyChanges(answer);
    let isMore = false;
    for (const changed of answer.conversations) {
      const conversation = this.#conversations.get(changed.id);
      if (conversation?.applyChange(changed) && conversation.isOpen) isMore = true;
    }
    for (const id of answer.removed ?? []) {
      if (!this.#conversations.has(id)) continue;
      this.#conversations.get(id).expire();
      isMore = true;
    }
    if (isMore || this.list.timeUntilReread === 0) this.refresh();
  }

  // A tab that does not lead learns by nothing else that changes are told from now on.
  #onBegin() {
    this.changed();
    this.#readConversationsAnew();
  }

  #onGap() {
    this.changed();
    this.list.expire();
    this.#readConversationsAnew();
  }

  // What changed between the last look at a conversation and the beginning of the feed is not told.
  #readConversationsAnew() {
    for (const conversation of this.#conversations.values()) conversation.expire();
    this.refresh();
  }

  #onConversations(conversations) {
    for (const { last_message: message } of conversations) {
      const recalled = message && recalledIn(message);
      if (recalled) for (const search of this.#searches) search.remove(recalled);
    }
    this.#incoming.find(conversations, (id) => this.#conversations.get(id)?.readsNews === true);
  }

  #onSent({ conversationId }, message) {
    this.#conversations.get(conversationId)?.addSent(message);
    if (!this.#feed.isTold) this.refresh();
  }

  // The request that waits does not notice yet that the network is gone, or the token expired. A poll does, and says so.
  #onSendFailure() {
    if (!this.#errors.poll && !this.#errors.feed) this.refresh();
  }

  // The outbox and the drafts have something of each conversation.
  #onShared() {
    for (const conversation of this.#conversations.values()) if (conversation.isOpen) conversation.changed();
    this.changed();
  }

  #onClose(closed) {
    this.#conversations.delete(closed.id);
    this.#conversations.set(closed.id, closed);
    const kept = Array.from(this.#conversations.values()).filter((conversation) => !conversation.isOpen);
    for (const old of kept.slice(0, Math.max(0, kept.length - KEPT_CONVERSATIONS))) this.#conversations.delete(old.id);
  }

  #onResult(source, error) {
    if (error?.endsSession) {
      this.#ended = error;
      this.stop();
      this.changed();
      return;
    }
    const before = this.#errors.poll ?? this.#errors.feed;
    // What failed beside the feed is tried again as soon as the feed is well.
    if (source === "feed" && !error && this.#errors.feed) this.refresh();
    this.#errors[source] = error;
    const after = this.#errors.poll ?? this.#errors.feed;
    if (before === after) return;
    // The service answers again, and takes what could not be sent.
    if (before && !after) this.#outbox.resume();
    this.changed();
  }
}
