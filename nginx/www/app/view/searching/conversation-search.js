// The search in an open conversation: a bar above the messages, a list of what was found, and jumps to it.

import { t } from "../../language/language.js";
import { element, icon, iconButton } from "../dom.js";
import { foundMessage } from "./found-message.js";
import { backCloses } from "../history.js";
import { HitList } from "./hit-list.js";
import { isComposing, onShortcut } from "../keyboard.js";
import { oneLine } from "../content/message-text.js";
import { SearchRun, onTyped, queryIn } from "./search-run.js";

const TYPES = [null, "image", "video", "audio", "file"];

export class ConversationSearch {
  #chat;
  #conversation;
  #jumps;
  #run;
  #hits;
  #type = null;
  #isOpen = false;
  #isListOpen = true;
  #currentId = null;
  // Where the current one was: it may be recalled.
  #currentIndex = -1;
  // The index of the hit that is jumped to as soon as it is found.
  #wanted = null;
  // What the jumps have in common: they lead back to where one was before the first of them.
  #session = {};
  #openedFrom = null;
  #forgetBack = () => {};
  #input = element("input", {
    type: "search", maxlength: 100, autocomplete: "off", enterkeyhint: "search", dir: "auto", "aria-controls": "hits",
    placeholder: t("searchHere"), "aria-label": t("searchHere"), onkeydown: (event) => this.#onInputKey(event),
  });
  #count = element("span.hit-count", { role: "status" });
  // Who jumps by the bar keeps the focus there, and is read what is shown.
  #shown = element("p.visually-hidden", { role: "status" });
  #older = iconButton("up", t("olderHit"), () => this.#step(1));
  #newer = iconButton("down", t("newerHit"), () => this.#step(-1));
  #listButton = iconButton("list", t("hitList"), () => this.#toggleList());
  #types = TYPES.map((type) => element(
    "button.search-type", { type: "button", onclick: () => this.#setType(type) },
    t(type === null ? "typeAll" : `only_${type}`),
  ));

  /** Opens the bar. */
  button = iconButton("search", t("searchHere"), () => this.open());

  /**
   * @param {ConversationJumps} jumps
   * @param {AbortSignal} signal aborts when the view is destroyed
   */
  constructor(chat, conversation, jumps, signal) {
    this.#chat = chat;
    this.#conversation = conversation;
    this.#jumps = jumps;
    this.#run = new SearchRun(chat, () => this.#onFound());
    this.#hits = new HitList((message) => this.#hit(message), () => this.#run.loadMore());
    this.#hits.node.id = "hits";
    this.node = element(
      "search.conversation-search", { hidden: true, role: "search", "aria-label": t("searchHere") },
      element(
        "div.search-line", {},
        this.#input,
        element(
          "div.search-steps", {}, this.#count, this.#older, this.#newer, this.#listButton,
          iconButton("close", t("closeSearch"), () => this.close()),
        ),
      ),
      element("div.search-types", { role: "group", "aria-label": t("filterMessages") }, ...this.#types),
      this.#hits.node, this.#shown,
    );
    onTyped(this.#input, () => this.#search());
    onShortcut("searchMessages", () => this.#onFind(), signal);
    onShortcut("close", (event) => this.#onEscape(event), signal);
    // Before the messages have the key, for which it means to leave them.
    document.addEventListener("keydown", (event) => this.#onKeyInMessages(event), { capture: true, signal });
    signal.addEventListener("abort", () => {
      this.#forgetBack();
      this.#run.destroy();
      this.#hits.destroy();
    });
    this.#draw();
  }

  open() {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.node.hidden = false;
      this.#openedFrom = document.activeElement;
      this.#forgetBack = backCloses(() => this.close());
      this.#search({ isDue: true });
    }
    this.#input.focus();
    this.#input.select();
  }

  /** @param {boolean} returns whether one goes back to where one was before the first jump; else one stays */
  async close({ returns = false } = {}) {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#forgetBack();
    this.#wanted = null;
    this.#run.set(null);
    const isBack = returns ? this.#jumps.back(this.#session) : null;
    this.#session = {};
    this.node.hidden = true;
    this.#focusOpener();
    await isBack;
  }

  /** Closes the search, and goes back to where one was before the first jump. Returns whether it was open. */
  leave() {
    const wasOpen = this.#isOpen;
    this.close({ returns: true });
    return wasOpen;
  }

  #focusOpener() {
    const opener = this.#openedFrom;
    if (opener?.isConnected && opener !== document.body) opener.focus({ preventScroll: true });
    else this.button.focus();
  }

  // MARK: What is looked for

  #setType(type) {
    this.#type = type;
    this.#search({ isDue: true });
  }

  #search({ isDue = false } = {}) {
    const query = queryIn(this.#input.value);
    const isNothing = query === null && this.#type === null;
    const request = isNothing ? null : {
      conversation_id: this.#conversation.id,
      ...(query !== null && { query }), ...(this.#type !== null && { message_type: this.#type }),
    };
    if (JSON.stringify(request) !== JSON.stringify(this.#run.request)) {
      this.#currentId = null;
      this.#currentIndex = -1;
      this.#wanted = null;
      this.#isListOpen = true;
    }
    this.#run.set(request, { isDue });
    this.#draw();
  }

  #onFound() {
    const { messages, isSearching, isOutdated } = this.#run.state;
    if (this.#wanted !== null && !isOutdated && messages.length > this.#wanted) this.#go(this.#wanted);
    else if (!isSearching) this.#wanted = null;
    this.#draw();
  }

  // MARK: Jumping

  // The newest hit is the first one: 1 leads to an older one, -1 to a newer one.
  #step(by) {
    const { messages, hasMore, isSearching, isOutdated } = this.#run.state;
    const index = this.#currentIndex < 0 ? 0 : this.#indexOfCurrent(messages) + by;
    if (index < 0 || this.#run.request === null) return;
    if (messages.length > index && !isOutdated) {
      this.#go(index);
    } else if (hasMore || isSearching) {
      this.#wanted = index;
      this.#run.loadMore();
    }
  }

  // A hit that was recalled is not there any more: the next one has taken its place.
  #indexOfCurrent(messages) {
    const index = messages.findIndex((message) => message.message_id === this.#currentId);
    return index >= 0 ? index : this.#currentIndex - 1;
  }

  async #go(index, { takesFocus = false } = {}) {
    const message = this.#run.state.messages[index];
    this.#wanted = null;
    this.#currentId = message.message_id;
    this.#currentIndex = index;
    this.#isListOpen = false;
    this.#draw();
    const isShown = await this.#jumps.to(message, { session: this.#session, takesFocus });
    const said = oneLine(message, this.#chat.getSnapshot().userId);
    const text = t("announce", { sender: message.sender_nickname, text: said });
    this.#shown.textContent = isShown && !takesFocus ? text : "";
    return isShown;
  }

  #hit(message) {
    const button = element("button.hit", { type: "button" }, ...foundMessage(message));
    button.addEventListener("click", () => this.#choose(message));
    return button;
  }

  async #choose(message) {
    const index = this.#run.state.messages.indexOf(message);
    // The list disappears. Where the message cannot be shown the focus is in the bar.
    if (index >= 0 && !await this.#go(index, { takesFocus: true }) && this.#isOpen) this.#input.focus();
  }

  #toggleList() {
    this.#isListOpen = !this.#isListOpen;
    this.#draw();
  }

  // MARK: Keys

  #onInputKey(event) {
    if (isComposing(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.#search({ isDue: true });
      this.#step(event.shiftKey ? -1 : 1);
    } else if (event.key === "ArrowDown" && this.#isListOpen && this.#hits.focus()) {
      event.preventDefault();
    }
  }

  // A second Ctrl+F, in the bar, is the browser's.
  #onFind() {
    if (this.#isOpen && this.node.contains(document.activeElement)) return false;
    this.open();
    return true;
  }

  #onKeyInMessages(event) {
    if (event.key !== "Escape" || !event.target.closest?.(".timeline") || !this.leave()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Where the focus is in the list of conversations the key is not for the search.
  #onEscape({ target }) {
    const isHere = target === document.body || target.closest(".conversation") !== null;
    return isHere && this.leave();
  }

  // MARK: Drawing

  #draw() {
    const isSearched = this.#run.request !== null;
    const { state } = this.#run;
    const { messages, hasMore, isOutdated } = state;
    TYPES.forEach((type, index) => this.#types[index].setAttribute("aria-pressed", type === this.#type));
    this.#hits.node.hidden = !isSearched || !this.#isListOpen;
    this.#listButton.setAttribute("aria-expanded", isSearched && this.#isListOpen);
    this.#listButton.disabled = !isSearched;
    this.#hits.draw(isSearched ? state : null, this.#currentId);
    this.#hits.node.setAttribute("aria-busy", state.isSearching);
    const index = messages.findIndex((message) => message.message_id === this.#currentId);
    const more = hasMore ? "+" : "";
    const count = index >= 0 ? t("hitOf", { n: index + 1, of: messages.length, more })
      : t("hitsFound", { n: messages.length, more });
    const text = messages.length > 0 && !isOutdated ? count : "";
    if (this.#count.textContent !== text) this.#count.textContent = text;
    // They stay focusable: a button that is disabled loses the focus.
    this.#older.setAttribute("aria-disabled", messages.length === 0 || (index === messages.length - 1 && !hasMore));
    this.#newer.setAttribute("aria-disabled", index <= 0);
    this.#jumps.marks.set(isSearched && !isOutdated ? messages : [], this.#currentId);
  }
}
