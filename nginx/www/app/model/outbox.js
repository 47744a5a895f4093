// The outbox: messages that are shown at once, sent in order, and sent again until the outcome is known.

import { Model } from "./model.js";
import { storage } from "./storage.js";
import { backoff, sleep } from "../api/backoff.js";

const STORAGE_NAME = "outbox";
// For how long a message is sent again. A restart of the service takes less.
const RETRY_PERIOD = 30_000;

/**
 * Dispatches "change", and "failure" when a call fails for a reason that is not the message's own.
 *
 * Each entry has an idempotency key, its client_message_id: the service stores the message once, however often it is
 * sent. So a call without an answer is simply repeated, after a reload of the page, too.
 */
export class Outbox extends Model {
  #api;
  #onSent;
  // By conversation, the promise of sending its last entry. The next one is sent after it.
  #queueEnds = new Map();
  #isStopped = false;

  /** Entries, oldest first: {conversationId, body, state: "sending" or "failed", error: ?{status, message}}. */
  entries = [];

  /** @param {function(object, object)} onSent called with an entry and the message that it became */
  constructor(api, onSent) {
    super();
    this.#api = api;
    this.#onSent = onSent;
    this.entries = storage.get(STORAGE_NAME, []);
    for (const entry of this.entries) if (entry.state === "sending") this.#enqueue(entry);
  }

  entriesOf(conversationId) {
    return this.entries.filter((entry) => entry.conversationId === conversationId);
  }

  /** @param {object} body message_type, content; file_name */
  send(conversationId, body) {
    const key = randomKey();
    const entry = {
      conversationId,
      body: { conversation_id: conversationId, client_message_id: key, ...body },
      state: "sending",
      error: null,
    };
    this.entries.push(entry);
    this.#save();
    this.#enqueue(entry);
  }

  /** Sends a failed entry again. It keeps its key, except where that belongs to another message (409). */
  sendAgain(entry) {
    if (entry.state !== "failed") return;
    if (entry.error.status === 409) entry.body.client_message_id = randomKey();
    entry.state = "sending";
    entry.error = null;
    this.#save();
    this.#enqueue(entry);
  }

  /** Removes a failed entry. */
  discard(entry) {
    if (entry.state === "failed") this.#remove(entry);
  }

  /** Removes the entries that are among the messages, which a poll can bring before the answer of the send. */
  confirm(messages) {
    const keys = new Set(messages.map((message) => message.client_message_id));
    for (const entry of this.entries) if (keys.has(entry.body.client_message_id)) this.#remove(entry);
  }

  stop() {
    this.#isStopped = true;
  }

  #enqueue(entry) {
    const previous = this.#queueEnds.get(entry.conversationId) ?? Promise.resolve();
    this.#queueEnds.set(entry.conversationId, previous.then(() => this.#deliver(entry)));
  }

  async #deliver(entry) {
    const deadline = Date.now() + RETRY_PERIOD;
    for (let failures = 0; !this.#isStopped && this.entries.includes(entry);) {
      try {
        const { message } = await this.#api.sendMessage(entry.body);
        if (this.#isStopped) return;
        // Both in one step, so that no view draws in between and shows the message twice or not at all.
        this.#remove(entry);
        this.#onSent(entry, message);
        return;
      } catch (error) {
        if (this.#isStopped) return;
        if (error.isTemporary || error.endsSession) this.dispatchEvent(new Event("failure"));
        // The entry stays, and is sent when the user has signed in again.
        if (error.endsSession) return;
        failures += 1;
        if (!error.isTemporary || Date.now() > deadline) {
          entry.state = "failed";
          entry.error = { status: error.status ?? 0, message: error.message };
          this.#save();
          return;
        }
        await sleep(backoff(failures, error.retryAfter, { initial: 1_000, maximum: 8_000 }));
      }
    }
  }

  #remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.#save();
  }

  #save() {
    if (this.#isStopped) return;
    storage.set(STORAGE_NAME, this.entries.length > 0 ? this.entries : null);
    this.dispatchChange();
  }
}

// crypto.randomUUID is missing on pages over plain HTTP.
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
