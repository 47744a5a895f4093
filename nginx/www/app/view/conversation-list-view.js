// The list of conversations, each with its last message and the number of unread ones.

import { conversationTypes } from "../../client/index.js";
import { fullTime, shortTime } from "../language/formats.js";
import { t, tOr } from "../language/language.js";
import { avatar } from "./avatar.js";
import { coalesced } from "./coalesced.js";
import { element, fill, isolated } from "./dom.js";
import { oneLine } from "./message-text.js";
import { VirtualList } from "./virtual-list.js";

const ROW_HEIGHT = 76;

// The link to a conversation; main.js opens the one in the page's address.
const addressOf = (id) => `#/conversations/${id}`;

export class ConversationListView {
  #chat;
  #unsubscribe;
  #isDestroyed = false;
  #openId = null;
  #list;
  #filters;
  #status = element("p.empty", { role: "status" });
  #viewport = element("div.conversation-rows");

  constructor(chat) {
    this.#chat = chat;
    this.#filters = [null, ...conversationTypes].map((type) => element(
      "button.filter", { type: "button", onclick: () => chat.list.setFilter({ type }) },
      type === null ? t("typeAll") : t(`type_${type}`),
    ));
    this.node = element(
      "nav.conversation-list", { "aria-label": t("conversations") },
      element("div.filters", { role: "group", "aria-label": t("filter") }, ...this.#filters),
      this.#status,
      this.#viewport,
    );
    this.#viewport.addEventListener("keydown", (event) => this.#onKey(event));
    this.#viewport.addEventListener("focusin", (event) => this.#setTabStop(event.target));
    this.#list = new VirtualList(this.#viewport, {
      render: () => element("div.row", {}, element("a.conversation-link", { tabindex: -1 })),
      refresh: (node, row) => this.#refresh(node.firstChild, row),
      estimate: () => ROW_HEIGHT,
      onShown: ({ nearEnd }) => {
        if (nearEnd) chat.list.loadMore();
        this.#keepTabStop();
      },
    });
    const draw = coalesced(() => this.#draw());
    this.#unsubscribe = chat.list.subscribe(draw);
    this.#draw();
  }

  destroy() {
    this.#isDestroyed = true;
    this.#unsubscribe();
    this.#list.destroy();
  }

  /** Marks the conversation that is open; null: none is. */
  setOpen(id) {
    this.#openId = id;
    this.#draw();
  }

  #draw() {
    if (this.#isDestroyed) return;
    const { conversations, isLoaded, filter: { type } } = this.#chat.list.getSnapshot();
    [null, ...conversationTypes].forEach((each, index) => this.#filters[index].setAttribute("aria-pressed", each === type));
    this.#status.textContent = !isLoaded ? t("loading") : t(type === null ? "noConversations" : "noneOfType");
    this.#status.hidden = isLoaded && conversations.length > 0;
    this.#list.setRows(conversations.map((conversation) => this.#row(conversation)));
  }

  #row(conversation) {
    const isOpen = this.#openId === conversation.id;
    const { title, status, unread_count: unread, last_message: last, members } = conversation;
    const time = last && shortTime(last.created_at);
    const shown = [title, conversation.type, status, unread, last?.message_id, isOpen, time];
    const people = members.map((member) => [member.nickname, member.avatar_url]);
    return { key: String(conversation.id), signature: JSON.stringify([shown, people]), conversation, isOpen };
  }

  #refresh(link, { conversation, isOpen }) {
    const { id, title, type, status, unread_count: unread, last_message: last, members } = conversation;
    const { userId } = this.#chat.getSnapshot();
    // The row has the picture of the first other member.
    const pictured = members.find((member) => member.user_id !== userId) ?? members[0];
    link.href = addressOf(id);
    if (isOpen) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    fill(
      link,
      avatar(pictured?.avatar_url, pictured?.nickname ?? "?"),
      element("span.title", {}, isolated(title ?? t("untitled"))),
      last ? element("time", { datetime: new Date(last.created_at).toISOString(), title: fullTime(last.created_at) },
        shortTime(last.created_at)) : null,
      element("span.preview", {}, ...(last ? preview(last) : [t("noMessagesYet")])),
      element(
        "span.tags", {},
        status === "active" ? null : element("span.tag", {}, tOr(`status_${status}`, status)),
        element("span.tag.type", {}, tOr(`type_${type}`, type)),
        unread === 0 ? null : element(
          "span.badge", {}, element("span", { "aria-hidden": "true" }, unread > 99 ? "99+" : String(unread)),
          element("span.visually-hidden", {}, t("unread", { n: unread })),
        ),
      ),
    );
  }

  /** Moves the focus to a conversation, if its row is in the document. */
  focus(id) {
    this.#links().find((link) => link.getAttribute("href") === addressOf(id))?.focus();
  }

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
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

function preview(last) {
  const text = isolated(oneLine(last));
  return last.message_type === "system" ? [text] : [isolated(last.sender_nickname), ": ", text];
}
