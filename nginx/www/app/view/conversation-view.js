// The open conversation: its head, its messages, and where one writes.

import { t, tOr } from "../language/language.js";
import { coalesced } from "./coalesced.js";
import { Composer } from "./composer.js";
import { element, fill, icon, iconButton, isolated } from "./dom.js";
import { accessText, failureText } from "./failure-text.js";
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
  #title = element("h1", { id: "conversation-title" });
  #names = element("p.note");
  #status = element("span.tag", { hidden: true });
  #membersButton = iconButton("members", t("members"), () => this.#showMembers());
  #notice = element("p.notice", { role: "status", tabindex: -1 });
  #foot = element("div.conversation-foot");
  #viewport = element("div.timeline", { tabindex: 0, role: "region", "aria-label": t("messages") });
  #jump = element("button.jump", { type: "button", hidden: true, onclick: () => this.#onJump() });
  // What is read out, since the list itself changes with each scroll.
  #announcer = element("div.unseen", { role: "log", "aria-live": "polite" });
  #announcedFailures = new Set();
  #missed = 0;
  #wasOpened = false;
  #takesFocus;
  #composer = null;

  /** @param {boolean} takesFocus false where the user is busy elsewhere on the page */
  constructor(chat, conversation, takesFocus) {
    this.#chat = chat;
    this.#conversation = conversation;
    this.#takesFocus = takesFocus;
    this.node = element(
      "section.conversation", { "aria-labelledby": "conversation-title", "aria-busy": "true" },
      element(
        "header.conversation-head", {},
        element("a.icon-button.back", { href: "#/", "aria-label": t("back"), title: t("back") }, icon("back")),
        element("div.titles", {}, this.#title, this.#names),
        this.#status,
        this.#membersButton,
      ),
      this.#notice,
      element("div.timeline-frame", {}, this.#viewport, this.#jump),
      this.#foot, this.#announcer,
    );
    this.#list = new VirtualList(this.#viewport, {
      render: (row) => renderRow(row, {
        sendAgain: (entry) => this.#sendAgain(entry), discard: (entry) => this.#discard(entry),
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
    if (this.#wasOpened) this.#conversation.position = this.#list.position;
    this.#listening.abort();
    this.#list.destroy();
  }

  #draw() {
    if (this.#listening.signal.aborted) return;
    const { details, error, isLoaded } = this.#conversation;
    if (details) this.#drawHead(details);
    this.#drawNotice(details, error);
    if (error) this.node.setAttribute("aria-busy", "false");
    if (!isLoaded) return;
    this.node.setAttribute("aria-busy", "false");
    const pending = this.#chat.outbox.of(this.#conversation.id);
    this.#announceFailures(pending);
    this.#rows = timelineRows(this.#conversation, pending, this.#chat.userId);
    this.#list.setRows(this.#rows);
    // After the messages: it takes some of their room.
    this.#drawFoot(details, error);
    if (!this.#wasOpened) this.#showBeginning();
  }

  // Where another view has left off; else the first unread message, else the end.
  #showBeginning() {
    this.#wasOpened = true;
    const { position, firstUnread } = this.#conversation;
    if (position) this.#list.restore(position);
    else if (firstUnread) this.#list.scrollTo("unread");
    else this.#list.scrollToEnd();
  }

  #drawHead({ title, status, members }) {
    const names = members.map((member) => member.nickname);
    if (this.#title.textContent !== (title ?? t("untitled"))) fill(this.#title, isolated(title ?? t("untitled")));
    if (this.#names.textContent !== names.join(t("listSeparator"))) {
      fill(this.#names, ...names.flatMap((name, index) => [index > 0 ? t("listSeparator") : null, isolated(name)]));
    }
    this.#status.hidden = status === "active";
    this.#status.textContent = tOr(`status_${status}`, status);
    this.#membersButton.setAttribute("aria-label", `${t("members")}: ${t("memberCount", { n: names.length })}`);
  }

  #drawNotice(details, error) {
    let words = "";
    if (error) words = accessText(error);
    else if (details?.status === "archived") words = t("archivedNotice");
    else if (!details) words = t("loading");
    if (this.#notice.textContent !== words) this.#notice.textContent = words;
  }

  // The composer is made once, and taken away where nobody can write.
  #drawFoot(details, error) {
    if (details.status === "closed" || error) {
      const hadFocus = this.#foot.contains(document.activeElement);
      this.#composer = null;
      fill(this.#foot, element("p.closed", {}, error ? accessText(error) : t("closedNotice")));
      if (hadFocus) this.#viewport.focus();
    } else if (!this.#composer) {
      this.#composer = new Composer(this.#conversation.id, (message) => this.#send(message), this.#listening.signal);
      fill(this.#foot, this.#composer.node);
      this.#composer.start(this.#takesFocus);
      this.#takesFocus = false;
    }
  }

  #showMembers() {
    const members = this.#conversation.details?.members ?? [];
    showMembers(members, this.#chat.userId, this.#listening.signal);
  }

  #send(message) {
    this.#chat.outbox.send(this.#conversation.id, message);
    this.#draw();
    this.#list.scrollToEnd();
  }

  // Their buttons go away with what they did: the focus needs another place.
  #sendAgain(entry) {
    this.#announcedFailures.delete(entry.body.client_message_id);
    this.#chat.outbox.sendAgain(entry);
    this.#focusHere();
  }

  #discard(entry) {
    this.#chat.outbox.discard(entry);
    this.#focusHere();
  }

  #onJump() {
    this.#list.scrollToEnd();
    this.#focusHere();
  }

  #focusHere() {
    if (this.#composer) this.#composer.focus();
    else this.#viewport.focus();
  }

  #onShown({ last, nearStart }) {
    if (!this.#wasOpened) return;
    if (nearStart) this.#conversation.timeline.loadOlder();
    if (document.hidden) this.#conversation.lookAway();
    else this.#seeUpTo(last);
    if (this.#list.isAtEnd) this.#missed = 0;
    this.#drawJump();
  }

  #seeUpTo(last) {
    let index = this.#rows.indexOf(last);
    while (index >= 0 && this.#rows[index].kind !== "message") index -= 1;
    if (index >= 0) this.#conversation.see(this.#rows[index].message);
  }

  #onNews(messages) {
    if (!this.#list.isAtEnd) this.#missed += messages.length;
    this.#drawJump();
    this.#announce(messages.map((message) => t("announce", { sender: message.sender_nickname, text: oneLine(message) })));
  }

  #announceFailures(pending) {
    const failed = pending.filter((entry) => entry.state === "failed" && !this.#announcedFailures.has(entry.body.client_message_id));
    for (const entry of failed) this.#announcedFailures.add(entry.body.client_message_id);
    if (failed.length > 0) this.#announce(failed.map((entry) => `${t("stateFailed")}: ${failureText(entry.error)}`));
  }

  #announce(texts) {
    fill(this.#announcer, ...texts.map((text) => element("p", {}, text)));
  }

  #drawJump() {
    this.#jump.hidden = this.#list.isAtEnd;
    const words = this.#missed > 0 ? t("newMessages", { n: this.#missed }) : t("toNewest");
    if (this.#jump.textContent !== words) this.#jump.replaceChildren(icon("down"), element("span", {}, words));
  }
}
