// The open conversation: its head, its messages and the composer.

import { t, tOr } from "../language/language.js";
import { coalesced } from "./coalesced.js";
import { Composer } from "./composer.js";
import { ConversationState } from "./conversation-state.js";
import { element, fill, icon, iconButton, isolated } from "./dom.js";
import { unsentText } from "./failure-text.js";
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
  #state;

  /**
   * @param {boolean} takesFocus whether the composer gets the focus; not where the user is busy elsewhere
   * @param {?string} userName the user's name, as the session has it
   */
  constructor(chat, conversation, takesFocus, userName) {
    this.#chat = chat;
    this.#conversation = conversation;
    this.#takesFocus = takesFocus;
    this.#state = new ConversationState(chat, conversation, userName);
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
      element("div.timeline-frame", {}, this.#viewport, this.#jumpButton, this.#state.node),
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
    this.#state.destroy();
  }

  #draw() {
    if (this.#listening.signal.aborted) return;
    const snapshot = this.#conversation.getSnapshot();
    const { details, error, isLoaded, unsent } = snapshot;
    this.#drawHead(details, error);
    this.#drawNotice(details, error);
    if (error) this.#clear();
    if (error || !isLoaded) return;
    this.node.setAttribute("aria-busy", "false");
    this.#announceFailures(unsent);
    this.#rows = timelineRows(snapshot, this.#chat.getSnapshot().userId);
    // Further rows are to come at the end, and are not to be passed by.
    this.#list.stayAtEnd = !snapshot.hasNewer;
    this.#list.setRows(this.#rows);
    // The footer comes last: it takes room from the messages, and the list keeps its position.
    this.#drawFooter(details);
    if (!this.#wasOpened) this.#scrollToStart();
  }

  // What was seen of a conversation that is the user's no more is gone. ConversationState says why.
  #clear() {
    this.node.setAttribute("aria-busy", "false");
    this.#rows = [];
    this.#list.setRows([]);
    this.#wasOpened = false;
    this.#composer = null;
    fill(this.#footer);
    this.#jumpButton.hidden = true;
  }

  // Scrolls to where another view has left off, or to the first unread message, or else to the end.
  #scrollToStart() {
    this.#wasOpened = true;
    const { place } = this.#conversation;
    if (place) this.#list.restore(place);
    else if (this.#conversation.getSnapshot().firstUnreadId) this.#list.scrollTo("unread");
    else this.#list.scrollToEnd();
  }

  #drawHead(details, error) {
    this.#membersButton.hidden = !details || error !== null;
    const name = details ? details.title ?? t("untitled") : t("conversation");
    if (this.#title.textContent !== name) fill(this.#title, isolated(name));
    const { status = "active", members = [] } = error ? {} : details ?? {};
    const names = members.map((member) => member.nickname);
    if (this.#names.textContent !== names.join(t("listSeparator"))) {
      fill(this.#names, ...names.flatMap((name, index) => [index > 0 ? t("listSeparator") : null, isolated(name)]));
    }
    this.#status.hidden = status === "active";
    this.#status.textContent = tOr(`status_${status}`, status);
    this.#membersButton.setAttribute("aria-label", `${t("members")}: ${t("memberCount", { n: names.length })}`);
  }

  #drawNotice(details, error) {
    let text = "";
    if (!error && details?.status === "archived") text = t("archivedNotice");
    if (this.#notice.textContent !== text) this.#notice.textContent = text;
  }

  // The composer is made once, and removed where the user cannot write.
  #drawFooter(details) {
    if (details.status === "closed") {
      const hadFocus = this.#footer.contains(document.activeElement);
      this.#composer = null;
      fill(this.#footer, element("p.closed", {}, t("closedNotice")));
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
    if (failed.length > 0) this.#announce(failed.map(unsentText));
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
