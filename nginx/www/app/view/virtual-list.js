// A long list of which only the rows in sight, and some around them, are in the document.

const OVERSCAN = 800;
// How far from the end still counts as being there, and from the start as coming near it.
const AT_END = 40;
const NEAR = 1_200;

/**
 * Rows are {key, signature, isFixed, …}: the key names the row, the signature changes when it has to be shown anew;
 * isFixed is false for one that does not keep its place among the others. Their heights may differ and change: they
 * are estimated, and measured once they are in the document.
 *
 * Whatever changes, the row at the top of the viewport stays where it is; a list that was scrolled to the end stays
 * at the end.
 */
export class VirtualList {
  #viewport;
  #canvas;
  #options;
  #rows = [];
  #heights = new Map();
  // offsets[i] is the top of row i, offsets[rows.length] the height of all.
  #offsets = [0];
  // By key: {node, signature, index}.
  #shown = new Map();
  #sizes;
  #listening = new AbortController();
  #isUpdating = false;
  // Of the viewport, before it is resized.
  #height = 0;

  /**
   * @param {HTMLElement} viewport scrolls; its content is ours
   * @param {object} options
   *   render(row) makes an element, which must have no outer margin; refresh(element, row) shows a changed signature;
   *   estimate(row) is a height in pixels; stayAtEnd, whether a list at its end stays there;
   *   onShown({last, nearStart, nearEnd}) is told the last row in sight, and whether an end of the list is near
   */
  constructor(viewport, options) {
    this.#viewport = viewport;
    this.#options = { refresh: () => {}, stayAtEnd: false, onShown: () => {}, ...options };
    this.#canvas = document.createElement("div");
    this.#canvas.className = "virtual-canvas";
    this.#canvas.setAttribute("role", "list");
    viewport.append(this.#canvas);
    viewport.addEventListener("scroll", () => this.#update(), { passive: true, signal: this.#listening.signal });
    this.#sizes = new ResizeObserver((entries) => this.#onResize(entries));
    this.#sizes.observe(viewport);
  }

  destroy() {
    this.#listening.abort();
    this.#sizes.disconnect();
    this.#canvas.remove();
  }

  get isAtEnd() {
    return this.#offsets.at(-1) - this.#viewport.scrollTop - this.#viewport.clientHeight < AT_END;
  }

  setRows(rows) {
    const anchor = this.#anchor();
    this.#rows = rows;
    const keys = new Set(rows.map((row) => row.key));
    for (const key of this.#heights.keys()) if (!keys.has(key)) this.#heights.delete(key);
    this.#layOut();
    this.#restore(anchor);
    this.#update(anchor);
  }

  scrollToEnd() {
    this.restore({ atEnd: true });
  }

  /** Scrolls so that the row is at the top. */
  scrollTo(key) {
    this.restore({ key });
  }

  /** What stands where, for a list that takes this one's place. */
  get position() {
    return this.#anchor();
  }

  /** Scrolls to where another list was. */
  restore(position) {
    this.#restore(position);
    this.#update(position);
  }

  /** Tells onShown again what is in sight. */
  report() {
    if (this.#rows.length === 0 || this.#viewport.clientHeight === 0) return;
    const top = this.#viewport.scrollTop;
    const bottom = top + this.#viewport.clientHeight;
    // The last one that is in sight to its end, unless one alone fills the viewport.
    let last = this.#indexAt(bottom + 4);
    if (this.#offsets[last + 1] > bottom + 4 && last > this.#indexAt(top)) last -= 1;
    this.#options.onShown({
      last: this.#rows[last],
      nearStart: top < NEAR,
      nearEnd: this.#offsets.at(-1) - bottom < NEAR,
    });
  }

  // What has to stay where it is: the end; or the lower edge of the first row in sight, since what changes of a row
  // that others come before, its name for instance, is at its upper one.
  #anchor() {
    if (this.#rows.length === 0) return { atEnd: this.#options.stayAtEnd };
    if (this.#options.stayAtEnd && this.isAtEnd) return { atEnd: true };
    const top = this.#viewport.scrollTop;
    // A list that is read from its start shows what is new there.
    if (!this.#options.stayAtEnd && top <= 0) return { atStart: true };
    let index = this.#indexAt(top);
    // What stands above the first of some rows, like the name of a day, moves when others come before them.
    while (this.#rows[index].isFixed === false && index < this.#rows.length - 1) index += 1;
    return { key: this.#rows[index].key, lowerEdge: this.#offsets[index + 1] - top };
  }

  #restore(anchor) {
    let top = this.#viewport.scrollTop;
    if (anchor.atEnd) {
      top = this.#offsets.at(-1) - this.#viewport.clientHeight;
    } else if (!anchor.atStart) {
      const index = this.#rows.findIndex((row) => row.key === anchor.key);
      if (index >= 0) top = "lowerEdge" in anchor ? this.#offsets[index + 1] - anchor.lowerEdge : this.#offsets[index];
    }
    top = Math.max(0, top);
    if (Math.abs(top - this.#viewport.scrollTop) > 0.5) this.#viewport.scrollTop = top;
  }

  #layOut() {
    this.#offsets = new Array(this.#rows.length + 1);
    let top = 0;
    this.#rows.forEach((row, index) => {
      this.#offsets[index] = top;
      top += this.#heights.get(row.key) ?? this.#options.estimate(row);
    });
    this.#offsets[this.#rows.length] = top;
    this.#canvas.style.height = `${top}px`;
  }

  // The row at a height, by bisection.
  #indexAt(position) {
    let low = 0;
    let high = this.#rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#offsets[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // New rows are measured at once: where they are higher or lower than estimated, others come into sight.
  #update(anchor = this.#anchor()) {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    for (let rounds = 0; rounds < 8; rounds++) {
      this.#show();
      if (!this.#measure()) break;
      this.#layOut();
      this.#restore(anchor);
    }
    this.#place();
    this.#isUpdating = false;
    this.report();
  }

  #show() {
    const wanted = this.#wantedRows();
    const focused = document.activeElement;
    for (const [key, { node }] of this.#shown) {
      if (wanted.has(key)) continue;
      this.#sizes.unobserve(node);
      node.remove();
      this.#shown.delete(key);
    }
    let next = this.#canvas.firstChild;
    for (const { row, index } of wanted.values()) {
      let shown = this.#shown.get(row.key);
      if (!shown) {
        shown = { node: this.#options.render(row), signature: null };
        shown.node.setAttribute("role", "listitem");
        this.#shown.set(row.key, shown);
        this.#sizes.observe(shown.node);
      }
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

  // Those around the viewport; and, wherever it is, one that has the focus or plays something. By key, in order.
  #wantedRows() {
    const wanted = new Map();
    if (this.#rows.length === 0) return wanted;
    const first = this.#indexAt(this.#viewport.scrollTop - OVERSCAN);
    const last = this.#indexAt(this.#viewport.scrollTop + this.#viewport.clientHeight + OVERSCAN);
    const pinned = new Set();
    for (const [key, { node }] of this.#shown) if (isInUse(node)) pinned.add(key);
    if (pinned.size === 0) {
      for (let index = first; index <= last; index++) wanted.set(this.#rows[index].key, { row: this.#rows[index], index });
    } else {
      this.#rows.forEach((row, index) => {
        if ((index >= first && index <= last) || pinned.has(row.key)) wanted.set(row.key, { row, index });
      });
    }
    return wanted;
  }

  // Whether any height was another one than was known.
  #measure() {
    let hasChanged = false;
    for (const [key, { node }] of this.#shown) {
      const height = node.getBoundingClientRect().height;
      if (this.#heights.get(key) === height || height === 0) continue;
      this.#heights.set(key, height);
      hasChanged = true;
    }
    return hasChanged;
  }

  #place() {
    for (const { node, index } of this.#shown.values()) {
      node.style.transform = `translateY(${this.#offsets[index]}px)`;
      node.setAttribute("aria-posinset", index + 1);
      node.setAttribute("aria-setsize", this.#rows.length);
    }
  }

  #onResize(entries) {
    const isViewport = entries.some((entry) => entry.target === this.#viewport);
    // With the heights from before, so that what was at the top, or the end, is known.
    const anchor = isViewport ? this.#anchorBeforeResize() : this.#anchor();
    if (this.#measure() || isViewport) {
      this.#layOut();
      this.#restore(anchor);
      this.#update(anchor);
    }
    this.#height = this.#viewport.clientHeight;
  }

  // A keyboard that opens on a phone makes the viewport lower: what was at the end stays there.
  #anchorBeforeResize() {
    const wasAtEnd = this.#offsets.at(-1) - this.#viewport.scrollTop - this.#height < AT_END;
    return this.#options.stayAtEnd && wasAtEnd ? { atEnd: true } : this.#anchor();
  }
}

function isInUse(node) {
  if (node.contains(document.activeElement)) return true;
  return Array.from(node.querySelectorAll("audio, video")).some((media) => !media.paused);
}
