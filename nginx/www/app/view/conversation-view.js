// The open conversation: its head, its messages, and where one writes.

import { t, tOr } from "../language/language.js";
import { coalesced } from "./coalesced.js";
import { Composer } from "./composer.js";
import { element, icon, iconButton, isolated } from "./dom.js";
import { accessText } from "./failure-text.js";
import { showMembers } from "./members-dialog.js";
import { oneLine } from "./message-text.js";
import { estimateRow, refreshRow, renderRow } from "./timeline-row-view.js";
import { timelineRows } from "./timeline-rows.js";
import { VirtualList } from "./virtual-list.js";

export class ConversationView {
  #chat;
  #conversation;
  #listening = new AbortController();
  #rows = [];
  #list;
  #head = element("header.conversation-head");
  #notice = element("p.notice", { role: "status" });
  #foot = element("div.conversation-foot");
  #viewport = element("div.timeline", { tabindex: 0, role: "region", "aria-label": t("messages") });
  #jump;
  // What is read out, since the list itself changes with each scroll.
  #announcer = element("div.unseen", { role: "log", "aria-live": "polite" });
  #missed = 0;
  #wasOpened = false;
  #composer = null;

  constructor(chat, conversation) {
    this.#chat = chat;
    this.#conversation = conversation;
    this.#jump = element("button.jump", { type: "button", hidden: true, onclick: () => this.#toNewest() });
    this.node = element(
      "section.conversation", { "aria-busy": "true" },
      this.#head, this.#notice,
      element("div.timeline-frame", {}, this.#viewport, this.#jump),
      this.#foot, this.#announcer,
    );
    this.#list = new VirtualList(this.#viewport, {
      render: (row) => renderRow(row, {
        sendAgain: (entry) => chat.outbox.sendAgain(entry), discard: (entry) => chat.outbox.discard(entry),
      }),
      refresh: refreshRow, estimate: estimateRow, stayAtEnd: true,
      onShown: (shown) => this.#onShown(shown),
    });
    const draw = coalesced(() => this.#draw());
    const { signal } = this.#listening;
    for (const model of [conversation, conversation.timeline, chat.outbox]) model.onChange(draw, signal);
    conversation.addEventListener("news", (event) => this.#onNews(event.detail), { signal });
    document.addEventListener("visibilitychange", () => this.#list.report(), { signal });
    draw();
  }

  destroy() {
    this.#listening.abort();
    this.#list.destroy();
  }

  #draw() {
    if (this.#listening.signal.aborted) return;
    const { details, error, timeline } = this.#conversation;
    this.#drawHead(details);
    this.#drawNotice(details, error);
    if (!details || !timeline.isLoaded) return;
    this.node.setAttribute("aria-busy", "false");
    this.#drawFoot(details, error);
    this.#rows = timelineRows(this.#conversation, this.#chat.outbox.of(this.#conversation.id), this.#chat.userId);
    this.#list.setRows(this.#rows);
    if (this.#wasOpened) return;
    this.#wasOpened = true;
    if (this.#rows.some((row) => row.kind === "unread")) this.#list.scrollTo("unread");
    else this.#list.scrollToEnd();
  }

  #drawHead(details) {
    const back = element("a.icon-button.back", { href: "#/", "aria-label": t("back"), title: t("back") }, icon("back"));
    if (!details) {
      this.#head.replaceChildren(back);
      return;
    }
    const names = details.members.map((member) => member.nickname);
    const hadFocus = this.#head.contains(document.activeElement) ? document.activeElement.className : null;
    const tag = details.status === "active" ? [] : [element("span.tag", {}, tOr(`status_${details.status}`, details.status))];
    this.#head.replaceChildren(
      back,
      element(
        "div.titles", {},
        element("h2", {}, isolated(details.title ?? t("untitled"))),
        element("p.note", {}, ...names.flatMap((name, index) => [index > 0 ? t("listSeparator") : null, isolated(name)])),
      ),
      ...tag,
      iconButton("members", `${t("members")}: ${t("memberCount", { n: names.length })}`,
        () => showMembers(this.#conversation.details.members, this.#chat.userId)),
    );
    if (hadFocus) this.#head.querySelector(`[class="${hadFocus}"]`)?.focus();
  }

  #drawNotice(details, error) {
    let words = "";
    if (error) words = accessText(error);
    else if (details?.status === "archived") words = t("archivedNotice");
    else if (!details) words = t("loading");
    if (this.#notice.textContent !== words) this.#notice.textContent = words;
    this.#notice.hidden = words === "";
  }

  // The composer is made once, and taken away where nobody can write.
  #drawFoot(details, error) {
    if (details.status === "closed" || error) {
      this.#composer = null;
      this.#foot.replaceChildren(element("p.closed", {}, error ? accessText(error) : t("closedNotice")));
    } else if (!this.#composer) {
      this.#composer = new Composer(this.#conversation.id, (message) => this.#send(message));
      this.#foot.replaceChildren(this.#composer.node);
      this.#composer.start();
    }
  }

  #send(message) {
    this.#chat.outbox.send(this.#conversation.id, message);
    // Once the new row is there.
    queueMicrotask(() => queueMicrotask(() => this.#toNewest()));
  }

  #toNewest() {
    this.#list.scrollToEnd();
  }

  #onShown({ last, nearStart }) {
    if (!this.#wasOpened) return;
    if (nearStart) this.#conversation.timeline.loadOlder().catch(() => {});
    const newest = this.#rows.slice(0, this.#rows.indexOf(last) + 1).findLast((row) => row.kind === "message");
    if (newest) this.#conversation.see(newest.message);
    if (this.#list.isAtEnd) this.#missed = 0;
    this.#drawJump();
  }

  #onNews(messages) {
    if (!this.#list.isAtEnd) this.#missed += messages.length;
    this.#drawJump();
    this.#announcer.replaceChildren(...messages.map((message) => element(
      "p", {}, t("announce", { sender: message.sender_nickname, text: oneLine(message) }),
    )));
  }

  #drawJump() {
    this.#jump.hidden = this.#list.isAtEnd;
    const words = this.#missed > 0 ? t("newMessages", { n: this.#missed }) : t("toNewest");
    if (this.#jump.textContent !== words) this.#jump.replaceChildren(icon("down"), element("span", {}, words));
  }
}
