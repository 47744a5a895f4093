// The open conversation: its head, its messages and the composer.

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
  #footer = element("div.conversation-foot");
  #viewport = element("div.timeline", { tabindex: 0, role: "region", "aria-label": t("messages") });
  #jumpButton = element("button.jump", { type: "button", hidden: true, onclick: () => this.#onJump() });
  // Screen readers read this out. The list of messages is no live region, since it changes with each scroll.
  #announcer = element("div.visually-hidden", { role: "log", "aria-live": "polite" });
  #announcedFailures = new Set();
  #unseenCount = 0;
  #wasOpened = false;
  #takesFocus;
  #composer = null;

  /** @param {boolean} takesFocus whether the composer gets the focus; not where the user is busy elsewhere */
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
      element("div.timeline-frame", {}, this.#viewport, this.#jumpButton),
      this.#footer, this.#announcer,
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
    conversation.addEventListener("newmessages", (event) => this.#onNewMessages(event.detail), { signal });
    document.addEventListener("visibilitychange", () => this.#list.report(), { signal });
    draw();
  }

  destroy() {
    if (this.#wasOpened) this.#conversation.scrollPosition = this.#list.position;
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
    const pending = this.#chat.outbox.entriesOf(this.#conversation.id);
    this.#announceFailures(pending);
    this.#rows = timelineRows(this.#conversation, pending, this.#chat.userId);
    this.#list.setRows(this.#rows);
    // The footer comes last: it takes room from the messages, and the list keeps its position.
    this.#drawFooter(details, error);
    if (!this.#wasOpened) this.#scrollToStart();
  }

  // Scrolls to where another view has left off, or to the first unread message, or else to the end.
  #scrollToStart() {
    this.#wasOpened = true;
    const { scrollPosition, firstUnread } = this.#conversation;
    if (scrollPosition) this.#list.restore(scrollPosition);
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
    let text = "";
    if (error) text = accessText(error);
    else if (details?.status === "archived") text = t("archivedNotice");
    else if (!details) text = t("loading");
    if (this.#notice.textContent !== text) this.#notice.textContent = text;
  }

  // The composer is made once, and removed where the user cannot write.
  #drawFooter(details, error) {
    if (details.status === "closed" || error) {
      const hadFocus = this.#footer.contains(document.activeElement);
      this.#composer = null;
      fill(this.#footer, element("p.closed", {}, error ? accessText(error) : t("closedNotice")));
      if (hadFocus) this.#viewport.focus();
    } else if (!this.#composer) {
      this.#composer = new Composer(this.#conversation.id, (message) => this.#send(message), this.#listening.signal);
      fill(this.#footer, this.#composer.node);
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

  // The button that was pressed disappears, so the focus moves to the composer.
  #sendAgain(entry) {
    this.#announcedFailures.delete(entry.body.client_message_id);
    this.#chat.outbox.sendAgain(entry);
    this.#focusComposer();
  }

  #discard(entry) {
    this.#chat.outbox.discard(entry);
    this.#focusComposer();
  }

  #onJump() {
    this.#list.scrollToEnd();
    this.#focusComposer();
  }

  #focusComposer() {
    if (this.#composer) this.#composer.focus();
    else this.#viewport.focus();
  }

  #onShown({ last, nearStart }) {
    if (!this.#wasOpened) return;
    if (nearStart) this.#conversation.timeline.loadOlder();
    if (document.hidden) this.#conversation.setHidden();
    else this.#setVisibleUpTo(last);
    if (this.#list.isAtEnd) this.#unseenCount = 0;
    this.#drawJumpButton();
  }

  #setVisibleUpTo(last) {
    let index = this.#rows.indexOf(last);
    while (index >= 0 && this.#rows[index].kind !== "message") index -= 1;
    if (index >= 0) this.#conversation.setVisible(this.#rows[index].message);
  }

  #onNewMessages(messages) {
    if (!this.#list.isAtEnd) this.#unseenCount += messages.length;
    this.#drawJumpButton();
    this.#announce(messages.map(
      (message) => t("announce", { sender: message.sender_nickname, text: oneLine(message) }),
    ));
  }

  #announceFailures(pending) {
    const keyOf = (entry) => entry.body.client_message_id;
    const failed = pending.filter((entry) => entry.state === "failed" && !this.#announcedFailures.has(keyOf(entry)));
    for (const entry of failed) this.#announcedFailures.add(keyOf(entry));
    if (failed.length > 0) this.#announce(failed.map((entry) => `${t("stateFailed")}: ${failureText(entry.error)}`));
  }

  #announce(texts) {
    fill(this.#announcer, ...texts.map((text) => element("p", {}, text)));
  }

  #drawJumpButton() {
    this.#jumpButton.hidden = this.#list.isAtEnd;
    const text = this.#unseenCount > 0 ? t("newMessages", { n: this.#unseenCount }) : t("toNewest");
    if (this.#jumpButton.textContent !== text) fill(this.#jumpButton, icon("down"), element("span", {}, text));
  }
}
