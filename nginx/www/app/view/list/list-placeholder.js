// What the list of conversations shows in place of rows: that it is loading, or why there are none.

import { t } from "../../language/language.js";
import { element, fill, isolated } from "../dom.js";

const SKELETON_ROWS = 8;

export class ListPlaceholder {
  #onClear;
  #drawn = null;
  // Screen readers read out what is put into it.
  #text = element("div", { role: "status" });
  #button;
  #skeleton = element(
    "div.skeleton", { "aria-hidden": "true" },
    ...Array.from({ length: SKELETON_ROWS }, () => element("div.skeleton-row", {}, element("span"), element("div"))),
  );

  /** @param {function()} onClear called when the user wants all conversations again */
  constructor(onClear) {
    this.#onClear = onClear;
    this.#button = element("button", { type: "button", onclick: () => this.#onClear() }, t("clearFilters"));
    this.node = element("div.list-placeholder", {}, this.#text, this.#button, this.#skeleton);
  }

  /**
   * @param {object} state isLoading; count, the number of conversations; filter, a ListFilter; userName, the user's own
   */
  draw({ isLoading, count, filter, userName }) {
    const { type, query, unread } = filter;
    const isFiltered = type !== null || query !== "" || unread;
    const isEmpty = !isLoading && count === 0;
    const drawn = JSON.stringify([isLoading, isEmpty, filter, isEmpty && userName]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#skeleton.hidden = !isLoading;
    this.#button.hidden = !isEmpty || !isFiltered;
    this.node.classList.toggle("empty", isEmpty);
    this.node.hidden = !isLoading && !isEmpty;
    this.#text.classList.toggle("visually-hidden", isLoading);
    if (isLoading) fill(this.#text, t("loading"));
    else if (!isEmpty) fill(this.#text);
    else if (isFiltered) fill(this.#text, element("p", {}, nothingText(filter)));
    else fill(this.#text, ...beginning(userName));
  }
}

function nothingText({ type, query, unread }) {
  if (query.trim() !== "") return t("nothingFound", { query: query.trim() });
  if (unread) return t("noneUnread");
  return t("noneOfType");
}

// Whoever asks why there is nothing sees as whom they are signed in.
function beginning(userName) {
  const [before, after] = t("signedInAs", { name: "\0" }).split("\0");
  return [
    element("p.headline", {}, t("noConversations")), element("p", {}, t("whatOpensOne")),
    element("p", {}, before, isolated(userName), after),
  ];
}
