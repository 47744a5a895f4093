// The texts of system messages, in the page's language where the message says what has happened.

import { t } from "../../language/language.js";
import { isolate } from "../isolate.js";
import { orderStatusInSentence } from "../conversation/order-facts.js";

/** Returns the text of a system message. Of an event that the page does not know it is the message's own. */
export function systemText({ content, event, sender_id: sender, sender_nickname: name }, userId) {
  switch (event?.type) {
    case "recall": return sender === userId ? t("recalledByYou") : t("recalledBy", { name: isolate(name) });
    case "order_status": return orderStatusChange(event) ?? content;
    default: return content;
  }
}

function orderStatusChange({ from, to }) {
  if (!to) return null;
  const names = { from: from && orderStatusInSentence(from), to: orderStatusInSentence(to) };
  return t(from ? "orderChanged" : "orderIs", names);
}
