// A number of unread messages.

import { t } from "../language/language.js";
import { element } from "./dom.js";

/** Makes a badge. Screen readers have the exact number, and what it is of. */
export function countBadge(n) {
  return element(
    "span.badge", {}, element("span", { "aria-hidden": "true" }, n > 99 ? "99+" : String(n)),
    element("span.visually-hidden", {}, t("unread", { n })),
  );
}
