// Jumps to messages of a conversation, and back to where one was.

import { t } from "../../language/language.js";
import { element, icon } from "../dom.js";
import { FoundMarks } from "./found-marks.js";
import { JumpHistory } from "./jump-history.js";

// What tells that it is the user who scrolls, and not a jump.
const SCROLLED_BY = ["wheel", "touchmove", "keydown", "pointerdown"];

/**
 * A place is {position, anchors}: the position of the VirtualList, and the messages at the top of what is in sight, by
 * which it is found again where other messages are loaded meanwhile; without anchors it is the end.
 */
export class ConversationJumps {
  #conversation;
  #timeline;
  #draw;
  #tell;
  #history = new JumpHistory();
  #isScrolledByUser = false;
  // Jumps are made one after the other, and of those that wait only the last one.
  #turn = 0;
  #running = Promise.resolve();
  #addressSession = {};
  #signal;

  /** What was found: FoundMarks. */
  marks;
  #button = element("button.jump-back", { type: "button", hidden: true, onclick: () => this.#onBack() },
    icon("return"), element("span", {}, t("backToPlace")));

  /**
   * @param {object} view the OpenConversation; timeline, a TimelineView; draw(), which puts the conversation's messages
   *   into the timeline; tell(text), which says something for a moment; signal, which aborts at the end
   */
  constructor({ conversation, timeline, draw, tell, signal }) {
    this.#conversation = conversation;
    this.#timeline = timeline;
    this.#draw = draw;
    this.#tell = tell;
    this.#signal = signal;
    this.marks = new FoundMarks(timeline.node);
    timeline.node.append(this.#button);
    for (const type of SCROLLED_BY) {
      timeline.node.addEventListener(type, () => { this.#isScrolledByUser = true; }, { passive: true, signal });
    }
    signal.addEventListener("abort", () => this.marks.clear());
  }

  /**
   * Jumps to a message, and keeps where one was. Where the message is gone, or cannot be loaded, that is said, and
   * nothing moves.
   *
   * @param {{message_id: string, created_at?: number}} message
   * @param {object} options `session`, an object that several jumps share, as those of one search do: they lead back to
   *   where one was before the first of them. `takesFocus`, whether the message gets the focus
   * @returns {Promise<boolean>} whether it is shown
   */
  to(message, { session = {}, takesFocus = true } = {}) {
    return this.#inTurn(async (isLast) => {
      this.#draw();
      const place = this.here();
      const isThere = await this.#conversation.jumpTo(message);
      // One has gone elsewhere meanwhile.
      if (!isLast()) return false;
      if (!isThere) {
        this.#tell(t("messageGone"));
        return false;
      }
      if (!this.#history.has(session.place)) {
        session.place = place;
        this.keep(place);
      }
      this.#show(message.message_id, takesFocus);
      return true;
    });
  }

  /** Jumps to the FoundMessage or message of the address; null: the address has none any more, and one goes back. */
  follow(message) {
    const session = this.#addressSession;
    if (message === null) {
      if (session.place) this.marks.clear();
      return this.back(session);
    }
    this.marks.set(message.match ? [message] : [], message.message_id);
    return this.to(message, { session });
  }

  /** Returns the place where one is. */
  here() {
    const position = this.#timeline.place;
    const { messages } = this.#conversation.getSnapshot();
    const index = messages.findIndex((message) => message.message_id === position.key);
    // A message on its way is at the end.
    if (index < 0) return { position: { isAtEnd: true }, anchors: [] };
    return { position, anchors: messages.slice(index, index + 3) };
  }

  /** Keeps a place: one has left it by a jump that was made otherwise. */
  keep(place) {
    this.#history.push(place);
    this.#isScrolledByUser = false;
    this.#drawButton();
  }

  /** Goes back to where one was before the jumps of the session, or before the last jump, if one is not there yet. */
  back(session = { place: this.#history.last }) {
    const { place } = session;
    session.place = null;
    if (!this.#history.has(place)) return Promise.resolve(false);
    return this.#inTurn(async () => {
      await this.#load(place);
      this.#history.take(place);
      this.#isScrolledByUser = false;
      this.#draw();
      this.#timeline.show(place.position);
      this.#drawButton();
      return true;
    });
  }

  /** Has to be called when other rows are in sight. */
  onShown() {
    this.marks.draw();
    if (this.#isScrolledByUser) this.#history.reach((place) => this.#isInSight(place));
    this.#drawButton();
  }

  /** Has to be called when somebody has gone to the end by other means. */
  onEnd() {
    this.#turn += 1;
    this.#history.reach((place) => place.anchors.length === 0);
    this.#drawButton();
  }

  /** Forgets all places: there is nothing to go back to. */
  forget() {
    this.#turn += 1;
    this.#history = new JumpHistory();
    this.#drawButton();
  }

  async #inTurn(jump) {
    const turn = ++this.#turn;
    await this.#running;
    const isLast = () => turn === this.#turn && !this.#signal.aborted;
    if (!isLast()) return false;
    this.#timeline.node.classList.add("jumping");
    const isDone = this.#guarded(() => jump(isLast)).finally(() => this.#timeline.node.classList.remove("jumping"));
    this.#running = isDone;
    return isDone;
  }

  async #guarded(jump) {
    await this.#loaded();
    try {
      return await jump();
    } catch {
      if (!this.#signal.aborted) this.#tell(t("cannotJump"));
      return false;
    }
  }

  // A conversation that was just opened is loaded first.
  #loaded() {
    return new Promise((resolve) => {
      const look = () => {
        const { isLoaded, error } = this.#conversation.getSnapshot();
        if (!isLoaded && !error && !this.#signal.aborted) return;
        unsubscribe();
        resolve();
      };
      const unsubscribe = this.#conversation.subscribe(look);
      this.#signal.addEventListener("abort", look, { once: true });
      look();
    });
  }

  // Has the messages of a place loaded. Where the first of them is gone another one is near it.
  async #load(place) {
    for (const anchor of place.anchors) {
      if (!await this.#conversation.jumpTo(anchor)) continue;
      if (anchor !== place.anchors[0]) place.position = { key: anchor.message_id };
      return;
    }
    await this.#conversation.jumpToEnd();
    if (place.anchors.length > 0) place.position = { isAtEnd: true };
  }

  #isInSight({ anchors: [anchor], position }) {
    if (!anchor) return this.#timeline.isAtEnd && !this.#conversation.getSnapshot().hasNewer;
    const row = this.#timeline.node.querySelector(`[data-message-id="${CSS.escape(position.key)}"]`);
    const box = row?.getBoundingClientRect();
    const frame = this.#timeline.node.getBoundingClientRect();
    return box !== undefined && box.bottom > frame.top && box.top < frame.bottom;
  }

  #show(id, takesFocus) {
    this.#isScrolledByUser = false;
    this.#draw();
    this.#timeline.lead(id, { takesFocus });
    this.marks.draw();
    this.#drawButton();
  }

  // The button may disappear: the focus is not lost with it.
  async #onBack() {
    if (await this.back()) this.#timeline.focus();
  }

  #drawButton() {
    this.#button.hidden = this.#history.last === null;
  }
}
