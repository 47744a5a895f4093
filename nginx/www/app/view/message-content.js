// What a message shows, by its type. Nothing in it is ever taken for markup, and no URL but http and https is used.

import { fileSize } from "../language/formats.js";
import { t } from "../language/language.js";
import { element, icon, isolated } from "./dom.js";
import { linkified, nameInUrl, outsideLink, plainName, safeUrl } from "./links.js";

/** @param {object} message message_type, content; file_name, file_size, file_type where they are known */
export function messageContent(message) {
  const show = SHOWN_AS[message.message_type] ?? text;
  if (show === text) return text(message);
  const url = safeUrl(message.content);
  return url === null ? unusable(message) : show(message, url);
}

const SHOWN_AS = { image, file, video, audio };

function text(message) {
  return element("p.text", { dir: "auto" }, ...linkified(message.content));
}

function unusable(message) {
  return element("div.unusable", {}, element("p.note", {}, t("badUrl")), element("p.text", { dir: "ltr" }, plainName(message.content)));
}

function nameOf(message, url) {
  return message.file_name ? plainName(message.file_name) : nameInUrl(url);
}

// A box of fixed size, so that nothing moves when the picture arrives.
function image(message, url) {
  const name = nameOf(message, url);
  const picture = element("img", { src: url, alt: name, loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" });
  const link = outsideLink(url, { class: "picture", title: t("openImage") }, picture);
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
  const player = element("audio.player", { src: url, controls: true, preload: "metadata", "aria-label": nameOf(message, url) });
  return element("figure.audio", {}, element("figcaption", {}, isolated(nameOf(message, url))), withFallback(player, message, url));
}

function withFallback(player, message, url) {
  player.addEventListener("error", () => player.replaceWith(file(message, url, t("cannotLoad"))));
  return player;
}

function file(message, url, note = null) {
  const facts = [note, message.file_size == null ? null : fileSize(message.file_size), message.file_type];
  return outsideLink(
    url, { class: "file" },
    icon("file"),
    element("span.file-name", {}, isolated(nameOf(message, url))),
    element("span.file-facts", {}, facts.filter(Boolean).join(" · ")),
  );
}
