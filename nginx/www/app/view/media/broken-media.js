// What stands in the place of a picture, video or sound that cannot be loaded.

import { t } from "../../language/language.js";
import { element, icon } from "../dom.js";
import { fileCard } from "./file-card.js";
import { onRetry, retry } from "./known-media.js";

/**
 * Makes it: a link to the file, and a button that tries it again.
 *
 * @param {function(): HTMLElement} make makes what loads the file
 */
export function brokenMedia(message, url, make) {
  const again = element(
    "button.media-retry", { type: "button", onclick: () => retry(url) },
    icon("retry"), element("span", {}, t("tryAgain")),
  );
  const node = element("div.broken", {}, fileCard(message, url, t("cannotLoad")), again);
  onRetry(node, url, () => {
    const hadFocus = node.contains(document.activeElement);
    const made = make();
    node.replaceWith(made);
    // The button is gone; what it has brought back gets the focus, or the message.
    if (hadFocus) (made.matches("button") ? made : made.querySelector("button") ?? made.closest(".row"))?.focus();
  });
  return node;
}
