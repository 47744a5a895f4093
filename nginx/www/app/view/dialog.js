// Modal dialogs, which Escape, a button or a click on the backdrop closes.

import { t } from "../language/language.js";
import { element, iconButton } from "./dom.js";
import { backCloses } from "./history.js";

/**
 * @param {function(): Node[]} content makes the content of the dialog's form
 * @param {object} options onSubmit(form), onClose(); signal, an AbortSignal that closes the dialog
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
  // A click that began inside the dialog, such as one that selects text, does not close it.
  let hasBegunOutside = false;
  dialog.addEventListener("pointerdown", (event) => { hasBegunOutside = event.target === dialog; });
  dialog.addEventListener("click", (event) => { if (hasBegunOutside && event.target === dialog) close(); });
  signal.addEventListener("abort", close);
  dialog.addEventListener("close", () => {
    signal.removeEventListener("abort", close);
    forgetBack();
    dialog.remove();
    onClose();
  });
  document.body.append(dialog);
  dialog.showModal();
  const forgetBack = backCloses(close);
  return { close };
}
