// The messages of a conversation: a long list, what floats over it, and what one does with a message there.

import { t } from "../../language/language.js";
import { selectedText } from "./copied-rows.js";
import { element, fill, icon } from "../dom.js";
import { FloatingDay } from "./floating-day.js";
import { Lightbox } from "../media/lightbox.js";
import { mediaItems } from "../media/media-items.js";
import { onMenuRequest } from "../menu-request.js";
import { openMenu, opensMenu } from "../menu.js";
import { onPrint } from "./printing.js";
import { RowFocus } from "./row-focus.js";
import { estimateRow, refreshRow, renderRow } from "./timeline-row-view.js";
import { VirtualList } from "../virtual-list.js";

// For how long a message that one was led to stands out, in milliseconds.
const HIGHLIGHT = 2_400;

export class TimelineView {
  #events;
  #rows = [];
  #list;
  #rowFocus;
  #menu = null;
  #lightbox = null;
  #isShowing = false;
  #day = new FloatingDay();
  #viewport = element("div.timeline", { tabindex: -1, role: "region", "aria-label": t("messages") });
  #jumpButton = element("button.jump", { type: "button", hidden: true, onclick: () => this.#events.toEnd() });

  /**
   * @param {object} events
   *   menuItems(row, selected) returns what can be done with a message; actions, as for renderRow, without
   *   makeMenuButton; onShown({last, nearStart, nearEnd}), as of a VirtualList; toEnd(); leave(), for the focus;
   *   user() returns {id, nickname}; loadOlder(), loadNewer()
   * @param {AbortSignal} signal aborts when the view is destroyed
   */
  constructor(events, signal) {
    this.#events = events;
    this.node = element("div.timeline-frame", {}, this.#viewport, this.#day.node, this.#jumpButton);
    const actions = Object.assign(events.actions, { makeMenuButton: (row) => this.#menuButton(row, signal) });
    this.#list = new VirtualList(this.#viewport, {
      render: (row) => renderRow(row, actions), refresh: (node, row) => refreshRow(node, row, actions),
      estimate: estimateRow, stayAtEnd: true, onShown: (shown) => this.#onShown(shown),
    });
    this.#rowFocus = new RowFocus(this.#viewport, this.#list, {
      onEnter: (row, node) => this.#openMenu(row, node), leave: () => events.leave(), signal,
    });
    onMenuRequest(this.#viewport, ({ target, at }) => this.#onMenuRequest(target, at, signal), signal);
    this.#viewport.addEventListener("click", ({ target }) => this.#onClick(target), { signal });
    this.#viewport.addEventListener("scroll", () => this.#day.wake(), { passive: true, signal });
    document.addEventListener("copy", (event) => this.#onCopy(event), { signal });
    document.addEventListener("visibilitychange", () => this.#list.report(), { signal });
    onPrint(this.#list, signal);
    signal.addEventListener("abort", () => {
      this.#day.destroy();
      this.#lightbox?.close();
      this.#list.destroy();
    });
  }

  /** Where it is scrolled to, for `show`. */
  get place() {
    return this.#list.position;
  }

  /** Whether the end is in sight. */
  get isAtEnd() {
    return this.#list.isAtEnd;
  }

  focus() {
    this.#viewport.focus();
  }

  /** @param {boolean} hasNewer whether further rows are to come at the end, which are not to be passed by */
  setRows(rows, hasNewer) {
    const focused = this.#list.rowOf(document.activeElement);
    const index = this.#rows.indexOf(focused);
    this.#rows = rows;
    if (this.#menu && !rows.some(({ key }) => key === this.#menu.key)) this.#menu.close();
    this.#list.stayAtEnd = !hasNewer;
    this.#list.setRows(rows);
    this.#lightbox?.setItems(mediaItems(rows), this.#hasOlder, hasNewer);
    // A message that had the focus may be gone, recalled or sent.
    const isGone = focused !== null && !rows.some(({ key }) => key === focused.key);
    if (isGone && !this.#rowFocus.focusNear(rows, index)) this.#events.leave();
  }

  /** Takes everything off. It tells of nothing on the screen until something is shown anew. */
  clear() {
    this.#isShowing = false;
    this.#rows = [];
    this.#menu?.close();
    this.#lightbox?.close();
    this.#list.setRows([]);
    this.#jumpButton.hidden = true;
    this.#day.node.hidden = true;
  }

  /** Scrolls to a place at first, null for the end; it tells what is on the screen from then on. */
  show(place) {
    this.#isShowing = true;
    if (place === null) this.#list.scrollToEnd();
    else this.#list.restore(place);
  }

  scrollToEnd() {
    this.#list.scrollToEnd();
  }

  /** Scrolls to the line over the first unread message, which gets the focus. */
  toUnread(key) {
    this.#list.scrollTo("unread");
    this.#list.nodeOf(key)?.focus({ preventScroll: true });
  }

  /** Shows a message in the middle, and has it stand out for a moment. */
  lead(key, { takesFocus = true } = {}) {
    this.#list.scrollToMiddle(key);
    const node = this.#list.nodeOf(key);
    if (!node) return;
    if (takesFocus) node.focus({ preventScroll: true });
    node.classList.remove("led-to");
    // The animation begins anew where one is led there again.
    requestAnimationFrame(() => node.classList.add("led-to"));
    setTimeout(() => node.classList.remove("led-to"), HIGHLIGHT);
  }

  /** @param {number} unseenCount how many messages have come in that were not on the screen */
  drawJumpButton(isHidden, unseenCount) {
    this.#jumpButton.hidden = isHidden;
    const text = unseenCount > 0 ? t("newMessages", { n: unseenCount }) : t("toNewest");
    if (this.#jumpButton.textContent !== text) fill(this.#jumpButton, icon("down"), element("span", {}, text));
  }

  #onShown({ first, firstEnd, ...shown }) {
    if (!this.#isShowing) return;
    this.#rowFocus.update(this.#rows, shown.last);
    this.#day.draw(this.#rows, first, firstEnd);
    this.#events.onShown(shown);
  }

  // MARK: Menus

  #menuButton(row, signal) {
    const button = element(
      "button.icon-button.more",
      { type: "button", tabindex: -1, "aria-label": t("messageMenu"), title: t("messageMenu") }, icon("more"),
    );
    return opensMenu(button, () => this.#events.menuItems(this.#current(row), ""), { signal });
  }

  #onMenuRequest(target, at, signal) {
    const row = this.#list.rowOf(target);
    if (row?.kind !== "message" && row?.kind !== "pending") return false;
    const node = this.#list.nodeOf(row.key);
    this.#openMenu(row, node, at instanceof Element ? undefined : at, signal);
    return true;
  }

  // By the keyboard the menu opens under the message.
  #openMenu(row, node, at = under(node), signal) {
    const items = this.#events.menuItems(row, selectedIn(node));
    node.classList.add("menu-open");
    // The focus comes back to the message, also where a click has opened the menu.
    if (!node.contains(document.activeElement)) node.focus({ preventScroll: true });
    const onClose = () => {
      node.classList.remove("menu-open");
      this.#menu = null;
    };
    const { close } = openMenu(items, { at, label: t("messageMenu"), onClose, signal });
    this.#menu = { key: row.key, close };
  }

  // A row is another object after each change.
  #current(row) {
    return this.#rows.find(({ key }) => key === row.key) ?? row;
  }

  // MARK: The lightbox

  get #hasOlder() {
    return this.#rows[0]?.kind === "loading";
  }

  get #hasNewer() {
    return this.#rows.at(-1)?.kind === "loading" && this.#rows.length > 1;
  }

  // What opens it is marked with data-open.
  #onClick(target) {
    const opener = target.closest("[data-open]");
    const row = opener && this.#list.rowOf(opener);
    if (!row) return;
    const video = opener.parentElement.querySelector("video");
    const startAt = video && !video.paused ? video.currentTime : null;
    const { key } = row;
    const items = mediaItems(this.#rows);
    if (!items.some((item) => item.key === key)) return;
    this.#lightbox = new Lightbox(
      { items, key, hasOlder: this.#hasOlder, hasNewer: this.#hasNewer, startAt },
      {
        loadOlder: () => this.#events.loadOlder(), loadNewer: () => this.#events.loadNewer(),
        onClose: () => {
          this.#lightbox = null;
          this.#focusIn(key);
        },
      },
    );
  }

  // The row of what was opened may have been made anew meanwhile, or be gone.
  #focusIn(key) {
    const node = this.#list.nodeOf(key);
    const target = node?.querySelector("[data-open]") ?? node ?? this.#viewport;
    target.focus({ preventScroll: true });
  }

  #onCopy(event) {
    const selection = document.getSelection();
    const { anchorNode, focusNode } = selection;
    if (!this.#viewport.contains(anchorNode) || !this.#viewport.contains(focusNode)) return;
    this.#list.showSelected();
    const shown = this.#rows
      .map((row) => ({ row, node: this.#list.nodeOf(row.key) }))
      .filter(({ node }) => node !== null);
    const text = selectedText(selection, shown, this.#events.user());
    if (text === null) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  }
}

function under(node) {
  const { left, bottom } = (node.querySelector(".bubble, .system-text") ?? node).getBoundingClientRect();
  return { x: left, y: bottom };
}

function selectedIn(node) {
  const selection = document.getSelection();
  const isInside = node.contains(selection.anchorNode) && node.contains(selection.focusNode);
  return isInside ? selection.toString().trim() : "";
}
