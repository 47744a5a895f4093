// The rows of a conversation from top to bottom: days, messages and unsent messages. They are values without elements.

import { dayKey, dayName } from "../language/formats.js";

// Messages of one sender are shown as a group where each follows the one before within this time.
const GROUP_INTERVAL = 5 * 60_000;

/**
 * @param {object} conversation the ConversationSnapshot, with messages loaded
 * @returns {object[]} rows for a VirtualList: {key, signature, kind: "beginning" | "loading" | "day" | "unread" |
 *   "message" | "pending", …}. A message has isOwn, isFirst and isLast of its group, the numbers of its `readers`
 *   and of all `others`, and showsMeta, whether time and receipt are shown.
 */
export function timelineRows({ details, messages, hasOlder, hasNewer, unsent, firstUnreadId }, userId) {
  const othersReadUpTo = details.members
    .filter((member) => member.user_id !== userId)
    .map((member) => member.last_read_at ?? 0);
  const rows = [hasOlder ? { key: "loading", kind: "loading" } : { key: "beginning", kind: "beginning" }];
  let previous = null;
  for (const message of messages) {
    const isOwn = message.sender_id === userId;
    const day = dayKey(message.created_at);
    const isNewDay = previous?.day !== day;
    if (isNewDay) rows.push({ key: `day ${day}`, kind: "day", name: dayName(message.created_at) });
    const isUnread = message.message_id === firstUnreadId;
    if (isUnread) rows.push({ key: "unread", kind: "unread" });
    const row = {
      key: message.message_id, kind: "message", message, isOwn, day, isLast: true,
      isFirst: isNewDay || isUnread || !isSameGroup(previous.message, message),
      others: othersReadUpTo.length,
      readers: isOwn ? othersReadUpTo.filter((time) => time >= message.created_at).length : 0,
    };
    if (previous && !row.isFirst) previous.isLast = false;
    rows.push(row);
    previous = row;
  }
  if (hasNewer) rows.push({ key: "loading newer", kind: "loading" });
  else unsent.forEach((entry) => rows.push({ key: `pending ${entry.key}`, kind: "pending", entry }));
  rows.forEach((row, index) => setSignature(row, rows[index + 1]));
  return rows;
}

function isSameGroup(previous, message) {
  return previous.sender_id === message.sender_id && message.created_at - previous.created_at < GROUP_INTERVAL
    && previous.message_type !== "system" && message.message_type !== "system";
}

// Time and receipt are shown under the last message of a group, and under an own one that more members have read than
// the next one.
function setSignature(row, next) {
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
