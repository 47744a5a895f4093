// What a search has found, as a line of a list: whose it is, when it was, and the part that matches.

import { fullTime, shortTime } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { element, isolated } from "../dom.js";
import { nameInUrl, safeUrl, withoutBidiMarks } from "../content/links.js";
import { markedSnippet, markedText } from "./marked-text.js";

const WITH_TEXT = new Set(["text", "system"]);

/** Returns the elements of a message that was found, with the title of its conversation where `hasTitle`. */
export function foundMessage(message, { hasTitle = false } = {}) {
  const { sender_nickname: sender, created_at: time, conversation } = message;
  const head = hasTitle ? conversation.title ?? t("untitled") : senderOf(message);
  return [
    element("span.hit-head", {}, isolated(head)),
    element("time", { datetime: new Date(time).toISOString(), title: fullTime(time) }, shortTime(time)),
    element(
      "span.hit-text", {},
      ...(hasTitle && message.message_type !== "system" ? [isolated(sender), ": "] : []),
      element("bdi", {}, ...snippetOf(message)),
    ),
  ];
}

function senderOf({ message_type: type, sender_nickname: sender }) {
  return type === "system" ? t("kind_system") : sender;
}

function snippetOf({ message_type: type, content, file_name: name, match }) {
  if (WITH_TEXT.has(type)) return markedSnippet(content, match.content);
  const kind = `${t(`kind_${type}`)} `;
  // Where it is the address of a file that matches, and not its name, the address tells why it was found.
  if (match.file_name.length === 0 && match.content.length > 0) return [kind, ...markedSnippet(content, match.content)];
  if (name) return [kind, ...markedText(name, match.file_name, withoutBidiMarks)];
  const url = safeUrl(content);
  return [kind, url === null ? withoutBidiMarks(content) : nameInUrl(url)];
}
