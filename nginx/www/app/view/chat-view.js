// The page of a signed-in user: the list at one side, the open conversation at the other.

import { t } from "../language/language.js";
import { Alerts } from "./alerts/alerts.js";
import { ConversationListView } from "./list/conversation-list-view.js";
import { addressOf } from "./address.js";
import { element } from "./dom.js";
import { pollErrorText } from "./failure-text.js";
import { goTo } from "./history.js";
import { onShortcut } from "./keyboard.js";
import { MessageSearchView } from "./searching/message-search-view.js";
import { ownName } from "./own-name.js";
import { SidebarHead } from "./list/sidebar-head.js";
import { Toasts } from "./toasts.js";

export class ChatView {
  #chat;
  #userName;
  #unsubscribe;
  #listening = new AbortController();
  #head;
  #list;
  #alerts;
  #conversation = null;
  #ConversationView;
  #messageSearch;
  #toasts = new Toasts();
  #view = null;
  #isRemounted;
  // The message that was to be jumped to when the conversation was opened.
  #awaited = null;
  // What had the focus before the search field got it by its shortcut.
  #focusBeforeSearch = null;
  #pane = element("div.pane");
  #hint = element("p.empty", {}, t("noConversationOpen"));
  // Stands in for a conversation's view that is still to come.
  #coming = element("p.empty", { role: "status" }, t("loading"));
  #pollError = element("p.poll-error", { role: "status" });

  /**
   * @param {object} options signOut(), changeLanguage(code); userName, as the session has it, or null;
   *   conversationView, the class of it, or null where it is still to come, by setConversationView
   * @param {boolean} isRemounted whether the view replaces one of the same chat in another language
   */
  constructor(chat, { signOut, changeLanguage, userName = null, conversationView }, isRemounted) {
    const { signal } = this.#listening;
    this.#chat = chat;
    this.#userName = userName;
    this.#ConversationView = conversationView;
    this.#isRemounted = isRemounted;
    this.#alerts = new Alerts(chat, this.#toasts);
    this.#head = new SidebarHead(this.#alerts, { signOut, changeLanguage }, signal);
    this.#messageSearch = new MessageSearchView(chat);
    this.#list = new ConversationListView(chat, {
      userName: () => ownName(chat, this.#userName), onLeaveSearch: () => this.#leaveSearch(),
      searchPanel: (query) => this.#messageSearch.panel(query),
    });
    this.node = element(
      "main.chat", {}, this.#pollError, element("div.sidebar", {}, this.#head.node, this.#list.node), this.#pane,
      this.#toasts.node,
    );
    onShortcut("previousConversation", () => this.#step(-1), signal);
    onShortcut("nextConversation", () => this.#step(1), signal);
    onShortcut("searchConversations", () => this.#search(), signal);
    onShortcut("showShortcuts", () => this.#head.showShortcuts(), signal);
    onShortcut("close", () => this.#leaveConversation(), signal);
    const draw = () => this.#draw();
    this.#unsubscribe = [chat.subscribe(draw), chat.list.subscribe(draw)];
    this.#showConversation();
    this.#draw();
  }

  destroy() {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#listening.abort();
    this.#alerts.destroy();
    this.#list.destroy();
    this.#messageSearch.destroy();
    this.#toasts.destroy();
    this.#view?.destroy();
    this.#conversation?.close();
  }

  /** @param {function} conversationView the class of a conversation's view, which a conversation that is open waits for */
  setConversationView(conversationView) {
    this.#ConversationView = conversationView;
    if (!this.#conversation || this.#view) return;
    this.#showConversation();
    this.#view.jumps.follow(this.#awaited);
  }

  /** Says that the conversation's view could not be loaded. */
  tellOfIncompletePage() {
    this.#toasts.show({
      key: "incomplete", text: t("pageIncomplete"), duration: Infinity,
      action: { label: t("tryAgain"), onPress: () => location.reload() },
    });
  }

  /**
   * Opens another conversation; null closes the one that is open.
   *
   * @param {object|null} message {message_id, created_at}, which is jumped to; without one, the way back from there
   */
  open(id, message = null) {
    this.#openConversation(id);
    const found = this.#messageSearch.setOpen(message?.message_id ?? null);
    this.#awaited = message && (found ?? message);
    this.#view?.jumps.follow(this.#awaited);
  }

  #openConversation(id) {
    const previous = this.#conversation;
    if (id === (previous?.id ?? null)) return;
    this.#view?.destroy();
    previous?.close();
    this.#conversation = id === null ? null : this.#chat.openConversation(id);
    this.#list.setOpen(id);
    this.#showConversation();
    if (previous && id === null) this.#list.focus(previous.id);
  }

  #showConversation() {
    const conversation = this.#conversation;
    const options = { toasts: this.#toasts, takesFocus: !this.#isRemounted, userName: this.#userName };
    const View = conversation && this.#ConversationView;
    this.#view = View ? new View(this.#chat, conversation, options) : null;
    this.#pane.replaceChildren(this.#view?.node ?? (conversation ? this.#coming : this.#hint));
    if (this.#view) this.#isRemounted = false;
    // A phone shows either the list or the conversation.
    this.node.classList.toggle("with-conversation", conversation !== null);
  }

  #draw() {
    const { problem } = this.#chat.getSnapshot();
    const text = problem ? pollErrorText(problem) : "";
    if (this.#pollError.textContent !== text) this.#pollError.textContent = text;
    this.#head.userName = ownName(this.#chat, this.#userName);
    // Where the list is empty there is nothing to choose from.
    const { conversations, isLoaded } = this.#chat.list.getSnapshot();
    this.#hint.hidden = isLoaded && conversations.length === 0;
  }

  // MARK: What the keyboard does

  async #step(by) {
    const id = await this.#list.neighbour(by);
    if (id === null || this.#listening.signal.aborted) return;
    goTo(addressOf(id));
    // The address may tell it later than the next key comes.
    this.open(id);
    this.#list.reveal(id);
  }

  #leaveConversation() {
    if (!this.#conversation) return false;
    goTo("#/");
  }

  #search() {
    // A phone's list is hidden by the conversation.
    if (this.#conversation && this.#list.node.getClientRects().length === 0) {
      goTo("#/");
      this.open(null);
    }
    if (!this.#list.node.contains(document.activeElement)) this.#focusBeforeSearch = document.activeElement;
    this.#list.focusSearch();
  }

  #leaveSearch() {
    const before = this.#focusBeforeSearch;
    this.#focusBeforeSearch = null;
    if (before?.isConnected && before !== document.body) before.focus();
    else this.#list.focus();
  }
}
