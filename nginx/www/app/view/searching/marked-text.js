// Texts in which matches of a search are marked, element by element.

import { element } from "../dom.js";

// A snippet has this much before its first match, and is not longer than that, in UTF-16 code units.
const BEFORE = 24;
const LONGEST = 160;

/**
 * Returns a text as nodes, with a <mark> for each match.
 *
 * @param {number[][]} matches [start, length] in UTF-16 code units, from left to right
 * @param {function(string): string} clean changes what is shown of a piece, so that it does not move the matches
 */
export function markedText(text, matches, clean = (piece) => piece) {
  const nodes = [];
  let end = 0;
  for (const [start, length] of matches) {
    if (start < end || start + length > text.length) continue;
    nodes.push(clean(text.slice(end, start)), element("mark", {}, clean(text.slice(start, start + length))));
    end = start + length;
  }
  nodes.push(clean(text.slice(end)));
  return nodes.filter((node) => node !== "");
}

/** The same for the part of a text around its first match, as one line. */
export function markedSnippet(text, matches) {
  const [first = 0] = matches[0] ?? [];
  const from = first <= BEFORE ? 0 : wholeCharacter(text, first - BEFORE);
  const to = from + LONGEST >= text.length ? text.length : wholeCharacter(text, from + LONGEST);
  const inside = matches
    .filter(([start]) => start < to)
    .map(([start, length]) => [start - from, Math.min(length, to - start)]);
  const nodes = markedText(text.slice(from, to), inside, (piece) => piece.replace(/\s+/g, " "));
  return [from > 0 ? "…" : null, ...nodes, to < text.length ? "…" : null].filter((node) => node !== null);
}

// An emoji is two code units or more: no text is cut between those of a character.
function wholeCharacter(text, index) {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}
