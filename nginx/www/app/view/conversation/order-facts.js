// What is known of a conversation's order, as texts: its type, its status, and where it can be seen.

import { config } from "../../../config.js";
import { t, tOr } from "../../language/language.js";
import { safeUrl } from "../content/links.js";

/** Returns the name of a type of order; null for conversations that are about none. */
export function orderTypeText(type) {
  return tOr(`order_${type}`, null);
}

/** Returns the name of an order's status; one that the page does not know is shown as it is. */
export function orderStatusText(status) {
  return tOr(`orderStatus_${status}`, status);
}

/** Returns the same as a part of a sentence. */
export function orderStatusInSentence(status) {
  return tOr(`orderStatus_${status}`, null)?.toLowerCase() ?? status;
}

/**
 * Returns the address at which an order can be seen, by the host's template, or null.
 *
 * @param {?string} template as `orderLink` in config.js
 */
export function orderLink({ related_order_id: order, type }, template = config.orderLink) {
  if (!template || !order) return null;
  const values = { order_id: order, type };
  return safeUrl(template.replace(/\{(order_id|type)\}/g, (_, name) => encodeURIComponent(values[name])));
}
