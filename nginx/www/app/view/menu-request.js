// What asks for the menu of something: a right click, the keyboard's menu key, or a long press by touch.

const LONG_PRESS = 500;
// A finger that moves further than this many pixels scrolls.
const STILL = 10;
// Fields have a menu of the browser's, and so have links in a text, and text that is selected.
const BROWSERS_OWN = "input, textarea, select, [contenteditable], .text a";

/**
 * Calls a listener when the user asks for the menu of `node` or of something in it.
 *
 * @param {function({target: Element, at: Element|{x: number, y: number}}): (boolean|void)} listener `at` is for
 *   `openMenu`; the listener returns false where it opens no menu, and the browser then opens its own
 * @param {AbortSignal} signal ends it
 */
export function onMenuRequest(node, listener, signal) {
  node.classList.add("has-menu");
  signal.addEventListener("abort", () => node.classList.remove("has-menu"));
  const press = new LongPress(node, listener, signal);

  node.addEventListener("contextmenu", (event) => {
    if (event.defaultPrevented) return;
    // Android tells of a long press by this event, too; iOS does not.
    if (event.pointerType === "touch" || press.isDown) {
      if (press.isLong || press.fire()) event.preventDefault();
      return;
    }
    const { target, clientX: x, clientY: y } = event;
    const isByKey = event.button !== 2 && (event.pointerType ?? "") === "" && event.detail === 0;
    if (!isByKey && isBrowsersOwn(target)) return;
    if (listener({ target, at: isByKey ? target : { x, y } }) !== false) event.preventDefault();
  }, { signal });

  node.addEventListener("keydown", (event) => {
    const isMenuKey = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
    const { target } = event;
    if (!isMenuKey || target.matches("input, textarea, select, [contenteditable]")) return;
    if (listener({ target, at: target }) !== false) event.preventDefault();
  }, { signal });
}

function isBrowsersOwn(target) {
  const selection = getSelection();
  return target.closest(BROWSERS_OWN) !== null
    || (!selection.isCollapsed && selection.containsNode(target, true));
}

class LongPress {
  #listener;
  #timer = null;
  #start = null;

  /** Whether the finger that is down has pressed for long enough. What it does until it is up is no click. */
  isLong = false;

  constructor(node, listener, signal) {
    this.#listener = listener;
    const cancel = () => this.#cancel();
    node.addEventListener("pointerdown", (event) => this.#onDown(event), { signal });
    node.addEventListener("pointermove", (event) => this.#onMove(event), { signal });
    node.addEventListener("pointerup", cancel, { signal });
    node.addEventListener("pointercancel", cancel, { signal });
    node.addEventListener("scroll", cancel, { capture: true, signal });
    // Without this the browser makes a click of the touch.
    node.addEventListener("touchend", (event) => { if (this.isLong) event.preventDefault(); }, { passive: false, signal });
    node.addEventListener("click", (event) => this.#onClick(event), { capture: true, signal });
    signal.addEventListener("abort", cancel);
  }

  get isDown() {
    return this.#start !== null;
  }

  /** Tells of the press at once. Returns whether a menu was opened. */
  fire() {
    if (this.#start === null) return false;
    const { x, y, target } = this.#start;
    this.#cancel();
    if (target.closest("input, textarea, select, [contenteditable]")) return false;
    this.isLong = this.#listener({ target, at: { x, y } }) !== false;
    if (this.isLong) getSelection().removeAllRanges();
    return this.isLong;
  }

  #onDown({ pointerType, isPrimary, clientX: x, clientY: y, target }) {
    this.#cancel();
    this.isLong = false;
    if (pointerType === "mouse" || !isPrimary || target.closest("[role=menu]")) return;
    this.#start = { x, y, target };
    this.#timer = setTimeout(() => this.fire(), LONG_PRESS);
  }

  #onMove({ clientX, clientY }) {
    if (this.#start && Math.hypot(clientX - this.#start.x, clientY - this.#start.y) > STILL) this.#cancel();
  }

  #onClick(event) {
    if (!this.isLong) return;
    this.isLong = false;
    event.preventDefault();
    event.stopPropagation();
  }

  #cancel() {
    clearTimeout(this.#timer);
    this.#start = null;
  }
}
