// A message as one line of text, for the list of conversations and for screen readers.

import { t } from "../language/language.js";
import { withoutBidiMarks } from "./links.js";

const WITH_TEXT = new Set(["text", "system"]);

/** @param {object} message message_type, content, and file_name where it is known */
export function oneLine(message) {
  if (WITH_TEXT.has(message.message_type)) return message.content.replace(/\s+/g, " ").slice(0, 200);
  const kind = t(`kind_${message.message_type}`);
  return message.file_name ? `${kind} ${withoutBidiMarks(message.file_name)}` : kind;
}
