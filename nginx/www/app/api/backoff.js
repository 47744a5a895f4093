// How long to wait before something is tried again.

/**
 * Doubles with each failure, and is drawn at random from the upper half: clients that failed together do not come
 * back together. Never less than the server asked for.
 *
 * @param {number} failures in a row, from 1
 * @param {?number} retryAfter milliseconds, from an ApiError
 * @returns {number} milliseconds
 */
export function backoff(failures, retryAfter = null, { first = 1_000, most = 30_000 } = {}) {
  const longest = Math.min(most, first * 2 ** (failures - 1));
  return Math.max(retryAfter ?? 0, between(longest / 2, longest));
}

/** A number drawn at random from `low` to `high`. */
export function between(low, high) {
  return low + Math.random() * (high - low);
}

/** Resolves after that many milliseconds. */
export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
