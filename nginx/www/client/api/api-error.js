// The error of a call that did not succeed, and what it means for a retry and for the session.

/** The `status` of an ApiError without an answer: no network, a broken connection, a time-out. */
export const NO_ANSWER = 0;

/** Whether a call that was answered with the status, or not at all, may succeed later. */
export function isTemporary(status) {
  return status === NO_ANSWER || status === 429 || status >= 500;
}

/** A call was answered with another status than 200, or not at all. `message` is the service's own text, in English. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status, or NO_ANSWER
   * @param {string} message
   * @param {?number} retryAfter milliseconds that the server asked to wait, or null
   */
  constructor(status, message, retryAfter = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later. It may even have taken effect, where only its answer was lost. */
  get isTemporary() {
    return isTemporary(this.status);
  }

  /** Whether the token or its user is no longer accepted. */
  get endsSession() {
    return this.status === 401 || (this.status === 403 && this.message === "user is disabled or deleted");
  }
}

/** Reads the header Retry-After (RFC 9110, section 10.2.3). Returns milliseconds from `now`, or null. */
export function parseRetryAfter(value, now = Date.now()) {
  if (!value) return null;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds);
}
