// The entries of the browser's history: the list, over it a conversation, over that a message that was searched for; and
// on phones whatever covers these, such as a dialog, has one, too. "Back" then leads from each to what is below it.

import { parseAddress } from "./address.js";

// A browser that does not go where it is told to would keep all else waiting, so this is waited for and no longer.
const PATIENCE = 1_000;

// Phones and tablets have a gesture or a button for "back". With a mouse nobody would look there to close a menu.
const hasSystemBack = matchMedia("(pointer: coarse)");
// The width at which the list and the conversation take turns, as in chat.css.
const isOnePane = matchMedia("(max-width: 720px)");

// What covers the page: {close}, the uppermost one last.
const covers = [];
// The place of the entry that one was at last.
let last = placeOf(null);
// What is to be done once the browser is where it was told to go, and the timer that waits for it.
let arrived = null;
let timer = null;

/**
 * Gives the entry that the page was opened at its place. On a phone a conversation that was opened by its address has
 * the list below it, as all others have.
 */
export function beginHistory() {
  const { hash } = location;
  if (!history.state?.place) {
    const isList = parseAddress(hash).id === null;
    if (!isList && isOnePane.matches) {
      write("replaceState", "#/", { toList: 0 }, { isTold: false });
      write("pushState", hash, { toList: 1 }, { isTold: false });
    } else {
      write("replaceState", location.href, { toList: isList ? 0 : null }, { isTold: false });
    }
  }
  last = placeOf(history.state);
  settle();
}

/**
 * Goes to the list, a conversation or a message. A conversation takes the place of another one, so that "back" leads
 * to the list however many one has seen; a message that one has searched for is above where one was.
 *
 * @param {string} hash of the address, as of addressOf; "#/" for the list
 */
export function goTo(hash) {
  if (arrived !== null) {
    const before = arrived;
    arrived = () => {
      before();
      goTo(hash);
    };
    return;
  }
  const [from, to] = [parseAddress(location.hash), parseAddress(hash)];
  const { toList, base, covered, isOverPlace } = placeOf(history.state);
  if (to.id === null) {
    if (from.id !== null) leave(toList, base);
  } else if (hash === location.hash) {
    announce();
  } else if (from.id === null) {
    // What the list's search has found is still there when one comes back; entries of what has closed are not.
    goBack(Math.min(base, Math.max(0, covered - covers.length)), () => write("pushState", hash, { toList: 1 }));
  } else if (to.message !== null && from.message === null) {
    goBack(base, () => write("pushState", hash, { toList: toList === null ? null : toList + 1, isOverPlace: true }));
  } else if (to.message === null && isOverPlace) {
    goBack(base + 1, () => write("replaceState", hash, { toList: toList === null ? null : toList - 1 }));
  } else {
    goBack(base, () => write("replaceState", hash, { toList, isOverPlace }));
  }
}

function leave(toList, base) {
  if (toList === null) goBack(base, () => write("replaceState", "#/", { toList: 0 }));
  else goBack(base + toList, () => {});
}

/**
 * Has "back" close something that has been opened over the page, where the device has a gesture or a button for it.
 *
 * @param {function()} close called when the user has gone back
 * @param {object} options inOnePane: only where the list and the conversation take turns; everywhere: with a mouse, too,
 *   since nothing else of the page is in sight
 * @returns {function()} to be called when it was closed in another way
 */
export function backCloses(close, { inOnePane = false, everywhere = false } = {}) {
  if ((!hasSystemBack.matches && !everywhere) || (inOnePane && !isOnePane.matches)) return () => {};
  const cover = { close };
  covers.push(cover);
  settle();
  return () => {
    const index = covers.indexOf(cover);
    if (index < 0) return;
    covers.splice(index, 1);
    // What is closed often makes room for something else, which then takes its entry.
    setTimeout(settle);
  };
}

// Has an entry for each cover, and none for what is closed.
function settle() {
  if (arrived !== null) return;
  const place = placeOf(history.state);
  const { base, covered } = place;
  if (covered < covers.length) {
    for (let count = 1; covered + count <= covers.length; count++) {
      write("pushState", location.hash, { ...place, base: base + count, covered: covered + count }, { isTold: false });
    }
  } else if (covered > covers.length) {
    const closed = Math.min(base, covered - covers.length);
    if (closed > 0) goBack(closed, settle);
    else write("replaceState", location.hash, { ...place, covered: covers.length }, { isTold: false });
  }
}

function goBack(count, then) {
  if (count === 0) {
    then();
    return;
  }
  arrived = then;
  timer = setTimeout(arrive, PATIENCE);
  history.go(-count);
}

function arrive() {
  clearTimeout(timer);
  const then = arrived;
  arrived = null;
  last = placeOf(history.state);
  then();
  settle();
}

function write(method, hash, place, { isTold = true } = {}) {
  const written = { toList: null, base: 0, covered: covers.length, isOverPlace: false, ...place };
  history[method]({ ...history.state, place: written }, "", hash);
  last = written;
  if (isTold) announce();
}

// Whoever draws what the address names listens to this event, whoever has changed the address.
function announce() {
  dispatchEvent(new HashChangeEvent("hashchange"));
}

function placeOf(state) {
  return { toList: null, base: 0, covered: 0, isOverPlace: false, ...state?.place };
}

addEventListener("popstate", () => {
  if (arrived !== null) {
    arrive();
    return;
  }
  // An address that somebody has typed has an entry above the one before.
  if (!history.state?.place) {
    const isList = parseAddress(location.hash).id === null;
    const toList = isList ? 0 : last.toList === null ? null : last.toList + last.base + 1;
    history.replaceState({ ...history.state, place: { ...placeOf(null), toList, covered: covers.length } }, "");
  }
  last = placeOf(history.state);
  while (covers.length > last.covered) covers.pop().close();
  settle();
});

// Links to places of the page are followed here. With a key, or in a new tab, they are the browser's.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#/']");
  const hash = link?.getAttribute("href");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || event.defaultPrevented || !isPlain || link.target) return;
  if (hash !== "#/" && parseAddress(hash).id === null) return;
  event.preventDefault();
  goTo(hash);
});
