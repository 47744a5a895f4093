// A file in a message: what it is called, of which kind it is, and how large.

import { fileSize } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { element, icon } from "../dom.js";
import { externalLink } from "../content/links.js";
import { extensionOf, fileKind, nameOf, nameParts } from "./file-names.js";

const ICONS = {
  pdf: "document", word: "document", plain: "document", sheet: "sheet", slides: "slides", archive: "archive",
  image: "picture", video: "film", audio: "sound", other: "file",
};

/**
 * Makes the card of a file, which opens it in a new tab.
 *
 * @param {?string} note what has to be said first, such as that it cannot be shown
 */
export function fileCard(message, url, note = null) {
  const name = nameOf(message, url);
  const kind = fileKind(name, message.file_type);
  const facts = [note, kindText(name, kind), message.file_size == null ? null : fileSize(message.file_size)]
    .filter(Boolean).join(" · ");
  return externalLink(
    url, { class: "file", title: name, "aria-label": `${name}${t("clauseSeparator")}${facts}`, "data-kind": kind },
    element("span.file-icon", {}, icon(ICONS[kind])),
    shortenedName("span.file-name", {}, name),
    element("span.file-facts", {}, facts),
  );
}

/** Makes the element of a file's name, which is cut in its middle where it is too long. */
export function shortenedName(tag, attributes, name) {
  const [head, tail] = nameParts(name);
  return element(
    tag, { dir: "auto", ...attributes },
    element("span.file-name-head", {}, head), element("span.file-name-tail", {}, tail),
  );
}

/** Returns the kind of a file in words: "PDF", "Word document"; of one that is not known its extension: "DWG". */
function kindText(name, kind) {
  if (kind !== "other") return t(`fileKind_${kind}`);
  return extensionOf(name).toUpperCase() || t("attachFile");
}
