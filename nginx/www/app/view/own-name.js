// What the user is called: by the conversations, or else by the session, or else by the number.

import { t } from "../language/language.js";

/** @param {?string} sessionName as the session has it, or null */
export function ownName(chat, sessionName) {
  const { me, userId } = chat.getSnapshot();
  if (me?.nickname || sessionName) return me?.nickname || sessionName;
  // Until the list is there, a better name may be on its way.
  return userId !== null && chat.list.getSnapshot().isLoaded ? t("userNumber", { id: userId }) : "";
}
