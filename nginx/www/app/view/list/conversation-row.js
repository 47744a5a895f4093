// A conversation in the list: what its row says, and its elements.

import { shortTime } from "../../language/formats.js";
import { t, tOr } from "../../language/language.js";
import { addressOf } from "../address.js";
import { avatar } from "../avatar.js";
import { countBadge } from "../count-badge.js";
import { element, fill, isolated } from "../dom.js";
import { oneLine } from "../content/message-text.js";

/** The height of each row in pixels, as in conversation-list.css. */
export const ROW_HEIGHT = 84;

/**
 * Returns the row of a conversation, for a VirtualList.
 *
 * @param {object} context userId; isOpen; draft, a Draft that waits in the conversation, or undefined
 */
export function conversationRow(conversation, { userId, isOpen, draft }) {
  const { id, title, type, status, unread_count: unread, related_order_id: order, last_message: last } = conversation;
  const others = othersOf(conversation.members, userId);
  const [pictured = conversation.members[0]] = others;
  const content = {
    id, isOpen, unread, isPicturedBy: [pictured?.avatar_url, pictured?.nickname ?? "?"],
    title: title ?? t("untitled"),
    names: others.length > 0 ? others.map((member) => member.nickname) : [t("youSay")],
    facts: [tOr(`rowType_${type}`, type), order].filter(Boolean),
    status: status === "active" ? null : tOr(`status_${status}`, status),
    at: last?.created_at ?? null,
    time: last ? shortTime(last.created_at) : null,
    preview: draftPreview(draft) ?? preview(last, userId, others.length),
  };
  return { key: String(id), signature: JSON.stringify(content), content };
}

/** Makes an element for a row, which refreshRow fills. */
export function renderRow() {
  return element("div.row", {}, element("a.conversation-link", { tabindex: -1 }));
}

/** Has the element say what the row does. */
export function refreshRow(node, { content }) {
  const { id, isOpen, unread, isPicturedBy, title, names, facts, status, at, time, preview } = content;
  const { label, isDraft, text } = preview;
  const link = node.firstChild;
  link.href = addressOf(id);
  link.setAttribute("aria-label", nameOf(content));
  link.classList.toggle("unread", unread > 0);
  if (isOpen) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  fill(
    link,
    avatar(...isPicturedBy),
    element(
      "span.line", {},
      element("span.title", {}, isolated(title)),
      at === null ? null : element("time", { datetime: new Date(at).toISOString() }, time),
    ),
    element(
      "span.line", {},
      element("span.people", {}, element("span.names", {}, ...listed(names)), ...facts.map(factOf)),
      status === null ? null : element("span.tag", {}, status),
    ),
    element(
      "span.line", {},
      element("span.preview", {}, labelled(label, isDraft), isolated(text)),
      unread === 0 ? null : countBadge(unread),
    ),
  );
}

function listed(names) {
  return names.flatMap((name, index) => [index > 0 ? t("listSeparator") : null, isolated(name)]);
}

function factOf(fact) {
  return element("span.fact", {}, isolated(fact));
}

function labelled(label, isDraft) {
  if (label === null) return null;
  return element(isDraft ? "span.draft-label" : "span", {}, isolated(label), t("colon"));
}

// A screen reader says this in place of the row's parts, which alone have no punctuation.
function nameOf({ title, names, facts, status, unread, time, preview: { label, text } }) {
  const said = label === null ? text : label + t("colon") + text;
  return [
    title, unread > 0 ? t("unread", { n: unread }) : null, names.join(t("listSeparator")), ...facts, status, said, time,
  ].filter(Boolean).join(t("clauseSeparator"));
}

// Customer service is in many conversations, and comes last.
function othersOf(members, userId) {
  const others = members.filter((member) => member.user_id !== userId);
  return [...others.filter((each) => each.role !== "admin"), ...others.filter((each) => each.role === "admin")];
}

function draftPreview(draft) {
  if (!draft) return null;
  const text = draft.text.trim().replace(/\s+/g, " ").slice(0, 200);
  if (text !== "") return { label: t("draft"), isDraft: true, text };
  if (!draft.replyTo) return null;
  const { replyTo: { sender_nickname: name = "", content = "", message_type = "text", file_name } } = draft;
  const quoted = oneLine({ message_type, content, file_name });
  return { label: t("draft"), isDraft: true, text: t("draftAnswers", { name, text: quoted }) };
}

// Where there are two members, the other one's name stands above.
function preview(last, userId, otherCount) {
  if (!last) return { label: null, text: t("noMessagesYet") };
  const text = oneLine(last, userId);
  if (last.message_type === "system") return { label: null, text };
  if (last.sender_id === userId) return { label: t("youSay"), text };
  return { label: otherCount > 1 ? last.sender_nickname : null, text };
}
