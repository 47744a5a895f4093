// Asks again and again: every 3 to 5 seconds, less often while nobody looks or something fails.

import { ApiError } from "./api-error.js";
import { backoff, between } from "./backoff.js";

const SHOWN = [3_000, 5_000];
// What is for the title and the sound alone may come a little later.
const HIDDEN = [12_000, 18_000];

/** Calls one function over and over, never twice at a time. It is a failure where the function rejects. */
export class Poller {
  #work;
  #onOutcome;
  #timer = null;
  #runs = false;
  #isWanted = false;
  #isStopped = true;
  #failures = 0;
  #notBefore = 0;

  /**
   * @param {function(): Promise} work
   * @param {function(?Error)} onOutcome told null after a success, the error after a failure
   */
  constructor(work, onOutcome = () => {}) {
    this.#work = work;
    this.#onOutcome = onOutcome;
  }

  start() {
    this.#isStopped = false;
    document.addEventListener("visibilitychange", this.#onShown);
    addEventListener("online", this.#onShown);
    this.now();
  }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#onShown);
    removeEventListener("online", this.#onShown);
  }

  /** Asks at once, or right after the call that is on its way; but not before the server has said it may. */
  now() {
    if (this.#isStopped) return;
    this.#isWanted = true;
    if (!this.#runs) this.#schedule(Math.max(0, this.#notBefore - Date.now()));
  }

  #onShown = () => {
    if (!document.hidden) this.now();
  };

  #schedule(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), delay);
  }

  async #run() {
    this.#runs = true;
    this.#isWanted = false;
    let delay;
    try {
      await this.#work();
      if (this.#isStopped) return;
      this.#failures = 0;
      this.#notBefore = 0;
      delay = between(...(document.hidden ? HIDDEN : SHOWN));
      this.#onOutcome(null);
    } catch (error) {
      if (this.#isStopped) return;
      // A fault of the page's own is not the network's: it belongs in the console.
      if (!(error instanceof ApiError)) reportError(error);
      this.#failures += 1;
      delay = backoff(this.#failures, error.retryAfter, { first: 2_000, most: 60_000 });
      if (error.retryAfter) this.#notBefore = Date.now() + error.retryAfter;
      this.#onOutcome(error);
    } finally {
      this.#runs = false;
    }
    if (this.#isStopped) return;
    this.#schedule(delay);
    // A wish from meanwhile; but what has just failed is not asked again at once.
    if (this.#isWanted && this.#failures === 0) this.now();
  }
}
