// Polling: every 3 to 5 seconds, less often while the tab is hidden or calls fail, or when the poll itself says.

import { ApiError } from "./api-error.js";
import { backoff, randomBetween } from "./backoff.js";

const VISIBLE_INTERVAL = [3_000, 5_000];
// While the tab is hidden a new message shows in the title and by a sound alone, which may come later.
const HIDDEN_INTERVAL = [12_000, 18_000];

/** Returns a pause between two polls in milliseconds, drawn at random. */
export function pollingPause(isHidden = document.hidden) {
  return randomBetween(...(isHidden ? HIDDEN_INTERVAL : VISIBLE_INTERVAL));
}

/** Calls a function at intervals, never twice at a time. A rejection counts as a failure. */
export class Poller {
  #poll;
  #onResult;
  #timer = null;
  #isRunning = false;
  #isRequested = false;
  #isStopped = true;
  #failures = 0;
  #notBefore = 0;
  // When the pause is over that the poll has asked for, by Date.now(); null where it has asked for none.
  #pauseEnd = null;

  /**
   * @param {function(): Promise<?number>} poll resolves to the pause in milliseconds until the next poll, where that is
   *   not the usual one; Infinity where pollNow() alone is to start it
   * @param {function(?Error)} onResult called with null after a success, with the error after a failure
   */
  constructor(poll, onResult = () => {}) {
    this.#poll = poll;
    this.#onResult = onResult;
  }

  start() {
    this.#isStopped = false;
    document.addEventListener("visibilitychange", this.#onVisible);
    addEventListener("online", this.#onVisible);
    this.pollNow();
  }

  stop() {
    this.#isStopped = true;
    this.#pauseEnd = null;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#onVisible);
    removeEventListener("online", this.#onVisible);
  }

  /** Polls at once, or right after the poll that is running; but not before the server's Retry-After is over. */
  pollNow() {
    if (this.#isStopped) return;
    this.#isRequested = true;
    if (!this.#isRunning) this.#schedule(Math.max(0, this.#notBefore - Date.now()));
  }

  // A pause that the poll has asked for is kept; but its timer has stood still while the machine slept.
  #onVisible = () => {
    if (document.hidden || this.#isRunning) return;
    if (this.#pauseEnd === null || Date.now() >= this.#pauseEnd) this.pollNow();
  };

  #schedule(delay) {
    clearTimeout(this.#timer);
    if (delay < Infinity) this.#timer = setTimeout(() => this.#run(), delay);
  }

  async #run() {
    this.#isRunning = true;
    this.#isRequested = false;
    let delay;
    try {
      const pause = await this.#poll();
      if (this.#isStopped) return;
      this.#failures = 0;
      this.#notBefore = 0;
      delay = pause ?? pollingPause();
      this.#pauseEnd = pause === undefined ? null : Date.now() + pause;
      this.#onResult(null);
    } catch (error) {
      if (this.#isStopped) return;
      // An error in the page's own code belongs in the console.
      if (!(error instanceof ApiError)) reportError(error);
      this.#failures += 1;
      delay = backoff(this.#failures, error.retryAfter, { initial: 2_000, maximum: 60_000 });
      this.#pauseEnd = null;
      if (error.retryAfter) this.#notBefore = Date.now() + error.retryAfter;
      this.#onResult(error);
    } finally {
      this.#isRunning = false;
    }
    if (this.#isStopped) return;
    this.#schedule(delay);
    // A poll was requested while this one ran. After a failure the backoff applies to it, too.
    if (this.#isRequested && this.#failures === 0) this.pollNow();
  }
}
