// The conversation that is open: its details, its messages, and how far everybody has read.

import { Model } from "./model.js";
import { Reading } from "./reading.js";
import { Timeline } from "./timeline.js";

const FIRST_PAGE = 30;
// Details that nobody waits for: status, members, title.
const DETAILS_EVERY = 30_000;

export class Conversation extends Model {
  #api;
  #userId;
  #list;
  #outbox;
  #reading = null;
  #detailsAt = 0;

  /** As get_conversation has it; null until it is there. */
  details = null;
  /** An ApiError, where the conversation cannot be shown (any more). */
  error = null;
  /** created_at that the user had read up to when the conversation was opened, and how much was unread then. */
  readAtOpening = 0;
  unreadAtOpening = 0;

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
      if (!this.timeline.isLoaded) await this.#load();
      else await Promise.all([this.#pollMessages(), this.#pollDetails()]);
      if (this.error) {
        this.error = null;
        this.changed();
      }
    } catch (error) {
      if (error.isTemporary || error.endsSession) throw error;
      if (this.error?.status === error.status) return;
      this.error = error;
      this.changed();
    }
  }

  /** `newest`, a message, is on the screen. */
  see(newest) {
    this.#reading?.see(this.timeline.messages, newest, this.details.unread_count);
  }

  close() {
    this.#reading?.stop();
  }

  /** The other members who have read up to a message, and how many others there are. */
  receiptOf(message) {
    const others = this.details.members.filter((member) => member.user_id !== this.#userId);
    const readers = others.filter((member) => (member.last_read_at ?? 0) >= message.created_at);
    return { readers, others: others.length };
  }

  async #load() {
    await this.#readDetails();
    const me = this.details.members.find((member) => member.user_id === this.#userId);
    this.readAtOpening = me?.last_read_at ?? 0;
    this.unreadAtOpening = this.details.unread_count;
    this.#reading = new Reading(this.#api, this.id, this.#userId, me?.last_read_at, (unreadCount) => {
      this.details.unread_count = unreadCount;
      this.#list.setUnread(this.id, unreadCount);
    });
    // All that is unread, where it fits, so that it can be shown from its beginning.
    await this.timeline.load(Math.max(FIRST_PAGE, this.unreadAtOpening + 10));
    this.#outbox.settle(this.timeline.messages);
  }

  async #pollMessages() {
    const fresh = await this.timeline.poll();
    this.#outbox.settle(fresh);
    await this.#reading.flush();
    const news = fresh.filter((message) => message.sender_id !== this.#userId);
    if (news.length > 0) this.dispatchEvent(new CustomEvent("news", { detail: news }));
  }

  // Each time while an own message has not been read by everybody; else now and then.
  async #pollDetails() {
    const newest = this.timeline.messages.findLast((message) => message.sender_id === this.#userId);
    const isAwaited = newest && this.receiptOf(newest).readers.length < this.receiptOf(newest).others;
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
