// The tabs of a browser and their sessions: signing out in one signs out all of a session, and a new tab can go on with
// the session of one that is open.

import { Session } from "./session.js";
import { browserStorage } from "./storage.js";

const CHANNEL = "orbia.sessions";
// Each tab whose session is its own holds a lock, which it shares, of this name and the user's id.
const LOCK = "orbia.session.";
// Milliseconds for the answers of other tabs, which a tab gives at once unless it is frozen; and where there are no locks
// that tell whether there are any.
const ANSWER_TIME = 1_000;
const UNKNOWN_TIME = 300;

/**
 * A session that the user does not keep is in the storage of its tabs alone. A tab hands it over to another one that
 * asks (BroadcastChannel, which reaches the pages of this origin and nothing else, and is stored nowhere): so a link to
 * a conversation that is opened in a new tab finds it, and it ends with the last of its tabs.
 */
export class SessionTabs {
  #events;
  #channel = globalThis.BroadcastChannel ? new BroadcastChannel(CHANNEL) : null;
  // Ends the holding of the lock.
  #release = () => {};

  /**
   * @param {object} events session() returns the tab's own session, or null; onEnd() where that was ended in another
   *   tab; onOffer(session) where another tab has one
   */
  constructor(events) {
    this.#events = events;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#onMessage(data);
    addEventListener("storage", (event) => this.#onStorage(event));
    // A tab that was frozen has been told nothing.
    addEventListener("pageshow", () => this.#look());
    document.addEventListener("resume", () => this.#look());
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** Asks the other tabs for their sessions, which come in by onOffer. */
  ask() {
    this.#channel?.postMessage({ asks: true });
  }

  /** To be called when the tab's session begins and when it has ended. */
  onSession() {
    this.#release();
    const session = this.#events.session();
    if (!session || session.isKept) return;
    const ended = new Promise((resolve) => { this.#release = resolve; });
    navigator.locks?.request(LOCK + session.userId, { mode: "shared" }, () => ended).catch(() => {});
  }

  /** Tells the other tabs of this tab's session, which is new or has a new token. */
  tell() {
    const session = this.#events.session();
    if (session && !session.isKept) this.#channel?.postMessage({ offer: session.offer });
  }

  /** Resolves to the sessions of other tabs, one for each user. */
  async collect() {
    const users = await userIdsInTabs();
    if (!this.#channel || users?.size === 0) return [];
    const offers = new Map();
    await this.#listen(users ? ANSWER_TIME : UNKNOWN_TIME, (session) => {
      offers.set(session.userId, session);
      return users !== null && Array.from(users).every((id) => offers.has(id));
    });
    return Array.from(offers.values());
  }

  /** Resolves to another token of the user than `refused`, which another tab has got meanwhile, or to null. */
  async newerToken({ userId }, refused) {
    let found = null;
    if (this.#channel) {
      await this.#listen(UNKNOWN_TIME, (session) => {
        if (session.userId === userId && session.token !== refused) found = session.token;
        return found !== null;
      });
    }
    return found;
  }

  // Asks, and calls `take` with each session that is offered until that returns true, or the time is over.
  async #listen(time, take) {
    const answers = new BroadcastChannel(CHANNEL);
    await new Promise((resolve) => {
      setTimeout(resolve, time);
      answers.onmessage = ({ data: { offer } }) => {
        const session = offer && Session.offered(offer);
        if (session && take(session)) resolve();
      };
      answers.postMessage({ asks: true });
    });
    answers.close();
  }

  #onMessage({ asks, offer }) {
    const own = this.#events.session();
    if (asks && own) this.tell();
    const session = offer && !own && Session.offered(offer);
    if (session) this.#events.onOffer(session);
  }

  #onStorage(event) {
    const name = browserStorage.nameIn(event);
    const own = this.#events.session();
    this.#look();
    if (own && name && event.newValue === null && event.oldValue) own.rescue(name, event.oldValue);
    if (own || name !== "session") return;
    const session = Session.restore();
    if (session) this.#events.onOffer(session);
  }

  #look() {
    const own = this.#events.session();
    if (own?.hasEnded) this.#events.onEnd();
    else own?.stayInTab();
  }
}

// The users whose sessions tabs have; null where the browser does not tell.
async function userIdsInTabs() {
  try {
    const { held } = await navigator.locks.query();
    const names = held.map(({ name }) => name).filter((name) => name.startsWith(LOCK));
    return new Set(names.map((name) => Number(name.slice(LOCK.length))));
  } catch {
    return null;
  }
}
