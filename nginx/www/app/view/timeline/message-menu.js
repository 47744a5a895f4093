// What can be done with a message, as items of a menu.

import { fullTime } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { safeUrl } from "../content/links.js";
import { systemText } from "../content/system-text.js";

/**
 * Returns the items of a message's menu, under its time.
 *
 * @param {object} row of kind "message" or "pending", as timelineRows makes it
 * @param {object} actions userId; canWrite, whether the user can write in the conversation; copy(text), quote(message),
 *   recall(message), sendAgain(entry), discard(entry)
 * @param {string} selected the text that is selected in the message
 */
export function messageItems(row, actions, selected = "") {
  const items = row.kind === "pending" ? unsentItems(row, actions, selected) : sentItems(row, actions, selected);
  const shown = items.filter(Boolean);
  // A long press on a phone tells the time of the message so.
  return row.kind === "pending" ? shown : [{ label: fullTime(row.message.created_at), items: shown }];
}

/** Whether the user can still take a message back. */
export function isRecallable({ recallable_until: until }, now = Date.now()) {
  return until != null && until > now;
}

function sentItems({ message, isOwn }, actions, selected) {
  const isSystem = message.message_type === "system";
  const canRecall = isOwn && !isSystem && actions.canWrite && isRecallable(message);
  return [
    copyItem(message, actions, selected),
    actions.canWrite && !isSystem
      ? { label: t("quote"), icon: "quote", onSelect: () => actions.quote(message) } : null,
    canRecall
      ? { label: t("recall"), icon: "recall", isDanger: true, onSelect: () => actions.recall(message) } : null,
  ];
}

function unsentItems({ entry }, actions, selected) {
  const { state, message } = entry;
  return [
    copyItem(message, actions, selected),
    state === "failed"
      ? { label: t("sendAgain"), icon: "send", onSelect: () => actions.sendAgain(entry) } : null,
    state === "sending" ? null
      : { label: t(state === "uploading" ? "cancelUpload" : "discard"), icon: "close", isDanger: true, onSelect: () => actions.discard(entry) },
  ];
}

function copyItem(message, { userId, copy }, selected) {
  const { message_type: type, content } = message;
  if (selected !== "") return { label: t("copySelected"), icon: "copy", onSelect: () => copy(selected) };
  if (type === "system") return { label: t("copy"), icon: "copy", onSelect: () => copy(systemText(message, userId)) };
  if (type === "text") return { label: t("copy"), icon: "copy", onSelect: () => copy(content) };
  // A file that is being uploaded has no address yet.
  if (content === "") return null;
  return { label: t("copyLink"), icon: "copy", onSelect: () => copy(safeUrl(content) ?? content) };
}
