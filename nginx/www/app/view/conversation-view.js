// The open conversation: its head, its messages and the composer.

import { t, tOr } from "../language/language.js";
import { coalesced } from "./coalesced.js";
import { ConversationJumps } from "./conversation-jumps.js";
import { ConversationSearch } from "./conversation-search.js";
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
  #unsubscribe;
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
  #search;

  /** Leads to messages, and back to where one was: a ConversationJumps. */
  jumps;

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
    const told = element("p.jump-notice", { role: "status" });
    this.jumps = new ConversationJumps({
      conversation, draw: () => this.#draw(), tell: (text) => { told.textContent = text; },
      timeline: interimTimeline(this.#list, this.#viewport), signal: this.#listening.signal,
    });
    this.#jumpButton.before(this.jumps.button, told);
    this.#search = new ConversationSearch(chat, conversation, this.jumps, this.node, this.#listening.signal);
    this.#membersButton.before(this.#search.button);
    this.#notice.before(this.#search.node);
    const draw = coalesced(() => this.#draw());
    const { signal } = this.#listening;
    this.#unsubscribe = [
      conversation.subscribe(draw), conversation.onMessages((messages) => this.#onNewMessages(messages)),
    ];
    document.addEventListener("visibilitychange", () => this.#list.report(), { signal });
    draw();
  }

  destroy() {
    if (this.#wasOpened) this.#conversation.place = this.#list.position;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#listening.abort();
    this.#list.destroy();
  }

  #draw() {
    if (this.#listening.signal.aborted) return;
    const snapshot = this.#conversation.getSnapshot();
    const { details, error, isLoaded, unsent } = snapshot;
    if (details) this.#drawHead(details);
    this.#drawNotice(details, error);
    if (error) this.node.setAttribute("aria-busy", "false");
    if (!isLoaded) return;
    this.node.setAttribute("aria-busy", "false");
    this.#announceFailures(unsent);
    this.#rows = timelineRows(snapshot, this.#chat.getSnapshot().userId);
    // Further rows are to come at the end, and are not to be passed by.
    this.#list.stayAtEnd = !snapshot.hasNewer;
    this.#list.setRows(this.#rows);
    // The footer comes last: it takes room from the messages, and the list keeps its position.
    this.#drawFooter(details, error);
    if (!this.#wasOpened) this.#scrollToStart();
  }

  // Scrolls to where another view has left off, or to the first unread message, or else to the end.
  #scrollToStart() {
    this.#wasOpened = true;
    const { place } = this.#conversation;
    if (place) this.#list.restore(place);
    else if (this.#conversation.getSnapshot().firstUnreadId) this.#list.scrollTo("unread");
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
      this.#composer = new Composer(this.#conversation, (message) => this.#send(message), this.#listening.signal);
      fill(this.#footer, this.#composer.node);
      this.#composer.start(this.#takesFocus);
      this.#takesFocus = false;
    }
  }

  #showMembers() {
    const members = this.#conversation.getSnapshot().details?.members ?? [];
    showMembers(members, this.#chat.getSnapshot().userId, this.#listening.signal);
  }

  #send(message) {
    this.#conversation.send(message);
    this.#toEnd();
  }

  // The button that was pressed disappears, so the focus moves to the composer.
  #sendAgain(entry) {
    this.#announcedFailures.delete(entry.key);
    this.#conversation.sendAgain(entry.key);
    this.#focusComposer();
  }

  #discard(entry) {
    this.#conversation.discard(entry.key);
    this.#focusComposer();
  }

  #onJump() {
    this.#toEnd();
    this.#focusComposer();
  }

  async #toEnd() {
    await this.#conversation.jumpToEnd();
    this.#draw();
    this.#list.scrollToEnd();
    this.jumps.onEnd();
  }

  #focusComposer() {
    if (this.#composer) this.#composer.focus();
    else this.#viewport.focus();
  }

  #onShown({ last, nearStart, nearEnd }) {
    if (!this.#wasOpened) return;
    if (nearStart) this.#conversation.loadOlder();
    if (nearEnd) this.#conversation.loadNewer();
    if (document.hidden) this.#conversation.setVisible(null);
    else this.#setVisibleUpTo(last);
    if (this.#isAtEnd) this.#unseenCount = 0;
    this.#drawJumpButton();
    this.jumps.onShown();
  }

  get #isAtEnd() {
    return this.#list.isAtEnd && !this.#conversation.getSnapshot().hasNewer;
  }

  #setVisibleUpTo(last) {
    let index = this.#rows.indexOf(last);
    while (index >= 0 && this.#rows[index].kind !== "message") index -= 1;
    if (index >= 0) this.#conversation.setVisible(this.#rows[index].message.message_id);
  }

  #onNewMessages(messages) {
    if (!this.#isAtEnd) this.#unseenCount += messages.length;
    this.#drawJumpButton();
    this.#announce(messages.map(
      (message) => t("announce", { sender: message.sender_nickname, text: oneLine(message) }),
    ));
  }

  #announceFailures(pending) {
    const failed = pending.filter(({ key, state }) => state === "failed" && !this.#announcedFailures.has(key));
    for (const { key } of failed) this.#announcedFailures.add(key);
    if (failed.length > 0) this.#announce(failed.map((entry) => `${t("stateFailed")}: ${failureText(entry.error)}`));
  }

  #announce(texts) {
    fill(this.#announcer, ...texts.map((text) => element("p", {}, text)));
  }

  #drawJumpButton() {
    this.#jumpButton.hidden = this.#isAtEnd;
    const text = this.#unseenCount > 0 ? t("newMessages", { n: this.#unseenCount }) : t("toNewest");
    if (this.#jumpButton.textContent !== text) fill(this.#jumpButton, icon("down"), element("span", {}, text));
  }
}

function interimTimeline(list, viewport) {
  return {
    node: viewport,
    get place() { return list.position; },
    get isAtEnd() { return list.isAtEnd; },
    focus: () => viewport.focus(),
    show: (place) => list.restore(place),
    lead(key, { takesFocus }) {
      list.restore({ key, isMiddle: true });
      const row = viewport.querySelector(`[data-message-id="${CSS.escape(key)}"]`);
      if (!row) return;
      row.tabIndex = -1;
      if (takesFocus) row.focus({ preventScroll: true });
      row.classList.add("led-to");
      setTimeout(() => row.classList.remove("led-to"), 2_400);
    },
  };
}
