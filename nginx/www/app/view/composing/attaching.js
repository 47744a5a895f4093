// Sharing files from a conversation: by the button beside the composer, by dropping them, and from the clipboard.

import { t } from "../../language/language.js";
import { EVERYTHING, MEDIA } from "../../upload/kinds.js";
import { askForAttachment } from "./attach-dialog.js";
import { confirmFiles } from "./attach-preview.js";
import { refusals, refusalText } from "./attach-refusals.js";
import { element, iconButton } from "../dom.js";
import { DropZone } from "./drop-zone.js";
import { opensMenu } from "../menu.js";

export class Attaching {
  #events;
  #signal;
  #isBusy = false;
  #chooser = element("input", {
    type: "file", multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true", onchange: () => this.#onChosen(),
  });

  /** The button, for the composer. */
  button;

  /**
   * @param {HTMLElement} area where files can be dropped
   * @param {object} events canUpload; sendLink(message), sendFiles(files), tell(problem), focus()
   * @param {AbortSignal} signal aborts when the view around is destroyed, or nothing can be written any more
   */
  constructor(area, events, signal) {
    this.#events = events;
    this.#signal = signal;
    if (!events.canUpload) {
      this.button = iconButton("attach", t("attach"), () => this.#askForLink());
      return;
    }
    this.button = opensMenu(iconButton("attach", t("attach"), null), () => [
      { label: t("attachMedia"), icon: "image", onSelect: () => this.#choose(MEDIA) },
      { label: t("attachFiles"), icon: "file", onSelect: () => this.#choose(EVERYTHING) },
      { label: t("attachLink"), icon: "link", onSelect: () => this.#askForLink() },
    ], { signal });
    area.append(this.#chooser);
    signal.addEventListener("abort", () => this.#chooser.remove());
    new DropZone(area, (files, folders) => this.#take(files, folders), signal);
    document.addEventListener("paste", (event) => this.#onPaste(event), { signal });
  }

  async #askForLink() {
    const attachment = await askForAttachment(this.#signal);
    if (attachment) this.#events.sendLink(attachment);
  }

  #choose(accept) {
    this.#chooser.accept = accept;
    this.#chooser.click();
  }

  #onChosen() {
    const files = Array.from(this.#chooser.files);
    // The same file can be chosen again.
    this.#chooser.value = "";
    this.#take(files);
  }

  #onPaste(event) {
    const field = event.target.closest?.("input, textarea, [contenteditable]");
    if (field && !this.button.closest("form").contains(field)) return;
    if (event.target.closest?.("dialog") || document.querySelector("dialog[open]")) return;
    const files = Array.from(event.clipboardData?.files ?? []);
    if (files.length === 0 || hasText(event.clipboardData, files)) return;
    event.preventDefault();
    this.#take(files);
  }

  // What cannot be sent is said at once; of what can, the user says whether it is meant.
  async #take(files, folders = 0) {
    if (this.#isBusy || files.length + folders === 0) return;
    const refused = refusals(files);
    const sendable = files.filter((file) => !refused.has(file));
    const problem = refusalText(refused, folders);
    if (sendable.length === 0) {
      this.#events.tell(problem);
      return;
    }
    this.#isBusy = true;
    try {
      const confirmed = await confirmFiles(sendable, problem, this.#signal);
      this.#events.focus();
      if (confirmed.length > 0) this.#events.sendFiles(confirmed);
    } finally {
      this.#isBusy = false;
    }
  }
}

// Word processors and spreadsheets give a picture of the text beside it; file managers give the files' names.
function hasText(data, files) {
  const text = data.getData("text/plain").trim();
  if (text === "") return false;
  const names = new Set(files.map(({ name }) => name));
  return !text.split(/\r?\n/).every((line) => names.has(line.split(/[\\/]/).at(-1)));
}
