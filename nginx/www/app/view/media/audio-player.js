// A player of sound, and of voice messages: a button, a bar to seek in, the time, and the speed.

import { t } from "../../language/language.js";
import { element, icon } from "../dom.js";
import { brokenMedia } from "./broken-media.js";
import { clockOf, lengthText } from "./durations.js";
import { shortenedName } from "./file-card.js";
import { nameOf } from "./file-names.js";
import { forgetPlayer } from "./kept-players.js";
import { durationOf, hasFailed, rememberDuration, rememberFailure } from "./known-media.js";
import "./one-player.js";

const SPEEDS = [1, 1.5, 2];
// How far an arrow key goes in a long and in a short one, in seconds.
const STEP = 5;
const SHORT_STEP = 1;
const SHORT = 30;
// Further than any sound is long.
const BEYOND_THE_END = 1e7;

// Who listens fast goes on listening fast.
let speed = SPEEDS[0];

/** Makes a player, or what says that the sound is broken. A message without a file's name shows none. */
export function audioPlayer(message, url) {
  if (hasFailed(url)) return brokenMedia(message, url, () => audioPlayer(message, url));
  return new AudioPlayer(message, url).node;
}

class AudioPlayer {
  #url;
  #audio;
  #isMeasuring = false;
  #button = element("button.audio-play", { type: "button", onclick: () => this.#toggle() });
  #bar = element("input.audio-bar", { type: "range", min: 0, step: "any", value: 0, "aria-label": t("seek") });
  #time = element("span.audio-time", { "aria-hidden": "true" });
  #speed = element("button.audio-speed", { type: "button", onclick: () => this.#changeSpeed() });

  constructor(message, url) {
    this.#url = url;
    const name = nameOf(message, url);
    // What is known already is loaded when it is played.
    this.#audio = element("audio", { preload: durationOf(url) === null ? "metadata" : "none", src: url });
    this.node = element(
      "figure.audio-player", { role: "group", "aria-label": name },
      message.file_name ? shortenedName("figcaption.file-name", { title: name }, name) : null,
      element("div.audio-controls", {}, this.#button, this.#bar, this.#time, this.#speed),
      this.#audio,
    );
    this.#listen(message);
    this.#draw();
    this.#drawState();
    this.#drawSpeed();
  }

  #listen(message) {
    const audio = this.#audio;
    const on = (names, listener) => names.split(" ").forEach((name) => audio.addEventListener(name, listener));
    on("loadedmetadata durationchange", () => this.#onDuration());
    on("timeupdate seeked ended", () => this.#draw());
    on("play pause ended waiting playing", () => this.#drawState());
    on("play", () => {
      this.#useSpeed();
      this.#follow();
    });
    on("error", () => {
      rememberFailure(this.#url);
      forgetPlayer(this.node);
      this.node.replaceWith(brokenMedia(message, this.#url, () => audioPlayer(message, this.#url)));
    });
    this.#bar.addEventListener("input", () => this.#seek(Number(this.#bar.value)));
    this.#bar.addEventListener("keydown", (event) => this.#onKey(event));
  }

  get #duration() {
    const { duration } = this.#audio;
    return Number.isFinite(duration) ? duration : durationOf(this.#url);
  }

  // What browsers record has no length in its head, and "Infinity" until the end was looked for.
  #onDuration() {
    const audio = this.#audio;
    if (audio.duration === Infinity && !this.#isMeasuring && durationOf(this.#url) === null) {
      this.#isMeasuring = true;
      audio.currentTime = BEYOND_THE_END;
    } else if (Number.isFinite(audio.duration)) {
      rememberDuration(this.#url, audio.duration);
      if (this.#isMeasuring) audio.currentTime = 0;
      this.#isMeasuring = false;
    }
    this.#draw();
  }

  #toggle() {
    const audio = this.#audio;
    if (!audio.paused) {
      audio.pause();
      return;
    }
    if (audio.ended || this.#isMeasuring) audio.currentTime = 0;
    audio.play().catch(() => {});
  }

  #seek(seconds) {
    const end = this.#duration ?? 0;
    this.#audio.currentTime = Math.min(Math.max(0, seconds), end);
    this.#draw(Math.min(Math.max(0, seconds), end));
  }

  #onKey(event) {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[key];
    if (key === " ") this.#toggle();
    else if (by) this.#seek(this.#audio.currentTime + by * ((this.#duration ?? 0) < SHORT ? SHORT_STEP : STEP));
    else return;
    event.preventDefault();
  }

  #changeSpeed() {
    speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length];
    this.#useSpeed();
  }

  #useSpeed() {
    this.#audio.playbackRate = speed;
    this.#drawSpeed();
  }

  // The bar moves with the sound, and not four times a second as the browser tells of it.
  #follow() {
    if (this.#audio.paused || !this.node.isConnected) return;
    this.#draw();
    requestAnimationFrame(() => this.#follow());
  }

  #draw(at = this.#isMeasuring ? 0 : this.#audio.currentTime) {
    const duration = this.#duration;
    this.#bar.disabled = duration === null;
    this.#bar.max = duration ?? 1;
    this.#bar.value = at;
    this.#bar.style.setProperty("--played", `${duration ? Math.min(100, (at / duration) * 100) : 0}%`);
    const isAtStart = at === 0 && this.#audio.paused;
    const length = duration === null ? "–:––" : lengthText(duration);
    const text = isAtStart ? length : `${clockOf(at)} / ${length}`;
    if (this.#time.textContent !== text) this.#time.textContent = text;
    const spoken = duration === null ? clockOf(at) : t("playedOf", { time: clockOf(at), of: length });
    if (this.#bar.getAttribute("aria-valuetext") !== spoken) this.#bar.setAttribute("aria-valuetext", spoken);
  }

  #drawState() {
    const { paused, ended, readyState } = this.#audio;
    const isPlaying = !paused && !ended;
    this.#button.replaceChildren(icon(isPlaying ? "pause" : "play"));
    this.#button.setAttribute("aria-label", t(isPlaying ? "pause" : "play"));
    this.node.classList.toggle("waits", isPlaying && readyState < 3);
    this.node.classList.toggle("playing", isPlaying);
  }

  #drawSpeed() {
    const text = `${speed}×`;
    this.#speed.textContent = text;
    this.#speed.setAttribute("aria-label", t("speed", { speed: text }));
  }
}
