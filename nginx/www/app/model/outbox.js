// Messages on their way: shown at once, sent in order, tried again until it is known what came of them.

import { Model } from "./model.js";
import { storage } from "./storage.js";
import { backoff, sleep } from "../api/backoff.js";

const KEY = "outbox";
// Longer than a restart of the service, shorter than anybody's patience.
const PATIENCE = 30_000;

/**
 * An entry has a key of its own, its client_message_id, under which the service takes it once however often it is
 * sent. So an attempt without an answer is simply made again; after a reload of the page, too.
 */
export class Outbox extends Model {
  #api;
  #onSent;
  // Of each conversation, the sending of its last entry: the next one waits for it.
  #lines = new Map();
  #isStopped = false;

  /** Oldest first: {conversationId, body, state: "sending" or "failed", error: ?{status, message}}. */
  entries = [];

  /** @param {function(object, object)} onSent told the entry and the message that became of it */
  constructor(api, onSent) {
    super();
    this.#api = api;
    this.#onSent = onSent;
    this.entries = storage.get(KEY, []);
    for (const entry of this.entries) if (entry.state === "sending") this.#enqueue(entry);
  }

  of(conversationId) {
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

  /** Sends one that has failed again, under the same key; unless that one is another message's. */
  sendAgain(entry) {
    if (entry.state !== "failed") return;
    if (entry.error.status === 409) entry.body.client_message_id = randomKey();
    entry.state = "sending";
    entry.error = null;
    this.#save();
    this.#enqueue(entry);
  }

  /** Gives up one that has failed. */
  discard(entry) {
    if (entry.state === "failed") this.#remove(entry);
  }

  /** Settles what has turned up among the messages, before its own answer did. */
  settle(messages) {
    const keys = new Set(messages.map((message) => message.client_message_id));
    for (const entry of this.entries) if (keys.has(entry.body.client_message_id)) this.#remove(entry);
  }

  stop() {
    this.#isStopped = true;
  }

  #enqueue(entry) {
    const before = this.#lines.get(entry.conversationId) ?? Promise.resolve();
    this.#lines.set(entry.conversationId, before.then(() => this.#attempt(entry)));
  }

  async #attempt(entry) {
    const deadline = Date.now() + PATIENCE;
    for (let failures = 0; !this.#isStopped && this.entries.includes(entry);) {
      try {
        const { message } = await this.#api.sendMessage(entry.body);
        if (this.#isStopped) return;
        // At a stretch: views draw afterwards, and show the message neither twice nor not at all.
        this.#remove(entry);
        this.#onSent(entry, message);
        return;
      } catch (error) {
        // Without a session it waits for the next one.
        if (this.#isStopped || error.endsSession) return;
        failures += 1;
        if (!error.isTemporary || Date.now() > deadline) {
          entry.state = "failed";
          entry.error = { status: error.status ?? 0, message: error.message };
          this.#save();
          return;
        }
        await sleep(backoff(failures, error.retryAfter, { first: 1_000, most: 8_000 }));
      }
    }
  }

  #remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.#save();
  }

  #save() {
    if (this.#isStopped) return;
    storage.set(KEY, this.entries.length > 0 ? this.entries : null);
    this.changed();
  }
}

// Not crypto.randomUUID, which a page over plain HTTP does not have.
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
