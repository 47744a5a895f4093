// Recording what the microphone hears, as a file that a message can have.

// The first that the browser can make: what Safari makes everything plays, what the others make they play.
const TYPES = ["audio/mp4", "audio/webm;codecs=opus", "audio/webm", "audio/ogg;codecs=opus"];
const EXTENSIONS = { "audio/mp4": "m4a", "audio/webm": "webm", "audio/ogg": "ogg" };
// What is heard is collected so often, in milliseconds.
const SLICE = 500;

/** For so long one can record, in milliseconds. */
export const LONGEST = 5 * 60_000;

/** Whether the browser can record: without HTTPS, other than on localhost, there is no microphone. */
export function canRecord() {
  return Boolean(navigator.mediaDevices?.getUserMedia) && "MediaRecorder" in globalThis && typeOfRecords() !== undefined;
}

function typeOfRecords() {
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type));
}

export class VoiceRecorder {
  #stream = null;
  #recorder = null;
  #context = null;
  #analyser = null;
  #samples = null;
  #parts = [];
  #startedAt = 0;
  #isCancelled = false;

  /**
   * Begins to record, once the user has allowed it. Rejects with the DOMException of getUserMedia where there is no
   * microphone, or the user does not want it.
   *
   * @param {function()} onEnd called when the microphone is taken away
   * @returns {Promise<boolean>} false where it was cancelled meanwhile
   */
  async start(onEnd) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    this.#stream = stream;
    if (this.#isCancelled) {
      this.#release();
      return false;
    }
    this.#recorder = new MediaRecorder(stream, { mimeType: typeOfRecords() });
    this.#recorder.addEventListener("dataavailable", ({ data }) => { if (data.size > 0) this.#parts.push(data); });
    for (const track of stream.getTracks()) track.addEventListener("ended", onEnd);
    this.#listen(stream);
    this.#startedAt = performance.now();
    this.#recorder.start(SLICE);
    return true;
  }

  /** Milliseconds since the beginning. */
  get duration() {
    return this.#startedAt === 0 ? 0 : performance.now() - this.#startedAt;
  }

  /** How loud it is, from 0 to 1. */
  get level() {
    if (!this.#analyser) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    // Ears hear by ratios: this is 0 at -50 dB.
    return Math.min(1, Math.max(0, 1 + Math.log10(Math.max(power, 1e-9)) / 5));
  }

  /** Ends the recording. Resolves to a Blob, null where nothing was heard at all. */
  async stop() {
    if (!this.#recorder) return null;
    const isStopped = new Promise((resolve) => { this.#recorder.addEventListener("stop", resolve, { once: true }); });
    if (this.#recorder.state === "inactive") this.#release();
    else {
      this.#recorder.stop();
      await isStopped;
      this.#release();
    }
    // The message has the type without the codec, as files have.
    const [type] = this.#recorder.mimeType.split(";");
    return this.#parts.length > 0 ? new Blob(this.#parts, { type }) : null;
  }

  /** Ends the recording, and forgets it. */
  cancel() {
    this.#isCancelled = true;
    if (this.#recorder && this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#parts = [];
    this.#release();
  }

  #listen(stream) {
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  // The browser shows that the microphone is in use until its tracks are stopped.
  #release() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    if (this.#context?.state !== "closed") this.#context?.close();
    this.#analyser = null;
  }
}

/** Returns the extension of a recording's file. */
export function extensionOf({ type }) {
  return EXTENSIONS[type] ?? "webm";
}
