// An open conversation: its details, its messages, what is on its way, and how far each member has read.

import { ApiError } from "../api/api-error.js";
import { memberSince } from "./conversation-times.js";
import { Listeners, Observable } from "./observable.js";
import { OrderStatus } from "./order-status.js";
import { quoteOf, recalledIn } from "./recalls.js";
import { ReadTracker } from "./read-tracker.js";
import { Timeline } from "./timeline.js";

// With more unread messages than this, not all of them are loaded when the conversation opens.
const MAX_UNREAD_LOADED = 500;
// How old status, members and title may be while no receipt is awaited, and no change is told.
const DETAILS_INTERVAL = 30_000;

export class Conversation extends Observable {
  #chat;
  #timeline;
  #orderStatus;
  #readTracker = null;
  #listeners = new Listeners();
  #isOpen = false;
  #isLoaded = false;
  #details = null;
  #error = null;
  #firstUnreadId = null;
  // 0 while the details are being read, or may be out of date.
  #detailsReadAt = 0;
  // How often a change has named the conversation.
  #changes = 0;

  place = null;

  /** @param {object} chat what conversations share: api, userId, list, outbox, drafts, refresh(), onClose(conversation),
   *   onNews(details, messages) with what has come in */
  constructor(id, chat) {
    super();
    this.id = id;
    this.#chat = chat;
    this.#timeline = new Timeline(chat.api, id, () => this.#onPage(), () => this.tellAgain());
    this.#orderStatus = new OrderStatus(chat.api, id);
  }

  makeSnapshot() {
    const { list, drafts } = this.#chat;
    const { messages, hasOlder, hasNewer } = this.#timeline;
    return {
      details: this.#details ?? list.find(this.id),
      isLoaded: this.#isLoaded,
      error: this.#error,
      messages, hasOlder, hasNewer,
      unsent: this.#unsent(),
      firstUnreadId: this.#firstUnreadId,
      hasUnreadBefore: this.#isLoaded && this.#hasUnreadBefore(),
      orderStatus: this.#orderStatus.value,
      draft: drafts.of(this.id),
    };
  }

  // MARK: For the chat

  get isOpen() {
    return this.#isOpen;
  }

  /** Whether onNews is called with the messages that come in. */
  get readsNews() {
    return this.#isOpen && this.#isLoaded;
  }

  /** What was loaded before stays, and its `place`, unless there is something unread since. */
  open() {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.expire();
    if (!this.#isLoaded) return;
    this.#firstUnreadId = null;
    if (this.#chat.list.find(this.id)?.unread_count > 0) {
      this.#isLoaded = false;
      this.place = null;
    }
    this.changed();
  }

  close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.stop();
    this.#chat.onClose(this);
  }

  stop() {
    this.#readTracker?.stop();
    this.#timeline.stop();
  }

  /**
   * Loads the conversation at first, and reads what is new later. Rejects on an error that may pass.
   *
   * @param {boolean} isTold whether applyChange is called after each change
   */
  async poll(isTold) {
    try {
      if (this.#isLoaded) await Promise.all([this.#readNewMessages(), this.#pollDetails(isTold)]);
      else await this.#load();
      if (this.#error) {
        this.#error = null;
        this.changed();
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.isTemporary || error.endsSession) throw error;
      if (this.#error?.status === error.status) return;
      this.#error = error;
      this.changed();
    }
  }

  /**
   * Takes over status, title, members and receipts, and a recall.
   *
   * @param {object} changed the conversation as an answer with changes has it
   * @returns {boolean} whether there is more to be read, by a poll
   */
  applyChange(changed) {
    this.#changes += 1;
    if (!this.#isLoaded || this.#error) this.expire();
    else this.#details = changed;
    if (changed.last_message) this.#onTold([changed.last_message]);
    this.changed();
    return this.#detailsReadAt === 0 || changed.last_message_at > this.#timeline.end;
  }

  /** A change may have been missed: the next poll reads everything. */
  expire() {
    this.#detailsReadAt = 0;
  }

  /** Adds a message that was just sent. While the conversation is being loaded the message comes with the others. */
  addSent(message) {
    if (this.#isLoaded) this.#timeline.addSent(message);
    this.changed();
  }

  // MARK: For whoever shows the conversation

  loadOlder() {
    this.#timeline.loadOlder();
  }

  loadNewer() {
    this.#timeline.loadNewer();
  }

  async jumpTo({ message_id: id, created_at: createdAt = timeOf(id) }) {
    if (this.#has(id)) return true;
    if (createdAt === null) return false;
    const isThere = await this.#timeline.loadAround(createdAt, { wanted: id });
    this.#onPage();
    return isThere && this.#has(id);
  }

  async jumpToEnd() {
    if (!this.#timeline.hasNewer) return;
    await this.#timeline.loadEnd();
    this.#onPage();
  }

  async jumpToUnread() {
    if (!this.#isLoaded) return null;
    await this.#timeline.loadAround(this.#readTracker.readUpTo);
    this.#firstUnreadId = this.#unreadIn(this.#timeline.messages)[0]?.message_id ?? null;
    this.#onPage();
    return this.#firstUnreadId;
  }

  send(message) {
    this.#chat.outbox.send(this.id, message, this.#quote(message.reply_to));
  }

  sendFile(file, { message_type, file_name = file.name ?? "", reply_to } = {}) {
    const type = message_type ?? (/^(image|video|audio)\//.exec(file.type)?.[1] ?? "file");
    const message = {
      message_type: type, content: "", file_name, file_size: file.size, ...(file.type && { file_type: file.type }),
      ...(reply_to && { reply_to }),
    };
    this.#chat.outbox.sendFile(this.id, file, message, this.#quote(reply_to));
  }

  sendAgain(key) {
    this.#chat.outbox.sendAgain(key);
  }

  discard(key) {
    this.#chat.outbox.discard(key);
  }

  async recall(messageId) {
    const { message } = await this.#chat.api.recallMessage(this.id, messageId);
    this.#onTold([message]);
    this.addSent(message);
  }

  setVisible(messageId) {
    const tracker = this.#readTracker;
    if (!tracker || !this.#isOpen) return;
    const { messages, hasNewer } = this.#timeline;
    const index = messageId === null ? -1 : messages.findLastIndex((message) => message.message_id === messageId);
    if (index < 0) return tracker.setHidden();
    const { unread_count: unreadCount } = this.#details;
    const isEnd = index === messages.length - 1 && !hasNewer;
    // What was deleted since is still counted, and there is no message of it.
    const isDue = (isEnd && unreadCount > 0) || this.#hasUnreadUpTo(messages, index);
    tracker.setVisible(messages[index].created_at, isDue && !this.#hasUnreadBefore());
  }

  async markAllRead() {
    await this.#readTracker?.markAll(Math.max(this.#timeline.end, this.#details.last_message_at ?? 0));
  }

  setDraft(draft) {
    this.#chat.drafts.set(this.id, draft);
  }

  onMessages(listener) {
    return this.#listeners.add(listener);
  }

  // MARK: Loading

  async #load() {
    await this.#readDetails();
    const me = this.#details.members.find((member) => member.user_id === this.#chat.userId);
    const readUpTo = me?.last_read_at ?? (me ? memberSince(this.#details, me) : 0);
    this.#readTracker?.stop();
    this.#readTracker = new ReadTracker(this.#chat.api, this.id, readUpTo, (unread) => this.#onMarked(unread));
    await this.#loadMessages(readUpTo, this.#details.unread_count);
    this.#chat.outbox.confirm(this.#timeline.messages);
    this.#isLoaded = true;
    this.#error = null;
    this.#onPage();
    await this.#orderStatus.find(this.#details, this.#timeline);
    this.changed();
  }

  // Loads the messages around the first unread one, since it is shown there: all unread ones, unless there are too many.
  // Unread are the last `unreadCount` messages of others behind `readUpTo`. There can be fewer than that: deleted
  // messages are still counted.
  async #loadMessages(readUpTo, unreadCount) {
    const timeline = this.#timeline;
    this.#firstUnreadId = null;
    if (unreadCount > MAX_UNREAD_LOADED) {
      await timeline.loadAround(readUpTo, { end: this.#details.last_message_at ?? 0 });
    } else {
      const hasAllUnread = () => unreadCount === 0 || timeline.reachesBackTo(readUpTo)
        || this.#unreadIn(timeline.messages).length >= unreadCount;
      await timeline.loadEnd(hasAllUnread);
      if (unreadCount === 0 || !hasAllUnread()) return;
    }
    const unread = this.#unreadIn(timeline.messages);
    this.#firstUnreadId = (timeline.hasNewer ? unread : unread.slice(-unreadCount))[0]?.message_id ?? null;
  }

  async #readNewMessages() {
    for await (const added of this.#timeline.readNew()) {
      this.#chat.outbox.confirm(added);
      this.#onTold(added);
      this.changed();
      this.#chat.onNews(this.#details, added);
      const news = added.filter(
        ({ sender_id: sender, message_type: type }) => sender !== this.#chat.userId || type === "system");
      if (news.length > 0) this.#listeners.call(news);
    }
  }

  // Reads the details with each poll while somebody has not read the newest own message, and when the list has others;
  // else at intervals. Where changes are told they have the details.
  async #pollDetails(isTold) {
    if (isTold && this.#detailsReadAt > 0) return;
    const { userId, list } = this.#chat;
    const details = this.#details;
    const newestOwn = this.#timeline.messages.findLast(({ sender_id: sender }) => sender === userId);
    const isReceiptAwaited = newestOwn && details.members.some(
      (member) => member.user_id !== userId && (member.last_read_at ?? 0) < newestOwn.created_at);
    const listed = list.find(this.id);
    const isOutdated = listed && (listed.status !== details.status || listed.title !== details.title
      || listed.members.length !== details.members.length);
    const isDue = Date.now() - this.#detailsReadAt > DETAILS_INTERVAL;
    if (isReceiptAwaited || isOutdated || isDue) await this.#readDetails();
  }

  async #readDetails() {
    const changes = this.#changes;
    this.#detailsReadAt = 0;
    const { conversation } = await this.#chat.api.getConversation(this.id);
    // A change that was told meanwhile may be newer than this answer.
    this.#detailsReadAt = changes === this.#changes ? Date.now() : 0;
    this.#details = conversation;
    this.changed();
  }

  // MARK: What has happened

  #onPage() {
    this.#orderStatus.learn(this.#timeline.messages);
    this.#forgetRecalled(this.#timeline.messages);
    this.changed();
  }

  #onTold(messages) {
    for (const message of messages) this.#timeline.applyEvent(message);
    this.#forgetRecalled(messages);
    this.#orderStatus.learn(messages);
  }

  // What waits to be sent may quote what was recalled.
  #forgetRecalled(messages) {
    for (const message of messages) {
      const recalled = recalledIn(message);
      if (recalled === null) continue;
      this.#chat.drafts.recall(this.id, recalled);
      this.#chat.outbox.recall(recalled);
    }
  }

  #onMarked(unreadCount) {
    this.#details = { ...this.#details, unread_count: unreadCount };
    this.#chat.list.setUnread(this.id, unreadCount);
    this.changed();
  }

  // Without those that are among the messages already, and that the outbox does not know of yet.
  #unsent() {
    const unsent = this.#chat.outbox.unsentOf(this.id);
    if (unsent.length === 0) return unsent;
    const sent = new Set(this.#timeline.messages.map((message) => message.client_message_id));
    return unsent.filter(({ key }) => !sent.has(key));
  }

  #has(id) {
    return this.#timeline.messages.some((message) => message.message_id === id);
  }

  #quote(id) {
    const quoted = id && this.#timeline.messages.find((message) => message.message_id === id);
    if (quoted) return quoteOf(quoted);
    // A draft can answer a message that is not loaded any more.
    const { replyTo } = this.#chat.drafts.of(this.id);
    return replyTo && replyTo.message_id === id ? replyTo : null;
  }

  #isUnread({ sender_id: sender, message_type: type, created_at: createdAt }) {
    return sender !== this.#chat.userId && type !== "system" && createdAt > this.#readTracker.readUpTo;
  }

  #unreadIn(messages) {
    return messages.filter((message) => this.#isUnread(message));
  }

  // It is asked with each scroll, and looks no further back than need be.
  #hasUnreadUpTo(messages, index) {
    for (let i = index; i >= 0 && messages[i].created_at > this.#readTracker.readUpTo; i--) {
      if (this.#isUnread(messages[i])) return true;
    }
    return false;
  }

  // Whether unread messages are missing between what was read and what is loaded.
  #hasUnreadBefore() {
    const { unread_count: unreadCount } = this.#details;
    const { messages } = this.#timeline;
    return unreadCount > 0 && !this.#timeline.reachesBackTo(this.#readTracker.readUpTo)
      && this.#unreadIn(messages).length < unreadCount;
  }
}

// The service's messages have their created_at in their id; the platform's may have another one there.
function timeOf(messageId) {
  const [, milliseconds] = /^MSG_(\d{1,15})_/.exec(messageId) ?? [];
  return milliseconds === undefined ? null : Number(milliseconds);
}
