// What a system message says, in the page's language. The service's own sentence is Chinese.

import { t, tOr } from "../language/language.js";

/** @param {number} userId the user, whose own doings are told as such */
export function systemText({ content, event, sender_id: senderId, sender_nickname: name }, userId) {
  if (event?.type === "recall") return senderId === userId ? t("recalledByYou") : t("recalledBy", { name });
  if (event?.type === "order_status") return tOr(`orderBecame_${event.to}`, content);
  return content;
}
