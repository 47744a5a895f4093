// One user's chat: the list, the open conversation, the outbox, and what keeps them up to date: changes that are told,
// or polls.

import { ChangeFeed } from "../api/change-feed.js";
import { ConversationApi } from "../api/conversation-api.js";
import { Poller } from "../api/poller.js";
import { Conversation } from "./conversation.js";
import { ConversationList } from "./conversation-list.js";
import { Model } from "./model.js";
import { Outbox } from "./outbox.js";

/** Dispatches "change" when another conversation is opened or `pollError` changes, and "unread" when more is unread. */
export class Chat extends Model {
  #api;
  #poller;
  #feed;
  #onSessionEnd;
  // The errors of the last poll, and of the last question for changes.
  #errors = { poll: null, feed: null };

  /** The open Conversation, or null. */
  conversation = null;
  /** The error because of which the chat is not up to date, or null. */
  pollError = null;

  /** @param {function(ApiError)} onSessionEnd called once the token or its user is refused */
  constructor(session, onSessionEnd) {
    super();
    this.userId = session.userId;
    this.#api = new ConversationApi(session.token);
    this.#onSessionEnd = onSessionEnd;
    this.list = new ConversationList(this.#api);
    this.outbox = new Outbox(this.#api, (entry, message) => this.#onSent(entry, message));
    this.outbox.addEventListener("failure", () => this.#onSendFailure());
    this.#poller = new Poller(() => this.#poll(), (error) => this.#onResult("poll", error));
    this.#feed = new ChangeFeed(this.#api, this.userId, {
      onChanges: (answer) => this.#onChanges(answer),
      onGap: () => this.#onGap(),
      onResult: (error) => this.#onResult("feed", error),
    });
  }

  start() {
    this.#feed.start();
    this.#poller.start();
  }

  stop() {
    this.#poller.stop();
    this.#feed.stop();
    this.outbox.stop();
    this.conversation?.close();
  }

  /** Opens another conversation; null closes the one that is open. */
  openConversation(id) {
    if (this.conversation?.id === id) return;
    this.conversation?.close();
    this.conversation = id === null ? null : new Conversation(id, {
      api: this.#api, userId: this.userId, list: this.list, outbox: this.outbox,
    });
    this.dispatchChange();
    this.refresh();
  }

  setType(type) {
    this.list.setType(type);
    this.refresh();
  }

  /** Polls at once. */
  refresh() {
    this.#poller.pollNow();
  }

  // Where changes are told there is nothing to poll for but what has not been read yet, and the list now and then.
  async #poll() {
    // It waits for both even where one fails, so that two polls never overlap.
    const results = await Promise.allSettled([this.#pollList(), this.conversation?.poll(this.#feed.isTold)]);
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
    return this.#feed.isTold ? this.list.timeUntilReread : undefined;
  }

  async #pollList() {
    const { isTold } = this.#feed;
    const isDue = this.list.timeUntilReread === 0;
    if (isTold && !isDue) return;
    await this.#withAlert(() => isDue ? this.list.reread() : this.list.refresh());
    if (isTold) this.conversation?.expire();
    else if (this.#feed.begin(this.list.cursor)) this.#readConversationAnew();
  }

  // Dispatches "unread" where an update of the list brings more of it.
  async #withAlert(update) {
    const before = this.list.isLoaded ? this.list.totalUnread : null;
    await update();
    if (before !== null && this.list.totalUnread > before) this.dispatchEvent(new Event("unread"));
  }

  #onChanges(answer) {
    this.#withAlert(() => this.list.applyChanges(answer));
    const id = this.conversation?.id;
    const changed = answer.conversations.find((conversation) => conversation.id === id);
    const isNamed = changed ? this.conversation.applyChange(changed) : answer.removed?.includes(id);
    if (isNamed || this.list.timeUntilReread === 0) this.refresh();
  }

  #onGap() {
    this.list.expire();
    this.#readConversationAnew();
  }

  // What changed between the last look at the conversation and the beginning of the feed is not told.
  #readConversationAnew() {
    this.conversation?.expire();
    this.refresh();
  }

  #onSent(entry, message) {
    if (this.conversation?.id === entry.conversationId) this.conversation.addSent(message);
    if (!this.#feed.isTold) this.refresh();
  }

  // The request that waits does not notice yet that the network is gone, or the token expired. A poll does, and says so.
  #onSendFailure() {
    if (!this.pollError) this.refresh();
  }

  #onResult(source, error) {
    if (error?.endsSession) {
      this.stop();
      this.#onSessionEnd(error);
      return;
    }
    // What failed beside the feed is tried again as soon as the feed is well.
    if (source === "feed" && !error && this.#errors.feed) this.refresh();
    this.#errors[source] = error;
    const pollError = this.#errors.poll ?? this.#errors.feed;
    if (this.pollError === pollError) return;
    this.pollError = pollError;
    this.dispatchChange();
  }
}
