// Alerts: new messages show in the tab's title and as toasts and, while no tab is in sight, by a sound and as
// notifications.

import { t } from "../../language/language.js";
import { preferences } from "../../storage.js";
import { MessageNotifications } from "./message-notifications.js";
import { MessageToasts } from "./message-toasts.js";
import { Presence } from "./presence.js";

const STORAGE_NAME = "sound";

export class Alerts {
  #chat;
  #unsubscribe;
  #listening = new AbortController();
  #presence = new Presence(this.#listening.signal);
  #toasts;
  #notifications;
  #hasNewMessages = false;
  #audioContext = null;

  hasSound = preferences.get(STORAGE_NAME, true);

  /** @param {Toasts} toasts the page's */
  constructor(chat, toasts) {
    this.#chat = chat;
    const { signal } = this.#listening;
    this.#toasts = new MessageToasts(chat, toasts, signal);
    this.#notifications = new MessageNotifications(chat);
    this.#unsubscribe = [
      chat.subscribe(() => this.#onChange()),
      chat.onMessage((message, conversation) => this.#onMessage(message, conversation)),
    ];
    document.addEventListener("visibilitychange", () => this.#onVisibilityChange(), { signal });
    // Browsers allow sounds only after the user has touched the page.
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => this.#resumeAudio(), { signal });
    this.#onChange();
  }

  destroy() {
    this.#notifications.destroy();
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

  #onChange() {
    this.#presence.userId = this.#chat.getSnapshot().userId;
    this.#showTitle();
  }

  async #onMessage(message, conversation) {
    this.#toasts.show(message, conversation);
    if (!document.hidden) return;
    this.#hasNewMessages = true;
    this.#showTitle();
    // One tab does it for all: the one that waits for changes, where one does.
    const { isTold, isLeading } = this.#chat.getSnapshot();
    if ((isTold && !isLeading) || await this.#presence.isAnyInSight() || this.#listening.signal.aborted) return;
    if (this.hasSound) this.#playSound();
    this.#notifications.show(message, conversation);
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
