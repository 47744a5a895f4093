// The heights and positions of the rows of a long list, computed without the document.

// What stays free above a row that is revealed, in pixels: the floating name of the day is there.
const MARGIN = 48;

/**
 * Rows have a `key`. A row's height is estimated until it is measured. Positions change with `setRows` and `update`
 * alone, so that several heights can be set at once.
 */
export class RowLayout {
  #estimate;
  #heights = new Map();
  // offsets[i] is the top of row i, offsets[rows.length] the height of all rows.
  #offsets = [0];

  rows = [];

  /** @param {function(object): number} estimate returns a row's likely height in pixels */
  constructor(estimate) {
    this.#estimate = estimate;
  }

  setRows(rows) {
    this.rows = rows;
    const keys = new Set(rows.map((row) => row.key));
    for (const key of this.#heights.keys()) if (!keys.has(key)) this.#heights.delete(key);
    this.update();
  }

  /** Sets a measured height. Returns whether it is another one than was known. */
  setHeight(key, height) {
    if (this.#heights.get(key) === height) return false;
    this.#heights.set(key, height);
    return true;
  }

  /** Computes the positions anew. */
  update() {
    this.#offsets = new Array(this.rows.length + 1);
    let top = 0;
    this.rows.forEach((row, index) => {
      this.#offsets[index] = top;
      top += this.#heights.get(row.key) ?? this.#estimate(row);
    });
    this.#offsets[this.rows.length] = top;
  }

  /** The height of all rows. */
  get height() {
    return this.#offsets.at(-1);
  }

  top(index) {
    return this.#offsets[index];
  }

  bottom(index) {
    return this.#offsets[index + 1];
  }

  /** Returns the index of the row at a position, the first or last one where the position is outside all rows. */
  indexAt(position) {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#offsets[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Returns the index of the row, or -1. */
  indexOf(key) {
    return this.rows.findIndex((row) => row.key === key);
  }

  /**
   * Returns how far a viewport has to be scrolled for a position; null where the row is not there.
   *
   * @param {object} position {key}, and lowerEdge or upperEdge, where that edge of the row is in the viewport, or
   *   isMiddle, for a row in the middle; without them the row is at the top
   */
  topOf({ key, lowerEdge, upperEdge = 0, isMiddle = false }, viewportHeight) {
    const index = this.indexOf(key);
    if (index < 0) return null;
    if (lowerEdge !== undefined) return this.bottom(index) - lowerEdge;
    const room = viewportHeight - this.#heightOf(index);
    return this.top(index) - (isMiddle ? Math.max(0, room / 2) : upperEdge);
  }

  /** Returns the position that has a row in sight, scrolled to by the shortest way; null where it is in sight. */
  positionToReveal(index, top, viewportHeight) {
    if (index < 0) return null;
    const { key } = this.rows[index];
    const isLow = this.#heightOf(index) < viewportHeight;
    if (this.top(index) < top) {
      if (!isLow) return { key, lowerEdge: viewportHeight };
      return { key, upperEdge: Math.min(MARGIN, viewportHeight - this.#heightOf(index)) };
    }
    if (this.bottom(index) <= top + viewportHeight) return null;
    if (!isLow) return { key };
    return index === this.rows.length - 1 ? { isAtEnd: true } : { key, lowerEdge: viewportHeight };
  }

  #heightOf(index) {
    return this.bottom(index) - this.top(index);
  }
}
