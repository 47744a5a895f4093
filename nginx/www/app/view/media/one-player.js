// Only one thing plays at a time: what begins to play pauses what played before.

let playing = null;

// These events do not bubble, but they can be caught on their way down.
document.addEventListener("play", ({ target }) => {
  if (playing !== null && playing !== target) playing.pause();
  playing = target;
}, true);

/** Pauses whatever plays. */
export function pausePlaying() {
  playing?.pause();
}
