// The list of conversations: a field to search it with, filters, and a row for each conversation.

import { t } from "../../language/language.js";
import { addressOf } from "../address.js";
import { coalesced } from "../coalesced.js";
import { conversationRow, refreshRow, renderRow, ROW_HEIGHT } from "./conversation-row.js";
import { element, fill } from "../dom.js";
import { backCloses } from "../history.js";
import { ListFilters } from "./list-filters.js";
import { ListPlaceholder } from "./list-placeholder.js";
import { SearchField } from "../searching/search-field.js";
import { VirtualList } from "../virtual-list.js";

// For so many milliseconds the list shows what it had while another filter's conversations are on their way.
const HELD_FOR = 700;
// The next page is waited for so long where a key asks for a conversation in it.
const PATIENCE = 5_000;

export class ConversationListView {
  #chat;
  #options;
  #unsubscribe;
  #isDestroyed = false;
  #openId = null;
  // The filter of the rows that are shown. Null: none are.
  #shownFilter = null;
  #holdTimer = null;
  // By conversation, its row and what it depends on beside: conversations that have not changed need no new row.
  #rows = new WeakMap();
  #list;
  #search;
  #filters;
  #placeholder;
  #incomplete = element("p.list-note", { role: "status" });
  #viewport = element("div.conversation-rows");
  #panel = element("div.search-panel", { hidden: true });
  #panelQuery = "";
  // A promise of further conversations while they are on their way.
  #more = null;
  #forgetBack = null;

  /**
   * @param {object} options
   *   userName() returns the user's own name; onLeaveSearch() is called for Escape in the empty search field;
   *   searchPanel(query) returns an element to show under the conversations that a search has found, or null
   */
  constructor(chat, options) {
    this.#chat = chat;
    this.#options = options;
    this.#filters = new ListFilters((filter) => chat.list.setFilter(filter));
    this.#placeholder = new ListPlaceholder(() => this.#clearFilters());
    this.#search = new SearchField({
      label: t("searchConversations"), query: chat.list.getSnapshot().filter.query,
      onQuery: (query) => this.#onQuery(query),
      onLeave: () => options.onLeaveSearch(), onDown: () => this.#links()[0]?.focus(),
    });
    this.node = element(
      "nav.conversation-list", { "aria-label": t("conversations") },
      this.#search.node, this.#filters.node, this.#incomplete, this.#placeholder.node, this.#viewport, this.#panel,
    );
    this.#viewport.addEventListener("keydown", (event) => this.#onKey(event));
    this.#viewport.addEventListener("focusin", (event) => this.#setTabStop(event.target));
    this.#list = new VirtualList(this.#viewport, {
      render: renderRow, refresh: refreshRow, estimate: () => ROW_HEIGHT,
      onShown: ({ nearEnd }) => {
        if (nearEnd) chat.list.loadMore();
        this.#keepTabStop();
      },
    });
    const draw = coalesced(() => this.#draw());
    // The list tells the chat of each change; the chat has the drafts, too.
    this.#unsubscribe = [chat.subscribe(draw), chat.list.subscribe(draw)];
    this.#draw();
  }

  destroy() {
    this.#isDestroyed = true;
    this.#forgetBack?.();
    clearTimeout(this.#holdTimer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#search.destroy();
    this.#list.destroy();
  }

  /** Marks the conversation that is open; null: none is. */
  setOpen(id) {
    this.#openId = id;
    this.#draw();
  }

  /** Moves the focus to a conversation, or to the one that Tab would come to where its row is not in the document. */
  focus(id = null) {
    const links = this.#links();
    const link = links.find((each) => each.getAttribute("href") === addressOf(id))
      ?? links.find((each) => each.tabIndex === 0);
    if (link) link.focus();
    else document.activeElement.blur();
  }

  focusSearch() {
    this.#search.focus();
  }

  /**
   * Returns the id of the conversation before (-1) or after (1) the open one, or of the last or first one where none is
   * open; null where there is none. It is a promise, since the conversation may have to be loaded.
   */
  async neighbour(step) {
    const ids = () => this.#chat.list.getSnapshot().conversations.map(({ id }) => id);
    const index = ids().indexOf(this.#openId);
    if (index < 0) return ids().at(step > 0 ? 0 : -1) ?? null;
    if (index + step < 0) return null;
    if (index + step >= ids().length && this.#chat.list.getSnapshot().hasMore) await this.#loadMore();
    return ids()[ids().indexOf(this.#openId) + step] ?? null;
  }

  /** Scrolls the list so that a conversation's row is in sight, by as little as that needs. */
  reveal(id) {
    const index = this.#chat.list.getSnapshot().conversations.findIndex((conversation) => conversation.id === id);
    if (index < 0) return;
    const { scrollTop, clientHeight } = this.#viewport;
    const top = index * ROW_HEIGHT;
    if (top < scrollTop) this.#viewport.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.#viewport.scrollTop = top + ROW_HEIGHT - clientHeight;
  }

  // MARK: Drawing

  #draw() {
    if (this.#isDestroyed) return;
    const { unreadByType } = this.#chat.getSnapshot();
    const { conversations, isLoaded, filter, isIncomplete } = this.#chat.list.getSnapshot();
    this.#filters.draw(filter, unreadByType);
    this.#drawPanel(filter.query);
    this.#viewport.setAttribute("aria-busy", !isLoaded);
    if (isLoaded) this.#show(filter, conversations);
    else if (this.#shownFilter) this.#hold();
    const isLoading = !isLoaded && !this.#shownFilter;
    if (!isLoaded && !isLoading) return;
    this.#placeholder.draw({ isLoading, count: conversations.length, filter, userName: this.#options.userName() });
    const note = isLoaded && isIncomplete ? t("listIncomplete") : "";
    if (this.#incomplete.textContent !== note) this.#incomplete.textContent = note;
    this.#viewport.hidden = isLoading || conversations.length === 0;
  }

  #show(filter, conversations) {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = null;
    this.#viewport.hidden = conversations.length === 0;
    // Another filter's conversations are read from their beginning.
    if (this.#shownFilter !== filter) this.#viewport.scrollTop = 0;
    this.#shownFilter = filter;
    this.#list.setRows(conversations.map((conversation) => this.#row(conversation)));
  }

  // What is shown stays for a moment: most answers are here before it has gone.
  #hold() {
    this.#holdTimer ??= setTimeout(() => {
      this.#holdTimer = null;
      this.#shownFilter = null;
      this.#list.setRows([]);
      this.#draw();
    }, HELD_FOR);
  }

  #row(conversation) {
    const { userId, drafts } = this.#chat.getSnapshot();
    const isOpen = this.#openId === conversation.id;
    const draft = isOpen ? undefined : drafts.get(conversation.id);
    // The time of a message is another text on the next day.
    const day = new Date().toDateString();
    const known = this.#rows.get(conversation);
    if (known && known.isOpen === isOpen && known.draft === draft && known.day === day) return known.row;
    const row = conversationRow(conversation, { userId, isOpen, draft });
    this.#rows.set(conversation, { row, isOpen, draft, day });
    return row;
  }

  // The panel is asked for once for each query. "" ends it.
  #drawPanel(text) {
    const query = text.trim();
    if (query === this.#panelQuery) return;
    this.#panelQuery = query;
    const panel = this.#options.searchPanel(query);
    this.#panel.hidden = panel === null;
    this.node.classList.toggle("with-panel", panel !== null);
    fill(this.#panel, panel);
  }

  // "Back" ends the search on a phone, before it leaves the list.
  #onQuery(query) {
    this.#chat.list.setFilter({ query });
    if (query === "") {
      this.#forgetBack?.();
      this.#forgetBack = null;
    } else {
      this.#forgetBack ??= backCloses(() => this.#search.clear(), { inOnePane: true });
    }
  }

  #clearFilters() {
    this.#search.clear();
    this.#chat.list.setFilter({ type: null, query: "", unread: false });
    // The button that was pressed disappears.
    this.focusSearch();
  }

  // Resolves once further conversations are listed, or none come for the moment.
  #loadMore() {
    this.#more ??= new Promise((resolve) => {
      const { list } = this.#chat;
      const before = list.getSnapshot().conversations.length;
      const end = () => {
        clearTimeout(timer);
        unsubscribe();
        this.#more = null;
        resolve();
      };
      const unsubscribe = list.subscribe(() => {
        const { conversations, hasMore } = list.getSnapshot();
        if (conversations.length !== before || !hasMore) end();
      });
      const timer = setTimeout(end, PATIENCE);
      list.loadMore();
    });
    return this.#more;
  }

  // MARK: The keyboard

  #links() {
    return Array.from(this.#viewport.querySelectorAll("a"));
  }

  // One link takes part in the Tab order (a roving tabindex), so that Tab does not go through the whole list.
  #setTabStop(stop) {
    for (const link of this.#links()) link.tabIndex = link === stop ? 0 : -1;
  }

  #keepTabStop() {
    const links = this.#links();
    if (links.some((link) => link.tabIndex === 0)) return;
    this.#setTabStop(links.find((link) => link.hasAttribute("aria-current")) ?? links[0]);
  }

  // The arrow keys move the focus from one conversation to the next, as in a list box.
  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    const links = this.#links();
    const next = links[links.indexOf(document.activeElement) + step];
    if (next) next.focus();
    else if (step < 0) this.focusSearch();
    else return;
    event.preventDefault();
  }
}
