// The page once somebody is signed in: the list at one side, the open conversation at the other.

import { t } from "../language/language.js";
import { Alerts } from "./alerts.js";
import { ConversationListView } from "./conversation-list-view.js";
import { ConversationView } from "./conversation-view.js";
import { element, fill, icon, iconButton, isolated } from "./dom.js";
import { troubleText } from "./failure-text.js";
import { languageSwitch } from "./language-switch.js";

export class ChatView {
  #chat;
  #listening = new AbortController();
  #list;
  #alerts;
  #conversation = null;
  #shown = null;
  #isRemounted;
  #pane = element("div.pane");
  #me = element("p.note");
  #trouble = element("p.trouble", { role: "status" });

  /**
   * @param {object} actions signOut(), changeLanguage(code)
   * @param {boolean} isRemounted in place of a view of the same chat, in another language
   */
  constructor(chat, { signOut, changeLanguage }, isRemounted) {
    this.#chat = chat;
    this.#isRemounted = isRemounted;
    this.#alerts = new Alerts(chat);
    this.#list = new ConversationListView(chat);
    this.node = element(
      "main.chat", {},
      this.#trouble,
      element(
        "div.side", {},
        element(
          "header.side-head", {},
          element("div.titles", {}, element("h1", {}, t("appName")), this.#me),
          this.#soundSwitch(),
          languageSwitch(changeLanguage),
          element("button", { type: "button", onclick: signOut }, t("signOut")),
        ),
        this.#list.node,
      ),
      this.#pane,
    );
    chat.onChange(() => this.#draw(), this.#listening.signal);
    chat.list.onChange(() => this.#drawMe(), this.#listening.signal);
    this.#drawMe();
    this.#draw();
  }

  destroy() {
    this.#listening.abort();
    this.#alerts.destroy();
    this.#list.destroy();
    this.#conversation?.destroy();
  }

  #soundSwitch() {
    const button = iconButton("sound", "", () => {
      this.#alerts.toggleSound();
      show();
    });
    const show = () => {
      const { hasSound } = this.#alerts;
      button.replaceChildren(icon(hasSound ? "sound" : "muted"));
      button.title = t(hasSound ? "soundOn" : "soundOff");
      button.setAttribute("aria-label", button.title);
    };
    show();
    return button;
  }

  #drawMe() {
    const name = this.#chat.list.myName(this.#chat.userId);
    if (name !== null && name !== this.#me.textContent) fill(this.#me, isolated(name));
  }

  #draw() {
    const { open, trouble } = this.#chat;
    const words = trouble ? troubleText(trouble) : "";
    if (this.#trouble.textContent !== words) this.#trouble.textContent = words;
    if (this.#shown === open && this.#pane.hasChildNodes()) return;
    const left = this.#shown;
    this.#shown = open;
    this.#conversation?.destroy();
    this.#conversation = open ? new ConversationView(this.#chat, open, !this.#isRemounted) : null;
    this.#pane.replaceChildren(this.#conversation?.node ?? element("p.empty", {}, t("noConversationOpen")));
    this.#isRemounted = false;
    // A phone shows one of the two.
    this.node.classList.toggle("with-conversation", open !== null);
    if (left && !open) this.#list.focus(left.id);
  }
}
