// What the browser tells of the page it shows. Elsewhere, as in Node, there is no page: it counts as being in sight.
// The page is looked for when it is needed, and not at load: a server that renders pages, and tests, load modules first.

const page = () => globalThis.document;

export const environment = {
  /** Whether there is a page, and so a browser with tabs. */
  get hasPage() {
    return page() !== undefined;
  },

  /** Whether the page is behind another tab. */
  get isHidden() {
    return page()?.hidden ?? false;
  },

  /** Calls the listener when the page comes to the front or goes behind, until the signal aborts. */
  onVisibilityChange(listener, signal) {
    page()?.addEventListener("visibilitychange", listener, { signal });
  },

  /** Calls the listeners when the network goes and comes back. */
  onNetworkChange({ online, offline }, signal) {
    if (!page()) return;
    if (online) addEventListener("online", online, { signal });
    if (offline) addEventListener("offline", offline, { signal });
  },

  /** Calls the listeners when the browser stops running the page's code, and when it goes on. */
  onSuspension({ suspended, resumed }, signal) {
    const document = page();
    if (!document) return;
    addEventListener("pagehide", suspended, { signal });
    addEventListener("pageshow", resumed, { signal });
    document.addEventListener("freeze", suspended, { signal });
    document.addEventListener("resume", resumed, { signal });
  },

  /** Reports an error in code, as one that nobody has caught. */
  reportError(error) {
    if (globalThis.reportError) globalThis.reportError(error);
    else queueMicrotask(() => { throw error; });
  },
};
