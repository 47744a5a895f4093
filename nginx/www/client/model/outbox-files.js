// The files of the outbox: uploaded a few at a time, tried again, and told of in the order in which they were given.

import { ApiError } from "../api/api-error.js";
import { backoff, sleep } from "../timing/backoff.js";

// How many are uploaded at a time. Over HTTP/1.1 a browser makes six requests to a host, and messages need some.
const AT_A_TIME = 3;
// How often an upload is made that has failed for a reason that may pass.
const TRIES = 3;

/** By the key of its entry, each file whose upload has not been told of: what one knows of it, and its upload. */
export class OutboxFiles {
  #upload;
  #events;
  // {file, conversationId, message, batch, uploaded, upload, hasFailed, progress}: `uploaded` is the whole message once
  // there is one, and `upload` the AbortController of an upload that is under way.
  #files = new Map();
  #waiting = [];
  #running = 0;
  #batch = null;

  /**
   * @param {?function} upload as in ChatOptions
   * @param {object} events onProgress(key, part); onUploaded(key, message); onFailure(key, error)
   */
  constructor(upload, events) {
    this.#upload = upload;
    this.#events = events;
  }

  get isPossible() {
    return this.#upload !== null && this.#upload !== undefined;
  }

  has(key) {
    return this.#files.has(key);
  }

  /** Files that are added one right after the other, in one go, are told of in that order. */
  add(key, file, conversationId, message) {
    if (!this.#batch) {
      this.#batch = {};
      queueMicrotask(() => { this.#batch = null; });
    }
    const batch = this.#batch;
    this.#files.set(key, {
      file, conversationId, message, batch, uploaded: null, upload: null, hasFailed: false, progress: null,
    });
  }

  /** Uploads a file, once there is room. One that is uploaded already is not uploaded again. */
  begin(key) {
    const entry = this.#files.get(key);
    if (!entry || entry.upload) return;
    entry.hasFailed = false;
    entry.progress = null;
    if (!entry.uploaded && !this.#waiting.includes(key)) this.#waiting.push(key);
    this.#next();
    this.#tell(entry.batch);
  }

  /** Forgets a file, and ends its upload. Those that waited for it are told of. */
  remove(key) {
    const entry = this.#files.get(key);
    if (!entry) return;
    this.#files.delete(key);
    this.#waiting = this.#waiting.filter((each) => each !== key);
    entry.upload?.abort();
    this.#tell(entry.batch);
  }

  /** Ends all uploads. They are made anew by `begin`. */
  stop() {
    this.#waiting = [];
    for (const entry of this.#files.values()) {
      entry.upload?.abort();
      entry.upload = null;
    }
  }

  /** Forgets all files. */
  clear() {
    this.stop();
    this.#files.clear();
  }

  #next() {
    while (this.#running < AT_A_TIME && this.#waiting.length > 0) this.#run(this.#waiting.shift());
  }

  async #run(key) {
    const entry = this.#files.get(key);
    const upload = new AbortController();
    entry.upload = upload;
    this.#running += 1;
    let end = () => {};
    try {
      const uploaded = await this.#uploaded(key, entry, upload.signal);
      if (!upload.signal.aborted) entry.uploaded = uploaded;
    } catch (error) {
      if (!upload.signal.aborted) {
        entry.hasFailed = true;
        end = () => this.#events.onFailure(key, error);
      }
    }
    this.#running -= 1;
    // After stop() and begin() it can be another one.
    if (entry.upload === upload) entry.upload = null;
    if (!upload.signal.aborted) {
      end();
      this.#tell(entry.batch);
    }
    this.#next();
  }

  async #uploaded(key, { file, conversationId, message }, signal) {
    for (let failures = 0; ;) {
      try {
        const done = await this.#upload(file, {
          conversationId, fileName: message.file_name, signal, onProgress: (part) => this.#onProgress(key, part, signal),
        });
        // What cannot be sent is not asked of the service, and not tried again by itself.
        if (typeof done?.url !== "string") throw new ApiError(400, "the upload has given no URL");
        const { url, ...facts } = done;
        return { ...message, ...facts, content: url };
      } catch (error) {
        failures += 1;
        if (signal.aborted || !error.isTemporary || failures >= TRIES) throw error;
        await sleep(backoff(failures, error.retryAfter, { initial: 1_000, maximum: 8_000 }), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  // Whole percents: what nobody sees is not told.
  #onProgress(key, part, signal) {
    if (signal.aborted) return;
    const percent = Math.floor(Math.min(1, Math.max(0, part)) * 100) / 100;
    const entry = this.#files.get(key);
    if (!entry || entry.progress === percent) return;
    entry.progress = percent;
    this.#events.onProgress(key, percent);
  }

  // Tells of those that are uploaded and have none before them in their batch that still may be.
  #tell(batch) {
    for (const [key, entry] of this.#files) {
      if (entry.batch !== batch) continue;
      if (entry.hasFailed) continue;
      if (!entry.uploaded) return;
      this.#files.delete(key);
      this.#events.onUploaded(key, entry.uploaded);
    }
  }
}
