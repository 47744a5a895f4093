// Which files cannot be sent, and what the user is told of that.

import { config } from "../../../config.js";
import { fileSize } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { refusalOf } from "../../upload/kinds.js";
import { isolate } from "../isolate.js";
import { withoutBidiMarks } from "../content/links.js";

/** Returns why files cannot be sent, by the file. */
export function refusals(files) {
  const found = files.map((file) => [file, refusalOf(file, config.uploadLimits ?? {})]);
  return new Map(found.filter(([, refusal]) => refusal !== null));
}

/** Returns the text about what cannot be sent, "" for nothing. @param {number} folders how many were among them */
export function refusalText(refused, folders = 0) {
  const texts = Array.from(refused, ([file, refusal]) => textOf(isolate(withoutBidiMarks(file.name)), refusal));
  if (folders > 0) texts.push(t("refused_folder"));
  return texts.join("\n");
}

function textOf(name, { reason, kind, limit }) {
  if (reason === "size") return t("refused_size", { name, kind: t(`limited_${kind}`), limit: fileSize(limit) });
  return t(reason === "empty" ? "refused_empty" : "refused_kind", { name });
}
