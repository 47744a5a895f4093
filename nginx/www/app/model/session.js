// Who is signed in: the platform's token, kept until the tab is closed.

import { storage } from "./storage.js";

const TOKEN = "token";
const OWNER = "user";
// Three parts in base64url (RFC 7515, section 7.1), perhaps as they stand in a header.
const JWT = /^(?:Bearer\s+)?([\w-]+\.[\w-]+\.[\w-]+)$/i;

export class Session {
  /** @param {string} token a JWT; throws a TypeError where it is none, or names no user */
  constructor(token) {
    const [, jwt] = token.trim().match(JWT) ?? [];
    if (!jwt) throw new TypeError("not a token");
    this.token = jwt;
    this.userId = userIdOf(jwt);
  }

  /** The session of this tab, or null. */
  static restore() {
    try {
      const token = storage.get(TOKEN);
      return token ? new Session(token) : null;
    } catch {
      return null;
    }
  }

  /** Keeps it for this tab. What the user before has left there is taken away, unless it is the same one. */
  keep() {
    if (storage.get(OWNER) !== this.userId) storage.clear();
    storage.set(OWNER, this.userId);
    storage.set(TOKEN, this.token);
  }

  /** The token is not good any more. Drafts and unsent messages wait for the user to come back with another one. */
  expire() {
    storage.set(TOKEN, null);
  }

  /** The user leaves: nothing stays. */
  forget() {
    storage.clear();
  }
}

// Only to tell own messages from others': whether the token is good is the service's to say.
function userIdOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    const id = Number(claims.user_id ?? claims.sub);
    if (Number.isSafeInteger(id) && id > 0) return id;
  } catch {
    // Not a JWT: as below.
  }
  throw new TypeError("not a token of a user");
}
