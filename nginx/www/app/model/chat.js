// All of one user's chat: the list, the open conversation, what is on its way, and the polling that keeps it current.

import { ConversationApi } from "../api/conversation-api.js";
import { Poller } from "../api/poller.js";
import { Conversation } from "./conversation.js";
import { ConversationList } from "./conversation-list.js";
import { Model } from "./model.js";
import { Outbox } from "./outbox.js";

/** Dispatches "change" when another conversation is open or the connection changes, "unread" when more is unread. */
export class Chat extends Model {
  #api;
  #poller;
  #onSessionEnd;

  /** The Conversation that is open, or null. */
  open = null;
  /** The last poll's ApiError, or null where it succeeded. */
  trouble = null;

  /** @param {function(ApiError)} onSessionEnd told once the token or its user is refused */
  constructor(session, onSessionEnd) {
    super();
    this.userId = session.userId;
    this.#api = new ConversationApi(session.token);
    this.#onSessionEnd = onSessionEnd;
    this.list = new ConversationList(this.#api);
    this.outbox = new Outbox(this.#api, (entry, message) => this.#onSent(entry, message));
    this.#poller = new Poller(() => this.#poll(), (error) => this.#onOutcome(error));
  }

  start() {
    this.#poller.start();
  }

  stop() {
    this.#poller.stop();
    this.outbox.stop();
    this.open?.close();
  }

  /** Opens another conversation; null closes the one that is open. */
  openConversation(id) {
    if (this.open?.id === id) return;
    this.open?.close();
    this.open = id === null ? null : new Conversation(id, {
      api: this.#api, userId: this.userId, list: this.list, outbox: this.outbox,
    });
    this.changed();
    this.refresh();
  }

  setType(type) {
    this.list.setType(type);
    this.refresh();
  }

  /** Asks for what is new without waiting for the next poll. */
  refresh() {
    this.#poller.now();
  }

  async #poll() {
    const before = this.list.isLoaded ? this.list.totalUnread : null;
    // Both to their end, so that no poll runs beside the one before.
    const outcomes = await Promise.allSettled([this.list.refresh(), this.open?.poll()]);
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (failure) throw failure.reason;
    if (before !== null && this.list.totalUnread > before) this.dispatchEvent(new Event("unread"));
  }

  #onSent(entry, message) {
    if (this.open?.id === entry.conversationId) this.open.addSent(message);
    this.refresh();
  }

  #onOutcome(error) {
    if (error?.endsSession) {
      this.stop();
      this.#onSessionEnd(error);
      return;
    }
    if (this.trouble === error) return;
    this.trouble = error;
    this.changed();
  }
}
