// The content of a message, by its type. Nothing in it becomes markup, and only http and https URLs are used.

import { locale, t } from "../../language/language.js";
import { element } from "../dom.js";
import { isEmojiOnly } from "./emoji.js";
import { safeUrl, withoutBidiMarks } from "./links.js";
import { audioPlayer } from "../media/audio-player.js";
import { fileCard } from "../media/file-card.js";
import { keptPlayer } from "../media/kept-players.js";
import { hasFailed } from "../media/known-media.js";
import { picture } from "../media/picture.js";
import { videoPlayer } from "../media/video-player.js";
import { richText } from "./rich-text.js";

/** @param {object} message message_type, content, and file_name, file_size, file_type where they are known */
export function messageContent(message) {
  const make = BY_TYPE[message.message_type];
  if (!make) return text(message);
  const url = safeUrl(message.content);
  return url === null ? invalidLink(message) : make(message, url);
}

const BY_TYPE = { image: picture, file: fileCard, video: kept(videoPlayer), audio: kept(audioPlayer) };

// A message that is being sent has no id yet.
function kept(make) {
  return (message, url) => {
    const { message_id: id } = message;
    if (id === undefined || hasFailed(url)) return make(message, url);
    return keptPlayer(`${id} ${url} ${locale()}`, () => make(message, url));
  };
}

function text(message) {
  const name = isEmojiOnly(message.content) ? "div.text.emoji-only" : "div.text";
  return element(name, { dir: "auto" }, ...richText(message.content));
}

function invalidLink(message) {
  return element(
    "div.invalid-link", {},
    element("p.note", {}, t("badUrl")),
    element("p.text", { dir: "ltr" }, withoutBidiMarks(message.content)),
  );
}
