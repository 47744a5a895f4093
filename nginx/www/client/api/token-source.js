// The user's token, which the host supplies, and supplies anew when the service no longer accepts it.

import { ApiError, NO_ANSWER } from "./api-error.js";

export class TokenSource {
  #getToken;
  #token = null;
  #asking = null;

  /** The id of the user, from the first token; null before that. */
  userId = null;

  /** @param {function(?string)} getToken as in ChatOptions */
  constructor(getToken) {
    this.#getToken = getToken;
  }

  /** Resolves to the token. Rejects with an ApiError. */
  get() {
    return this.#token ?? this.#ask(null);
  }

  /** Resolves to another token than the one that was refused. Rejects with `refusal` where there is none. */
  async renew(refused, refusal) {
    // Calls that were made with the same token are refused together, and the host is asked once.
    const token = this.#token === refused ? await this.#ask(refused) : await this.get();
    if (token === refused) throw refusal;
    return token;
  }

  #ask(refused) {
    this.#asking ??= this.#fetch(refused).finally(() => { this.#asking = null; });
    return this.#asking;
  }

  async #fetch(refused) {
    let token;
    try {
      token = await this.#getToken(refused);
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(NO_ANSWER, `getToken: ${error?.message ?? error}`);
    }
    if (token === null || token === undefined) throw new ApiError(401, "there is no token");
    let userId;
    try {
      userId = userIdOf(token);
    } catch (error) {
      throw new ApiError(401, error.message);
    }
    if (this.userId !== null && userId !== this.userId) throw new ApiError(401, "the token is another user's");
    this.userId = userId;
    this.#token = token;
    return token;
  }
}

/**
 * Returns the id of a token's user. It is needed to tell own messages from others'; whether the token is good is for the
 * service to decide.
 *
 * @param {string} token a JWT (RFC 7519); a text that is none, or has no user, throws a TypeError
 */
export function userIdOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    const id = Number(claims.user_id ?? claims.sub);
    if (Number.isSafeInteger(id) && id > 0) return id;
  } catch {
    // A token that cannot be decoded is refused below.
  }
  throw new TypeError("not a token of a user");
}
