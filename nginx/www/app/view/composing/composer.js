// The composer: the form in which messages are written, with the message over it that they answer.

import { t } from "../../language/language.js";
import { Attaching } from "./attaching.js";
import { sendsByKeys } from "./composer-keys.js";
import { element, icon, iconButton } from "../dom.js";
import { QuoteBar, quoteOf } from "../content/quote-view.js";
import { VoiceBar } from "./voice-bar.js";
import { canRecord } from "./voice-recorder.js";

// The API's limit of `content`, in bytes of UTF-8.
const MAX_BYTES = 65_535;

export class Composer {
  #conversation;
  #onSend;
  #onSendFiles;
  #input;
  #problem;
  #signal;
  #replyTo = null;
  #voice = null;
  #voiceButton = iconButton("microphone", t("voiceRecord"), () => this.#record());
  #quoteBar = new QuoteBar(() => this.#removeQuote());

  /**
   * @param {object} events onSend(message), with {message_type, content, file_name, reply_to}; onSendFiles(files,
   *   replyTo), where conversation.canUpload; area, the element where files can be dropped
   * @param {AbortSignal} signal aborts when the view around the composer is destroyed
   */
  constructor(conversation, { onSend, onSendFiles, area }, signal) {
    this.#conversation = conversation;
    this.#signal = signal;
    this.#onSend = onSend;
    this.#onSendFiles = onSendFiles;
    const attaching = new Attaching(area, {
      canUpload: conversation.canUpload,
      sendLink: (message) => this.#send(message), sendFiles: (files) => this.#sendFiles(files),
      tell: (problem) => { this.#problem.textContent = problem; }, focus: () => this.focus(),
    }, signal);
    this.#input = element("textarea", {
      rows: 1, dir: "auto", placeholder: t("writeMessage"), "aria-label": t("writeMessage"),
      "aria-describedby": "composer-hint", autocomplete: "off", oninput: () => this.#onInput(),
    });
    const hint = element("p.hint", { id: "composer-hint" });
    sendsByKeys(this.#input, hint, () => this.node.requestSubmit(), signal);
    this.#problem = element("p.problem", { role: "alert" });
    this.node = element(
      "form.composer", {
        onsubmit: (event) => this.#onSubmit(event), onkeydown: (event) => this.#onEscape(event),
      },
      this.#quoteBar.node,
      attaching.button,
      this.#input,
      this.#voiceButton,
      element("button.send", { type: "submit", "aria-label": t("send"), title: t("send") }, icon("send")),
      hint,
      this.#problem,
    );
    this.#voiceButton.classList.add("record");
    this.#voiceButton.hidden = !conversation.canUpload || !canRecord();
    signal.addEventListener("abort", () => this.#voice?.destroy());
    const { draft } = conversation.getSnapshot();
    this.#input.value = draft.text;
    this.draw(draft);
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

  /** Takes over what is quoted, which may have been taken back. The text is the user's. */
  draw({ replyTo }) {
    if (replyTo === this.#replyTo) return;
    this.#replyTo = replyTo;
    this.#quoteBar.draw(replyTo);
    if (!replyTo?.recalled) this.#problem.textContent = "";
  }

  /** Has the next message quote that one. */
  quote(message) {
    this.#setDraft(quoteOf(message));
    this.focus();
  }

  /** Adds a text, on a line of its own where there is one already, and a quote where there is none. */
  insert(text, replyTo = null) {
    const before = this.#input.value;
    this.#input.value = before === "" ? text : `${before.replace(/\n$/, "")}\n${text}`;
    this.#setDraft(this.#replyTo ?? replyTo);
    this.#onInput();
    this.focus();
    this.#input.setSelectionRange(this.#input.value.length, this.#input.value.length);
  }

  #setDraft(replyTo) {
    this.#conversation.setDraft({ text: this.#input.value, replyTo });
    this.draw({ replyTo });
  }

  #onInput() {
    this.#setDraft(this.#replyTo);
    this.#problem.textContent = "";
    this.#fit();
  }

  // Escape takes the quote away before it does anything else.
  #onEscape(event) {
    if (event.key !== "Escape" || event.isComposing || this.#replyTo === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#removeQuote();
  }

  #removeQuote() {
    this.#setDraft(null);
    this.focus();
  }

  #onSubmit(event) {
    event.preventDefault();
    const content = this.#input.value.trim();
    if (content === "") return;
    if (new TextEncoder().encode(content).length > MAX_BYTES) {
      this.#problem.textContent = t("tooLong");
      return;
    }
    if (!this.#send({ message_type: "text", content })) return;
    this.#input.value = "";
    this.#onInput();
    this.focus();
  }

  // A voice message takes the place of the text, which stays as a draft.
  #record() {
    if (this.#voice) return;
    this.#problem.textContent = "";
    this.#voice = new VoiceBar((file, name) => this.#sendVoice(file, name), (problem) => this.#onVoiceEnd(problem));
    this.node.classList.add("recording");
    this.#input.before(this.#voice.node);
    this.#voice.start();
  }

  #sendVoice(file, name) {
    return this.#sendWithQuote((replyTo) => this.#conversation.sendFile(file, {
      message_type: "audio", file_name: name, ...(replyTo ? { reply_to: replyTo } : {}),
    }));
  }

  #onVoiceEnd(problem) {
    this.#voice.node.remove();
    this.#voice = null;
    this.node.classList.remove("recording");
    if (this.#signal.aborted) return;
    if (problem) this.#problem.textContent = t(problem);
    this.#voiceButton.focus();
  }

  // Sends a message with the quote, which goes with it. Returns whether it was sent.
  #send(message) {
    return this.#sendWithQuote((replyTo) => this.#onSend(replyTo ? { ...message, reply_to: replyTo } : message));
  }

  #sendFiles(files) {
    this.#sendWithQuote((replyTo) => this.#onSendFiles(files, replyTo));
  }

  #sendWithQuote(send) {
    if (this.#replyTo?.recalled) {
      this.#problem.textContent = t("quoteRecalledProblem");
      return false;
    }
    this.#problem.textContent = "";
    send(this.#replyTo?.message_id);
    this.#setDraft(null);
    return true;
  }

  #fit() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }
}
