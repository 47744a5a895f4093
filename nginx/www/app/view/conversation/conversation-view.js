// The open conversation: its head, its messages and the composer.

import { t } from "../../language/language.js";
import { extensionOf, messageTypeOf } from "../../upload/kinds.js";
import { Announcer } from "../announcer.js";
import { coalesced } from "../coalesced.js";
import { Composer } from "../composing/composer.js";
import { ConversationHead } from "./conversation-head.js";
import { ConversationJumps } from "../searching/conversation-jumps.js";
import { ConversationSearch } from "../searching/conversation-search.js";
import { ConversationState } from "./conversation-state.js";
import { element, fill } from "../dom.js";
import { showMembers } from "./members-dialog.js";
import { MessageActions } from "../timeline/message-actions.js";
import { recalledText } from "../timeline/own-recalls.js";
import { timelineRows } from "../timeline/timeline-rows.js";
import { TimelineView } from "../timeline/timeline-view.js";
import { UnreadBar } from "./unread-bar.js";
import { forgetPreviews, keepPreview } from "../composing/upload-previews.js";

export class ConversationView {
  #chat;
  #conversation;
  #toasts;
  #unsubscribe;
  #listening = new AbortController();
  #rows = [];
  #head;
  #notice = element("p.notice", { role: "status", tabindex: -1 });
  #unreadBar;
  #timeline;
  #actions;
  #footer = element("div.conversation-foot");
  #announcer = new Announcer();
  #composer = null;
  // Ends what the composer listens to.
  #writing = new AbortController();
  #unseenCount = 0;
  #takesFocus;
  #wasOpened = false;
  #search;
  #state;

  /** Leads to messages of the conversation, and back to where one was. */
  jumps;

  /**
   * @param {Toasts} toasts
   * @param {boolean} takesFocus whether the composer gets the focus; not where the user is busy elsewhere
   * @param {?string} userName the user's name, as the session has it
   */
  constructor(chat, conversation, { toasts, takesFocus, userName }) {
    this.#chat = chat;
    this.#conversation = conversation;
    this.#toasts = toasts;
    this.#takesFocus = takesFocus;
    const { signal } = this.#listening;
    this.#unreadBar = new UnreadBar({ toFirst: () => this.#toFirstUnread(), markAll: () => this.#markAllRead() });
    this.#actions = new MessageActions(chat, conversation, {
      tell: (text) => this.#tell(text), focus: () => this.#focusComposer(), composer: () => this.#composer,
      openQuote: (quote) => this.jumps.to(quote), forgetFailure: (key) => this.#announcer.forgetFailure(key),
      draw: () => this.#draw(),
    });
    this.#timeline = new TimelineView({
      actions: this.#actions,
      menuItems: (row, selected) => this.#actions.menuItems(row, selected),
      onShown: (shown) => this.#onShown(shown),
      toEnd: () => this.#onJump(), leave: () => this.#focusComposer(),
      loadOlder: () => conversation.loadOlder(), loadNewer: () => conversation.loadNewer(),
      user: () => ({ id: chat.getSnapshot().userId, nickname: chat.getSnapshot().me?.nickname ?? t("you") }),
    }, signal);
    this.jumps = new ConversationJumps({
      conversation, timeline: this.#timeline, draw: () => this.#draw(), tell: (text) => this.#tell(text), signal,
    });
    this.#search = new ConversationSearch(chat, conversation, this.jumps, signal);
    this.#head = new ConversationHead({
      showMembers: () => this.#showMembers(),
      copyNumber: (number) => this.#actions.copy(number, t("orderNumberCopied")),
    }, this.#search.button);
    this.#state = new ConversationState(chat, conversation, userName);
    this.#timeline.node.append(this.#state.node);
    this.node = element(
      "section.conversation", { "aria-labelledby": "conversation-title", "aria-busy": "true" },
      this.#head.node, this.#search.node, this.#notice, this.#unreadBar.node, this.#timeline.node, this.#footer,
      this.#announcer.node,
    );
    const draw = coalesced(() => this.#draw());
    this.#unsubscribe = [
      conversation.subscribe(draw), conversation.onMessages((messages) => this.#onNewMessages(messages)),
    ];
    draw();
  }

  destroy() {
    if (this.#wasOpened) this.#conversation.place = this.#timeline.place;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#listening.abort();
    this.#removeComposer();
    this.#state.destroy();
  }

  // MARK: Drawing

  #draw() {
    if (this.#listening.signal.aborted) return;
    const snapshot = this.#conversation.getSnapshot();
    const { details, error, isLoaded, unsent } = snapshot;
    this.#head.draw(details, snapshot.orderStatus, error);
    this.#drawNotice(details, error);
    if (error) this.#clear();
    if (error || !isLoaded) return;
    this.node.setAttribute("aria-busy", "false");
    this.#announcer.announceFailures(unsent);
    forgetPreviews(this.#conversation.id, unsent);
    this.#unreadBar.draw(snapshot.hasUnreadBefore ? details.unread_count : 0);
    const { userId } = this.#chat.getSnapshot();
    this.#rows = timelineRows(snapshot, userId, (id) => this.#canEditAgain(id));
    this.#timeline.setRows(this.#rows, snapshot.hasNewer);
    // The footer comes last: it takes room from the messages, and the list keeps its position.
    this.#drawFooter(snapshot);
    if (!this.#wasOpened) this.#open(snapshot);
  }

  // What was seen of a conversation that is the user's no more is gone. ConversationState says why.
  #clear() {
    this.node.setAttribute("aria-busy", "false");
    this.#rows = [];
    this.#unreadBar.draw(0);
    this.#timeline.clear();
    this.#wasOpened = false;
    this.#removeComposer();
    fill(this.#footer);
    this.#search.close();
    this.jumps.forget();
  }

  // Scrolls to where another view has left off, or to the first unread message, or else to the end.
  #open({ firstUnreadId }) {
    this.#wasOpened = true;
    this.#timeline.show(this.#conversation.place ?? (firstUnreadId ? { key: "unread" } : null));
  }

  #drawNotice(details, error) {
    let text = "";
    if (!error && details?.status === "archived") text = t("archivedNotice");
    if (this.#notice.textContent !== text) this.#notice.textContent = text;
  }

  // The composer is made once, and removed where the user cannot write.
  #drawFooter({ details, draft }) {
    if (details.status === "closed") {
      const hadFocus = this.#footer.contains(document.activeElement);
      this.#removeComposer();
      fill(this.#footer, element("p.closed", {}, t("closedNotice")));
      if (hadFocus) this.#timeline.focus();
    } else if (!this.#composer) {
      this.#composer = this.#makeComposer();
      fill(this.#footer, this.#composer.node);
      this.#composer.start(this.#takesFocus);
      this.#takesFocus = false;
    } else {
      this.#composer.draw(draft);
    }
  }

  #makeComposer() {
    this.#writing = new AbortController();
    return new Composer(this.#conversation, {
      onSend: (message) => this.#send(message), onSendFiles: (files, replyTo) => this.#sendFiles(files, replyTo),
      area: this.node,
    }, this.#writing.signal);
  }

  #removeComposer() {
    this.#writing.abort();
    this.#composer = null;
  }

  #canEditAgain(id) {
    return this.#composer !== null && recalledText(this.#chat, id) !== undefined;
  }

  #tell(text) {
    this.#toasts.show({ key: "conversation", text });
  }

  #showMembers() {
    const members = this.#conversation.getSnapshot().details?.members ?? [];
    showMembers(members, this.#chat.getSnapshot().userId, this.#listening.signal);
  }

  // MARK: Going places

  #send(message) {
    this.#conversation.send(message);
    this.#toEnd();
  }

  // The quote is that of the first one.
  #sendFiles(files, replyTo) {
    files.forEach((file, index) => {
      const reply = index === 0 && replyTo ? { reply_to: replyTo } : {};
      const type = messageTypeOf(extensionOf(file));
      keepPreview(this.#conversation.id, this.#conversation.sendFile(file, { message_type: type, ...reply }), file);
    });
    this.#announcer.announceUploads(files.length);
    this.#draw();
    this.#toEnd();
  }

  #onJump() {
    this.#toEnd();
    this.#focusComposer();
  }

  async #toEnd() {
    try {
      await this.#conversation.jumpToEnd();
    } catch {
      this.#tell(t("cannotJump"));
      return;
    }
    this.#draw();
    this.#timeline.scrollToEnd();
    this.jumps.onEnd();
  }

  async #toFirstUnread() {
    const here = this.jumps.here();
    let id = null;
    try {
      id = await this.#conversation.jumpToUnread();
    } catch {
      this.#tell(t("cannotJump"));
    }
    this.#draw();
    if (id === null || this.#listening.signal.aborted) return;
    this.#timeline.toUnread(id);
    this.jumps.keep(here);
  }

  async #markAllRead() {
    try {
      await this.#conversation.markAllRead();
    } catch {
      this.#tell(t("cannotMarkAll"));
      return;
    }
    this.#draw();
    this.#focusComposer();
  }

  #focusComposer() {
    if (this.#listening.signal.aborted) return;
    if (this.#composer) this.#composer.focus();
    else this.#timeline.focus();
  }

  // MARK: What has happened

  #onShown({ last, nearStart, nearEnd }) {
    if (nearStart) this.#conversation.loadOlder();
    if (nearEnd) this.#conversation.loadNewer();
    if (document.hidden) this.#conversation.setVisible(null);
    else this.#setVisibleUpTo(last);
    if (this.#isAtEnd) this.#unseenCount = 0;
    this.#drawJumpButton();
    this.jumps.onShown();
  }

  get #isAtEnd() {
    return this.#timeline.isAtEnd && !this.#conversation.getSnapshot().hasNewer;
  }

  #setVisibleUpTo(last) {
    let index = this.#rows.indexOf(last);
    while (index >= 0 && this.#rows[index].kind !== "message") index -= 1;
    if (index >= 0) this.#conversation.setVisible(this.#rows[index].message.message_id);
  }

  #onNewMessages(messages) {
    if (!this.#isAtEnd) this.#unseenCount += messages.length;
    this.#drawJumpButton();
    this.#announcer.announceMessages(messages, this.#chat.getSnapshot().userId);
  }

  #drawJumpButton() {
    this.#timeline.drawJumpButton(this.#isAtEnd, this.#unseenCount);
  }
}
