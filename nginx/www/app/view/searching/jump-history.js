// Where one was before one jumped elsewhere in a conversation: a small history of places.

// Nobody goes further back than that step by step.
const MAX_PLACES = 20;

/** Places are values of whoever makes them; the history compares them by identity. */
export class JumpHistory {
  #places = [];

  /** The place that "back" leads to; null: none. */
  get last() {
    return this.#places.at(-1) ?? null;
  }

  has(place) {
    return this.#places.includes(place);
  }

  push(place) {
    this.#places = [...this.#places, place].slice(-MAX_PLACES);
  }

  /** Takes off the place, and all that were left after it. */
  take(place) {
    if (this.has(place)) this.#places = this.#places.slice(0, this.#places.indexOf(place));
  }

  /** Takes off the last places for as long as one is there anyway. */
  reach(isThere) {
    while (this.last !== null && isThere(this.last)) this.#places = this.#places.slice(0, -1);
  }
}
