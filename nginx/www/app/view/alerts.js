// Alerts: new messages show in the tab's title and, while the tab is hidden, by a sound.

import { t } from "../language/language.js";
import { preferences } from "../storage.js";

const STORAGE_NAME = "sound";

export class Alerts {
  #chat;
  #unsubscribe;
  #listening = new AbortController();
  #hasNewMessages = false;
  #audioContext = null;

  hasSound = preferences.get(STORAGE_NAME, true);

  constructor(chat) {
    this.#chat = chat;
    const { signal } = this.#listening;
    this.#unsubscribe = [chat.subscribe(() => this.#showTitle()), chat.onMessage(() => this.#onMessage())];
    document.addEventListener("visibilitychange", () => this.#onVisibilityChange(), { signal });
    // Browsers allow sounds only after the user has touched the page.
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => this.#resumeAudio(), { signal });
    this.#showTitle();
  }

  destroy() {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#listening.abort();
    this.#audioContext?.close();
    document.title = t("appName");
  }

  toggleSound() {
    this.hasSound = !this.hasSound;
    preferences.set(STORAGE_NAME, this.hasSound);
    this.#resumeAudio();
    if (this.hasSound) this.#playSound();
  }

  #onMessage() {
    if (!document.hidden) return;
    this.#hasNewMessages = true;
    this.#showTitle();
    if (this.hasSound) this.#playSound();
  }

  #onVisibilityChange() {
    if (document.hidden) return;
    this.#hasNewMessages = false;
    this.#showTitle();
  }

  #showTitle() {
    const { totalUnread } = this.#chat.getSnapshot();
    const name = this.#hasNewMessages ? `${t("titleNew")} · ${t("appName")}` : t("appName");
    document.title = totalUnread > 0 ? `(${totalUnread}) ${name}` : name;
  }

  #resumeAudio() {
    if (!this.hasSound || !("AudioContext" in window)) return;
    this.#audioContext ??= new AudioContext();
    if (this.#audioContext.state === "suspended") this.#audioContext.resume();
  }

  // The sound is two short notes, a fifth apart.
  #playSound() {
    if (this.#audioContext?.state !== "running") return;
    const start = this.#audioContext.currentTime;
    [660, 990].forEach((frequency, index) => {
      const from = start + index * 0.12;
      const tone = new OscillatorNode(this.#audioContext, { frequency });
      const volume = new GainNode(this.#audioContext, { gain: 0 });
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(0.12, from + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, from + 0.3);
      tone.connect(volume).connect(this.#audioContext.destination);
      tone.start(from);
      tone.stop(from + 0.32);
    });
  }
}
