// What views watch: a thing that tells when it has changed.

export class Model extends EventTarget {
  changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** Calls `listener` after each change, until the signal aborts. */
  onChange(listener, signal) {
    this.addEventListener("change", listener, { signal });
  }
}
