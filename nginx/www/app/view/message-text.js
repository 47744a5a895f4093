// A message as one line of text, for the list of conversations, for quotes and for screen readers.

import { t } from "../language/language.js";
import { withoutBidiMarks } from "./links.js";
import { systemText } from "./system-text.js";

/**
 * @param {object} message message_type, content, and file_name where it is known
 * @param {?number} userId the user's, to whom a message of the system may be about themselves
 */
export function oneLine(message, userId = null) {
  if (message.message_type === "text") return inOneLine(message.content);
  if (message.message_type === "system") return inOneLine(systemText(message, userId));
  const kind = t(`kind_${message.message_type}`);
  return message.file_name ? `${kind} ${withoutBidiMarks(message.file_name)}` : kind;
}

function inOneLine(text) {
  return text.replace(/\s+/g, " ").slice(0, 200);
}
