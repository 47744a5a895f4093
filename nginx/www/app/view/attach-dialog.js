// The dialog that asks for the URL of a file to share.

import { t } from "../language/language.js";
import { openDialog } from "./dialog.js";
import { element } from "./dom.js";

const KINDS = { image: "attachImage", file: "attachFile", video: "attachVideo", audio: "attachAudio" };

/**
 * Opens the dialog. Resolves to {message_type, content, file_name}, or to null where the dialog is closed without.
 *
 * @param {AbortSignal} signal closes the dialog
 */
export function askForAttachment(signal) {
  let chosen = null;
  const kinds = Object.entries(KINDS).map(([kind, text], index) => element(
    "label.choice", {},
    element("input", { type: "radio", name: "kind", value: kind, checked: index === 0 }), t(text),
  ));
  const url = element("input", {
    type: "url", name: "url", required: true, autofocus: true, maxlength: 2000, dir: "ltr",
  });
  const name = element("input", { type: "text", name: "name", maxlength: 500, dir: "auto" });
  url.addEventListener("input", () => url.setCustomValidity(isWebURL(url.value.trim()) ? "" : t("urlInvalid")));
  return new Promise((resolve) => {
    const { close } = openDialog(t("attach"), () => [
      element("p.note", {}, t("attachLead")),
      element("fieldset", {}, element("legend", {}, t("attachKind")), ...kinds),
      element("label.field", {}, t("attachUrl"), url),
      element("label.field", {}, t("attachName"), name),
      element(
        "div.buttons", {},
        element("button", { type: "button", onclick: () => close() }, t("cancel")),
        element("button.primary", { type: "submit" }, t("send")),
      ),
    ], {
      onSubmit: (form) => {
        chosen = { message_type: form.elements.kind.value, content: url.value.trim() };
        if (name.value.trim() !== "") chosen.file_name = name.value.trim();
      },
      onClose: () => resolve(signal.aborted ? null : chosen),
      signal,
    });
  });
}

function isWebURL(text) {
  return /^https?:\/\/[^/\s]+\S*$/i.test(text) && URL.canParse(text);
}
