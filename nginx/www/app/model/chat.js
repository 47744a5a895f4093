// One user's chat: the list, the open conversation, the outbox, and the polling that keeps them up to date.

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
  #onSessionEnd;

  /** The open Conversation, or null. */
  conversation = null;
  /** The error of the last poll, or null where it succeeded. */
  pollError = null;

  /** @param {function(ApiError)} onSessionEnd called once the token or its user is refused */
  constructor(session, onSessionEnd) {
    super();
    this.userId = session.userId;
    this.#api = new ConversationApi(session.token);
    this.#onSessionEnd = onSessionEnd;
    this.list = new ConversationList(this.#api);
    this.outbox = new Outbox(this.#api, (entry, message) => this.#onSent(entry, message));
    this.#poller = new Poller(() => this.#poll(), (error) => this.#onPolled(error));
  }

  start() {
    this.#poller.start();
  }

  stop() {
    this.#poller.stop();
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

  async #poll() {
    const before = this.list.isLoaded ? this.list.totalUnread : null;
    // It waits for both even where one fails, so that two polls never overlap.
    const results = await Promise.allSettled([this.list.refresh(), this.conversation?.poll()]);
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
    if (before !== null && this.list.totalUnread > before) this.dispatchEvent(new Event("unread"));
  }

  #onSent(entry, message) {
    if (this.conversation?.id === entry.conversationId) this.conversation.addSent(message);
    this.refresh();
  }

  #onPolled(error) {
    if (error?.endsSession) {
      this.stop();
      this.#onSessionEnd(error);
      return;
    }
    if (this.pollError === error) return;
    this.pollError = error;
    this.dispatchChange();
  }
}
