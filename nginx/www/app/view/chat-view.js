// The page of a signed-in user: the list at one side, the open conversation at the other.

import { t } from "../language/language.js";
import { Alerts } from "./alerts.js";
import { ConversationListView } from "./conversation-list-view.js";
import { ConversationView } from "./conversation-view.js";
import { element, fill, isolated } from "./dom.js";
import { pollErrorText } from "./failure-text.js";
import { languageSwitch } from "./language-switch.js";
import { MessageSearchView } from "./message-search-view.js";
import { settingsButton } from "./settings-menu.js";
import { Toasts } from "./toasts.js";

export class ChatView {
  #chat;
  #unsubscribe;
  #listening = new AbortController();
  #list;
  #alerts;
  #conversation = null;
  #messageSearch;
  #toasts = new Toasts();
  #view = null;
  #isRemounted;
  #pane = element("div.pane");
  #userName = element("p.note");
  #pollError = element("p.poll-error", { role: "status" });

  /**
   * @param {object} actions signOut(), changeLanguage(code)
   * @param {boolean} isRemounted whether the view replaces one of the same chat in another language
   */
  constructor(chat, { signOut, changeLanguage }, isRemounted) {
    this.#chat = chat;
    this.#isRemounted = isRemounted;
    this.#alerts = new Alerts(chat);
    this.#messageSearch = new MessageSearchView(chat);
    this.#list = new ConversationListView(chat);
    this.node = element(
      "main.chat", {},
      this.#pollError,
      element(
        "div.sidebar", {},
        element(
          "header.sidebar-head", {},
          element("div.titles", {}, element("h1", {}, t("appName")), this.#userName),
          settingsButton(this.#listening.signal, this.#alerts),
          languageSwitch(changeLanguage),
          element("button", { type: "button", onclick: signOut }, t("signOut")),
        ),
        this.#list.node,
      ),
      this.#pane,
      this.#toasts.node,
    );
    this.#unsubscribe = chat.subscribe(() => this.#draw());
    this.#showConversation();
    this.#draw();
  }

  destroy() {
    this.#unsubscribe();
    this.#listening.abort();
    this.#alerts.destroy();
    this.#toasts.destroy();
    this.#list.destroy();
    this.#messageSearch.destroy();
    this.#view?.destroy();
    this.#conversation?.close();
  }

  /**
   * Opens another conversation; null closes the one that is open.
   *
   * @param {object|null} message {message_id, created_at}, which is jumped to; without one, the way back from there
   */
  open(id, message = null) {
    this.#openConversation(id);
    const found = this.#messageSearch.setOpen(message?.message_id ?? null);
    this.#view?.jumps.follow(message && (found ?? message));
  }

  /** Returns the section of the messages that have the text, for the list's search; null without a text. */
  searchPanel(query) {
    return this.#messageSearch.panel(query);
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
    const options = { toasts: this.#toasts, takesFocus: !this.#isRemounted };
    this.#view = conversation ? new ConversationView(this.#chat, conversation, options) : null;
    this.#pane.replaceChildren(this.#view?.node ?? element("p.empty", {}, t("noConversationOpen")));
    if (conversation) this.#isRemounted = false;
    // A phone shows either the list or the conversation.
    this.node.classList.toggle("with-conversation", conversation !== null);
  }

  #draw() {
    const { me, problem } = this.#chat.getSnapshot();
    const text = problem ? pollErrorText(problem) : "";
    if (this.#pollError.textContent !== text) this.#pollError.textContent = text;
    if (me && me.nickname !== this.#userName.textContent) fill(this.#userName, isolated(me.nickname));
  }
}
