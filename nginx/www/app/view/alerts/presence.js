// Whether the user has the page in sight, in any tab of the browser.

/**
 * A tab that is in front holds a lock, which it shares with others that are. Where there are no locks, each tab looks
 * at itself.
 */
export class Presence {
  #name = null;
  #release = null;
  #signal;

  /** @param {AbortSignal} signal ends it */
  constructor(signal) {
    this.#signal = signal;
    document.addEventListener("visibilitychange", () => this.#update(), { signal });
    signal.addEventListener("abort", () => this.#update());
  }

  /** Tabs of other users do not count: nothing happens before the user is known. */
  set userId(id) {
    if (id === null || this.#name !== null) return;
    this.#name = `orbia.in-sight.${id}`;
    this.#update();
  }

  /** Resolves to whether a tab of the user is in front. */
  async isAnyInSight() {
    if (!document.hidden || !navigator.locks) return !document.hidden;
    try {
      const { held } = await navigator.locks.query();
      return held.some(({ name }) => name === this.#name);
    } catch {
      return false;
    }
  }

  #update() {
    if (this.#name === null) return;
    if (document.hidden || this.#signal.aborted) {
      this.#release?.();
      this.#release = null;
    } else if (!this.#release) {
      const released = new Promise((resolve) => { this.#release = resolve; });
      navigator.locks?.request(this.#name, { mode: "shared" }, () => released).catch(() => {});
    }
  }
}
