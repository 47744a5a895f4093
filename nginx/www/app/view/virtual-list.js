// A long list of which only the rows in sight, and some around them, are in the document.

import { pinnedRows } from "./timeline/pinned-rows.js";
import { RowLayout } from "./timeline/row-layout.js";

// These are distances in pixels: how far beyond the viewport rows are in the document, how near to the end counts as
// being there, and how near to the start or end is reported as near.
const OVERSCAN = 800;
const AT_END = 40;
const NEAR = 1_200;
// Rows that are measured for the first time can bring further ones into sight. This many times is enough for all.
const MAX_MEASUREMENTS = 8;

/**
 * Rows are {key, signature, isFixed, …}. The key identifies the row. When the signature changes the row is refreshed.
 * isFixed is false for a row that does not keep its place among the others. Heights may differ and change: they are
 * estimated, and measured once the rows are in the document.
 *
 * Whatever changes, the row at the top of the viewport stays where it is; a list that was scrolled to the end stays
 * at the end.
 */
export class VirtualList {
  #viewport;
  #canvas;
  #options;
  #layout;
  // By key, the rows in the document: {node, signature, index}.
  #shown = new Map();
  #resizeObserver;
  #listening = new AbortController();
  #isUpdating = false;
  #isReadFromStart;
  // How many rows are in the document besides, from the newest on, wherever the list is scrolled to.
  #shownBesides = 0;
  // The height of the viewport before it is resized.
  #viewportHeight = 0;

  /**
   * @param {HTMLElement} viewport scrolls; the list makes its content
   * @param {object} options
   *   render(row) makes an element, which must have no outer margin; refresh(element, row) applies a changed signature;
   *   estimate(row) returns a height in pixels; stayAtEnd, whether a list at its end stays there; one that is
   *   made without that is read from its start, and shows what is new there;
   *   onShown({first, firstEnd, last, nearStart, nearEnd}) gets the index of the first row in sight and how many pixels
   *   of it are, the last row in sight, and whether the start or end of the list is near
   */
  constructor(viewport, options) {
    this.#viewport = viewport;
    this.#options = { refresh: () => {}, stayAtEnd: false, onShown: () => {}, ...options };
    this.#isReadFromStart = !this.#options.stayAtEnd;
    this.#layout = new RowLayout(this.#options.estimate);
    this.#canvas = document.createElement("div");
    this.#canvas.className = "virtual-canvas";
    this.#canvas.setAttribute("role", "list");
    viewport.append(this.#canvas);
    viewport.addEventListener("scroll", () => this.#update(), { passive: true, signal: this.#listening.signal });
    this.#resizeObserver = new ResizeObserver((entries) => this.#onResize(entries));
    this.#resizeObserver.observe(viewport);
  }

  destroy() {
    this.#listening.abort();
    this.#resizeObserver.disconnect();
    this.#canvas.remove();
  }

  /** Whether a list that is at its end stays there when rows are added. */
  set stayAtEnd(stays) {
    this.#options.stayAtEnd = stays;
  }

  get isAtEnd() {
    return this.#isEndWithin(this.#viewport.clientHeight);
  }

  setRows(rows) {
    const position = this.position;
    this.#layout.setRows(rows);
    this.#resizeCanvas();
    this.restore(position);
  }

  scrollToEnd() {
    this.restore({ isAtEnd: true });
  }

  /** Scrolls so that the row is at the top. */
  scrollTo(key) {
    this.restore({ key });
  }

  /** Scrolls so that the row is in the middle; one that is higher than the viewport begins at its top. */
  scrollToMiddle(key) {
    this.restore({ key, isMiddle: true });
  }

  /** Scrolls no further than it takes to have the row in sight. */
  reveal(key) {
    const index = this.#layout.indexOf(key);
    const position = this.#layout.positionToReveal(index, this.#viewport.scrollTop, this.#viewport.clientHeight);
    if (position) this.restore(position);
  }

  /** Returns the element of a row, or null where it is not in the document. */
  nodeOf(key) {
    return this.#shown.get(key)?.node ?? null;
  }

  /** Returns the row of an element that is its node or in it, or null. */
  rowOf(node) {
    const shown = Array.from(this.#shown.values()).find((each) => each.node.contains(node));
    return shown ? this.#layout.rows[shown.index] ?? null : null;
  }

  /** Has all rows between the ends of a selection in the document, which may have become larger since one scrolled. */
  showSelected() {
    this.#update();
  }

  /** Has the last `count` rows in the document, too, wherever the list is scrolled to. */
  showBesides(count) {
    this.#shownBesides = count;
    this.#update();
  }

  /**
   * What has to stay where it is when rows change: the end, or the lower edge of the first row in sight. It is the
   * lower edge, since a row changes at its upper one when others come before it: it may lose its sender's name.
   */
  get position() {
    const { rows } = this.#layout;
    if (rows.length === 0) return { isAtEnd: this.#options.stayAtEnd };
    if (this.#options.stayAtEnd && this.isAtEnd) return { isAtEnd: true };
    const top = this.#viewport.scrollTop;
    if (this.#isReadFromStart && top <= 0) return { isAtStart: true };
    let index = this.#layout.indexAt(top);
    // A row such as the name of a day moves when messages of that day come before it.
    while (rows[index].isFixed === false && index < rows.length - 1) index += 1;
    return { key: rows[index].key, lowerEdge: this.#layout.bottom(index) - top };
  }

  /** Scrolls to a position, which may be that of another list with these rows. */
  restore(position) {
    this.#scrollTo(position);
    this.#update(position);
  }

  /** Calls onShown with the current state. */
  report() {
    if (this.#layout.rows.length === 0 || this.#viewport.clientHeight === 0) return;
    const top = this.#viewport.scrollTop;
    const bottom = top + this.#viewport.clientHeight;
    // A row counts when its lower edge is in sight, or when it fills the viewport alone.
    const first = this.#layout.indexAt(top);
    let last = this.#layout.indexAt(bottom + 4);
    if (this.#layout.bottom(last) > bottom + 4 && last > first) last -= 1;
    this.#options.onShown({
      first,
      firstEnd: this.#layout.bottom(first) - top,
      last: this.#layout.rows[last],
      nearStart: top < NEAR,
      nearEnd: this.#layout.height - bottom < NEAR,
    });
  }

  #isEndWithin(viewportHeight) {
    return this.#layout.height - this.#viewport.scrollTop - viewportHeight < AT_END;
  }

  #scrollTo(position) {
    let top = this.#viewport.scrollTop;
    if (position.isAtEnd) {
      top = this.#layout.height - this.#viewport.clientHeight;
    } else if (!position.isAtStart) {
      top = this.#layout.topOf(position, this.#viewport.clientHeight) ?? top;
    }
    top = Math.max(0, top);
    if (Math.abs(top - this.#viewport.scrollTop) > 0.5) this.#viewport.scrollTop = top;
  }

  #resizeCanvas() {
    this.#canvas.style.height = `${this.#layout.height}px`;
  }

  #update(position = this.position) {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    for (let count = 0; count < MAX_MEASUREMENTS; count++) {
      this.#show();
      if (!this.#measure()) break;
      this.#applyHeights(position);
    }
    this.#place();
    this.#isUpdating = false;
    this.report();
  }

  #applyHeights(position) {
    this.#layout.update();
    this.#resizeCanvas();
    this.#scrollTo(position);
  }

  // Adds, refreshes and removes elements, so that those of the wanted rows are in the document in their order.
  #show() {
    const wanted = this.#wantedRows();
    const focused = document.activeElement;
    for (const [key, { node }] of this.#shown) {
      if (wanted.has(key)) continue;
      this.#resizeObserver.unobserve(node);
      node.remove();
      this.#shown.delete(key);
    }
    let next = this.#canvas.firstChild;
    for (const { row, index } of wanted.values()) {
      const shown = this.#shown.get(row.key) ?? this.#render(row);
      if (shown.signature !== row.signature) {
        this.#options.refresh(shown.node, row);
        shown.signature = row.signature;
      }
      shown.index = index;
      if (shown.node === next) next = next.nextSibling;
      else this.#canvas.insertBefore(shown.node, next);
    }
    // Moving an element takes the focus off it.
    if (focused !== document.activeElement && this.#canvas.contains(focused)) focused.focus({ preventScroll: true });
  }

  #render(row) {
    const shown = { node: this.#options.render(row), signature: null, index: -1 };
    shown.node.setAttribute("role", "listitem");
    this.#shown.set(row.key, shown);
    this.#resizeObserver.observe(shown.node);
    return shown;
  }

  // Returns the rows around the viewport and, wherever they are, those that are in use, by key and in order.
  #wantedRows() {
    const wanted = new Map();
    const { rows } = this.#layout;
    if (rows.length === 0) return wanted;
    const first = this.#layout.indexAt(this.#viewport.scrollTop - OVERSCAN);
    const last = this.#layout.indexAt(this.#viewport.scrollTop + this.#viewport.clientHeight + OVERSCAN);
    const pinned = pinnedRows(this.#canvas, rows, this.#shown, this.#shownBesides);
    for (let index = first; index <= last; index++) pinned.add(index);
    for (const index of Array.from(pinned).sort((a, b) => a - b)) {
      wanted.set(rows[index].key, { row: rows[index], index });
    }
    return wanted;
  }

  // Measures the rows in the document. Returns whether any height has changed.
  #measure() {
    let hasChanged = false;
    for (const [key, { node }] of this.#shown) {
      const { height } = node.getBoundingClientRect();
      if (height !== 0 && this.#layout.setHeight(key, height)) hasChanged = true;
    }
    return hasChanged;
  }

  #place() {
    for (const { node, index } of this.#shown.values()) {
      node.style.transform = `translateY(${this.#layout.top(index)}px)`;
      node.setAttribute("aria-posinset", index + 1);
      node.setAttribute("aria-setsize", this.#layout.rows.length);
    }
  }

  #onResize(entries) {
    const isViewport = entries.some((entry) => entry.target === this.#viewport);
    // The position is that with the heights from before.
    const position = isViewport ? this.#positionBeforeResize() : this.position;
    if (this.#measure() || isViewport) {
      this.#applyHeights(position);
      this.#update(position);
    }
    this.#viewportHeight = this.#viewport.clientHeight;
  }

  // A keyboard that opens on a phone makes the viewport lower. A list that was at its end stays there.
  #positionBeforeResize() {
    const wasAtEnd = this.#options.stayAtEnd && this.#isEndWithin(this.#viewportHeight);
    return wasAtEnd ? { isAtEnd: true } : this.position;
  }
}
