// A search in the messages, page by page.

import { Observable } from "./observable.js";

const PAGE_SIZE = 30;

export class MessageSearch extends Observable {
  #api;
  #request;
  #onClose;
  #ending = new AbortController();
  #cursor = null;
  #messages = [];
  #ids = new Set();
  #isSearching = false;
  #hasMore = true;
  #error = null;

  /**
   * @param {object} request query, message_type, conversation_id
   * @param {function(MessageSearch)} onClose
   */
  constructor(api, request, onClose) {
    super();
    this.#api = api;
    this.#request = request;
    this.#onClose = onClose;
    this.loadMore();
  }

  makeSnapshot() {
    return {
      messages: this.#messages, isSearching: this.#isSearching, hasMore: this.#hasMore, error: this.#error,
    };
  }

  async loadMore() {
    if (this.#isSearching || !this.#hasMore || this.#ending.signal.aborted) return;
    this.#isSearching = true;
    this.#error = null;
    this.changed();
    try {
      // An answer can have no message, and more to look through.
      const before = this.#messages.length;
      while (this.#hasMore && this.#messages.length === before) await this.#readPage();
    } catch (error) {
      this.#error = error;
    }
    this.#isSearching = false;
    if (!this.#ending.signal.aborted) this.changed();
  }

  async #readPage() {
    const page = { ...this.#request, limit: PAGE_SIZE, ...(this.#cursor && { cursor: this.#cursor }) };
    const answer = await this.#api.searchMessages(page, this.#ending.signal);
    this.#hasMore = answer.has_more;
    this.#cursor = answer.cursor ?? null;
    // One can come twice, where its conversation has become active meanwhile.
    const added = answer.messages.filter(({ message_id: id }) => !this.#ids.has(id));
    for (const { message_id: id } of added) this.#ids.add(id);
    this.#messages = this.#messages.concat(added);
  }

  /** Takes a message off that was recalled. */
  remove(id) {
    if (!this.#ids.has(id)) return;
    this.#messages = this.#messages.filter((message) => message.message_id !== id);
    this.changed();
  }

  close() {
    this.#ending.abort();
    this.#onClose(this);
  }
}
