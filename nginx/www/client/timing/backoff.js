// Exponential backoff with jitter: how long to wait before a call is repeated.

/**
 * Returns a wait that doubles with each failure. It is drawn at random from the upper half, so that clients that failed
 * together do not come back together, and is never shorter than the server asked for.
 *
 * @param {number} failures in a row, from 1
 * @param {?number} retryAfter milliseconds, from an ApiError
 * @param {object} limits milliseconds: `initial` after the first failure, `maximum` after many
 * @returns {number} milliseconds
 */
export function backoff(failures, retryAfter = null, { initial = 1_000, maximum = 30_000 } = {}) {
  const longest = Math.min(maximum, initial * 2 ** (failures - 1));
  return Math.max(retryAfter ?? 0, randomBetween(longest / 2, longest));
}

export function randomBetween(low, high) {
  return low + Math.random() * (high - low);
}

/** Resolves after that many milliseconds, or as soon as the signal aborts. */
export function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
