// URLs from messages: which of them may be used, and how they are linked to.

import { element } from "../dom.js";

/**
 * The characters that turn the direction of writing of what follows: photo_gpj.exe would read as photo_exe.jpg. This is
 * the inside of a character class of a regular expression.
 */
export const BIDI_MARKS = "\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069";
const ALL_BIDI_MARKS = new RegExp(`[${BIDI_MARKS}]`, "g");

/** Returns the URL in its normal form, or null where it is neither http nor https. A relative one is the platform's. */
export function safeUrl(text) {
  try {
    const url = new URL(text, document.baseURI);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Makes a link to another site, which gets neither this page's address nor access to its window. */
export function externalLink(href, attributes, ...children) {
  return element("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", ...attributes }, ...children);
}

/** Returns a file's name without the characters that make it read as another one. */
export function withoutBidiMarks(text) {
  return text.replace(ALL_BIDI_MARKS, "");
}

/** Returns the name of the file in a URL, or else the host. */
export function nameInUrl(href) {
  return fileNameInUrl(href) || new URL(href).host;
}

/** Returns the name of the file in a URL; "" where it names none. */
export function fileNameInUrl(href) {
  const last = new URL(href).pathname.split("/").at(-1);
  try {
    return withoutBidiMarks(decodeURIComponent(last));
  } catch {
    return last;
  }
}
