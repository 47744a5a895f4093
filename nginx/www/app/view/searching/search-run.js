// A search as one types: one at a time, begun once somebody has stopped typing.

const DELAY = 400;
const NOTHING = { messages: [], isSearching: false, hasMore: false, error: null };

export class SearchRun {
  #chat;
  #onChange;
  #delay;
  #request = null;
  #timer = 0;
  #search = null;
  #unsubscribe = null;
  // What an outdated search has found stays until the next one has found something, or nothing.
  #kept = NOTHING;

  /**
   * @param {function()} onChange called after each change of `state`
   * @param {number} delay milliseconds for which a text has to stay as it is before it is looked for
   */
  constructor(chat, onChange, delay = DELAY) {
    this.#delay = delay;
    this.#chat = chat;
    this.#onChange = onChange;
  }

  /** What is looked for: a SearchRequest, or null. */
  get request() {
    return this.#request;
  }

  /** As a MessageSearchSnapshot; `isOutdated`, whether what it has was found for another request. */
  get state() {
    const found = this.#search?.getSnapshot();
    if (found && (found.messages.length > 0 || !found.isSearching)) return found;
    return this.#request === null ? NOTHING : { ...this.#kept, isSearching: true, isOutdated: true };
  }

  /** @param {object|null} request @param {boolean} isDue whether it begins at once */
  set(request, { isDue = false } = {}) {
    const isSame = JSON.stringify(request) === JSON.stringify(this.#request);
    if (isSame && !(isDue && this.#search === null)) return;
    this.#kept = request === null ? NOTHING : { ...this.state, hasMore: false, error: null };
    this.#end();
    this.#request = request;
    if (request !== null && isDue) this.#begin();
    else if (request !== null) this.#timer = setTimeout(() => this.#begin(), this.#delay);
    this.#onChange();
  }

  /** Looks for more, or once more where it has failed. */
  loadMore() {
    this.#search?.loadMore();
  }

  destroy() {
    this.#request = null;
    this.#end();
  }

  #begin() {
    this.#search = this.#chat.search(this.#request);
    this.#unsubscribe = this.#search.subscribe(this.#onChange);
    this.#onChange();
  }

  #end() {
    clearTimeout(this.#timer);
    this.#unsubscribe?.();
    this.#search?.close();
    this.#search = null;
    this.#unsubscribe = null;
  }
}

/** Returns what somebody has typed as the API takes it, or null where that is nothing. */
export function queryIn(text) {
  const query = Array.from(text.replace(/\p{Cc}/gu, " ").trim()).slice(0, 100).join("");
  return query === "" ? null : query;
}

/**
 * Calls the listener with each change of a text field, but not while an input method composes: what is there then is no
 * word yet.
 */
export function onTyped(input, listener) {
  input.addEventListener("input", (event) => { if (!event.isComposing) listener(); });
  input.addEventListener("compositionend", listener);
}
