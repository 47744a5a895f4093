// Whether a text is nothing but a few emoji, which are shown larger.

const MOST = 5;
// The longest emoji, families with skin tones and the flags of regions, have about 40 UTF-16 code units.
const LONGEST_TEXT = MOST * 48;

// Of browsers that do not know all emoji by name or have no Intl.Segmenter: how emoji are built (UTS #51, 1.4.9).
const PICTURE = "(?![\\d#*\\p{Regional_Indicator}])"
  + "(?:\\p{Emoji}(?:\\ufe0f|\\p{Emoji_Modifier}|(?=\\u200d))|\\p{Emoji_Presentation})";
const TAGS = "(?:[\\u{e0020}-\\u{e007e}]+\\u{e007f})?";
const JOINED = "(?:\\u200d(?![\\d#*])\\p{Emoji}(?:\\ufe0f|\\p{Emoji_Modifier})?)*";
const BUILT = `(?:\\p{Regional_Indicator}{2}|[\\d#*]\\ufe0f?\\u20e3|${PICTURE}${TAGS}${JOINED})`;
const ONLY_BUILT = new RegExp(`^(?:\\s*${BUILT}){1,${MOST}}\\s*$`, "u");
const EVERY_EMOJI = everyEmoji();

/** Whether a text is of one to five emoji. White space between them does not count; digits and "#" are no emoji. */
export function isEmojiOnly(text) {
  if (text.length > LONGEST_TEXT) return false;
  if (EVERY_EMOJI === null || !("Segmenter" in Intl)) return ONLY_BUILT.test(text);
  const segments = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
    .filter((segment) => segment.trim() !== "");
  return segments.length > 0 && segments.length <= MOST && segments.every(isEmoji);
}

function isEmoji(segment) {
  return EVERY_EMOJI.test(segment) || EVERY_EMOJI.test(qualified(segment));
}

// Some keyboards leave out the selector that has ❤ shown in colour where it is a part of another emoji.
function qualified(segment) {
  return segment.replace(/(?!\p{Emoji_Presentation})\p{Emoji}(?![\ufe0f\p{Emoji_Modifier}])(?=\u200d)/gu, "$&\ufe0f")
    .replace(/(?<=\u200d)(?!\p{Emoji_Presentation})\p{Emoji}(?![\ufe0f\p{Emoji_Modifier}])/gu, "$&\ufe0f");
}

function everyEmoji() {
  try {
    return new RegExp("^\\p{RGI_Emoji}$", "v");
  } catch {
    return null;
  }
}
