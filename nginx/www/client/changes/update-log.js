// Which of several things were updated since a moment: an answer that was asked for before is older than the update.

export class UpdateLog {
  #last = new Map();

  /** How many updates there were. */
  count = 0;

  add(id) {
    this.count += 1;
    this.#last.set(id, this.count);
  }

  /** @param {number} count as it was at that moment */
  hasSince(count, id) {
    return this.#last.get(id) > count;
  }
}
