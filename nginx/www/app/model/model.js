// The base class of models, which tell views that they have changed.

export class Model extends EventTarget {
  dispatchChange() {
    this.dispatchEvent(new Event("change"));
  }

  /** Calls `listener` after each change, until the signal aborts. */
  onChange(listener, signal) {
    this.addEventListener("change", listener, { signal });
  }
}
