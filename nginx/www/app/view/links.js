// URLs from messages: which of them may be used, and where they are in a text.

import { element } from "./dom.js";

// These characters turn the direction of writing of what follows: photo_gpj.exe would read as photo_exe.jpg.
const BIDI_MARKS = "\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069";
const ALL_BIDI_MARKS = new RegExp(`[${BIDI_MARKS}]`, "g");
// Full-width punctuation that ends a clause.
const CLAUSE_END = "\\u3000-\\u3003\\u3008-\\u3011\\u2018-\\u201d\\uff01\\uff08\\uff09\\uff0c\\uff1a\\uff1b\\uff1f";
// A URL does not begin in the middle of a word or of another URL. It ends at white space, quotes, angle brackets, marks
// of direction and full-width punctuation.
const URL_IN_TEXT = new RegExp(`(?<![\\w:+.-])https?://[^\\s<>"'\`${CLAUSE_END}${BIDI_MARKS}]+`, "gi");
const CLOSING = { ")": "(", "]": "[", "}": "{" };

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
  const url = new URL(href);
  const last = url.pathname.split("/").at(-1);
  if (last === "") return url.host;
  try {
    return withoutBidiMarks(decodeURIComponent(last));
  } catch {
    return last;
  }
}

/** Returns a text as nodes, with its URLs as links. */
export function linkified(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(URL_IN_TEXT)) {
    const written = trimmed(match[0]);
    const href = safeUrl(written);
    // "https://" alone is no URL.
    if (href === null || written.length <= "https://".length) continue;
    nodes.push(text.slice(end, match.index), externalLink(href, { dir: "ltr" }, written));
    end = match.index + written.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

// Returns a URL without what belongs to the sentence around it: punctuation at its end, and a bracket that was opened
// before it.
function trimmed(url) {
  for (;;) {
    const last = url.at(-1);
    const isUnmatched = last in CLOSING && url.split(last).length > url.split(CLOSING[last]).length;
    if (!isUnmatched && !/[.,;:!?*_~\u2026]/.test(last)) return url;
    url = url.slice(0, -1);
  }
}
