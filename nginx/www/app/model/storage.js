// What the browser keeps for the page, under names of its own. Where that is forbidden or full, nothing is kept, and the
// page works without.

const PREFIX = "orbia.";

class KeptValues {
  #area;

  /** @param {function(): Storage} area a function, since asking for one can be refused as well */
  constructor(area) {
    this.#area = area;
  }

  /** The value, or `absent` where there is none. */
  get(name, absent = null) {
    try {
      return JSON.parse(this.#area().getItem(PREFIX + name)) ?? absent;
    } catch {
      return absent;
    }
  }

  /** @param value anything that JSON can hold; null removes it */
  set(name, value) {
    try {
      if (value === null) this.#area().removeItem(PREFIX + name);
      else this.#area().setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      // As above.
    }
  }

  clear() {
    try {
      const names = Object.keys(this.#area()).filter((name) => name.startsWith(PREFIX));
      for (const name of names) this.#area().removeItem(name);
    } catch {
      // As above.
    }
  }
}

/** Until the tab is closed: the session, and what belongs to it. */
export const storage = new KeptValues(() => sessionStorage);

/** For good: how somebody likes the page, and nothing about who it is. */
export const preferences = new KeptValues(() => localStorage);
