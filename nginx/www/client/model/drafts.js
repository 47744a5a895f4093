// Drafts: the texts that were written and not sent, one for each conversation.

import { Observable } from "./observable.js";
import { recalledQuote } from "./recalls.js";

const NAME = "drafts";
const EMPTY = Object.freeze({ text: "", replyTo: null });

export class Drafts extends Observable {
  #storage;
  #drafts = new Map();

  /** @param {UserStorage} storage */
  constructor(storage) {
    super();
    this.#storage = storage;
  }

  /** Reads what is stored of the user. What was written before that stays. */
  load() {
    for (const [id, draft] of this.#storage.get(NAME)) {
      if (!this.#drafts.has(Number(id))) this.#drafts.set(Number(id), Object.freeze(draft));
    }
    this.changed();
  }

  makeSnapshot() {
    return new Map(this.#drafts);
  }

  /** Returns {text, replyTo}. */
  of(conversationId) {
    return this.#drafts.get(conversationId) ?? EMPTY;
  }

  set(conversationId, { text, replyTo = null }) {
    const old = this.of(conversationId);
    const isSameQuote = old.replyTo?.message_id === replyTo?.message_id && old.replyTo?.recalled === replyTo?.recalled;
    if (old.text === text && isSameQuote) return;
    const isEmpty = text === "" && replyTo === null;
    if (isEmpty) this.#drafts.delete(conversationId);
    else this.#drafts.set(conversationId, Object.freeze({ text, replyTo }));
    this.#storage.set(NAME, String(conversationId), isEmpty ? null : { text, replyTo });
    this.changed();
  }

  /** Takes the content of a recalled message off the draft that quotes it. */
  recall(conversationId, messageId) {
    const { text, replyTo } = this.of(conversationId);
    if (replyTo?.message_id !== messageId || replyTo.recalled) return;
    this.set(conversationId, { text, replyTo: recalledQuote(replyTo) });
  }

  forget() {
    this.#storage.remove(NAME);
    this.#drafts.clear();
    this.changed();
  }
}
