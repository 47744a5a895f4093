// The dialog that asks for the URL of a file to share.

import { t } from "../../language/language.js";
import { extensionIn, messageTypeOf } from "../../upload/kinds.js";
import { openDialog } from "../dialog.js";
import { element } from "../dom.js";
import { fileNameInUrl } from "../content/links.js";

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
  const radios = kinds.map((kind) => kind.querySelector("input"));
  // What the user has said of the file stays.
  let isKindChosen = false;
  let isNamed = false;
  for (const radio of radios) radio.addEventListener("change", () => { isKindChosen = true; });
  name.addEventListener("input", () => { isNamed = name.value !== ""; });
  url.addEventListener("input", () => {
    const address = withoutBlanks(url.value);
    url.setCustomValidity(isWebURL(address) ? "" : t("urlInvalid"));
    const found = isWebURL(address) ? fileNameInUrl(address) : "";
    if (!isNamed) name.value = found.slice(0, 500);
    if (isKindChosen) return;
    const type = found === "" ? "image" : messageTypeOf(extensionIn(found));
    for (const radio of radios) radio.checked = radio.value === type;
  });
  return new Promise((resolve) => {
    const { close } = openDialog(t("attachLink"), () => [
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
        chosen = { message_type: form.elements.kind.value, content: withoutBlanks(url.value) };
        if (name.value.trim() !== "") chosen.file_name = name.value.trim();
      },
      onClose: () => resolve(signal.aborted ? null : chosen),
      signal,
    });
  });
}

// The service refuses blanks in an address. Those that stand in the name of a file are encoded, as browsers do.
function withoutBlanks(text) {
  return text.trim().replace(/\s/gu, encodeURIComponent);
}

function isWebURL(text) {
  // A blank in a host is no file's name, and not all browsers refuse it once it is encoded.
  return /^https?:\/\/[^/?#%\s]+(?:[/?#]\S*)?$/i.test(text) && URL.canParse(text);
}
