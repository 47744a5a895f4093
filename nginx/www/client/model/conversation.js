// An open conversation: its details, its messages, what is on its way, and how far each member has read.

import { ApiError } from "../api/api-error.js";
import { ConversationDetails } from "./conversation-details.js";
import { memberSince } from "./conversation-times.js";
import { Listeners, Observable } from "./observable.js";
import { OrderStatus } from "./order-status.js";
import { quoteOf, recalledIn } from "./recalls.js";
import { ReadTracker } from "./read-tracker.js";
import { Timeline } from "./timeline.js";
import { UnreadMessages } from "./unread-messages.js";

// With more unread messages than this, not all of them are loaded when the conversation opens.
const MAX_UNREAD_LOADED = 500;

export class Conversation extends Observable {
  #chat;
  #timeline;
  #orderStatus;
  #details;
  #readTracker = null;
  #unread = null;
  #listeners = new Listeners();
  #isOpen = false;
  #isLoaded = false;
  #error = null;
  #firstUnreadId = null;

  place = null;

  /**
   * @param {object} chat what conversations share: api, userId, list, outbox, drafts, refresh(); onClose(conversation);
   *   onNews(details, messages), with what has come in
   */
  constructor(id, chat) {
    super();
    this.id = id;
    this.#chat = chat;
    this.#timeline = new Timeline(chat.api, id, () => this.#onPage(), () => this.tellAgain());
    this.#details = new ConversationDetails(chat.api, id);
    this.#orderStatus = new OrderStatus(chat.api, id);
  }

  makeSnapshot() {
    const { list, drafts } = this.#chat;
    const { messages, hasOlder, hasNewer } = this.#timeline;
    return {
      details: this.#details.value ?? list.find(this.id),
      isLoaded: this.#isLoaded,
      error: this.#error,
      messages, hasOlder, hasNewer,
      unsent: this.#unsent(),
      firstUnreadId: this.#firstUnreadId,
      hasUnreadBefore: this.#isLoaded && this.#unread.isMissing(this.#details.value.unread_count),
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
    this.#details.take(this.#isLoaded && !this.#error ? changed : null);
    if (changed.last_message) this.#onTold([changed.last_message]);
    this.changed();
    return this.#details.isExpired || changed.last_message_at > this.#timeline.end;
  }

  /** A change may have been missed: the next poll reads everything. */
  expire() {
    this.#details.expire();
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
    this.#firstUnreadId = this.#unread.loaded[0]?.message_id ?? null;
    this.#onPage();
    return this.#firstUnreadId;
  }

  send(message) {
    this.#chat.outbox.send(this.id, Object.freeze({ ...message }), this.#quote(message.reply_to));
  }

  sendFile(file, { message_type, file_name = file.name ?? "", reply_to } = {}) {
    const type = message_type ?? typeOf(file);
    const message = {
      message_type: type, content: "", file_name, file_size: file.size, ...(file.type && { file_type: file.type }),
      ...(reply_to && { reply_to }),
    };
    return this.#chat.outbox.sendFile(this.id, file, message, this.#quote(reply_to));
  }

  get canUpload() {
    return this.#chat.outbox.canUpload;
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
    const { unread_count: unreadCount } = this.#details.value;
    const isEnd = index === messages.length - 1 && !hasNewer;
    // What was deleted since is still counted, and there is no message of it.
    const isDue = (isEnd && unreadCount > 0) || this.#unread.isAnyUpTo(index);
    tracker.setVisible(messages[index].created_at, isDue && !this.#unread.isMissing(unreadCount));
  }

  async markAllRead() {
    await this.#readTracker?.markAll(Math.max(this.#timeline.end, this.#details.value.last_message_at ?? 0));
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
    const { value: details } = this.#details;
    const me = details.members.find((member) => member.user_id === this.#chat.userId);
    const readUpTo = me?.last_read_at ?? (me ? memberSince(details, me) : 0);
    this.#readTracker?.stop();
    this.#readTracker = new ReadTracker(this.#chat.api, this.id, readUpTo, (unread) => this.#onMarked(unread));
    this.#unread = new UnreadMessages(this.#timeline, this.#chat.userId, this.#readTracker);
    await this.#loadMessages(readUpTo, details);
    this.#chat.outbox.confirm(this.#timeline.messages);
    this.#isLoaded = true;
    this.#error = null;
    this.#onPage();
    await this.#orderStatus.find(this.#details.value, this.#timeline);
    this.changed();
  }

  // Loads the messages around the first unread one, since it is shown there: all unread ones, unless there are too many.
  // Those are the last `unreadCount` messages of others behind `readUpTo`.
  async #loadMessages(readUpTo, { unread_count: unreadCount, last_message_at: end }) {
    const timeline = this.#timeline;
    this.#firstUnreadId = null;
    if (unreadCount > MAX_UNREAD_LOADED) {
      await timeline.loadAround(readUpTo, { end: end ?? 0 });
    } else {
      const hasAllUnread = () => !this.#unread.isMissing(unreadCount);
      await timeline.loadEnd(hasAllUnread);
      if (unreadCount === 0 || !hasAllUnread()) return;
    }
    const { loaded } = this.#unread;
    this.#firstUnreadId = (timeline.hasNewer ? loaded : loaded.slice(-unreadCount))[0]?.message_id ?? null;
  }

  async #readNewMessages() {
    for await (const added of this.#timeline.readNew()) {
      this.#chat.outbox.confirm(added);
      this.#onTold(added);
      this.changed();
      this.#chat.onNews(this.#details.value, added);
      const news = added.filter(
        ({ sender_id: sender, message_type: type }) => sender !== this.#chat.userId || type === "system");
      if (news.length > 0) this.#listeners.call(news);
    }
  }

  // Where changes are told they have the details.
  async #pollDetails(isTold) {
    if (isTold && !this.#details.isExpired) return;
    const { userId, list } = this.#chat;
    const newestOwn = this.#timeline.messages.findLast(({ sender_id: sender }) => sender === userId);
    if (this.#details.isDue(userId, newestOwn, list.find(this.id))) await this.#readDetails();
  }

  async #readDetails() {
    await this.#details.read();
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
    this.#details.value = { ...this.#details.value, unread_count: unreadCount };
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
}

// Pictures that browsers do not show, or that could have scripts, are files.
function typeOf({ type }) {
  if (/^image\/(svg|hei[cf]|tiff|vnd\.)/.test(type)) return "file";
  return /^(image|video|audio)\//.exec(type)?.[1] ?? "file";
}

// The service's messages have their created_at in their id; the platform's may have another one there.
function timeOf(messageId) {
  const [, milliseconds] = /^MSG_(\d{1,15})_/.exec(messageId) ?? [];
  return milliseconds === undefined ? null : Number(milliseconds);
}
