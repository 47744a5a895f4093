// A message as one line of text, for the list of conversations, for quotes and for screen readers.

import { t } from "../../language/language.js";
import { withoutBidiMarks } from "./links.js";
import { systemText } from "./system-text.js";

/**
 * @param {object} message message_type, content, and file_name where it is known; a system message with its sender
 * @param {number} userId the user
 */
export function oneLine(message, userId) {
  const { message_type: type, content } = message;
  if (type === "text") return shortened(content);
  if (type === "system") return shortened(systemText(message, userId));
  const kind = t(`kind_${message.message_type}`);
  return message.file_name ? `${kind} ${withoutBidiMarks(message.file_name)}` : kind;
}

function shortened(text) {
  return text.replace(/\s+/g, " ").slice(0, 200);
}
