// The base class of what changes: whoever shows it subscribes, and gets a snapshot that stays as it is.

import { environment } from "../environment.js";

export class Observable {
  #listeners = new Set();
  #snapshot = null;

  // These two are properties, so that they can be passed on without their object.

  /** Calls `listener` after each change. Returns a function that ends that. */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Returns how things stand: the same object until something changes. */
  getSnapshot = () => {
    this.#snapshot ??= Object.freeze(this.makeSnapshot());
    return this.#snapshot;
  };

  /** To be called when something may have changed: tells so where it has. */
  changed() {
    if (this.#snapshot !== null) {
      const next = withSameParts(this.#snapshot, this.makeSnapshot());
      if (next === this.#snapshot) return;
      this.#snapshot = Object.freeze(next);
    }
    notify(this.#listeners);
  }

  /** Has listeners look again though nothing is different: what has failed may be tried again. */
  tellAgain() {
    this.#snapshot = Object.freeze(this.makeSnapshot());
    notify(this.#listeners);
  }
}

/**
 * Returns a new snapshot, in which what equals a part of the old one is that part: whoever shows it sees by === what is to
 * be drawn anew. Where all is equal it returns the old one.
 */
function withSameParts(old, next) {
  if (isEqual(old, next)) return old;
  if (!isPlain(next)) return next;
  for (const name of Object.keys(next)) if (isEqual(old[name], next[name])) next[name] = old[name];
  return next;
}

// Of what snapshots are made of: what JSON has, and maps. Other objects, such as errors, equal themselves alone.
function isEqual(one, other) {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => isEqual(value, other[index]));
  }
  if (one instanceof Map && other instanceof Map) {
    return one.size === other.size && Array.from(one).every(([key, value]) => isEqual(value, other.get(key)));
  }
  if (!isPlain(one) || !isPlain(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => isEqual(one[name], other[name]));
}

function isPlain(value) {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Functions that are called with what happens. */
export class Listeners {
  #listeners = new Set();

  get count() {
    return this.#listeners.size;
  }

  add(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  call(...values) {
    notify(this.#listeners, ...values);
  }
}

// An error in one listener is not to keep the others from being called.
function notify(listeners, ...values) {
  for (const listener of Array.from(listeners)) {
    try {
      listener(...values);
    } catch (error) {
      environment.reportError(error);
    }
  }
}
