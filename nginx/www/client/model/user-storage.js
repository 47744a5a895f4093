// What is kept for one user in the storage that the host has chosen.

/** Used where the host gives no storage: it lasts as long as the object. */
export class MemoryStorage {
  #values = new Map();

  getItem(name) {
    return this.#values.get(name) ?? null;
  }

  setItem(name, value) {
    this.#values.set(name, value);
  }

  removeItem(name) {
    this.#values.delete(name);
  }
}

/** Maps, in JSON. Where the storage is forbidden or full nothing is stored, and the chat works without. */
export class UserStorage {
  #storage;
  #prefix = null;

  /** @param storage what sessionStorage has */
  constructor(storage) {
    this.#storage = storage;
  }

  /** Nothing is stored before the user is known. */
  set userId(id) {
    this.#prefix = `orbia.${id}.`;
  }

  /** Returns the map of that name, whose keys are strings. */
  get(name) {
    if (this.#prefix === null) return new Map();
    try {
      return new Map(Object.entries(JSON.parse(this.#storage.getItem(this.#prefix + name)) ?? {}));
    } catch {
      return new Map();
    }
  }

  /**
   * Changes one value; null removes it. What other tabs have put into the same map stays. Returns whether it is stored.
   */
  set(name, key, value) {
    if (this.#prefix === null) return false;
    const values = this.get(name);
    if (value === null) values.delete(key);
    else values.set(key, value);
    try {
      if (values.size === 0) this.#storage.removeItem(this.#prefix + name);
      else this.#storage.setItem(this.#prefix + name, JSON.stringify(Object.fromEntries(values)));
      return value !== null;
    } catch {
      // Storage is full or forbidden.
      return false;
    }
  }

  /** Removes a map. */
  remove(name) {
    try {
      if (this.#prefix !== null) this.#storage.removeItem(this.#prefix + name);
    } catch {
      // Storage is forbidden.
    }
  }
}
