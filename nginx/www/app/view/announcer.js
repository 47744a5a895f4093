// What screen readers read out of a conversation. The list of messages is no live region, since it changes with each
// scroll.

import { t } from "../language/language.js";
import { element, fill } from "./dom.js";
import { unsentText } from "./failure-text.js";
import { oneLine } from "./content/message-text.js";

export class Announcer {
  #failures = new Set();

  node = element("div.visually-hidden", { role: "log", "aria-live": "polite" });

  announceMessages(messages, userId) {
    this.#announce(messages.map((message) => {
      const text = oneLine(message, userId);
      return message.message_type === "system" ? text : t("announce", { sender: message.sender_nickname, text });
    }));
  }

  /** Announces those of the unsent messages that have failed, each failure once. */
  announceFailures(unsent) {
    const failed = unsent.filter(({ key, state }) => state === "failed" && !this.#failures.has(key));
    for (const { key } of failed) this.#failures.add(key);
    if (failed.length > 0) this.#announce(failed.map(unsentText));
  }

  /** Announces that files are on their way. How far they are is not read out, and that they are sent is in their rows. */
  announceUploads(count) {
    this.#announce([t("uploadsBegun", { n: count })]);
  }

  /** The message is sent again, and may fail again. */
  forgetFailure(key) {
    this.#failures.delete(key);
  }

  #announce(texts) {
    fill(this.node, ...texts.map((text) => element("p", {}, text)));
  }
}
