// The five calls of the conversation API.

import { ApiError, NO_ANSWER, parseRetryAfter } from "./api-error.js";

// The service answers within a few seconds beyond what the call itself asks to wait, with a 503 where it must. A process
// that hangs would be answered for by nginx, after 10 s or, for calls that can wait, 35 s.
const TIMEOUT = 12_000;

/** Makes calls with one user's token. Each resolves to the answer's body, or rejects with an ApiError. */
export class ConversationApi {
  #token;
  #base;

  constructor(token, base = "/api/v1/conversation/") {
    this.#token = token;
    this.#base = base;
  }

  /** @param {object} message conversation_id, message_type, content, client_message_id; file_name, … */
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

  /** @param {object} page type, page, page_size */
  getConversations(page) {
    return this.#post("get_conversations", page);
  }

  /**
   * Reads which conversations have changed since an earlier answer, and waits until one has.
   *
   * @param {string} cursor of an answer of get_conversations
   * @param {number} wait seconds
   * @param {AbortController} call ends the call, which then rejects as one without an answer does
   */
  getChanges(cursor, wait, call) {
    AbortSignal.timeout(wait * 1000 + TIMEOUT).addEventListener("abort", () => call.abort());
    return this.#post("get_conversations", { after_cursor: cursor, wait }, call.signal);
  }

  /** @param {number} readUpTo created_at of the newest message that was seen */
  markRead(id, readUpTo) {
    return this.#post("mark_read", { conversation_id: id, read_up_to: readUpTo });
  }

  async #post(route, body, signal = AbortSignal.timeout(TIMEOUT)) {
    let response, answer;
    try {
      response = await fetch(this.#base + route, {
        method: "POST",
        headers: { "Authorization": `Bearer ${this.#token}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        signal,
      });
      answer = await response.json();
    } catch (error) {
      // There was no connection, or it broke, or the time ran out; or the answer is not the service's but, for example,
      // the sign-in page of a public network.
      throw new ApiError(response && !response.ok ? response.status : NO_ANSWER, error.message);
    }
    if (response.ok) return answer;
    const message = answer?.base_resp?.message ?? response.statusText;
    throw new ApiError(response.status, message, parseRetryAfter(response.headers.get("Retry-After")));
  }
}
