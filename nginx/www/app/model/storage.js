// What this tab keeps: in session storage, under names of our own. Where the browser forbids it, nothing is kept.

const PREFIX = "orbia.";

export const storage = {
  /** The value, or `absent` where there is none. */
  get(name, absent = null) {
    try {
      return JSON.parse(sessionStorage.getItem(PREFIX + name)) ?? absent;
    } catch {
      return absent;
    }
  },

  /** @param value anything that JSON can hold; null removes it */
  set(name, value) {
    try {
      if (value === null) sessionStorage.removeItem(PREFIX + name);
      else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      // Full, or forbidden: the page works without.
    }
  },

  clear() {
    try {
      const names = Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
      for (const name of names) sessionStorage.removeItem(name);
    } catch {
      // Forbidden: then there is nothing.
    }
  },
};
