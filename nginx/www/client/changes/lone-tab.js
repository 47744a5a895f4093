// A client that shares with no other: in Node, or where its host says so. It leads from the beginning.

/** Has the interface of TabGroup. */
export class LoneTab {
  #events;

  isLeader = false;
  isPossible = true;

  /** @param {object} events as of TabGroup; onLead() and onFollow() are used */
  constructor(events) {
    this.#events = events;
  }

  open() {}

  close() {
    this.leave();
  }

  join() {
    if (this.isLeader) return;
    this.isLeader = true;
    this.#events.onLead();
  }

  leave() {
    if (!this.isLeader) return;
    this.isLeader = false;
    this.#events.onFollow();
  }

  post() {}

  async hasOthers() {
    return false;
  }
}
