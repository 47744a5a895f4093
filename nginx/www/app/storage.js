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

  /** Returns the names that begin so. */
  names(beginning) {
    try {
      return Object.keys(this.#area()).filter((name) => name.startsWith(PREFIX + beginning))
        .map((name) => name.slice(PREFIX.length));
    } catch {
      return [];
    }
  }

  /** Returns the name of the value that an event of this area is about; null where it is of another one. */
  nameIn({ storageArea, key }) {
    try {
      return storageArea === this.#area() && key?.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
    } catch {
      return null;
    }
  }

  // The same as the client wants it. It knows what to do where these throw.

  getItem(name) {
    return this.#area().getItem(name);
  }

  setItem(name, value) {
    this.#area().setItem(name, value);
  }

  removeItem(name) {
    this.#area().removeItem(name);
  }
}

/** What is kept until the tab is closed. */
export const tabStorage = new JSONStorage(() => sessionStorage);

/** What is kept for good, and what all tabs have. */
export const browserStorage = new JSONStorage(() => localStorage);

/** Values that are kept for good: language and sound, nothing about the user. */
export const preferences = browserStorage;
