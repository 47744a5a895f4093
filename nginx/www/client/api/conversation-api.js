// The calls of the conversation API.

import { ApiError, NO_ANSWER, parseRetryAfter } from "./api-error.js";

// The service answers within a few seconds beyond what the call itself asks to wait, with a 503 where it must. A process
// that hangs would be answered for by nginx, after 10 s or, for calls that can wait, 35 s.
const TIMEOUT = 12_000;

/** Makes calls with one user's token. Each resolves to the answer's body, or rejects with an ApiError. */
export class ConversationApi {
  #base;
  #tokens;
  #fetch;

  /**
   * @param {string} base the API's address
   * @param {TokenSource} tokens
   * @param {function} fetch
   */
  constructor(base, tokens, fetch) {
    this.#base = base.endsWith("/") ? base : `${base}/`;
    this.#tokens = tokens;
    this.#fetch = fetch;
  }

  /** @param {object} message conversation_id, message_type, content, client_message_id; file_name, reply_to, … */
  sendMessage(message) {
    return this.#post("send_message", message);
  }

  /** @param {object} page conversation_id; before_timestamp or after_timestamp, limit */
  getMessages(page) {
    return this.#post("get_messages", page);
  }

  getConversation(id) {
    return this.#post("get_conversation", { conversation_id: id });
  }

  /** @param {object} order related_order_id, type */
  getConversationOfOrder(order) {
    return this.#post("get_conversation", order);
  }

  /** @param {object} page type, query, unread, page, page_size */
  getConversations(page) {
    return this.#post("get_conversations", page);
  }

  /**
   * Reads which conversations have changed since an earlier answer, and waits until one has.
   *
   * @param {string} cursor of an answer of get_conversations
   * @param {number} wait seconds
   * @param {AbortSignal} signal ends the call, which then rejects as one without an answer does
   */
  getChanges(cursor, wait, signal) {
    return this.#post("get_conversations", { after_cursor: cursor, wait }, { signal, timeout: wait * 1000 + TIMEOUT });
  }

  /** @param {number} readUpTo created_at of the newest message that was seen; left out, all are read */
  markRead(id, readUpTo) {
    return this.#post("mark_read", { conversation_id: id, read_up_to: readUpTo });
  }

  recallMessage(conversationId, messageId) {
    return this.#post("recall_message", { conversation_id: conversationId, message_id: messageId });
  }

  /** @param {object} page query, message_type, conversation_id, limit, cursor */
  searchMessages(page, signal) {
    return this.#post("search_messages", page, { signal });
  }

  async #post(route, body, options = {}) {
    const token = await this.#tokens.get();
    try {
      return await this.#call(route, body, token, options);
    } catch (error) {
      if (error.status !== 401) throw error;
      return this.#call(route, body, await this.#tokens.renew(token, error), options);
    }
  }

  async #call(route, body, token, { signal = null, timeout = TIMEOUT }) {
    const ending = new AbortController();
    const end = () => ending.abort();
    const timer = setTimeout(end, timeout);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
    let response, answer;
    try {
      response = await this.#fetch(this.#base + route, {
        method: "POST",
        headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        signal: ending.signal,
      });
      answer = await response.json();
    } catch (error) {
      // There was no connection, or it broke, or the time ran out; or the answer is not the service's but, for example,
      // the sign-in page of a public network.
      throw new ApiError(response && !response.ok ? response.status : NO_ANSWER, error.message);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
    if (response.ok) return answer;
    const message = answer?.base_resp?.message ?? response.statusText;
    throw new ApiError(response.status, message, parseRetryAfter(response.headers.get("Retry-After")));
  }
}
