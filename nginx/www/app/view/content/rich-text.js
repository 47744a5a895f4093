// The text of a message with its links, and with its code between backticks.

import { t } from "../../language/language.js";
import { element } from "../dom.js";
import { linkified } from "./linkified.js";

const BLOCK = 3;

/** Returns a text as nodes: `code`, ```blocks of code```, links, and strings. */
export function richText(text) {
  return parts(text).flatMap(({ kind, content }) => {
    if (kind === "text") return linkified(content);
    return kind === "block" ? block(content) : element("code", { dir: "ltr" }, content);
  });
}

/**
 * Returns the parts of a text, {kind: "text" | "code" | "block", content}. As in Markdown, code ends at the next run of
 * as many backticks as it began with; backticks without such an end are text.
 */
export function parts(text) {
  const runs = Array.from(text.matchAll(/`+/g), ({ 0: { length }, index }) => ({ length, index, end: index + length }));
  linkToNextOfSameLength(runs);
  const found = [];
  let end = 0;
  for (const opening of runs) {
    if (opening.index < end || !opening.next) continue;
    const part = opening.length < BLOCK ? codeBetween(text, opening) : blockBetween(text, opening);
    if (part === null) continue;
    addText(found, text.slice(end, opening.index), part.kind);
    found.push(part);
    end = opening.next.end;
  }
  addText(found, text.slice(end), "text");
  return found;
}

// The next run is known before it is looked for, so that the time grows with the length of the text, also where no code
// ends.
function linkToNextOfSameLength(runs) {
  const next = new Map();
  for (let index = runs.length - 1; index >= 0; index--) {
    const run = runs[index];
    run.next = next.get(run.length);
    next.set(run.length, run);
  }
}

function codeBetween(text, { index, end, next }) {
  // Who writes don`t means an apostrophe.
  if (/\w/.test(text.charAt(index - 1)) || /\w/.test(text.charAt(next.end))) return null;
  const content = text.slice(end, next.index);
  if (content.trim() === "" || content.includes("\n")) return null;
  // A space at both ends separates the backticks of the code itself from those around it.
  return { kind: "code", content: /^ .* $/.test(content) ? content.slice(1, -1) : content };
}

function blockBetween(text, { end, next }) {
  const content = text.slice(end, next.index);
  return content.trim() === "" ? null : { kind: "block", content };
}

// Around a block the lines end by themselves.
function addText(found, text, nextKind) {
  let content = text;
  if (found.at(-1)?.kind === "block") content = content.replace(/^[ \t]*\n/, "");
  if (nextKind === "block") content = content.replace(/\n[ \t]*$/, "");
  if (content !== "") found.push({ kind: "text", content });
}

// The name of a language may follow the backticks. It is shown, since it may as well be the first word.
function block(content) {
  const [, language, code] = content.match(/^([\w+#.-]{1,20})[ \t]*\r?\n([^]*)$/) ?? [null, "", content];
  return element(
    "div.code-block", {},
    language === "" ? null : element("span.code-language", { dir: "ltr" }, language),
    // A block that is wider than its bubble is scrolled, also by the keyboard.
    element(
      "pre", { tabindex: 0, role: "group", "aria-label": t("code"), dir: "ltr" },
      element("code", {}, code.replace(/^[ \t]*\r?\n/, "").replace(/\r?\n[ \t]*$/, "")),
    ),
  );
}
