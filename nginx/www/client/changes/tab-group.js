// The tabs of a browser in which one user is signed in. One of them, the leader, does for all what need be done once.

import { environment } from "../environment.js";

// How long a tab in front hears nothing before it asks whether the leader is there, and waits for the answer. A browser,
// on phones above all, can suspend the leader without notice.
const SILENCE = 30_000;
const ANSWER_TIME = 2_000;

/**
 * Elects the leader by a lock (Web Locks API), which the browser passes on when the leader's tab is closed. Passes on
 * messages among the tabs (BroadcastChannel). Both exist on pages over HTTPS and on localhost alone.
 */
export class TabGroup {
  #name;
  #events;
  #channel = null;
  #release = () => {};
  #competing = null;
  #timer = null;
  #heardAt = 0;
  #isMember = false;
  // While the group is open: ends the listening to the browser.
  #listening = null;

  isLeader = false;
  /** Whether the browser has what it needs, and lets the page use it. */
  isPossible = Boolean(globalThis.navigator?.locks && globalThis.BroadcastChannel);

  /**
   * @param {string} name of the lock and the channel
   * @param {object} events onLead() and onFollow() when the tab begins and ceases to lead, onMessage(object) from
   *   another tab, onReturn() when the tab was frozen or suspended and may have missed messages, onImpossible()
   */
  constructor(name, events) {
    this.#name = name;
    this.#events = events;
  }

  /** Begins to hear what the other tabs say. */
  open() {
    if (!this.isPossible) return;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    environment.onSuspension({ suspended: this.#suspend, resumed: this.#resume }, signal);
    environment.onVisibilityChange(this.#onVisibilityChange, signal);
    this.#enter();
  }

  close() {
    this.#listening?.abort();
    this.#suspend();
  }

  /** Has this tab lead, as soon as no other one does. */
  join() {
    this.#isMember = true;
    if (!this.#channel) return;
    this.#heardAt = Date.now();
    this.#compete({});
    this.#onVisibilityChange();
  }

  /** Neither leads nor will lead any more. */
  leave() {
    this.#isMember = false;
    this.#withdraw();
  }

  /** Sends an object to the other tabs. */
  post(message) {
    this.#channel?.postMessage({ message });
  }

  /** Resolves to whether there is another tab that would lead. */
  async hasOthers() {
    const { pending } = await navigator.locks.query();
    return pending.some((lock) => lock.name === this.#name);
  }

  #enter() {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#onMessage(data);
    if (this.#isMember) this.join();
  }

  #withdraw() {
    clearTimeout(this.#timer);
    this.#competing?.abort();
    this.#competing = null;
    this.#release();
    this.#follow();
  }

  // A tab that is frozen, or kept for "back", neither leads nor waits for the lock: it could not use it.
  #suspend = () => {
    this.#channel?.close();
    this.#channel = null;
    this.#withdraw();
  };

  #resume = () => {
    if (this.#channel) return;
    this.#enter();
    this.#events.onReturn();
  };

  #compete(options) {
    this.#competing?.abort();
    const competing = this.#competing = new AbortController();
    const { signal } = competing;
    navigator.locks.request(this.#name, options.steal ? options : { signal }, () => {
      if (!signal.aborted) return this.#lead();
    }).catch((error) => {
      if (signal.aborted) return;
      if (error.name !== "AbortError") {
        this.isPossible = false;
        this.#events.onImpossible();
        return;
      }
      // Another tab has taken the lock: it had asked this one, which was suspended and did not answer.
      this.#follow();
      this.#compete({});
      this.#events.onReturn();
    });
  }

  #lead() {
    clearTimeout(this.#timer);
    this.isLeader = true;
    this.#events.onLead();
    return new Promise((resolve) => { this.#release = resolve; });
  }

  #follow() {
    if (!this.isLeader) return;
    this.isLeader = false;
    this.#events.onFollow();
    this.#listen();
  }

  #onMessage({ message, isQuestion }) {
    if (!isQuestion) this.#heardAt = Date.now();
    else if (this.isLeader) this.#channel.postMessage({});
    if (message) this.#events.onMessage(message);
  }

  #onVisibilityChange = () => {
    clearTimeout(this.#timer);
    if (!environment.isHidden) this.#ask();
  };

  // Tabs behind have no need to hurry: whichever comes to the front asks.
  #listen() {
    clearTimeout(this.#timer);
    if (this.isLeader || !this.#isMember || !this.#channel) return;
    const silence = Date.now() - this.#heardAt;
    this.#timer = setTimeout(() => {
      if (Date.now() - this.#heardAt < SILENCE) this.#listen();
      else if (!environment.isHidden) this.#ask();
    }, Math.max(0, SILENCE - silence));
  }

  #ask() {
    if (this.isLeader || !this.#isMember || !this.#channel) return;
    const askedAt = Date.now();
    this.#channel.postMessage({ isQuestion: true });
    this.#timer = setTimeout(() => {
      if (this.#heardAt >= askedAt) this.#listen();
      else this.#compete({ steal: true });
    }, ANSWER_TIME);
  }
}
