// Links in a text: URLs, addresses that begin with www., e-mail addresses and phone numbers.

import { element } from "../dom.js";
import { BIDI_MARKS, externalLink, safeUrl } from "./links.js";
import { phoneNumberAt } from "./phone-number.js";

// Full-width punctuation that ends a clause.
const CLAUSE_END = "\\u3000-\\u3003\\u3008-\\u3011\\u2018-\\u201d\\uff01\\uff08\\uff09\\uff0c\\uff1a\\uff1b\\uff1f";
// A URL ends at white space, quotes, angle brackets, marks of direction and full-width punctuation.
const IN_URL = `[^\\s<>"'\`${CLAUSE_END}${BIDI_MARKS}]`;
// Chinese is written without spaces, so an address in Latin letters ends where Chinese characters begin.
const LETTER = "\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}\\d";

// Every pattern begins where none of its own characters stands before. So a long run of them is looked at once, and the
// time grows with the length of the text, whatever is in it.
const PATTERNS = {
  // All schemes: "ftp://a@example.com" as a whole is no link, and so nothing in it is one.
  url: `(?<![\\w+.-]|\\w:)[a-z][a-z\\d+.-]{0,30}://${IN_URL}*`,
  www: "(?<![\\w:+./@-])www\\.(?:[a-z\\d-]{1,63}\\.){1,8}[a-z]{2,24}(?![\\w@-]|\\.\\w)"
    + `(?::\\d{1,5})?(?:[/?#]${IN_URL}*)?`,
  mail: `(?<![${LETTER}\\p{M}._%+@-]|[\\w.]/)[${LETTER}\\p{M}._%+-]{1,64}`
    + `@(?:[${LETTER}-]{1,63}\\.){1,8}[${LETTER}-]{2,63}(?![\\w@-]|\\.[\\p{L}\\d])`,
  phone: "(?<![\\w+])(?:\\+|\\(\\+)?\\d",
};
const LINK = new RegExp(Object.entries(PATTERNS).map(([name, pattern]) => `(?<${name}>${pattern})`).join("|"), "giu");

/** Returns a text as nodes, with its links as such. The nodes together have the same text. */
export function linkified(text) {
  const nodes = [];
  let end = 0;
  LINK.lastIndex = 0;
  for (let match = LINK.exec(text); match !== null; match = LINK.exec(text)) {
    const found = linkOf(match);
    if (found === null) continue;
    nodes.push(text.slice(end, match.index), found.link);
    end = match.index + found.length;
    LINK.lastIndex = end;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

// Returns {link, length}, or null where what was matched is no link after all.
function linkOf({ groups, index, input }) {
  if (groups.url !== undefined) return urlLink(groups.url);
  if (groups.www !== undefined) return wwwLink(groups.www);
  if (groups.mail !== undefined) return mailLink(groups.mail);
  const phone = phoneNumberAt(input, index);
  return phone && linkTo(`tel:${phone.number}`, input.slice(index, index + phone.length));
}

function urlLink(matched) {
  const [scheme] = matched.match(/^https?:\/\//i) ?? [];
  if (scheme === undefined) return null;
  const written = trimmed(matched);
  const href = safeUrl(written);
  // "https://" alone is no URL.
  if (href === null || written.length <= scheme.length) return null;
  return { link: externalLink(href, { dir: "ltr" }, written), length: written.length };
}

function wwwLink(matched) {
  const written = trimmed(matched);
  const href = safeUrl(`https://${written}`);
  return href && { link: externalLink(href, { dir: "ltr" }, written), length: written.length };
}

function mailLink(matched) {
  const [local, domain] = matched.split("@");
  const isAddress = !/^\.|\.\.|\.$/.test(local) && !/(?:^|\.)-|-(?:\.|$)/.test(domain)
    && /\.(?:\p{L}+|xn--[a-z\d-]+)$/iu.test(domain);
  return isAddress ? linkTo(`mailto:${encodeURIComponent(local)}@${encodeURIComponent(domain)}`, matched) : null;
}

function linkTo(href, written) {
  return { link: element("a", { href, dir: "ltr" }, written), length: written.length };
}

const CLOSING = { ")": "(", "]": "[", "}": "{" };

// Returns a URL without what belongs to the sentence around it: punctuation at its end, and a bracket that was opened
// before it.
function trimmed(url) {
  const unmatched = {};
  for (const [closing, opening] of Object.entries(CLOSING)) {
    unmatched[closing] = url.split(closing).length - url.split(opening).length;
  }
  let end = url.length;
  for (; end > 0; end--) {
    const last = url[end - 1];
    if (unmatched[last] > 0) unmatched[last] -= 1;
    else if (!/[.,;:!?*_~\u2026]/.test(last)) break;
  }
  return url.slice(0, end);
}
