// The dialog that shows the files that are about to be sent.

import { fileSize } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { extensionOf, kindOf } from "../../upload/kinds.js";
import { openDialog } from "../dialog.js";
import { element, icon, iconButton, isolated } from "../dom.js";
import { withoutBidiMarks } from "../content/links.js";

/**
 * Opens the dialog. Resolves to the files that are to be sent, none where it is closed without.
 *
 * @param {File[]} files
 * @param {string} problem what cannot be sent beside them
 * @param {AbortSignal} signal closes the dialog
 */
export function confirmFiles(files, problem, signal) {
  const left = new Set(files);
  const urls = [];
  let isConfirmed = false;
  const send = element("button.primary", { type: "submit", autofocus: true });
  const list = element("ul.attached", { "aria-label": t("attachedFiles") });
  const showCount = () => { send.textContent = t("sendFiles", { n: left.size }); };
  const remove = (file, item) => {
    left.delete(file);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    if (left.size === 0) return dialog.close();
    showCount();
    next.querySelector("button").focus();
  };
  for (const file of files) list.append(listItem(file, urls, remove));
  showCount();
  let dialog;
  return new Promise((resolve) => {
    dialog = openDialog(t("attachedFiles"), () => [
      problem === "" ? null : element("p.problem.refused", { role: "alert" }, problem),
      list,
      element(
        "div.buttons", {},
        element("button", { type: "button", onclick: () => dialog.close() }, t("cancel")), send,
      ),
    ].filter(Boolean), {
      onSubmit: () => { isConfirmed = true; },
      onClose: () => {
        for (const url of urls) URL.revokeObjectURL(url);
        resolve(isConfirmed && !signal.aborted ? files.filter((file) => left.has(file)) : []);
      },
      signal,
    });
  });
}

function listItem(file, urls, remove) {
  const name = withoutBidiMarks(file.name);
  const item = element(
    "li", {},
    thumbnail(file, urls),
    element(
      "div", {},
      element("div.file-name", {}, isolated(name)),
      element("div.note", {}, fileSize(file.size)),
    ),
    iconButton("close", t("removeFile", { name }), () => remove(file, item)),
  );
  return item;
}

function thumbnail(file, urls) {
  if (kindOf(extensionOf(file)) !== "image") return element("span.thumbnail", {}, icon("file"));
  const url = URL.createObjectURL(file);
  urls.push(url);
  const picture = element("img.thumbnail", { src: url, alt: "" });
  picture.addEventListener("error", () => picture.replaceWith(element("span.thumbnail", {}, icon("file"))));
  return picture;
}
