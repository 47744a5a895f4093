// What stands in a conversation, from top to bottom: days, messages, and those on their way. No document in here.

import { dayKey, dayName } from "../language/formats.js";

// Messages of one sender that follow each other within this time stand together.
const GROUP = 5 * 60_000;

/**
 * @param {object} conversation with its timeline loaded
 * @param {object[]} pending entries of the outbox
 * @returns {object[]} rows for a VirtualList: {key, signature, kind: "beginning" | "loading" | "day" | "unread" |
 *   "message" | "pending", …}. Of a message: isOwn, isFirst and isLast of its group, readers of others, showsMeta.
 */
export function timelineRows(conversation, pending, userId) {
  const { messages, hasOlder } = conversation.timeline;
  const { firstUnread, othersReadUpTo } = conversation;
  const rows = [hasOlder ? { key: "loading", kind: "loading" } : { key: "beginning", kind: "beginning" }];
  let before = null;
  for (const message of messages) {
    const isOwn = message.sender_id === userId;
    const day = dayKey(message.created_at);
    const isNewDay = before?.day !== day;
    if (isNewDay) rows.push({ key: `day ${day}`, kind: "day", name: dayName(message.created_at) });
    const isUnread = message === firstUnread;
    if (isUnread) rows.push({ key: "unread", kind: "unread" });
    const row = {
      key: message.message_id, kind: "message", message, isOwn, day, isLast: true,
      isFirst: isNewDay || isUnread || !isTogether(before.message, message),
      others: othersReadUpTo.length,
      readers: isOwn ? othersReadUpTo.filter((time) => time >= message.created_at).length : 0,
    };
    if (before && !row.isFirst) before.isLast = false;
    rows.push(row);
    before = row;
  }
  pending.forEach((entry) => rows.push({ key: `pending ${entry.body.client_message_id}`, kind: "pending", entry }));
  rows.forEach((row, index) => sign(row, rows[index + 1]));
  return rows;
}

function isTogether(before, message) {
  return before.sender_id === message.sender_id && message.created_at - before.created_at < GROUP
    && before.message_type !== "system" && message.message_type !== "system";
}

// Time and receipt stand under the last message of a group, and where the one below has not come as far.
function sign(row, next) {
  row.isFixed = row.kind === "message" || row.kind === "pending";
  if (row.kind === "message") {
    row.showsMeta = row.isLast || (row.isOwn && next?.kind === "message" && next.readers !== row.readers);
    row.signature = `${row.isFirst} ${row.showsMeta} ${row.readers}/${row.others}`;
  } else if (row.kind === "pending") {
    row.signature = row.entry.state;
  } else {
    row.signature = row.name ?? "";
  }
}
