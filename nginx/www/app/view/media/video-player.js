// A video in a message: its first picture and its length; it plays where it stands, or in the lightbox.

import { t } from "../../language/language.js";
import { element, icon, iconButton } from "../dom.js";
import { brokenMedia } from "./broken-media.js";
import { lengthText } from "./durations.js";
import { nameOf } from "./file-names.js";
import { forgetPlayer } from "./kept-players.js";
import { durationOf, hasFailed, rememberDuration, rememberFailure, rememberSize } from "./known-media.js";
import { fitFrame } from "./media-frame.js";
import "./one-player.js";

/** Returns the URL of a video's first picture: Safari shows none without a time. */
export function fromFirstPicture(url) {
  return url.includes("#") ? url : `${url}#t=0.1`;
}

/** Makes a player, or what says that the video is broken. */
export function videoPlayer(message, url) {
  const again = () => videoPlayer(message, url);
  if (hasFailed(url)) return brokenMedia(message, url, again);
  const name = nameOf(message, url);
  const video = element("video", {
    preload: "metadata", playsinline: true, tabindex: -1, "aria-label": name, src: fromFirstPicture(url),
  });
  const play = element("button.video-play", { type: "button", onclick: () => begin() }, icon("play"));
  const length = element("span.video-length", { "aria-hidden": "true" });
  const larger = iconButton("expand", t("viewLarger"), null);
  larger.dataset.open = "";
  larger.setAttribute("aria-haspopup", "dialog");
  const frame = element(
    "div.media-frame.video-frame", {}, video, play, length, larger,
    element("span.print-name", { "aria-hidden": "true" }, name),
  );

  // The browser's controls come with the first play: over the first picture of a small one they would cover all of it.
  function begin() {
    frame.classList.add("started");
    video.controls = true;
    video.tabIndex = 0;
    video.play().catch(() => {});
    video.focus({ preventScroll: true });
  }

  function showLength() {
    const seconds = durationOf(url);
    length.textContent = seconds === null ? "" : lengthText(seconds);
    const label = t("playVideo", { name });
    play.setAttribute("aria-label", seconds === null ? label : `${label}${t("clauseSeparator")}${lengthText(seconds)}`);
  }

  video.addEventListener("loadedmetadata", () => {
    rememberDuration(url, video.duration);
    rememberSize(url, video.videoWidth, video.videoHeight);
    fitFrame(frame, url, "video");
    showLength();
  });
  video.addEventListener("loadeddata", () => frame.classList.add("loaded"));
  // Played by the browser's own keys or a headset's.
  video.addEventListener("play", () => frame.classList.add("started"));
  video.addEventListener("error", () => {
    rememberFailure(url);
    forgetPlayer(frame);
    frame.replaceWith(brokenMedia(message, url, again));
  });
  fitFrame(frame, url, "video");
  showLength();
  return frame;
}
