// The composer: the form in which messages are written.

import { t } from "../language/language.js";
import { askForAttachment } from "./attach-dialog.js";
import { element, icon, iconButton } from "./dom.js";

// The API's limit of `content`, in bytes of UTF-8.
const MAX_BYTES = 65_535;

export class Composer {
  #conversation;
  #onSend;
  #signal;
  #input;
  #problem;

  /**
   * @param {function(object)} onSend called with {message_type, content, file_name}
   * @param {AbortSignal} signal aborts when the view around the composer is destroyed
   */
  constructor(conversation, onSend, signal) {
    this.#conversation = conversation;
    this.#signal = signal;
    this.#onSend = onSend;
    this.#input = element("textarea", {
      rows: 1, dir: "auto", placeholder: t("writeMessage"), "aria-label": t("writeMessage"),
      "aria-describedby": "composer-hint", enterkeyhint: "send", autocomplete: "off",
      oninput: () => this.#onInput(), onkeydown: (event) => this.#onKey(event),
    });
    this.#problem = element("p.problem", { role: "alert" });
    this.node = element(
      "form.composer", { onsubmit: (event) => this.#onSubmit(event) },
      iconButton("attach", t("attach"), () => this.#attach()),
      this.#input,
      element("button.send", { type: "submit", "aria-label": t("send"), title: t("send") }, icon("send")),
      element("p.hint", { id: "composer-hint" }, t("composerHint")),
      this.#problem,
    );
    this.#input.value = conversation.getSnapshot().draft.text;
  }

  /** Has to be called once the composer is in the document: before that its text has no height. */
  start(takesFocus) {
    this.#fit();
    // On a phone the focus opens a keyboard, which would cover the messages.
    if (takesFocus && matchMedia("(pointer: fine)").matches) this.focus();
  }

  focus() {
    this.#input.focus();
  }

  #onInput() {
    this.#conversation.setDraft({ text: this.#input.value, replyTo: null });
    this.#problem.textContent = "";
    this.#fit();
  }

  #onKey(event) {
    // While an input method composes, Enter chooses a word. Safari ends the composition before the key's event, which
    // then has the code 229.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  #onSubmit(event) {
    event.preventDefault();
    const content = this.#input.value.trim();
    if (content === "") return;
    if (new TextEncoder().encode(content).length > MAX_BYTES) {
      this.#problem.textContent = t("tooLong");
      return;
    }
    this.#onSend({ message_type: "text", content });
    this.#input.value = "";
    this.#onInput();
    this.focus();
  }

  async #attach() {
    const attachment = await askForAttachment(this.#signal);
    if (attachment) this.#onSend(attachment);
  }

  #fit() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }
}
