// URLs from messages: which may become a link or a source, and where text has some.

import { element } from "./dom.js";

// Not in the middle of a word or of another URL; up to white space, marks of direction, quotes, angle brackets, and the full-width punctuation that ends a clause.
const URL_IN_TEXT = /(?<![\w:+.-])https?:\/\/[^\s<>"'`\u3000-\u3003\u3008-\u3011\u2018-\u201d\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+/gi;
const CLOSING = { ")": "(", "]": "[", "}": "{" };
// They turn the direction of what follows: photo_gpj.exe would read as photo_exe.jpg.
const DIRECTION_MARKS = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/**
 * The URL as the browser will take it, or null where it is neither http nor https. A relative one is the platform's.
 */
export function safeUrl(text) {
  try {
    const url = new URL(text, document.baseURI);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** An element that leads to another site: it gets neither the address of this page nor a hold on it. */
export function outsideLink(href, attributes, ...children) {
  return element("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", ...attributes }, ...children);
}

/** A file's name for the eye: what is written is what is read. */
export function plainName(text) {
  return text.replace(DIRECTION_MARKS, "");
}

/** The name of a file as its URL has it, or the host. */
export function nameInUrl(href) {
  const url = new URL(href);
  const last = url.pathname.split("/").at(-1);
  if (last === "") return url.host;
  try {
    return plainName(decodeURIComponent(last));
  } catch {
    return last;
  }
}

/** Text with its URLs as links: nodes to be appended. */
export function linkified(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(URL_IN_TEXT)) {
    const written = trimmed(match[0]);
    const href = safeUrl(written);
    // "https://" alone is no URL.
    if (href === null || written.length <= "https://".length) continue;
    nodes.push(text.slice(end, match.index), outsideLink(href, { dir: "ltr" }, written));
    end = match.index + written.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

// Punctuation behind a URL belongs to the sentence; so does a bracket that was opened before it.
function trimmed(url) {
  for (;;) {
    const last = url.at(-1);
    const isUnmatched = last in CLOSING && url.split(last).length > url.split(CLOSING[last]).length;
    if (!isUnmatched && !/[.,;:!?*_~\u2026]/.test(last)) return url;
    url = url.slice(0, -1);
  }
}
