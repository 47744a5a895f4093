// The browser's storage for the page. Where storage is forbidden or full nothing is stored, and the page works without.

const PREFIX = "orbia.";

class JSONStorage {
  #area;

  /** @param {function(): Storage} area a function, since the browser can refuse access to an area */
  constructor(area) {
    this.#area = area;
  }

  /** Returns the value, or `fallback` where there is none. */
  get(name, fallback = null) {
    try {
      return JSON.parse(this.#area().getItem(PREFIX + name)) ?? fallback;
    } catch {
      return fallback;
    }
  }

  /** @param value anything that JSON can hold; null removes it */
  set(name, value) {
    try {
      if (value === null) this.#area().removeItem(PREFIX + name);
      else this.#area().setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden.
    }
  }

  clear() {
    try {
      const names = Object.keys(this.#area()).filter((name) => name.startsWith(PREFIX));
      for (const name of names) this.#area().removeItem(name);
    } catch {
      // Storage is forbidden.
    }
  }
}

/** Values that are kept until the tab is closed: the session. */
export const storage = new JSONStorage(() => sessionStorage);

/** The same as the client wants it. */
export const tabStorage = {
  getItem: (name) => sessionStorage.getItem(name),
  setItem: (name, value) => sessionStorage.setItem(name, value),
  removeItem: (name) => sessionStorage.removeItem(name),
};

/** Values that are kept for good: language and sound, nothing about the user. */
export const preferences = new JSONStorage(() => localStorage);
