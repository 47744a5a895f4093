// A picture in a message. It opens in the lightbox.

import { t } from "../../language/language.js";
import { element } from "../dom.js";
import { brokenMedia } from "./broken-media.js";
import { nameOf } from "./file-names.js";
import { hasFailed, rememberFailure, rememberSize, sizeOf } from "./known-media.js";
import { unwatchSize, watchSize } from "./loading-sizes.js";
import { fitFrame } from "./media-frame.js";

/** Makes a picture, or what says that it is broken. */
export function picture(message, url) {
  if (hasFailed(url)) return brokenMedia(message, url, () => picture(message, url));
  const isKnown = sizeOf(url) !== null;
  // The browser has one that is known already, and shows it at once: nothing flickers when a row comes back. Others are
  // loaded before they are in sight, so that their size is known by then. Only rows near to that are in the document;
  // with loading="lazy" browsers would wait until the list is scrolled to them.
  const image = element("img", {
    alt: nameOf(message, url), referrerpolicy: "no-referrer", decoding: isKnown ? "sync" : "async", src: url,
  });
  const frame = element(
    "button.media-frame.picture",
    { type: "button", title: t("viewLarger"), "aria-haspopup": "dialog", "data-open": "" }, image,
  );
  fitFrame(frame, url, "image");
  const onSize = () => {
    rememberSize(url, image.naturalWidth, image.naturalHeight);
    fitFrame(frame, url, "image");
  };
  image.addEventListener("load", () => {
    unwatchSize(image);
    onSize();
    frame.classList.add("loaded");
  });
  image.addEventListener("error", () => {
    unwatchSize(image);
    rememberFailure(url);
    frame.replaceWith(brokenMedia(message, url, () => picture(message, url)));
  });
  // It is looked at once its row is in the document.
  if (!isKnown) queueMicrotask(() => watchSize(image, onSize));
  return frame;
}
