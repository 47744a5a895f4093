// A voice message while it is recorded and listened to before it is sent: it takes the place of the text.

import { clockTime } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { element, fill, icon, iconButton } from "../dom.js";
import { backCloses } from "../history.js";
import { isComposing } from "../keyboard.js";
import { clockOf } from "../media/durations.js";
import { extensionOf, LONGEST, VoiceRecorder } from "./voice-recorder.js";

// What is shorter was a mistake, in milliseconds.
const SHORTEST = 700;
// The last part of the time is said.
const WARNED = 15_000;

export class VoiceBar {
  #recorder = new VoiceRecorder();
  #onEnd;
  #onSend;
  #timer = null;
  #url = null;
  #record = null;
  #forgetBack;
  #isOver = false;
  #isStopping = false;
  #time = element("span.voice-time", { role: "timer", "aria-label": t("voiceTime") });
  #level = element("span.voice-level", { "aria-hidden": "true" }, element("span"));
  #middle = element("div.voice-middle", {});
  #status = element("p.visually-hidden", { role: "status" });
  #stop = iconButton("stop", t("voiceStop"), () => this.#review());
  #send = element(
    "button.send", { type: "button", "aria-label": t("voiceSend"), title: t("voiceSend"), onclick: () => this.#finish() },
    icon("send"),
  );

  /**
   * @param {function(Blob, string): boolean} onSend gets the file and its name; returns false where it cannot be sent now
   * @param {function(?string)} onEnd called at the end, with the name of a text where something has gone wrong
   */
  constructor(onSend, onEnd) {
    this.#onSend = onSend;
    this.#onEnd = onEnd;
    this.node = element(
      "div.voice", { role: "group", "aria-label": t("voiceMessage"), onkeydown: (event) => this.#onKey(event) },
      iconButton("delete", t("voiceCancel"), () => this.#end()),
      this.#middle, this.#stop, this.#send, this.#status,
    );
    fill(this.#middle, element("span.note", {}, t("voiceWaits")));
    this.#stop.hidden = true;
    this.#send.hidden = true;
    this.#forgetBack = backCloses(() => this.#end());
  }

  /** To be called once it is in the document. */
  async start() {
    this.node.querySelector("button").focus();
    try {
      if (!await this.#recorder.start(() => this.#review())) return;
    } catch (error) {
      this.#end(problemOf(error));
      return;
    }
    if (this.#isOver) return;
    fill(this.#middle, element("span.voice-dot", { "aria-hidden": "true" }), this.#time, this.#level);
    this.#stop.hidden = false;
    this.#send.hidden = false;
    this.#status.textContent = t("voiceRecording");
    this.#send.focus();
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), 100);
  }

  /** Cancels it, as when one goes elsewhere. */
  destroy() {
    this.#end();
  }

  #draw() {
    const { duration, level } = this.#recorder;
    this.#time.textContent = clockOf(duration / 1_000);
    this.#level.firstChild.style.transform = `scaleX(${Math.max(0.02, level)})`;
    if (duration >= LONGEST) {
      this.#status.textContent = t("voiceLongest");
      this.#review();
    } else if (duration >= LONGEST - WARNED && !this.node.classList.contains("ending")) {
      this.node.classList.add("ending");
      this.#status.textContent = t("voiceEnding", { n: WARNED / 1_000 });
    }
  }

  // Ends the recording. Resolves to whether there is something to send.
  async #stopRecording() {
    if (this.#isStopping || this.#isOver) return false;
    this.#isStopping = true;
    clearInterval(this.#timer);
    const { duration } = this.#recorder;
    this.#record = await this.#recorder.stop();
    if (this.#isOver) return false;
    if (this.#record && duration >= SHORTEST) return true;
    this.#end("voiceTooShort");
    return false;
  }

  // What was recorded can be listened to.
  async #review() {
    if (!await this.#stopRecording()) return;
    this.#showRecord();
    this.#send.focus();
  }

  async #finish() {
    if (!this.#record && !await this.#stopRecording()) return;
    const name = t("voiceFile", { time: clockTime(Date.now()).replaceAll(":", "."), extension: extensionOf(this.#record) });
    if (this.#onSend(this.#record, name)) this.#end();
    else if (this.#url === null) this.#showRecord();
  }

  #showRecord() {
    this.#url = URL.createObjectURL(this.#record);
    fill(this.#middle, element("audio", { controls: true, src: this.#url, "aria-label": t("voiceListen") }));
    this.#stop.hidden = true;
  }

  #end(problem = null) {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#recorder.cancel();
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#forgetBack();
    this.#onEnd(problem);
  }

  #onKey(event) {
    if (event.key !== "Escape" || isComposing(event)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#end();
  }
}

function problemOf({ name }) {
  if (name === "NotAllowedError" || name === "SecurityError") return "voiceRefused";
  return name === "NotFoundError" ? "voiceNoMicrophone" : "voiceFailed";
}
