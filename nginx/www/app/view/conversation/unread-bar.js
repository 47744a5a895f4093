// The bar over the messages that tells of unread ones further up which are not loaded.

import { t } from "../../language/language.js";
import { element } from "../dom.js";

export class UnreadBar {
  #text = element("p", { role: "status" });

  /** @param {object} actions toFirst(), markAll() */
  constructor({ toFirst, markAll }) {
    this.node = element(
      "div.unread-bar", { hidden: true },
      this.#text,
      element("button.link", { type: "button", onclick: toFirst }, t("toFirstUnread")),
      element("button.link", { type: "button", onclick: markAll }, t("markAllRead")),
    );
  }

  /** @param {number} count how many there are; 0 for none */
  draw(count) {
    this.node.hidden = count === 0;
    const text = count === 0 ? "" : t("unreadAbove", { n: count });
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}
