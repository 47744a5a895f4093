// Pop-up menus. One is open at a time, and it is used as those of the system are, by keyboard, mouse or touch.

import { element, icon } from "./dom.js";
import { backCloses } from "./history.js";

const MARGIN = 8;
const TYPEAHEAD = 500;

let open = null;

/**
 * Opens a menu, in place of one that is open. The focus goes to its first item, and back to where it was when the menu
 * closes. It closes by a choice, Escape, Tab, scrolling, or a press elsewhere.
 *
 * @param {(object|null)[]} items null is left out. {label, onSelect, icon?, kind?: "radio" | "check", isChecked?,
 *   isDisabled?, isDanger?}, or a group, {label, items}, which has lines around it
 * @param {object} options
 *   at: {x, y} in the viewport, or the element under which the menu opens; label: its name for screen readers;
 *   onClose(); signal, an AbortSignal that closes the menu
 * @returns {{close: function()}}
 */
export function openMenu(items, { at, label = null, onClose = () => {}, signal = null }) {
  open?.close();
  const menu = new Menu(items, { at, label, onClose, signal });
  open = menu;
  menu.show();
  return { close: () => menu.close() };
}

/**
 * Has a button open a menu, and close it again.
 *
 * @param {function(): object[]} makeItems
 * @param {object} options as those of `openMenu`, without `at`
 */
export function opensMenu(button, makeItems, options = {}) {
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  const show = () => {
    if (open?.anchor === button) {
      open.close();
      return;
    }
    openMenu(makeItems(), { label: button.getAttribute("aria-label"), ...options, at: button });
  };
  button.addEventListener("click", show);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    show();
  });
  return button;
}

class Menu {
  #listening = new AbortController();
  #items = [];
  #onClose;
  #at;
  #focusBefore = document.activeElement;
  #typed = "";
  #typedAt = 0;
  #width = innerWidth;
  #forgetBack = () => {};

  constructor(items, { at, label, onClose, signal }) {
    this.#at = at;
    this.#onClose = onClose;
    this.node = element(
      "div.menu", {
        role: "menu", "aria-label": label, tabindex: -1,
        onkeydown: (event) => this.#onKey(event), oncontextmenu: (event) => event.preventDefault(),
      },
      ...items.filter(Boolean).map((item) => (item.items ? this.#group(item) : this.#item(item))),
    );
    signal?.addEventListener("abort", () => this.close(), { signal: this.#listening.signal });
  }

  /** The element under which the menu stands, or null. */
  get anchor() {
    return this.#at instanceof Element ? this.#at : null;
  }

  show() {
    // A modal dialog makes inert what is outside of it.
    const around = (this.anchor ?? this.#focusBefore)?.closest("dialog, main") ?? document.querySelector("main");
    (around ?? document.body).append(this.node);
    this.anchor?.setAttribute("aria-expanded", "true");
    this.#place();
    this.#focus(0);
    const { signal } = this.#listening;
    const options = { capture: true, passive: true, signal };
    // The row that the menu stands at may be moved by a message that comes in. Only the user's scrolling closes it, which
    // begins with one of these; the finger that has opened the menu by a long press may still move.
    for (const type of ["pointerdown", "wheel"]) addEventListener(type, (event) => this.#onElsewhere(event), options);
    addEventListener("resize", () => this.#onResize(), { signal });
    addEventListener("hashchange", () => this.close(), { signal });
    this.#forgetBack = backCloses(() => this.close());
  }

  close() {
    if (open !== this) return;
    open = null;
    this.#forgetBack();
    this.#listening.abort();
    const hadFocus = this.node.contains(document.activeElement) || document.activeElement === document.body;
    this.node.remove();
    this.anchor?.setAttribute("aria-expanded", "false");
    if (hadFocus && this.#focusBefore?.isConnected) this.#focusBefore.focus({ preventScroll: true });
    this.#onClose();
  }

  #group({ label, items }) {
    return element(
      "div.menu-group", { role: "group", "aria-label": label },
      element("div.menu-heading", { "aria-hidden": "true" }, label),
      ...items.filter(Boolean).map((item) => this.#item(item)),
    );
  }

  #item({ label, onSelect, icon: iconName, kind, isChecked = false, isDisabled = false, isDanger = false }) {
    const role = { radio: "menuitemradio", check: "menuitemcheckbox" }[kind] ?? "menuitem";
    const select = () => {
      if (isDisabled) return;
      this.close();
      onSelect();
    };
    const node = element(
      isDanger ? "button.menu-item.danger" : "button.menu-item", {
        type: "button", role, tabindex: -1, "aria-checked": kind ? String(isChecked) : null,
        "aria-disabled": isDisabled ? "true" : null, onclick: select,
      },
      kind ? element("span.menu-mark", {}, isChecked ? icon("sent") : null) : iconName ? icon(iconName) : null,
      element("span", {}, label),
    );
    // As in menus of the system, the item under the mouse is the one that has the focus.
    node.addEventListener("pointermove", ({ pointerType }) => {
      if (pointerType === "mouse" && document.activeElement !== node) node.focus({ preventScroll: true });
    });
    this.#items.push({ node, label });
    return node;
  }

  #focus(index) {
    this.#items.at(index % this.#items.length)?.node.focus({ preventScroll: true });
    document.activeElement.scrollIntoView?.({ block: "nearest" });
  }

  #onKey(event) {
    // The keys are the menu's while it is open, and no shortcuts of the page.
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const current = this.#items.findIndex(({ node }) => node === document.activeElement);
    const moves = { ArrowDown: current + 1, ArrowUp: Math.max(current, 0) - 1, Home: 0, End: -1 };
    if (event.key in moves) {
      this.#typed = "";
      this.#focus(moves[event.key]);
    } else if (event.key === "Escape") this.close();
    else if (event.key === "Tab") return this.close();
    else if (event.key.length !== 1 || !this.#typeahead(event, current)) return;
    event.preventDefault();
  }

  // Letters that follow each other closely are the beginning of an item's label; the same letter again is the next item
  // with it. Returns whether the key belongs to a label.
  #typeahead({ key, timeStamp }, current) {
    const isContinued = this.#typed !== "" && timeStamp - this.#typedAt < TYPEAHEAD;
    if (key === " " && !isContinued) return false;
    this.#typedAt = timeStamp;
    this.#typed = (isContinued ? this.#typed : "") + key.toLowerCase();
    const isRepeated = Array.from(this.#typed).every((letter) => letter === this.#typed[0]);
    const sought = isRepeated ? this.#typed[0] : this.#typed;
    const first = isRepeated ? current + 1 : Math.max(current, 0);
    const order = this.#items.map((_, index) => (first + index) % this.#items.length);
    const found = order.find((index) => this.#items[index].label.toLowerCase().startsWith(sought));
    if (found !== undefined) this.#focus(found);
    return true;
  }

  #onElsewhere({ target, type }) {
    if (this.node.contains(target)) return;
    // The button that has opened the menu closes it by its click.
    if (type === "pointerdown" && this.anchor?.getAttribute("aria-haspopup") && this.anchor.contains(target)) return;
    this.close();
  }

  // The keyboard of a phone goes when the menu takes the focus, and the window becomes higher.
  #onResize() {
    if (innerWidth !== this.#width) this.close();
    else this.#place();
  }

  #place() {
    const { clientWidth, clientHeight } = document.documentElement;
    const { width, height } = this.node.getBoundingClientRect();
    const box = this.anchor?.getBoundingClientRect()
      ?? { left: this.#at.x, right: this.#at.x, top: this.#at.y, bottom: this.#at.y };
    const left = box.left + width + MARGIN <= clientWidth ? box.left : box.right - width;
    const top = box.bottom + height + MARGIN <= clientHeight ? box.bottom : box.top - height;
    const clamp = (position, size, most) => Math.max(MARGIN, Math.min(position, most - size - MARGIN));
    this.node.style.left = `${clamp(left, width, clientWidth)}px`;
    this.node.style.top = `${clamp(top, height, clientHeight)}px`;
  }
}
