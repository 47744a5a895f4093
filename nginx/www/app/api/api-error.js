// What can come of a call that did not succeed.

/** The status of a call that got no answer at all: no network, a broken connection, a time-out. */
export const NO_ANSWER = 0;

/** An answer other than 200, or none. `message` is the service's own text, in English. */
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

  /** Whether the same call may well succeed later. It may also have happened, and its answer be lost. */
  get isTemporary() {
    return this.status === NO_ANSWER || this.status === 429 || this.status >= 500;
  }

  /** Whether the token, or its user, is not good (any more). */
  get endsSession() {
    return this.status === 401 || (this.status === 403 && this.message === "user is disabled or deleted");
  }
}

/** The header Retry-After (RFC 9110, section 10.2.3) in milliseconds from now, or null. */
export function parseRetryAfter(value, now = Date.now()) {
  if (!value) return null;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds);
}
