// The rows of a conversation from top to bottom: days, messages and unsent messages. They are values without elements.

import { dayKey, dayName } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { isolate } from "../isolate.js";

// Messages of one sender are shown as a group where each follows the one before within this time.
const GROUP_INTERVAL = 5 * 60_000;

/**
 * @param {object} conversation the ConversationSnapshot, with messages loaded
 * @param {number} userId
 * @param {function(string): boolean} canEditAgain whether the text of that message, which is recalled, is there
 * @returns {object[]} rows for a VirtualList: {key, signature, kind: "beginning" | "loading" | "day" | "unread" |
 *   "message" | "pending", …}. A message has isOwn, isFirst and isLast of its group, the numbers of its `readers`
 *   and of all `others`, and showsMeta, whether time and receipt are shown; one of the system has canEditAgain. Rows
 *   that belong to a day, except for its own, have its `dayName`.
 */
export function timelineRows(
  { details, messages, hasOlder, hasNewer, unsent, firstUnreadId }, userId, canEditAgain = () => false,
) {
  const others = details.members.filter((member) => member.user_id !== userId);
  const othersReadUpTo = others.map((member) => member.last_read_at ?? 0);
  const rows = [hasOlder ? { key: "loading", kind: "loading" } : beginning(details, others, messages, unsent)];
  let previous = null;
  for (const message of messages) {
    const isOwn = message.sender_id === userId;
    const day = dayKey(message.created_at);
    const isNewDay = previous?.day !== day;
    const name = isNewDay ? dayName(message.created_at) : previous.dayName;
    if (isNewDay) rows.push({ key: `day ${day}`, kind: "day", name });
    const isUnread = message.message_id === firstUnreadId;
    if (isUnread) rows.push({ key: "unread", kind: "unread", dayName: name });
    const row = {
      key: message.message_id, kind: "message", message, isOwn, day, dayName: name, isLast: true,
      isFirst: isNewDay || isUnread || !isSameGroup(previous.message, message),
      others: othersReadUpTo.length,
      readers: isOwn ? othersReadUpTo.filter((time) => time >= message.created_at).length : 0,
      canEditAgain: isOwn && message.event?.type === "recall" && canEditAgain(message.event.message_id),
    };
    if (previous && !row.isFirst) previous.isLast = false;
    rows.push(row);
    previous = row;
  }
  if (hasNewer) rows.push({ key: "loading newer", kind: "loading" });
  else for (const entry of unsent) rows.push(pending(entry));
  rows.forEach((row, index) => setSignature(row, rows[index + 1]));
  return rows;
}

function pending(entry) {
  return { key: `pending ${entry.key}`, kind: "pending", entry, dayName: t("today") };
}

// An empty conversation says what it is for.
function beginning({ type, related_order_id: order }, others, messages, unsent) {
  if (messages.length > 0 || unsent.length > 0) return { key: "beginning", kind: "beginning" };
  const names = others.map(({ nickname }) => isolate(nickname)).join(t("listSeparator"));
  let text = t(order ? "emptyAboutOrder" : "emptyAboutAnything", { names, order: isolate(order ?? "") });
  if (others.length === 0) text = t("emptyAlone");
  else if (type === "support") text = t("emptySupport", { names });
  return { key: "beginning", kind: "beginning", name: text };
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
    const { isFirst, showsMeta, readers, others, canEditAgain, message: { reply_to: quote } } = row;
    row.signature = [isFirst, showsMeta, readers, others, canEditAgain, quote?.recalled].join();
  } else if (row.kind === "pending") {
    const { state, progress, quote } = row.entry;
    row.signature = `${state} ${progress} ${quote?.recalled ?? false}`;
  } else {
    row.signature = row.name ?? "";
  }
}
