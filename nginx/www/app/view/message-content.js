// The content of a message, by its type. Nothing in it becomes markup, and only http and https URLs are used.

import { fileSize } from "../language/formats.js";
import { t } from "../language/language.js";
import { element, icon, isolated } from "./dom.js";
import { isEmojiOnly } from "./emoji.js";
import { externalLink, nameInUrl, safeUrl, withoutBidiMarks } from "./links.js";
import { richText } from "./rich-text.js";

/** @param {object} message message_type, content, and file_name, file_size, file_type where they are known */
export function messageContent(message) {
  const make = BY_TYPE[message.message_type];
  if (!make) return text(message);
  const url = safeUrl(message.content);
  return url === null ? invalidLink(message) : make(message, url);
}

const BY_TYPE = { image, file, video, audio };

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

function nameOf(message, url) {
  return message.file_name ? withoutBidiMarks(message.file_name) : nameInUrl(url);
}

// The style gives the picture a fixed size, so that nothing moves when it is loaded.
function image(message, url) {
  const name = nameOf(message, url);
  const picture = element("img", {
    src: url, alt: name, loading: "lazy", decoding: "async", referrerpolicy: "no-referrer",
  });
  const link = externalLink(url, { class: "picture", title: t("openImage") }, picture);
  picture.addEventListener("error", () => link.replaceWith(file(message, url, t("cannotLoad"))));
  return link;
}

function video(message, url) {
  const player = element("video.player", {
    src: url, controls: true, preload: "metadata", playsinline: true, "aria-label": nameOf(message, url),
  });
  return withFallback(player, message, url);
}

function audio(message, url) {
  const name = nameOf(message, url);
  const player = element("audio.player", { src: url, controls: true, preload: "metadata", "aria-label": name });
  return element("figure.audio", {}, element("figcaption", {}, isolated(name)), withFallback(player, message, url));
}

function withFallback(player, message, url) {
  player.addEventListener("error", () => player.replaceWith(file(message, url, t("cannotLoad"))));
  return player;
}

function file(message, url, note = null) {
  const facts = [note, message.file_size == null ? null : fileSize(message.file_size), message.file_type];
  return externalLink(
    url, { class: "file" },
    icon("file"),
    element("span.file-name", {}, isolated(nameOf(message, url))),
    element("span.file-facts", {}, facts.filter(Boolean).join(" · ")),
  );
}
