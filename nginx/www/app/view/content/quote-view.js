// Quotes: what a message answers, over its text and over the composer.

import { t } from "../../language/language.js";
import { element, icon, isolated } from "../dom.js";
import { oneLine } from "./message-text.js";

// As the service does it.
const QUOTED_CHARACTERS = 200;

/** Returns the Quote of a message. */
export function quoteOf({ message_id, sender_id, sender_nickname, message_type, content, file_name = null }) {
  const beginning = Array.from(content).slice(0, QUOTED_CHARACTERS).join("");
  return { message_id, sender_id, sender_nickname, message_type, content: beginning, file_name };
}

/** Returns the text of a quote: its beginning, or what kind of file it is, or that it was taken back. */
export function quoteText(quote) {
  if (quote.recalled) return t("quoteRecalled");
  return quote.message_type ? oneLine({ content: "", ...quote }) : "";
}

/**
 * Makes the quote over a message's text, which leads to what is quoted. What was taken back leads nowhere.
 *
 * @param {function(object)} onOpen called with the quote
 */
export function quoteBlock(quote, onOpen) {
  const content = [
    quote.sender_nickname ? element("span.quote-name", {}, isolated(quote.sender_nickname)) : null,
    element("span.quote-text", { dir: "auto" }, quoteText(quote)),
  ];
  if (quote.recalled) return element("div.quote.recalled", {}, ...content);
  return element(
    "button.quote", { type: "button", title: t("toQuoted"), onclick: () => onOpen(quote) },
    element("span.visually-hidden", {}, t("answerTo")), ...content,
  );
}

/** The bar over the composer with what is going to be quoted. */
export class QuoteBar {
  #name = element("p.quote-name");
  #text = element("p.quote-text", { dir: "auto" });

  /** @param {function()} onRemove called when the user takes the quote away */
  constructor(onRemove) {
    this.node = element(
      "div.quote-bar", { hidden: true, role: "group", "aria-label": t("answerTo") },
      element("div.quote", {}, this.#name, this.#text),
      element(
        "button.icon-button",
        { type: "button", "aria-label": t("removeQuote"), title: t("removeQuote"), onclick: onRemove }, icon("close"),
      ),
    );
  }

  /** @param {?object} quote null for none */
  draw(quote) {
    this.node.hidden = quote === null;
    if (quote === null) return;
    this.node.classList.toggle("recalled", quote.recalled === true);
    this.#name.replaceChildren(isolated(quote.sender_nickname ?? ""));
    const text = quoteText(quote);
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}
