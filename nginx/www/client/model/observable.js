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

  /** Tells that something has changed. */
  changed() {
    this.#snapshot = null;
    notify(this.#listeners);
  }
}

/** Functions that are called with what happens. */
export class Listeners {
  #listeners = new Set();

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
