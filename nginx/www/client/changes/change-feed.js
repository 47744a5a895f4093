// The feed of changes: which conversations have changed, as soon as they have, by one waiting request for all tabs.

import { ApiError, NO_ANSWER } from "../api/api-error.js";
import { environment } from "../environment.js";
import { randomBetween } from "../timing/backoff.js";
import { Poller, pollingPause } from "../timing/poller.js";

// Seconds that the service may wait for news.
const WAIT = 25;
// An answer or failure before this many milliseconds came at once: nothing was waited for.
const AT_ONCE = 1_000;
// Where one change follows the other, they are asked for this many milliseconds apart.
const SPACING = 200;
// The reason for which the feed ends a call of its own, to ask again.
const RENEWAL = "renewal";

/**
 * Asks with the cursor that the last answer had. The leading tab does so; the others follow its answers, and keep the
 * cursor, to go on from there when they lead.
 */
export class ChangeFeed {
  #api;
  #events;
  #poller;
  #group;
  #cursor = null;
  #call = null;
  #calledAt = 0;
  // While this tab leads: ends the listening to the browser.
  #leading = null;
  // Whether the next question is to be answered at once: how things stand is not known after a failure, nor after
  // another tab has led.
  #isUncertain = false;
  #hasHeard = false;
  #isStopped = true;

  /**
   * @param {function(object)} makeGroup makes the TabGroup or LoneTab, for its events
   * @param {object} events onChanges(answer); onGap() where changes may have been missed, so that all is to be read
   *   anew; onResult(?ApiError) after each answer and failure; onLeadership() when this tab begins or ceases to wait
   */
  constructor(api, makeGroup, events) {
    this.#api = api;
    this.#events = events;
    this.#poller = new Poller(() => this.#ask(), (error) => this.#onAsked(error));
    this.#group = makeGroup({
      onLead: () => this.#onLead(),
      onFollow: () => this.#onFollow(),
      onMessage: (message) => this.#onMessage(message),
      onReturn: () => events.onGap(),
      onImpossible: () => this.#end(),
    });
  }

  /** Whether changes are told, now or as soon as the service can be reached. */
  get isTold() {
    return this.#cursor !== null;
  }

  /** Whether this tab waits, for all. */
  get isLeading() {
    return this.#leading !== null;
  }

  /** From now on the answers to other tabs are applied here, too. The list is to be read after this. */
  start() {
    this.#isStopped = false;
    this.#group.open();
  }

  /**
   * Begins with what has changed since an answer of get_conversations, unless it has begun. Returns whether it begins.
   *
   * @param {?string} cursor null where the service gives none
   */
  begin(cursor) {
    if (this.isTold || this.#isStopped || cursor === null || !this.#group.isPossible) return false;
    this.#cursor = cursor;
    this.#hasHeard = false;
    this.#isUncertain = false;
    this.#group.join();
    return true;
  }

  stop() {
    this.#isStopped = true;
    this.#cursor = null;
    this.#group.leave();
    this.#group.close();
  }

  #onLead() {
    this.#leading = new AbortController();
    const { signal } = this.#leading;
    environment.onNetworkChange({ online: this.#onNetwork, offline: this.#onNetwork }, signal);
    environment.onVisibilityChange(this.#onVisible, signal);
    this.#poller.start();
    this.#events.onLeadership();
  }

  #onFollow() {
    this.#leading?.abort();
    this.#leading = null;
    this.#poller.stop();
    this.#call?.abort();
    this.#isUncertain = true;
    this.#events.onLeadership();
  }

  // The request that waits may belong to a network that is gone.
  #onNetwork = () => this.#call?.abort(RENEWAL);

  // A request that has waited for longer than it can has lost its connection while the machine slept.
  #onVisible = () => {
    if (!environment.isHidden && Date.now() - this.#calledAt > (WAIT + 5) * 1000) this.#call?.abort(RENEWAL);
  };

  // Resolves to the pause until it is to be called again.
  async #ask() {
    const cursor = this.#cursor;
    const wait = this.#isUncertain ? 0 : WAIT;
    const call = this.#call = new AbortController();
    const calledAt = this.#calledAt = Date.now();
    let answer;
    try {
      answer = await this.#api.getChanges(cursor, wait, call.signal);
    } catch (error) {
      if (!this.#group.isLeader) return Infinity;
      const waited = Date.now() - calledAt;
      this.#isUncertain = true;
      if (call.signal.reason === RENEWAL) return 0;
      if (error.status === 400) return this.#end();
      if (wait > 0 && isCut(error, waited)) return randomBetween(0, AT_ONCE);
      throw error;
    } finally {
      if (this.#call === call) this.#call = null;
    }
    if (!this.#group.isLeader) return Infinity;
    this.#isUncertain = false;
    if (!isFollowed(answer)) return this.#end();
    this.#group.post({ cursor, answer });
    this.#take(answer);
    return this.#pause(answer, wait, Date.now() - calledAt);
  }

  async #pause(answer, wait, waited) {
    if (answer.has_more) return 0;
    if (answer.retry_after > 0) {
      const isHidden = environment.isHidden && !await this.#group.hasOthers();
      return Math.max(answer.retry_after, pollingPause(isHidden));
    }
    if (hasNews(answer)) return SPACING;
    // The instance is being replaced, and spreads its answers. Or it does not wait, for whatever reason.
    if (wait > 0 && waited < AT_ONCE) return answer.retry_after === 0 ? randomBetween(500, 1_500) : pollingPause();
    return 0;
  }

  #take(answer) {
    this.#cursor = answer.cursor;
    if (hasNews(answer)) this.#events.onChanges(answer);
  }

  // The cursor is of no use any more; all is to be read anew, and the feed can begin with the cursor of that answer.
  #end() {
    this.#cursor = null;
    this.#group.leave();
    this.#events.onResult(null);
    this.#events.onGap();
    return Infinity;
  }

  #onAsked(error) {
    // A token that is refused is this tab's alone.
    if (error && !error.endsSession) {
      this.#group.post({ failure: { status: error.status ?? NO_ANSWER, message: error.message } });
    }
    if (this.isTold) this.#events.onResult(error);
  }

  #onMessage({ cursor, answer, failure }) {
    if (this.#group.isLeader) return;
    if (!this.isTold) {
      // The list is being read. What has changed meanwhile is told now, and not again.
      if (answer && hasNews(answer)) this.#events.onChanges(answer);
      return;
    }
    this.#isUncertain = true;
    if (failure) {
      this.#events.onResult(new ApiError(failure.status, failure.message));
      return;
    }
    // The answers form a chain. Where another tab leads, or a message was lost, changes may have been missed.
    const isGap = this.#hasHeard && cursor !== this.#cursor;
    this.#hasHeard = true;
    this.#take(answer);
    this.#events.onResult(null);
    if (isGap) this.#events.onGap();
  }
}

/** Whether a wait was cut by the network, or by an instance that was killed, after it had begun. */
function isCut(error, waited) {
  return [NO_ANSWER, 502, 504].includes(error.status) && waited > AT_ONCE && waited < WAIT * 1000;
}

/** Whether the service could follow the cursor. An older one does not know it, and answers with a page. */
function isFollowed(answer) {
  return answer.cursor !== undefined && answer.page_info === undefined && !answer.reset;
}

function hasNews({ conversations, removed = [] }) {
  return conversations.length > 0 || removed.length > 0;
}
