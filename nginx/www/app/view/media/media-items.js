// The pictures and videos of a conversation, as the lightbox goes through them.

import { t } from "../../language/language.js";
import { safeUrl } from "../content/links.js";
import { nameOf } from "./file-names.js";

const TYPES = new Set(["image", "video"]);

/**
 * @param {object[]} rows as timelineRows makes them
 * @returns {object[]} in their order: {key, of the row, url, type: "image" | "video", name, sender, time}; time is null
 *   where a message is not sent yet
 */
export function mediaItems(rows) {
  return rows.map(itemOf).filter((item) => item !== null);
}

function itemOf({ key, kind, isOwn, message, entry }) {
  const shown = kind === "pending" ? entry.message : message;
  // What is being uploaded has no URL yet.
  if (!shown?.content || !TYPES.has(shown.message_type)) return null;
  const url = safeUrl(shown.content);
  if (url === null) return null;
  const sender = kind === "pending" || isOwn ? t("you") : shown.sender_nickname;
  return { key, url, type: shown.message_type, name: nameOf(shown, url), sender, time: shown.created_at ?? null };
}
