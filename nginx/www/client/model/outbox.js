// The outbox: messages that are shown at once, sent in order, and sent again until the outcome is known.

import { backoff, sleep } from "../timing/backoff.js";
import { Observable } from "./observable.js";
import { canPass, errorOf, randomKey, unsentOf } from "./outbox-entry.js";
import { OutboxFiles } from "./outbox-files.js";
import { recalledQuote } from "./recalls.js";

const NAME = "outbox";
// For how long a message is sent again, in milliseconds. A restart of the service takes less.
const RETRY_PERIOD = 30_000;

/**
 * Each entry has an idempotency key, its client_message_id: the service stores the message once, however often it is
 * sent. So a call without an answer is simply repeated, after the page was left and opened again, too.
 */
export class Outbox extends Observable {
  #api;
  #storage;
  #events;
  #entries = new Map();
  // By conversation, the promise of sending its last entry. The next one is sent after it.
  #queueEnds = new Map();
  // The keys of the entries that are stored.
  #stored = new Set();
  // Of the entries whose message has no URL yet.
  #files;
  #running = null;

  /**
   * @param {UserStorage} storage
   * @param {?function} upload as in ChatOptions
   * @param {object} events onSent(entry, message); onFailure() when a call fails for a reason that is not the message's
   */
  constructor(api, storage, upload, events) {
    super();
    this.#api = api;
    this.#storage = storage;
    this.#events = events;
    this.#files = new OutboxFiles(upload, {
      onProgress: (key, progress) => this.#change(key, { progress }),
      onUploaded: (key, message) => {
        this.#change(key, { state: "sending", progress: null, message });
        if (this.#running) this.#enqueue(this.#entries.get(key));
      },
      onFailure: (key, error) => this.#change(key, { state: "failed", progress: null, error: errorOf(error) }),
    });
  }

  /** Whether files can be sent. */
  get canUpload() {
    return this.#files.isPossible;
  }

  makeSnapshot() {
    return Array.from(this.#entries.values());
  }

  /** Returns what waits in a conversation, as UnsentMessage. */
  unsentOf(conversationId) {
    return this.#entriesOf(conversationId).map(unsentOf);
  }

  /** Begins to send: what is stored of the user, and then what was written meanwhile. */
  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    const written = this.#entries;
    this.#entries = new Map();
    for (const [key, entry] of this.#storage.get(NAME)) {
      this.#entries.set(key, Object.freeze(entry));
      this.#stored.add(key);
    }
    for (const [key, entry] of written) {
      this.#entries.set(key, entry);
      this.#store(entry);
    }
    for (const entry of this.#entries.values()) if (entry.state !== "failed" || canPass(entry)) this.#begin(entry.key);
    this.changed();
  }

  /** Sends nothing any more. What is on its way stays in the storage. */
  stop() {
    this.#running?.abort();
    this.#running = null;
    this.#queueEnds.clear();
    this.#files.stop();
  }

  /** Sends what has failed for want of an answer, and may pass now. */
  resume() {
    for (const entry of this.#entries.values()) if (canPass(entry)) this.#begin(entry.key);
  }

  /**
   * @param {object} message as OutgoingMessage
   * @param {?object} quote what it quotes
   */
  send(conversationId, message, quote = null) {
    this.#resumeBefore(conversationId);
    this.#add(conversationId, message, quote, "sending");
  }

  /** Uploads a file, then sends the message, whose content is the file's URL. Returns the entry's key. */
  sendFile(conversationId, file, message, quote = null) {
    if (!this.#files.isPossible) throw new TypeError("the chat has no upload");
    const key = randomKey();
    this.#files.add(key, file, conversationId, message);
    this.#add(conversationId, message, quote, "uploading", key);
    return key;
  }

  /**
   * Sends a failed entry again, and those before it that have failed for a reason that may pass: they were written
   * first. It keeps its key, except where that belongs to another message (409).
   */
  sendAgain(key) {
    const entry = this.#entries.get(key);
    if (entry?.state !== "failed") return;
    this.#resumeBefore(entry.conversationId, key);
    if (entry.error.status === 409) {
      this.#remove(key);
      this.#add(entry.conversationId, entry.message, entry.quote, "sending");
    } else {
      this.#begin(key);
    }
  }

  /** Removes an entry that has failed, or whose file is being uploaded. */
  discard(key) {
    const state = this.#entries.get(key)?.state;
    if (state !== "failed" && state !== "uploading") return;
    this.#remove(key);
  }

  /** Removes the entries that are among the messages, which a poll can bring before the answer of the send. */
  confirm(messages) {
    for (const { client_message_id: key } of messages) if (this.#entries.has(key)) this.#remove(key);
  }

  /** Takes the content of a recalled message off the entries that quote it. */
  recall(messageId) {
    for (const { key, quote } of this.#entries.values()) {
      if (quote?.message_id === messageId && !quote.recalled) this.#change(key, { quote: recalledQuote(quote) });
    }
  }

  forget() {
    this.#storage.remove(NAME);
    this.#files.clear();
    this.#entries.clear();
    this.#stored.clear();
    this.changed();
  }

  #add(conversationId, message, quote, state, key = randomKey()) {
    this.#entries.set(key, Object.freeze({ conversationId, key, message, quote, state, progress: null, error: null }));
    this.#store(this.#entries.get(key));
    this.changed();
    this.#begin(key);
  }

  #begin(key) {
    if (!this.#running) return;
    const isFile = this.#files.has(key);
    this.#change(key, { state: isFile ? "uploading" : "sending", error: null, progress: null });
    if (isFile) this.#files.begin(key);
    else this.#enqueue(this.#entries.get(key));
  }

  // Begins the failed entries of a conversation that may pass now: those before the one with the key, or all.
  #resumeBefore(conversationId, end = null) {
    for (const { key } of this.#waitingBefore(conversationId, end)) this.#begin(key);
  }

  #entriesOf(conversationId) {
    return Array.from(this.#entries.values()).filter((entry) => entry.conversationId === conversationId);
  }

  // Files are sent as soon as they are uploaded, and keep nothing waiting.
  #waitingBefore(conversationId, end) {
    const entries = this.#entriesOf(conversationId);
    const index = entries.findIndex(({ key }) => key === end);
    const before = index < 0 ? entries : entries.slice(0, index);
    return before.filter((entry) => canPass(entry) && !this.#files.has(entry.key));
  }

  #enqueue({ conversationId, key }) {
    const { signal } = this.#running;
    const previous = this.#queueEnds.get(conversationId) ?? Promise.resolve();
    this.#queueEnds.set(conversationId, previous.then(() => this.#deliver(key, signal)));
  }

  async #deliver(key, signal) {
    // One that waits for the network has not been sent, and no later one may pass it.
    const [waiting] = this.#waitingBefore(this.#entries.get(key)?.conversationId, key);
    if (waiting && this.#entries.get(key).state === "sending") {
      this.#change(key, { state: "failed", error: waiting.error });
      return;
    }
    const deadline = Date.now() + RETRY_PERIOD;
    for (let failures = 0; !signal.aborted && this.#entries.get(key)?.state === "sending";) {
      if (this.#isGone(key)) {
        this.#remove(key);
        return;
      }
      const { conversationId, message } = this.#entries.get(key);
      try {
        const answer = await this.#api.sendMessage({
          conversation_id: conversationId, client_message_id: key, ...message,
        });
        if (signal.aborted) return;
        // Both in one step, so that nobody draws in between and shows the message twice or not at all.
        const entry = this.#take(key);
        // One that was recalled on another device before this repeat has no content any more.
        if (entry && !answer.recalled) this.#events.onSent(entry, answer.message);
        this.changed();
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error.isTemporary || error.endsSession) this.#events.onFailure();
        // The entry stays, and is sent when the user has signed in again.
        if (error.endsSession) return;
        failures += 1;
        if (!error.isTemporary || Date.now() > deadline) {
          this.#change(key, { state: "failed", error: errorOf(error) });
          return;
        }
        await sleep(backoff(failures, error.retryAfter, { initial: 1_000, maximum: 8_000 }), signal);
      }
    }
  }

  #change(key, changes) {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.set(key, Object.freeze({ ...entry, ...changes }));
    this.#store(this.#entries.get(key));
    this.changed();
  }

  // One that has a file is not stored, since the file cannot be.
  #store(entry) {
    if (this.#files.has(entry.key) || this.#isGone(entry.key)) return;
    if (this.#storage.set(NAME, entry.key, entry)) this.#stored.add(entry.key);
  }

  // Another tab that has the same storage has sent it, or taken it back.
  #isGone(key) {
    return this.#stored.has(key) && !this.#storage.get(NAME).has(key);
  }

  #take(key) {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    this.#files.remove(key);
    this.#stored.delete(key);
    this.#storage.set(NAME, key, null);
    return entry;
  }

  #remove(key) {
    this.#take(key);
    this.changed();
  }
}
