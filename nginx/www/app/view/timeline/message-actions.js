// What one does with a message: from its menu, its buttons, and the quote in it.

import { t } from "../../language/language.js";
import { copyText } from "../clipboard.js";
import { failureText } from "../failure-text.js";
import { isRecallable, messageItems } from "./message-menu.js";
import { forgetRecalled, keepRecalled, recalledText } from "./own-recalls.js";

export class MessageActions {
  #chat;
  #conversation;
  #view;

  // These are properties, since they are passed on without their object.
  openQuote;
  sendAgain = (entry) => this.#sendAgain(entry);
  discard = (entry) => this.#discard(entry);
  editAgain = (id) => this.#editAgain(id);
  // The timeline's.
  makeMenuButton = null;

  /**
   * @param {object} view tell(text); focus(), of the composer; composer(), the Composer or null; openQuote(quote);
   *   forgetFailure(key); draw()
   */
  constructor(chat, conversation, view) {
    this.#chat = chat;
    this.#conversation = conversation;
    this.#view = view;
    this.openQuote = view.openQuote;
  }

  get userId() {
    return this.#chat.getSnapshot().userId;
  }

  /** Returns the items of a message's menu. */
  menuItems(row, selected) {
    return messageItems(row, {
      userId: this.userId, canWrite: this.#view.composer() !== null,
      copy: (text) => this.copy(text, t("copied")), quote: (message) => this.#view.composer()?.quote(message),
      recall: (message) => this.#recall(message), sendAgain: this.sendAgain, discard: this.discard,
    }, selected);
  }

  /** Copies a text, and says so. */
  async copy(text, note) {
    this.#view.tell(await copyText(text) ? note : t("copyFailed"));
  }

  async #recall(message) {
    const { message_id: id } = message;
    // The menu may have been open for some time.
    if (!isRecallable(message)) {
      this.#view.tell(t("recallTooLate"));
      return;
    }
    keepRecalled(this.#chat, message);
    try {
      await this.#conversation.recall(id);
    } catch (error) {
      forgetRecalled(this.#chat, id);
      this.#view.tell(recallFailure(error));
      return;
    }
    this.#view.draw();
  }

  // A text that is there already stays.
  #editAgain(id) {
    const { text, replyTo } = recalledText(this.#chat, id) ?? {};
    if (text !== undefined) this.#view.composer()?.insert(text, replyTo);
  }

  // The button that was pressed disappears, so the focus moves to the composer.
  #sendAgain({ key }) {
    this.#view.forgetFailure(key);
    this.#conversation.sendAgain(key);
    this.#view.focus();
  }

  #discard({ key }) {
    this.#conversation.discard(key);
    this.#view.focus();
  }
}

function recallFailure(error) {
  if (error.message === "the message can no longer be recalled") return t("recallTooLate");
  if (error.status === 404) return t("messageGone");
  return t("recallFailed", { reason: failureText(error) });
}
