// A task that is requested often, by scrolling for instance, and must not become a flood of calls.

import { backoff } from "./backoff.js";

/** Runs a task once at a time. After a failure it does not run before the backoff is over. */
export class RetryingTask {
  #task;
  #onRetryDue;
  #onDone;
  #isRunning = false;
  #failures = 0;
  #notBefore = 0;
  #timer = null;

  /**
   * @param {function(): Promise} task
   * @param {function()} onRetryDue called when the backoff after a failure is over, so that the caller can decide
   *   whether it still needs the task to run
   * @param {function()} onDone called when the task has succeeded, and can be run again: a caller may do so in it
   */
  constructor(task, onRetryDue, onDone = () => {}) {
    this.#task = task;
    this.#onRetryDue = onRetryDue;
    this.#onDone = onDone;
  }

  /** Runs the task, unless it is running or the backoff is not over. Never rejects. */
  async run() {
    if (this.#isRunning || Date.now() < this.#notBefore) return;
    this.#isRunning = true;
    try {
      await this.#task();
      this.#failures = 0;
    } catch (error) {
      this.#isRunning = false;
      this.#failures += 1;
      const wait = backoff(this.#failures, error.retryAfter);
      this.#notBefore = Date.now() + wait;
      this.#timer = setTimeout(() => {
        // A timer can be a fraction of a millisecond early.
        this.#notBefore = 0;
        this.#onRetryDue();
      }, wait);
      return;
    }
    this.#isRunning = false;
    this.#onDone();
  }

  /** Forgets the failures: it can run at once, and nothing is called when a backoff would be over. */
  reset() {
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#notBefore = 0;
  }
}
