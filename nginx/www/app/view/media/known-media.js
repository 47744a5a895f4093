// What the page has learnt of the files in messages, for as long as it lives: how large and how long they are, and
// which could not be loaded. Rows are made anew while one scrolls, and neither jump nor ask for a broken file again.

const sizes = new Map();
const durations = new Map();
const failures = new Set();
// Of each element that says that a file is broken: {url, restore}.
const brokenOnes = new WeakMap();
const BROKEN = "media-broken";

/** Returns {width, height} of a picture or video, in its own pixels; null where they are not known yet. */
export function sizeOf(url) {
  return sizes.get(url) ?? null;
}

/** Keeps the size of a picture or video; one without a size of its own, such as a drawing, has none to keep. */
export function rememberSize(url, width, height) {
  if (width > 0 && height > 0) sizes.set(url, { width, height });
}

/** Returns how long a video or sound is, in seconds; null where that is not known yet. */
export function durationOf(url) {
  return durations.get(url) ?? null;
}

export function rememberDuration(url, seconds) {
  if (Number.isFinite(seconds) && seconds > 0) durations.set(url, seconds);
}

/** Whether a file could not be loaded, and nobody has asked for it again since. */
export function hasFailed(url) {
  return failures.has(url);
}

export function rememberFailure(url) {
  failures.add(url);
}

/**
 * Has an element, which stands for a file that is broken, replaced when the file is tried again.
 *
 * @param {HTMLElement} node
 * @param {function()} restore puts what loads the file in the place of `node`
 */
export function onRetry(node, url, restore) {
  node.classList.add(BROKEN);
  brokenOnes.set(node, { url, restore });
}

/** Tries a file again, or all that have failed, wherever they are shown. */
export function retry(url = null) {
  if (url === null) failures.clear();
  else failures.delete(url);
  for (const node of document.querySelectorAll(`.${BROKEN}`)) {
    const broken = brokenOnes.get(node);
    if (broken && (url === null || broken.url === url)) broken.restore();
  }
}

addEventListener("online", () => retry());
