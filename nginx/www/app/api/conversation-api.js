// The five calls of the conversation API.

import { ApiError, NO_ANSWER, parseRetryAfter } from "./api-error.js";

// nginx gives the service 10 s and then answers 504: past that there is nobody left to wait for.
const TIMEOUT = 12_000;

/** Calls with one user's token. Each resolves to the answer's body, or rejects with an ApiError. */
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

  /** @param {number} readUpTo created_at of the newest message that was seen */
  markRead(id, readUpTo) {
    return this.#post("mark_read", { conversation_id: id, read_up_to: readUpTo });
  }

  async #post(route, body) {
    let response, answer;
    try {
      response = await fetch(this.#base + route, {
        method: "POST",
        headers: { "Authorization": `Bearer ${this.#token}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        signal: AbortSignal.timeout(TIMEOUT),
      });
      answer = await response.json();
    } catch (error) {
      // No connection, one that broke in mid-answer, a time-out; or an answer of something else than the service,
      // such as the sign-in page of a hotel's network.
      throw new ApiError(response && !response.ok ? response.status : NO_ANSWER, error.message);
    }
    if (response.ok) return answer;
    const message = answer?.base_resp?.message ?? response.statusText;
    throw new ApiError(response.status, message, parseRetryAfter(response.headers.get("Retry-After")));
  }
}
