// Tells of new messages while nobody looks: in the tab's title, and by a sound.

import { t } from "../language/language.js";
import { preferences } from "../model/storage.js";

const KEY = "sound";

export class Alerts {
  #chat;
  #listening = new AbortController();
  #hasNews = false;
  #audio = null;

  hasSound = preferences.get(KEY, true);

  constructor(chat) {
    this.#chat = chat;
    const { signal } = this.#listening;
    chat.list.onChange(() => this.#showTitle(), signal);
    chat.addEventListener("unread", () => this.#onUnread(), { signal });
    document.addEventListener("visibilitychange", () => this.#onShown(), { signal });
    // Browsers let a page make sounds once it was touched.
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => this.#unlock(), { signal });
    this.#showTitle();
  }

  destroy() {
    this.#listening.abort();
    this.#audio?.close();
    document.title = t("appName");
  }

  toggleSound() {
    this.hasSound = !this.hasSound;
    preferences.set(KEY, this.hasSound);
    this.#unlock();
    if (this.hasSound) this.#ring();
  }

  #onUnread() {
    if (!document.hidden) return;
    this.#hasNews = true;
    this.#showTitle();
    if (this.hasSound) this.#ring();
  }

  #onShown() {
    if (document.hidden) return;
    this.#hasNews = false;
    this.#showTitle();
  }

  #showTitle() {
    const { totalUnread } = this.#chat.list;
    const name = this.#hasNews ? `${t("titleNew")} · ${t("appName")}` : t("appName");
    document.title = totalUnread > 0 ? `(${totalUnread}) ${name}` : name;
  }

  #unlock() {
    if (!this.hasSound || !("AudioContext" in window)) return;
    this.#audio ??= new AudioContext();
    if (this.#audio.state === "suspended") this.#audio.resume();
  }

  // Two short notes, a fifth apart.
  #ring() {
    if (this.#audio?.state !== "running") return;
    const start = this.#audio.currentTime;
    [660, 990].forEach((frequency, index) => {
      const from = start + index * 0.12;
      const tone = new OscillatorNode(this.#audio, { frequency });
      const volume = new GainNode(this.#audio, { gain: 0 });
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(0.12, from + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, from + 0.3);
      tone.connect(volume).connect(this.#audio.destination);
      tone.start(from);
      tone.stop(from + 0.32);
    });
  }
}
