// Toasts: notes in a corner of the page that go by themselves.

import { t } from "../language/language.js";
import { element, iconButton, isolated } from "./dom.js";

const MOST = 3;
const DURATION = 7_000;
// Who has read one with the mouse over it has this long, in milliseconds, to move it somewhere else.
const SHORTEST_REST = 1_500;

/**
 * The toasts of a page. `node` has to be in the document before the first one is shown, so that screen readers read
 * them out.
 */
export class Toasts {
  // By key: {node, rest, timer, startedAt}. The oldest one comes first.
  #shown = new Map();
  #listening = new AbortController();
  #isPointedAt = false;
  #hasFocus = false;
  #focusBefore = null;
  #count = 0;

  constructor() {
    this.node = element("div.toasts", {
      role: "status", "aria-live": "polite", "aria-relevant": "additions",
      onpointerenter: () => this.#setState({ isPointedAt: true }),
      onpointerleave: () => this.#setState({ isPointedAt: false }),
      onfocusin: (event) => this.#onFocusIn(event),
      onfocusout: ({ relatedTarget }) => this.#setState({ hasFocus: this.node.contains(relatedTarget) }),
    });
    // Nobody sees a toast of a tab that is behind.
    document.addEventListener("visibilitychange", () => this.#setState({}), { signal: this.#listening.signal });
  }

  destroy() {
    this.#listening.abort();
    for (const { timer } of this.#shown.values()) clearTimeout(timer);
    this.#shown.clear();
    this.node.remove();
  }

  /**
   * Shows a toast, in place of one with the same key. The oldest of more than three goes.
   *
   * @param {object} toast
   *   key?; title?, a name; text; picture?, a Node before them;
   *   action?: {label?, onPress}: a button with that label or, without one, the toast itself can be pressed;
   *   duration? in milliseconds, Infinity for one that stays until it is closed
   * @returns {{dismiss: function()}}
   */
  show({ key = `toast ${this.#count++}`, title, text, picture, action, duration = DURATION }) {
    const node = this.#make({ key, title, text, picture, action });
    const replaced = this.#shown.get(key);
    const hadFocus = replaced?.node.contains(document.activeElement);
    if (replaced) this.#forget(key);
    this.node.append(node);
    if (hadFocus) node.querySelector("button").focus();
    replaced?.node.remove();
    this.#shown.set(key, { node, rest: duration, timer: null, startedAt: 0 });
    while (this.#shown.size > MOST) this.dismiss(this.#shown.keys().next().value);
    this.#setState({});
    return { dismiss: () => { if (this.#shown.get(key)?.node === node) this.dismiss(key); } };
  }

  /** Takes the toast with that key away, if there is one. */
  dismiss(key) {
    const toast = this.#shown.get(key);
    if (toast === undefined) return;
    const hadFocus = toast.node.contains(document.activeElement);
    this.#forget(key);
    if (hadFocus) this.#moveFocus();
    toast.node.remove();
    // What is gone tells of no leaving by the mouse.
    if (this.#shown.size === 0) this.#setState({ isPointedAt: false, hasFocus: false });
  }

  #make({ key, title, text, picture, action }) {
    const press = () => {
      this.dismiss(key);
      action.onPress();
    };
    const content = [
      picture ?? null,
      element(
        "span.toast-text", {},
        title ? element("span.toast-title", {}, isolated(title)) : null, element("span", { dir: "auto" }, text),
      ),
    ];
    return element(
      "div.toast", { onkeydown: (event) => this.#onKey(event, key) },
      action && !action.label
        ? element("button.toast-body", { type: "button", onclick: press }, ...content)
        : element("div.toast-body", {}, ...content),
      action?.label ? element("button.toast-action", { type: "button", onclick: press }, action.label) : null,
      iconButton("close", t("close"), () => this.dismiss(key)),
    );
  }

  #onKey(event, key) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.dismiss(key);
  }

  #onFocusIn({ relatedTarget }) {
    if (!this.node.contains(relatedTarget)) this.#focusBefore = relatedTarget;
    this.#setState({ hasFocus: true });
  }

  // The focus goes to the next toast, or to where it came from.
  #moveFocus() {
    const [next = null] = Array.from(this.#shown.values(), ({ node }) => node.querySelector("button"));
    (next ?? this.#focusBefore)?.focus();
  }

  // The time of all stands still while the user is at one of them, so that none goes from under the mouse.
  #setState({ isPointedAt = this.#isPointedAt, hasFocus = this.#hasFocus }) {
    this.#isPointedAt = isPointedAt;
    this.#hasFocus = hasFocus;
    const isPaused = isPointedAt || hasFocus || document.hidden;
    for (const [key, toast] of this.#shown) {
      if (isPaused) pause(toast);
      else if (toast.timer === null && toast.rest !== Infinity) this.#start(key, toast);
    }
  }

  #start(key, toast) {
    toast.startedAt = performance.now();
    toast.timer = setTimeout(() => this.dismiss(key), toast.rest);
  }

  #forget(key) {
    clearTimeout(this.#shown.get(key).timer);
    this.#shown.delete(key);
  }
}

function pause(toast) {
  if (toast.timer === null) return;
  clearTimeout(toast.timer);
  toast.timer = null;
  toast.rest = Math.max(SHORTEST_REST, toast.rest - (performance.now() - toast.startedAt));
}
