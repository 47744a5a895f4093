// Who is signed in: the platform's token, kept until the tab is closed.

import { storage } from "./storage.js";

const KEY = "token";

export class Session {
  /** @param {string} token a JWT; throws a TypeError where it is none, or names no user */
  constructor(token) {
    this.token = token;
    this.userId = userIdOf(token);
  }

  /** The session of this tab, or null. */
  static restore() {
    try {
      const token = storage.get(KEY);
      return token ? new Session(token) : null;
    } catch {
      return null;
    }
  }

  keep() {
    storage.set(KEY, this.token);
  }

  /** Takes back all that the tab has kept for it, drafts and unsent messages too. */
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
