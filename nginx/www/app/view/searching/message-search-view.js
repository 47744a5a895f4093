// The search over the messages of all conversations: a section for the list's search.

import { t } from "../../language/language.js";
import { addressOf } from "../address.js";
import { element } from "../dom.js";
import { foundMessage } from "./found-message.js";
import { HitList } from "./hit-list.js";
import { SearchRun, queryIn } from "./search-run.js";

// The list's search field tells a text some time after the last key, too.
const DELAY = 150;

export class MessageSearchView {
  #run;
  #hits;
  #chosen = null;

  constructor(chat) {
    this.#run = new SearchRun(chat, () => this.#draw(), DELAY);
    this.#hits = new HitList((message) => this.#hit(message), () => this.#run.loadMore());
    this.node = element(
      "section.message-search", { hidden: true, "aria-labelledby": "found-messages" },
      element("h2", { id: "found-messages" }, t("messages")), this.#hits.node,
    );
  }

  destroy() {
    this.#run.destroy();
    this.#hits.destroy();
  }

  /** Looks for a text. Returns the section, for the list's search; null where there is no text. */
  panel(text) {
    const query = queryIn(text);
    this.#run.set(query === null ? null : { query });
    return query === null ? null : this.node;
  }

  /** Marks the message that one has come to. Returns it with what matches, where it was found here; else null. */
  setOpen(messageId) {
    this.#chosen = this.#run.state.messages.find((message) => message.message_id === messageId) ?? null;
    this.#draw();
    return this.#chosen;
  }

  // A link, so that the browser's "back" leads back, and "open in a new tab" is possible.
  #hit(message) {
    const href = addressOf(message.conversation.id, message);
    return element("a.hit", { href }, ...foundMessage(message, { hasTitle: true }));
  }

  #draw() {
    const isSearched = this.#run.request !== null;
    this.node.hidden = !isSearched;
    this.#hits.draw(isSearched ? this.#run.state : null, this.#chosen?.message_id ?? null);
  }
}
