// A dialog in front of the page; Escape, its button, or a click beside it close it.

import { t } from "../language/language.js";
import { element, iconButton } from "./dom.js";

/**
 * @param {function(): Node[]} content makes what is in the dialog's form
 * @param {object} options onSubmit(form), onClose(); signal, an AbortSignal that closes it
 * @returns {{close: function()}}
 */
export function openDialog(title, content, { onSubmit = () => {}, onClose = () => {}, signal }) {
  const close = () => dialog.close();
  const form = element("form", { method: "dialog" }, ...content());
  const dialog = element(
    "dialog", { "aria-label": title },
    element("header", {}, element("h2", {}, title), iconButton("close", t("close"), close)),
    form,
  );
  form.addEventListener("submit", () => onSubmit(form));
  // A click that was begun in it, such as one that selects text, is none beside it.
  let isBegunBeside = false;
  dialog.addEventListener("pointerdown", (event) => { isBegunBeside = event.target === dialog; });
  dialog.addEventListener("click", (event) => { if (isBegunBeside && event.target === dialog) close(); });
  signal.addEventListener("abort", close);
  dialog.addEventListener("close", () => {
    signal.removeEventListener("abort", close);
    dialog.remove();
    onClose();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { close };
}
