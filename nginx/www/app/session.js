// The session: the platform's token, which is stored until the tab is closed.

import { userIdOf } from "../client/index.js";
import { storage } from "./storage.js";

const TOKEN = "token";
const USER_ID = "user";
// Three parts in base64url (RFC 7515, section 7.1). Users may paste the whole Authorization header's value.
const JWT = /^(?:Bearer\s+)?([\w-]+\.[\w-]+\.[\w-]+)$/i;

export class Session {
  /** @param {string} token a JWT; a text that is none, or that has no user, throws a TypeError */
  constructor(token) {
    const [, jwt] = token.trim().match(JWT) ?? [];
    if (!jwt) throw new TypeError("not a token");
    this.token = jwt;
    this.userId = userIdOf(jwt);
  }

  /** Returns the session that is stored in this tab, or null. */
  static restore() {
    try {
      const token = storage.get(TOKEN);
      return token ? new Session(token) : null;
    } catch {
      return null;
    }
  }

  /** Stores the session in this tab. What is stored of another user is removed. */
  save() {
    if (storage.get(USER_ID) !== this.userId) storage.clear();
    storage.set(USER_ID, this.userId);
    storage.set(TOKEN, this.token);
  }

  /** Removes the token, which is no longer accepted. Drafts and unsent messages stay until the user signs in again. */
  expire() {
    storage.set(TOKEN, null);
  }

  /** Removes all that is stored in this tab. */
  clear() {
    storage.clear();
  }
}
