// A dialog in front of the page; Escape, its button, or a click beside it close it.

import { t } from "../language/language.js";
import { element, iconButton } from "./dom.js";

/**
 * @param {function(): Node[]} content makes what is in the dialog's form
 * @param {object} handlers onSubmit(form), onClose()
 * @returns {{close: function()}}
 */
export function openDialog(title, content, { onSubmit = () => {}, onClose = () => {} } = {}) {
  const close = () => dialog.close();
  const form = element("form", { method: "dialog" }, ...content());
  const dialog = element(
    "dialog", { "aria-label": title },
    element("header", {}, element("h2", {}, title), iconButton("close", t("close"), close)),
    form,
  );
  form.addEventListener("submit", () => onSubmit(form));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { close };
}
