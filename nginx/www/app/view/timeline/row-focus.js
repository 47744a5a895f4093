// The keyboard in the list of messages: one message can be reached by Tab, the others from there by the arrow keys.

const A_LETTER = /^[\p{L}\p{N}]$/u;

export class RowFocus {
  #viewport;
  #list;
  #rows = [];
  #current = null;
  #reachable = null;

  /**
   * @param {HTMLElement} viewport of the list
   * @param {VirtualList} list
   * @param {object} options onEnter(row, node); leave(), for the composer; signal
   */
  constructor(viewport, list, { onEnter, leave, signal }) {
    this.#viewport = viewport;
    this.#list = list;
    viewport.addEventListener("focusin", ({ target }) => this.#onFocus(target), { signal });
    viewport.addEventListener("keydown", (event) => this.#onKey(event, onEnter, leave), { signal });
  }

  /** To be called when rows have come or gone, or were scrolled; `last` is the last one in sight. */
  update(rows, last) {
    this.#rows = rows;
    const isThere = this.#current !== null && this.#list.nodeOf(this.#current) !== null;
    if (!isThere) this.#current = null;
    const key = this.#current ?? this.#messageAt(rows.indexOf(last), -1)?.key;
    const node = key === undefined ? null : this.#list.nodeOf(key);
    if (this.#reachable !== node && this.#reachable) this.#reachable.tabIndex = -1;
    this.#reachable = node;
    if (node && node.tabIndex !== 0) node.tabIndex = 0;
  }

  /** Has the focus on a row, which is scrolled into sight. */
  focus(key) {
    this.#list.reveal(key);
    this.#list.nodeOf(key)?.focus({ preventScroll: true });
  }

  /** Has the focus on the message that is next to the place of one that is gone. Returns whether there is one. */
  focusNear(rows, index) {
    const row = this.#messageAt(Math.min(index, rows.length - 1), 1, rows) ?? this.#messageAt(index - 1, -1, rows);
    if (!row) return false;
    this.focus(row.key);
    return true;
  }

  #onFocus(target) {
    const row = this.#list.rowOf(target);
    if (row && isMessage(row)) {
      this.#current = row.key;
      this.update(this.#rows, row);
    }
  }

  #onKey(event, onEnter, leave) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { target, key } = event;
    if (key === "Escape" && target !== this.#viewport) {
      event.preventDefault();
      event.stopPropagation();
      leave();
      return;
    }
    const row = target === this.#viewport ? null : this.#list.rowOf(target);
    // The keys of a player or a link are its own.
    if (!row || target !== this.#list.nodeOf(row.key)) return;
    if (key === "Enter") {
      event.preventDefault();
      onEnter(row, target);
    } else if (A_LETTER.test(key)) {
      // Who begins to type writes a message. The letter goes to where the focus is then.
      leave();
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      const step = key === "ArrowUp" ? -1 : 1;
      if (this.#goesOnBeyond(target, step)) return;
      event.preventDefault();
      const next = this.#messageAt(this.#rows.indexOf(row) + step, step);
      if (next) this.focus(next.key);
    }
  }

  // A message that is higher than the viewport is scrolled through before the next one has the focus.
  #goesOnBeyond(node, step) {
    const [row, viewport] = [node.getBoundingClientRect(), this.#viewport.getBoundingClientRect()];
    if (row.height < viewport.height) return false;
    return step < 0 ? row.top < viewport.top - 1 : row.bottom > viewport.bottom + 1;
  }

  #messageAt(index, step, rows = this.#rows) {
    for (let at = index; at >= 0 && at < rows.length; at += step) if (isMessage(rows[at])) return rows[at];
    return null;
  }
}

function isMessage({ kind }) {
  return kind === "message" || kind === "pending";
}
