// Work that is asked for again and again, by scrolling for instance, and must not become a flood of calls.

import { backoff } from "./backoff.js";

/** Runs its work one at a time; after a failure not before the wait for it is over, and then by itself. */
export class Attempts {
  #work;
  #onWaited;
  #isRunning = false;
  #failures = 0;
  #notBefore = 0;

  /**
   * @param {function(): Promise} work
   * @param {function()} onWaited called once the wait after a failure is over: whoever still wants it asks again
   */
  constructor(work, onWaited) {
    this.#work = work;
    this.#onWaited = onWaited;
  }

  /** Resolves when it is over, however it ended; at once where it is not its time. */
  async run() {
    if (this.#isRunning || Date.now() < this.#notBefore) return;
    this.#isRunning = true;
    try {
      await this.#work();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const wait = backoff(this.#failures, error.retryAfter);
      this.#notBefore = Date.now() + wait;
      setTimeout(this.#onWaited, wait);
    } finally {
      this.#isRunning = false;
    }
  }
}
