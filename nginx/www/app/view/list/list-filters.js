// The buttons that choose which conversations are listed: those of one type, and the unread ones alone.

import { conversationTypes } from "../../../client/index.js";
import { t } from "../../language/language.js";
import { countBadge } from "../count-badge.js";
import { element, fill } from "../dom.js";

const TYPES = [null, ...conversationTypes];

export class ListFilters {
  #buttons;
  #unreadButton;
  #drawn = "";

  /** @param {function(object)} onChange called with the part of a ListFilter that changes */
  constructor(onChange) {
    this.#buttons = TYPES.map((type) => element(
      "button.filter", { type: "button", onclick: () => onChange({ type }) },
    ));
    this.#unreadButton = element("button.filter.unread-only", {
      type: "button", onclick: () => onChange({ unread: this.#unreadButton.getAttribute("aria-pressed") !== "true" }),
    }, t("unreadOnly"));
    this.node = element(
      "div.filters", { role: "group", "aria-label": t("filter") }, ...this.#buttons, this.#unreadButton,
    );
  }

  /** @param unreadByType as in ChatSnapshot */
  draw({ type, unread }, unreadByType) {
    const state = JSON.stringify([type, unread, unreadByType]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    TYPES.forEach((each, index) => {
      const count = unreadByType?.[each] ?? 0;
      const button = this.#buttons[index];
      button.setAttribute("aria-pressed", each === type);
      const label = t(each === null ? "typeAll" : `type_${each}`);
      fill(button, label, ...(count > 0 ? [" ", countBadge(count)] : []));
    });
    this.#unreadButton.setAttribute("aria-pressed", unread);
  }
}
