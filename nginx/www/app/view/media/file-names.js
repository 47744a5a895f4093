// Names of files: what a message's file is called, and what a name tells of the kind of file.

import { nameInUrl, withoutBidiMarks } from "../content/links.js";

const BY_EXTENSION = {
  pdf: "pdf",
  word: "doc docx odt rtf pages wps",
  sheet: "xls xlsx ods csv numbers et",
  slides: "ppt pptx odp key dps",
  archive: "zip rar 7z tar gz tgz bz2 xz",
  image: "jpg jpeg png gif webp avif heic heif svg bmp tif tiff psd ai",
  video: "mp4 mov m4v webm mkv avi flv wmv 3gp",
  audio: "mp3 m4a aac wav ogg oga opus flac amr wma",
  plain: "txt md log srt vtt ass json xml yaml",
};
const KIND_OF = new Map(
  Object.entries(BY_EXTENSION).flatMap(([kind, extensions]) => extensions.split(" ").map((each) => [each, kind])),
);

const BY_TYPE = [
  [/^application\/pdf\b/, "pdf"], [/wordprocessing|msword|opendocument\.text|\brtf\b/, "word"],
  [/spreadsheet|ms-excel|\bcsv\b/, "sheet"], [/presentation|powerpoint/, "slides"],
  [/zip|compressed|\brar\b|x-tar|x-7z/, "archive"], [/^image\//, "image"], [/^video\//, "video"], [/^audio\//, "audio"],
  [/^text\/|\/json\b|\/xml\b/, "plain"],
];

// So many characters before the extension stay visible where a name is shortened in its middle.
const KEPT_BEFORE_EXTENSION = 4;
const LONGEST_EXTENSION = 10;

/** Returns the name of a message's file: the one it was given, or the one in its URL. */
export function nameOf(message, url) {
  return message.file_name ? withoutBidiMarks(message.file_name) : nameInUrl(url);
}

/** Returns the extension of a name in lower case; "" where it has none. */
export function extensionOf(name) {
  return /\.([\p{L}\p{N}]{1,10})$/u.exec(name)?.[1].toLowerCase() ?? "";
}

/**
 * Returns the kind of a file: "pdf", "word", "sheet", "slides", "archive", "image", "video", "audio", "plain" or
 * "other". The name says it to people, so it goes before the type.
 */
export function fileKind(name, type) {
  const known = KIND_OF.get(extensionOf(name));
  if (known) return known;
  return BY_TYPE.find(([pattern]) => pattern.test((type ?? "").toLowerCase()))?.[1] ?? "other";
}

/** Returns the two parts of a name, of which the first one may be cut at its end; the second has the extension. */
export function nameParts(name) {
  const characters = Array.from(name);
  const extension = Array.from(extensionOf(name)).length;
  const kept = Math.min(extension === 0 ? KEPT_BEFORE_EXTENSION : extension + 1, LONGEST_EXTENSION + 1)
    + (extension === 0 ? 0 : KEPT_BEFORE_EXTENSION);
  const cut = Math.max(0, characters.length - kept);
  return [characters.slice(0, cut).join(""), characters.slice(cut).join("")];
}
