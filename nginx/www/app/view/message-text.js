// A message in one line, for the list of conversations and for what is read out.

import { t } from "../language/language.js";
import { plainName } from "./links.js";

const WITH_TEXT = new Set(["text", "system"]);

/** @param {object} message message_type, content; file_name where it is known */
export function oneLine(message) {
  if (WITH_TEXT.has(message.message_type)) return message.content.replace(/\s+/g, " ").slice(0, 200);
  const kind = t(`kind_${message.message_type}`);
  return message.file_name ? `${kind} ${plainName(message.file_name)}` : kind;
}
