// The element of one row of a conversation.

import { clockTime, fullTime } from "../language/formats.js";
import { t } from "../language/language.js";
import { avatar } from "./avatar.js";
import { element, icon, isolated } from "./dom.js";
import { unsentText } from "./failure-text.js";
import { messageContent } from "./message-content.js";

/** Makes the element of a row. The caller then calls `refreshRow`. */
export function renderRow(row, actions) {
  switch (row.kind) {
    case "loading": return element("div.row.line", {}, element("span", {}, t("loading")));
    case "beginning": return element("div.row.line", {}, element("span", {}, t("beginning")));
    case "unread": return element("div.row.line.unread-line", {}, element("span", {}, t("newMessagesLine")));
    case "day": return element("div.row.line.day-line", {}, element("span"));
    case "pending": return pendingRow(row.entry, actions);
    default: return row.message.message_type === "system" ? systemRow(row.message) : messageRow(row.message, row.isOwn);
  }
}

/** Updates what can change in a row: its place in its group, its receipt, the state of sending it. */
export function refreshRow(node, row) {
  if (row.kind === "day") {
    node.firstChild.textContent = row.name;
  } else if (row.kind === "message" && row.message.message_type !== "system") {
    node.classList.toggle("first", row.isFirst);
    node.classList.toggle("with-meta", row.showsMeta);
    if (row.isOwn) node.querySelector(".state").replaceChildren(...receipt(row));
  } else if (row.kind === "pending") {
    showState(node, row.entry);
  }
}

/** Returns a row's likely height in pixels, which is used until the row is measured. */
export function estimateRow(row) {
  if (row.kind !== "message" && row.kind !== "pending") return 44;
  const message = row.message ?? row.entry.message;
  const heights = { image: 210, video: 220, audio: 110, file: 84 };
  const text = 44 + 22 * Math.ceil(message.content.length / 32);
  return (heights[message.message_type] ?? text) + (row.isFirst ? 28 : 0);
}

function messageRow(message, isOwn) {
  const time = new Date(message.created_at);
  return element(
    isOwn ? "div.row.message.own" : "div.row.message", { "data-message-id": message.message_id },
    avatar(message.sender_avatar_url, message.sender_nickname),
    element(
      "div.column", {},
      element("div.sender", {}, isolated(message.sender_nickname)),
      bubble(message),
      element(
        "div.meta", {},
        element("time", { datetime: time.toISOString(), title: fullTime(time) }, clockTime(time)),
        isOwn ? element("span.state") : null,
      ),
    ),
  );
}

function systemRow(message) {
  const time = new Date(message.created_at);
  return element(
    "div.row.line.system", { "data-message-id": message.message_id },
    element("span", { dir: "auto", title: fullTime(time) }, message.content),
  );
}

function bubble(message) {
  return element(`div.bubble.kind-${message.message_type}`, {}, messageContent(message));
}

function receipt({ readers, others }) {
  if (readers === 0) return withIcon("sent", t("stateSent"));
  if (readers === others) return withIcon("read", t("stateRead"));
  return withIcon("read", t("stateReadBy", { n: readers, of: others }));
}

function withIcon(name, text) {
  return [icon(name), element("span", {}, text)];
}

function pendingRow(entry, { sendAgain, discard }) {
  return element(
    "div.row.message.own.pending.with-meta", {},
    element(
      "div.column", {},
      bubble(entry.message),
      element(
        "div.meta", {},
        element("span.state"),
        element("button.link", { type: "button", onclick: () => sendAgain(entry) }, t("sendAgain")),
        element("button.link", { type: "button", onclick: () => discard(entry) }, t("discard")),
      ),
    ),
  );
}

function showState(node, entry) {
  const hasFailed = entry.state === "failed";
  node.classList.toggle("failed", hasFailed);
  const waits = !hasFailed || entry.error.status === 0;
  node.querySelector(".state").replaceChildren(...withIcon(waits ? "waiting" : "close", unsentText(entry)));
}
