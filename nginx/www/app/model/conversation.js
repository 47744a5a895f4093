// The conversation that is open: its details, its messages, and how far everybody has read.

import { ApiError } from "../api/api-error.js";
import { Model } from "./model.js";
import { Reading } from "./reading.js";
import { Timeline } from "./timeline.js";

// More than this is not read from its beginning when the conversation is opened.
const MOST_UNREAD = 500;
// Details that nobody waits for: status, members, title.
const DETAILS_EVERY = 30_000;

export class Conversation extends Model {
  #api;
  #userId;
  #list;
  #outbox;
  #reading = null;
  #detailsAt = 0;

  /** Whether the newest messages are here, and the first unread one is known. */
  isLoaded = false;
  /** As get_conversation has it; null until it is there. */
  details = null;
  /** An ApiError, where the conversation cannot be shown (any more). */
  error = null;
  /** The first message that was unread when the conversation was opened; null where none was, or too many. */
  firstUnread = null;
  /** Where the view was that has shown it; null before the first. */
  position = null;

  constructor(id, { api, userId, list, outbox }) {
    super();
    this.id = id;
    this.#api = api;
    this.#userId = userId;
    this.#list = list;
    this.#outbox = outbox;
    this.timeline = new Timeline(api, id);
  }

  /** Reads what is new, and the whole at first. Rejects as the calls do; what is final is kept as `error`. */
  async poll() {
    try {
      if (!this.isLoaded) await this.#load();
      else await Promise.all([this.#pollMessages(), this.#pollDetails()]);
      if (this.error) {
        this.error = null;
        this.changed();
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.isTemporary || error.endsSession) throw error;
      if (this.error?.status === error.status) return;
      this.error = error;
      this.changed();
    }
  }

  /** `newest`, a message, is on the screen. */
  see(newest) {
    this.#reading?.see(this.timeline.messages, newest, this.details.unread_count);
  }

  /** The tab is hidden. */
  lookAway() {
    this.#reading?.lookAway();
  }

  close() {
    this.#reading?.stop();
  }

  /** How far each of the other members has read, as a created_at; 0 for one who has read nothing. */
  get othersReadUpTo() {
    return this.details.members
      .filter((member) => member.user_id !== this.#userId)
      .map((member) => member.last_read_at ?? 0);
  }

  /** Puts in a message that was just sent. Before the newest ones are here it would come with them. */
  addSent(message) {
    if (this.isLoaded) this.timeline.addSent(message);
  }

  async #load() {
    await this.#readDetails();
    const me = this.details.members.find((member) => member.user_id === this.#userId);
    this.#reading = new Reading(this.#api, this.id, this.#userId, me?.last_read_at, (unreadCount) => {
      this.details.unread_count = unreadCount;
      this.#list.setUnread(this.id, unreadCount);
    });
    await this.#loadMessages(me?.last_read_at ?? 0, this.details.unread_count);
    this.#outbox.settle(this.timeline.messages);
    this.isLoaded = true;
    this.changed();
  }

  // All that is unread, so that it is shown from its beginning: the last ones of others, as many as are counted. Fewer
  // where some were deleted since, which still count; then those behind the last one that was read.
  async #loadMessages(readUpTo, unreadCount) {
    const unread = (messages) => messages
      .filter((message) => message.sender_id !== this.#userId && message.created_at > readUpTo)
      .slice(-unreadCount);
    const areAllHere = (messages) => unread(messages).length === unreadCount || messages[0].created_at <= readUpTo;
    const { timeline } = this;
    await timeline.load((messages) => unreadCount === 0 || unreadCount > MOST_UNREAD || areAllHere(messages));
    if (unreadCount === 0 || (timeline.hasOlder && !areAllHere(timeline.messages))) return;
    [this.firstUnread = null] = unread(timeline.messages);
  }

  async #pollMessages() {
    for await (const fresh of this.timeline.newer()) {
      this.#outbox.settle(fresh);
      const news = fresh.filter((message) => message.sender_id !== this.#userId);
      if (news.length > 0) this.dispatchEvent(new CustomEvent("news", { detail: news }));
    }
    this.#reading.flush();
  }

  // Each time while an own message has not been read by everybody; else now and then.
  async #pollDetails() {
    const newest = this.timeline.messages.findLast((message) => message.sender_id === this.#userId);
    const isAwaited = newest && this.othersReadUpTo.some((time) => time < newest.created_at);
    const listed = this.#list.find(this.id);
    const differs = listed && (listed.status !== this.details.status || listed.title !== this.details.title
      || listed.members.length !== this.details.members.length);
    if (isAwaited || differs || Date.now() - this.#detailsAt > DETAILS_EVERY) await this.#readDetails();
  }

  async #readDetails() {
    const { conversation } = await this.#api.getConversation(this.id);
    this.#detailsAt = Date.now();
    this.details = conversation;
    this.changed();
  }
}
