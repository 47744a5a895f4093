// The list of what a search has found, and what there is to say about it.

import { t } from "../../language/language.js";
import { element } from "../dom.js";
import { pollErrorText } from "../failure-text.js";

export class HitList {
  #makeHit;
  #onMore;
  #items = new Map();
  #list = element("ul.hit-list");
  #status = element("p.hits-status", { role: "status" });
  #more = element("button.more-hits", { type: "button", hidden: true, onclick: () => this.#loadMore() });
  // More is looked for as soon as the end of the list is in sight.
  #atEnd = new IntersectionObserver((entries) => { if (entries.at(-1).isIntersecting) this.#onMore(); });

  /**
   * @param {function(object): HTMLElement} makeHit makes a button or link of a FoundMessage, with the class "hit"
   * @param {function()} onMore called when more is to be looked for, or once more where that has failed
   */
  constructor(makeHit, onMore) {
    this.#makeHit = makeHit;
    this.#onMore = onMore;
    this.node = element("div.hits", {}, this.#list, this.#status, this.#more);
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list.addEventListener("focusin", (event) => this.#setTabStop(event.target.closest(".hit")));
  }

  destroy() {
    this.#atEnd.disconnect();
  }

  /** Moves the focus to the current hit, or to the first one. Returns whether there is one. */
  focus() {
    const hits = this.#hits();
    const hit = hits.find((each) => each.hasAttribute("aria-current")) ?? hits[0];
    hit?.focus();
    return hit !== undefined;
  }

  /**
   * @param {object|null} state of the search; null: there is none
   * @param {string|null} currentId message_id of the one that is shown
   */
  draw(state, currentId = null) {
    this.#drawHits(state?.messages ?? [], currentId);
    const text = state === null ? "" : statusOf(state);
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.#atEnd.disconnect();
    const isOffered = state !== null && !state.isSearching && (state.hasMore || state.error !== null);
    this.#more.hidden = !isOffered;
    if (!isOffered) return;
    this.#more.textContent = t(state.error ? "tryAgain" : "moreHits");
    if (!state.error) this.#atEnd.observe(this.#more);
  }

  #drawHits(messages, currentId) {
    const ids = new Set(messages.map((message) => message.message_id));
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    let next = this.#list.firstChild;
    for (const message of messages) {
      const item = this.#itemOf(message);
      if (item === next) next = next.nextSibling;
      else this.#list.insertBefore(item, next);
      if (message.message_id === currentId) item.firstChild.setAttribute("aria-current", "true");
      else item.firstChild.removeAttribute("aria-current");
    }
    const hits = this.#hits();
    if (!hits.some((hit) => hit.tabIndex === 0)) this.#setTabStop(hits[0]);
  }

  // What matches depends on the search, too.
  #itemOf(message) {
    const kept = this.#items.get(message.message_id);
    if (kept && kept.message === message) return kept;
    kept?.remove();
    const item = element("li", {}, this.#makeHit(message));
    item.message = message;
    item.firstChild.tabIndex = -1;
    this.#items.set(message.message_id, item);
    return item;
  }

  // The button disappears while it is searched. The focus stays in the list.
  #loadMore() {
    const last = this.#hits().at(-1);
    if (document.activeElement === this.#more) last?.focus({ preventScroll: true });
    this.#onMore();
  }

  #hits() {
    return Array.from(this.#list.querySelectorAll(".hit"));
  }

  // One hit takes part in the Tab order, so that Tab does not go through the whole list.
  #setTabStop(stop) {
    for (const hit of this.#hits()) hit.tabIndex = hit === stop ? 0 : -1;
  }

  #onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const hits = this.#hits();
    const index = hits.indexOf(document.activeElement);
    const next = { ArrowDown: hits[index + 1], ArrowUp: hits[index - 1], Home: hits[0], End: hits.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

function statusOf({ messages, isSearching, error }) {
  if (isSearching) return t("searching");
  if (error) return t("searchFailed", { reason: pollErrorText(error) });
  return messages.length === 0 ? t("noMessagesFound") : "";
}
