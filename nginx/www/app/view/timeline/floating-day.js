// The day of the topmost message, which floats over the messages while they are scrolled.

import { element } from "../dom.js";

// The height that it takes at the top, in pixels: a row with the name of a day that comes there takes its place.
const HEIGHT = 44;
// It goes some time after the last scrolling, in milliseconds.
const REST = 2_500;

export class FloatingDay {
  #timer = null;

  // Screen readers have the rows with the names of the days.
  node = element("div.floating-day.resting", { "aria-hidden": "true", hidden: true }, element("span"));

  /**
   * @param {object[]} rows
   * @param {number} first the index of the topmost row in sight
   * @param {number} firstEnd how many pixels of it are in sight
   */
  draw(rows, first, firstEnd) {
    const name = rows[first]?.dayName;
    const isPushed = rows[first + 1]?.kind === "day" && firstEnd < HEIGHT;
    this.node.hidden = !name || isPushed;
    if (!this.node.hidden && this.node.textContent !== name) this.node.firstChild.textContent = name;
  }

  /** To be called when the user scrolls. */
  wake() {
    this.node.classList.remove("resting");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.node.classList.add("resting"), REST);
  }

  destroy() {
    clearTimeout(this.#timer);
  }
}
