// The page of a signed-in user: the list at one side, the open conversation at the other.

import { t } from "../language/language.js";
import { Alerts } from "./alerts.js";
import { ConversationListView } from "./conversation-list-view.js";
import { ConversationView } from "./conversation-view.js";
import { element, fill, isolated } from "./dom.js";
import { pollErrorText } from "./failure-text.js";
import { languageSwitch } from "./language-switch.js";
import { settingsButton } from "./settings-menu.js";

export class ChatView {
  #chat;
  #listening = new AbortController();
  #list;
  #alerts;
  #view = null;
  #shownConversation = null;
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
    );
    chat.onChange(() => this.#draw(), this.#listening.signal);
    chat.list.onChange(() => this.#drawUserName(), this.#listening.signal);
    this.#drawUserName();
    this.#draw();
  }

  destroy() {
    this.#listening.abort();
    this.#alerts.destroy();
    this.#list.destroy();
    this.#view?.destroy();
  }

  #drawUserName() {
    const name = this.#chat.list.myName(this.#chat.userId);
    if (name !== null && name !== this.#userName.textContent) fill(this.#userName, isolated(name));
  }

  #draw() {
    const { conversation, pollError } = this.#chat;
    const text = pollError ? pollErrorText(pollError) : "";
    if (this.#pollError.textContent !== text) this.#pollError.textContent = text;
    if (this.#shownConversation === conversation && this.#pane.hasChildNodes()) return;
    const previous = this.#shownConversation;
    this.#shownConversation = conversation;
    this.#view?.destroy();
    this.#view = conversation ? new ConversationView(this.#chat, conversation, !this.#isRemounted) : null;
    this.#pane.replaceChildren(this.#view?.node ?? element("p.empty", {}, t("noConversationOpen")));
    this.#isRemounted = false;
    // A phone shows either the list or the conversation.
    this.node.classList.toggle("with-conversation", conversation !== null);
    if (previous && !conversation) this.#list.focus(previous.id);
  }
}
