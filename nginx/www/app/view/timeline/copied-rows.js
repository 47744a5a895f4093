// Copying several messages: the text has each with its sender and time, in order.

import { fullTime } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { safeUrl, withoutBidiMarks } from "../content/links.js";
import { systemText } from "../content/system-text.js";

/**
 * Returns the text of the selected messages, or null where fewer than two are selected: the browser copies these.
 *
 * @param {Selection} selection
 * @param {{row: object, node: HTMLElement}[]} shown the rows in the document, in order
 * @param {object} user {id, nickname}
 */
export function selectedText(selection, shown, user) {
  if (selection.rangeCount === 0 || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const blocks = shown.map(({ row, node }) => {
    const text = textIn(range, row, node, user);
    return text === null ? null : blockOf(row, text, user);
  }).filter((block) => block !== null);
  return blocks.length < 2 ? null : blocks.join("\n\n");
}

// Returns the text of a message as far as it is selected; null where nothing is.
function textIn(range, row, node, user) {
  const message = row.message ?? row.entry?.message;
  const content = node.querySelector(".system-text > .content") ?? node.querySelector(".bubble")?.lastElementChild;
  if (!message || !content || !range.intersectsNode(content)) return null;
  const isText = message.message_type === "text";
  if (!isText) return wholeText(message, user.id);
  const part = range.cloneRange();
  const [isFirst, isLast] = [content.contains(range.startContainer), content.contains(range.endContainer)];
  if (!isFirst) part.setStart(content, 0);
  if (!isLast) part.setEnd(content, content.childNodes.length);
  const text = part.toString();
  if (text === "") return null;
  return text === content.textContent ? message.content : text;
}

function wholeText(message, userId) {
  if (message.message_type === "system") return systemText(message, userId);
  const name = message.file_name ? ` ${withoutBidiMarks(message.file_name)}` : "";
  return `${t(`kind_${message.message_type}`)}${name}\n${safeUrl(message.content) ?? message.content}`;
}

function blockOf({ kind, message }, text, user) {
  if (kind === "pending") return `${t("copiedHead", { name: user.nickname, time: t("stateSending") })}\n${text}`;
  if (message.message_type === "system") return text;
  return `${t("copiedHead", { name: message.sender_nickname, time: fullTime(message.created_at) })}\n${text}`;
}
