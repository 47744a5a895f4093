// Polling: every 3 to 5 seconds, less often while the tab is hidden or calls fail, or when the poll itself says.

import { ApiError } from "../api/api-error.js";
import { environment } from "../environment.js";
import { backoff, randomBetween } from "./backoff.js";

const VISIBLE_INTERVAL = [3_000, 5_000];
// While the tab is hidden a new message shows in the title and by a sound alone, which may come later.
const HIDDEN_INTERVAL = [12_000, 18_000];

/** Returns a pause between two polls in milliseconds, drawn at random. */
export function pollingPause(isHidden = environment.isHidden) {
  return randomBetween(...(isHidden ? HIDDEN_INTERVAL : VISIBLE_INTERVAL));
}

/** Calls a function at intervals, never twice at a time. A rejection counts as a failure. */
export class Poller {
  #poll;
  #onResult;
  #timer = null;
  #listening = null;
  #isRunning = false;
  #isRequested = false;
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
    this.#listening ??= new AbortController();
    const { signal } = this.#listening;
    environment.onVisibilityChange(this.#onVisible, signal);
    environment.onNetworkChange({ online: this.#onVisible }, signal);
    this.pollNow();
  }

  stop() {
    this.#listening?.abort();
    this.#listening = null;
    this.#pauseEnd = null;
    clearTimeout(this.#timer);
  }

  /** Polls at once, or right after the poll that is running; but not before the server's Retry-After is over. */
  pollNow() {
    if (!this.#listening) return;
    this.#isRequested = true;
    if (!this.#isRunning) this.#schedule(Math.max(0, this.#notBefore - Date.now()));
  }

  // A pause that the poll has asked for is kept; but its timer has stood still while the machine slept.
  #onVisible = () => {
    if (environment.isHidden || this.#isRunning) return;
    if (this.#pauseEnd === null || Date.now() >= this.#pauseEnd) this.pollNow();
  };

  #schedule(delay) {
    clearTimeout(this.#timer);
    if (delay < Infinity) this.#timer = setTimeout(() => this.#run(), delay);
  }

  async #run() {
    const listening = this.#listening;
    this.#isRunning = true;
    this.#isRequested = false;
    let delay;
    try {
      const pause = await this.#poll();
      if (this.#listening !== listening) return;
      this.#failures = 0;
      this.#notBefore = 0;
      delay = pause ?? pollingPause();
      this.#pauseEnd = pause === undefined ? null : Date.now() + pause;
      this.#onResult(null);
    } catch (error) {
      if (this.#listening !== listening) return;
      // An error in the page's own code belongs in the console.
      if (!(error instanceof ApiError)) environment.reportError(error);
      this.#failures += 1;
      delay = backoff(this.#failures, error.retryAfter, { initial: 2_000, maximum: 60_000 });
      this.#pauseEnd = null;
      if (error.retryAfter) this.#notBefore = Date.now() + error.retryAfter;
      this.#onResult(error);
    } finally {
      this.#isRunning = false;
      // It was stopped and started meanwhile: what was asked for then is due.
      if (this.#listening !== listening && this.#isRequested) this.pollNow();
    }
    if (this.#listening !== listening) return;
    this.#schedule(delay);
    // A poll was requested while this one ran. After a failure the backoff applies to it, too.
    if (this.#isRequested && this.#failures === 0) this.pollNow();
  }
}
