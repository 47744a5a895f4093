// The session: who is signed in, with the platform's token. It is stored in this tab or, where the user stays signed
// in, in the browser, and so are the user's drafts and unsent messages.

import { userIdOf } from "../client/index.js";
import { browserStorage, tabStorage } from "./storage.js";

// What is stored: {id, userId, name, token}. Once the token is not accepted any more it is null.
const NAME = "session";
// The sessions that were ended by signing out. A tab that was frozen then, or is opened again, finds its own here.
const ENDED = "ended-sessions";
const MAX_ENDED = 50;
// Three parts in base64url (RFC 7515, section 7.1). Users may paste the whole Authorization header's value.
const JWT = /^(?:Bearer\s+)?([\w-]+\.[\w-]+\.[\w-]+)$/i;

export class Session {
  #id;
  // Whether it was kept, until somebody else signed in in the browser.
  #wasKept = false;

  /**
   * @param {string} token a JWT; a text that is none, or that has no user, throws a TypeError
   * @param {boolean} isKept whether the user stays signed in when the tab is closed
   */
  constructor(token, { name = null, isKept = false, id = randomId() } = {}) {
    const [, jwt] = token.trim().match(JWT) ?? [];
    if (!jwt) throw new TypeError("not a token");
    this.token = jwt;
    this.userId = userIdOf(jwt);
    this.name = name ?? nameIn(jwt);
    this.isKept = isKept;
    this.#id = id;
  }

  /** Returns the session that is stored, or null. One of this tab goes before the browser's. */
  static restore() {
    return Session.#stored(tabStorage) ?? Session.#stored(browserStorage);
  }

  /** Returns the session that another tab offers, or null where it is none. */
  static offered({ token, name, id }) {
    try {
      return hasEnded(id) ? null : new Session(token, { name, id });
    } catch {
      return null;
    }
  }

  static #stored(storage) {
    const stored = storage.get(NAME);
    if (!stored) return null;
    if (hasEnded(stored.id)) {
      clear(storage);
      return null;
    }
    try {
      return new Session(stored.token, { ...stored, isKept: storage === browserStorage });
    } catch {
      return null;
    }
  }

  /** Stores the session, as a new sign-in. What is stored of another user in the same place is removed. */
  save() {
    const storage = this.#storage;
    const before = storage.get(NAME);
    // The tabs of a session that goes on with another token are the same session's.
    if (before?.userId === this.userId && !hasEnded(before.id)) this.#id = before.id;
    this.#store();
    for (const name of userNames(storage)) if (!name.startsWith(`${this.userId}.`)) storage.set(name, null);
    this.#leave(this.isKept ? tabStorage : browserStorage);
  }

  // The session is stored in one place: what the user has in the other one comes along, unless tabs are at work there.
  #leave(place) {
    const there = place.get(NAME);
    if (there?.userId === this.userId && (this.isKept || !there.token)) this.#fetch(place);
    if (this.isKept) clear(place);
  }

  #fetch(place) {
    for (const name of userNames(place)) {
      if (name.startsWith(`${this.userId}.`) && !this.#storage.get(name)) this.#storage.set(name, place.get(name));
    }
    clear(place);
  }

  /** Takes another token, and returns whether it can: whether it is one, and of the same user. */
  renew(token) {
    if (!isOf(token, this.userId)) return false;
    this.token = token;
    this.#store();
    return true;
  }

  /** Returns a token that another tab has stored in place of `refused`, or null. */
  storedToken(refused) {
    const { userId, token } = this.#storage.get(NAME) ?? {};
    if (userId !== this.userId || !token || token === refused) return null;
    this.token = token;
    return token;
  }

  /** Removes the token, which is no longer accepted. Drafts and unsent messages stay until the user signs in again. */
  expire() {
    const stored = this.#storage.get(NAME);
    if (stored?.token === this.token) this.#storage.set(NAME, { ...stored, token: null });
  }

  /** Signs out: in all tabs of this session, which look at `hasEnded`. */
  end() {
    browserStorage.set(ENDED, [...browserStorage.get(ENDED, []), this.#id].slice(-MAX_ENDED));
    this.clear();
  }

  get hasEnded() {
    return hasEnded(this.#id);
  }

  /** Removes what is stored of the session, unless the place is another session's by now. */
  clear() {
    const { id } = this.#storage.get(NAME) ?? {};
    if (id === undefined || id === this.#id) clear(this.#storage);
  }

  /** Somebody else has signed in in the browser: this session goes on in its tab alone. */
  stayInTab() {
    const { userId } = browserStorage.get(NAME) ?? {};
    if (!this.isKept || userId === undefined || userId === this.userId) return;
    this.isKept = false;
    this.#wasKept = true;
    this.#store();
  }

  /** Takes what that other user's sign-in has removed from the browser's storage. */
  rescue(name, text) {
    if (!this.#wasKept || !name.startsWith(`${this.userId}.`) || tabStorage.get(name)) return;
    tabStorage.set(name, JSON.parse(text));
  }

  /** What another tab needs to go on with the session. */
  get offer() {
    return { id: this.#id, token: this.token, name: this.name };
  }

  /** For the client: where drafts and unsent messages are. */
  get storage() {
    return {
      getItem: (name) => this.#storage.getItem(name),
      setItem: (name, value) => this.#storage.setItem(name, value),
      removeItem: (name) => this.#storage.removeItem(name),
    };
  }

  get #storage() {
    return this.isKept ? browserStorage : tabStorage;
  }

  #store() {
    this.#storage.set(NAME, { id: this.#id, userId: this.userId, name: this.name, token: this.token });
  }
}

function isOf(token, userId) {
  try {
    return userIdOf(token) === userId;
  } catch {
    return false;
  }
}

function hasEnded(id) {
  return browserStorage.get(ENDED, []).includes(id);
}

function clear(storage) {
  for (const name of [...userNames(storage), NAME]) storage.set(name, null);
}

// The names of what clients have stored: "12.drafts", of the user 12.
function userNames(storage) {
  return storage.names("").filter((name) => /^\d+\./.test(name));
}

// The user's name, as tokens can have it (OpenID Connect Core, section 5.1).
function nameIn(token) {
  try {
    const bytes = Uint8Array.from(
      atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
    const { nickname, name } = JSON.parse(new TextDecoder().decode(bytes));
    const found = [nickname, name].find((each) => typeof each === "string" && each.trim() !== "");
    return found?.trim().slice(0, 100) ?? null;
  } catch {
    return null;
  }
}

// It is no secret: it tells the sessions of a browser from one another.
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
