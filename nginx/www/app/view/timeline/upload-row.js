// What a message shows whose file is being uploaded: the picture as it is here, or name and size, and how far it is.

import { fileSize } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { element, icon, isolated } from "../dom.js";
import { withoutBidiMarks } from "../content/links.js";
import { previewOf } from "../composing/upload-previews.js";

/** Whether the file of an unsent message has no address yet. */
export function isUpload({ message }) {
  return message.message_type !== "text" && message.content === "";
}

/** Makes the content of the message. The caller then calls `refreshUpload`. */
export function uploadContent({ key, message }) {
  const name = withoutBidiMarks(message.file_name ?? "");
  const preview = previewOf(key);
  const card = () => element(
    "div.upload-file", {},
    icon("file"),
    element("span.file-name", {}, isolated(name)),
    element("span.file-facts", {}, fileSize(message.file_size ?? 0)),
  );
  let shown = card();
  if (preview) {
    shown = element("img.upload-picture", { src: preview, alt: name });
    shown.addEventListener("error", () => shown.replaceWith(card()));
  }
  return element(
    "div.upload", {},
    shown,
    element(
      "div.upload-progress", {
        role: "progressbar", "aria-label": t("uploadingFile", { name }), "aria-valuemin": 0, "aria-valuemax": 100,
      },
      element("div.upload-bar"),
    ),
  );
}

/** Shows how far the upload is, or no progress where there is none any more. */
export function refreshUpload(node, { state, progress }) {
  const bar = node.querySelector(".upload-progress");
  if (!bar) return;
  bar.hidden = state !== "uploading";
  const percent = Math.round((progress ?? 0) * 100);
  if (progress === null) bar.removeAttribute("aria-valuenow");
  else bar.setAttribute("aria-valuenow", String(percent));
  bar.firstChild.style.width = `${percent}%`;
}
