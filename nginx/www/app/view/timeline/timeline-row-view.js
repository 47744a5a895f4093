// The element of one row of a conversation.

import { clockTime, fullTime } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { avatar } from "../avatar.js";
import { element, icon, isolated } from "../dom.js";
import { unsentText } from "../failure-text.js";
import { messageContent } from "../content/message-content.js";
import { quoteBlock } from "../content/quote-view.js";
import { systemText } from "../content/system-text.js";
import { isUpload, refreshUpload, uploadContent } from "./upload-row.js";

/**
 * Makes the element of a row. The caller then calls `refreshRow`.
 *
 * @param {object} row as timelineRows makes it
 * @param {object} actions userId; sendAgain(entry), discard(entry), openQuote(quote), editAgain(messageId), and
 *   makeMenuButton(row), which returns a button
 */
export function renderRow(row, actions) {
  switch (row.kind) {
    case "loading": return element("div.row.line", {}, element("span", {}, t("loading")));
    case "beginning": return element("div.row.line", {}, element("span"));
    case "unread": return element("div.row.line.unread-line", {}, element("span", {}, t("newMessagesLine")));
    case "day": return element("div.row.line.day-line", {}, element("span"));
    case "pending": return pendingRow(row, actions);
    default: return row.message.message_type === "system" ? systemRow(row, actions) : messageRow(row, actions);
  }
}

/** Updates what can change in a row: its place in its group, its receipt, its quote, the state of sending it. */
export function refreshRow(node, row, actions) {
  if (row.kind === "day") {
    node.firstChild.textContent = row.name;
  } else if (row.kind === "beginning") {
    node.classList.toggle("empty-conversation", Boolean(row.name));
    node.firstChild.textContent = row.name ?? t("beginning");
  } else if (row.kind === "message" && row.message.message_type === "system") {
    node.querySelector("button.edit-again").hidden = !row.canEditAgain;
  } else if (row.kind === "message") {
    node.classList.toggle("first", row.isFirst);
    node.classList.toggle("with-meta", row.showsMeta);
    refreshQuote(node, row.message.reply_to, actions);
    if (row.isOwn) node.querySelector(".state").replaceChildren(...receipt(row));
  } else if (row.kind === "pending") {
    refreshQuote(node, row.entry.quote, actions);
    refreshUpload(node, row.entry);
    showState(node, row.entry);
  }
}

/** Returns a row's likely height in pixels, which is used until the row is measured. */
export function estimateRow(row) {
  if (row.kind !== "message" && row.kind !== "pending") return 44;
  const message = row.message ?? row.entry.message;
  if (message.message_type === "system") return 44;
  const heights = { image: 218, video: 328, audio: 84, file: 72 };
  const text = 44 + 22 * Math.ceil(message.content.length / 32);
  const quote = message.reply_to ? 52 : 0;
  return (heights[message.message_type] ?? text) + quote + (row.isFirst ? 28 : 0);
}

function messageRow(row, actions) {
  const { message, isOwn } = row;
  const time = new Date(message.created_at);
  return element(
    isOwn ? "div.row.message.own" : "div.row.message", { "data-message-id": message.message_id, tabindex: -1 },
    avatar(message.sender_avatar_url, message.sender_nickname),
    element(
      "div.column", {},
      element("div.sender", {}, isolated(message.sender_nickname)),
      element(
        "div.bubble-line", {},
        bubble(message, message.reply_to, actions, messageContent(message)),
        element(
          "div.tools", {},
          actions.makeMenuButton(row),
          // Screen readers have the time below.
          element("span.hover-time", { "aria-hidden": "true", title: fullTime(time) }, clockTime(time)),
        ),
      ),
      element(
        "div.meta", {},
        element("time", { datetime: time.toISOString(), title: fullTime(time) }, clockTime(time)),
        isOwn ? element("span.state") : null,
      ),
    ),
  );
}

function systemRow({ message }, { userId, editAgain }) {
  const time = new Date(message.created_at);
  const again = element(
    "button.link.edit-again", { type: "button", onclick: () => editAgain(message.event.message_id) }, t("editAgain"),
  );
  return element(
    "div.row.line.system", { "data-message-id": message.message_id, tabindex: -1 },
    element("span.system-text", { dir: "auto" }, element("span.content", {}, systemText(message, userId)), " ", again),
    element("time.hover-time", { datetime: time.toISOString(), title: fullTime(time) }, clockTime(time)),
  );
}

function bubble(message, quote, actions, content) {
  return element(
    `div.bubble.kind-${message.message_type}`, {},
    quote ? quoteBlock(quote, actions.openQuote) : null,
    content,
  );
}

// What is quoted may be taken back.
function refreshQuote(node, quote, { openQuote }) {
  if (!quote?.recalled) return;
  const old = node.querySelector(".quote:not(.recalled)");
  if (!old) return;
  const hadFocus = old === document.activeElement;
  old.replaceWith(quoteBlock(quote, openQuote));
  if (hadFocus) node.focus({ preventScroll: true });
}

function receipt({ readers, others }) {
  if (readers === 0) return withIcon("sent", t("stateSent"));
  if (readers === others) return withIcon("read", t("stateRead"));
  return withIcon("read", t("stateReadBy", { n: readers, of: others }));
}

function withIcon(name, text) {
  return [icon(name), element("span", {}, text)];
}

function pendingRow(row, actions) {
  const { entry } = row;
  return element(
    "div.row.message.own.pending.with-meta", { tabindex: -1 },
    element(
      "div.column", {},
      element(
        "div.bubble-line", {},
        bubble(
          entry.message, entry.quote, actions, isUpload(entry) ? uploadContent(entry) : messageContent(entry.message),
        ),
        element("div.tools", {}, actions.makeMenuButton(row)),
      ),
      element(
        "div.meta", {},
        element("span.state"),
        element("button.link", { type: "button", onclick: () => actions.sendAgain(entry) }, t("sendAgain")),
        element("button.link.discard", { type: "button", onclick: () => actions.discard(entry) }),
      ),
    ),
  );
}

function showState(node, entry) {
  const hasFailed = entry.state === "failed";
  node.classList.toggle("failed", hasFailed);
  node.classList.toggle("uploading", entry.state === "uploading");
  node.querySelector("button.discard").textContent = t(entry.state === "uploading" ? "cancelUpload" : "discard");
  const waits = !hasFailed || (entry.error.status === 0 && !isUpload(entry));
  node.querySelector(".state").replaceChildren(...withIcon(waits ? "waiting" : "close", unsentText(entry)));
}
