// The open conversation: its details, its messages, and how far each member has read.

import { ApiError } from "../api/api-error.js";
import { Model } from "./model.js";
import { ReadTracker } from "./read-tracker.js";
import { Timeline } from "./timeline.js";

// With more unread messages than this a conversation opens at its end, and not at the first unread one.
const MAX_UNREAD_LOADED = 500;
// How old status, members and title may be while no receipt is awaited, and no change is told.
const DETAILS_INTERVAL = 30_000;

/** Dispatches "change", and "newmessages" with the messages of others that a poll has brought. */
export class Conversation extends Model {
  #api;
  #userId;
  #list;
  #outbox;
  #readTracker = null;
  // 0 while the details are being read, or may be out of date.
  #detailsReadAt = 0;
  // How often a change has named the conversation.
  #changes = 0;

  /** Whether the newest messages are loaded, and the first unread one is known. */
  isLoaded = false;
  /** The answer of get_conversation; null until there is one. */
  details = null;
  /** The ApiError because of which the conversation cannot be shown, or null. */
  error = null;
  /** The first message that was unread when the conversation was opened; null where none was, or too many. */
  firstUnread = null;
  /** Where the view that showed the conversation before was scrolled to; null before the first one. */
  scrollPosition = null;

  constructor(id, { api, userId, list, outbox }) {
    super();
    this.id = id;
    this.#api = api;
    this.#userId = userId;
    this.#list = list;
    this.#outbox = outbox;
    this.timeline = new Timeline(api, id);
  }

  /**
   * Loads the conversation at first, and reads what is new later. Rejects on an error that may pass.
   *
   * @param {boolean} isTold whether applyChange is called after each change
   */
  async poll(isTold) {
    try {
      if (!this.isLoaded) await this.#load();
      else await Promise.all([this.#pollMessages(), this.#pollDetails(isTold)]);
      if (this.error) {
        this.error = null;
        this.dispatchChange();
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.isTemporary || error.endsSession) throw error;
      if (this.error?.status === error.status) return;
      this.error = error;
      this.dispatchChange();
    }
  }

  /**
   * Takes over status, title, members and receipts.
   *
   * @param {object} changed the conversation as an answer with changes has it
   * @returns {boolean} whether there is more to be read, by a poll
   */
  applyChange(changed) {
    this.#changes += 1;
    if (!this.isLoaded || this.error) this.expire();
    else this.details = changed;
    this.dispatchChange();
    return this.#detailsReadAt === 0 || changed.last_message_at > this.timeline.newestTime;
  }

  /** A change may have been missed: the next poll reads everything. */
  expire() {
    this.#detailsReadAt = 0;
  }

  /** @param {object} newest the newest message on the screen */
  setVisible(newest) {
    this.#readTracker?.setVisible(this.timeline.messages, newest, this.details.unread_count);
  }

  /** The tab is hidden, and no message is on the screen. */
  setHidden() {
    this.#readTracker?.setHidden();
  }

  close() {
    this.#readTracker?.stop();
  }

  /** How far each of the other members has read, as a created_at; 0 for one who has read nothing. */
  get othersReadUpTo() {
    return this.details.members
      .filter((member) => member.user_id !== this.#userId)
      .map((member) => member.last_read_at ?? 0);
  }

  /** Adds a message that was just sent. While the conversation is being loaded the message comes with the others. */
  addSent(message) {
    if (this.isLoaded) this.timeline.addSent(message);
  }

  async #load() {
    await this.#readDetails();
    const me = this.details.members.find((member) => member.user_id === this.#userId);
    this.#readTracker = new ReadTracker(this.#api, this.id, this.#userId, me?.last_read_at, (unreadCount) => {
      this.details.unread_count = unreadCount;
      this.#list.setUnread(this.id, unreadCount);
    });
    await this.#loadMessages(me?.last_read_at ?? 0, this.details.unread_count);
    this.#outbox.confirm(this.timeline.messages);
    this.isLoaded = true;
    this.dispatchChange();
  }

  // Loads all unread messages, since the view opens at the first of them. Unread are the last `unreadCount` messages of
  // others behind `readUpTo`. There can be fewer than that: deleted messages are still counted.
  async #loadMessages(readUpTo, unreadCount) {
    const unread = (messages) => messages
      .filter((message) => message.sender_id !== this.#userId && message.created_at > readUpTo)
      .slice(-unreadCount);
    const hasAllUnread = (messages) => unread(messages).length === unreadCount || messages[0].created_at <= readUpTo;
    const { timeline } = this;
    await timeline.load((messages) => unreadCount === 0 || unreadCount > MAX_UNREAD_LOADED || hasAllUnread(messages));
    if (unreadCount === 0 || (timeline.hasOlder && !hasAllUnread(timeline.messages))) return;
    [this.firstUnread = null] = unread(timeline.messages);
  }

  async #pollMessages() {
    for await (const added of this.timeline.readNewer()) {
      this.#outbox.confirm(added);
      const fromOthers = added.filter((message) => message.sender_id !== this.#userId);
      if (fromOthers.length > 0) this.dispatchEvent(new CustomEvent("newmessages", { detail: fromOthers }));
    }
  }

  // Reads the details with each poll while somebody has not read the newest own message, and when the list has others;
  // else at intervals. Where changes are told they have the details.
  async #pollDetails(isTold) {
    if (isTold && this.#detailsReadAt > 0) return;
    const newestOwn = this.timeline.messages.findLast((message) => message.sender_id === this.#userId);
    const isReceiptAwaited = newestOwn && this.othersReadUpTo.some((time) => time < newestOwn.created_at);
    const listed = this.#list.find(this.id);
    const isOutdated = listed && (listed.status !== this.details.status || listed.title !== this.details.title
      || listed.members.length !== this.details.members.length);
    const isDue = Date.now() - this.#detailsReadAt > DETAILS_INTERVAL;
    if (isReceiptAwaited || isOutdated || isDue) await this.#readDetails();
  }

  async #readDetails() {
    const changes = this.#changes;
    this.#detailsReadAt = 0;
    const { conversation } = await this.#api.getConversation(this.id);
    // A change that was told meanwhile may be newer than this answer.
    this.#detailsReadAt = changes === this.#changes ? Date.now() : 0;
    this.details = conversation;
    this.dispatchChange();
  }
}
