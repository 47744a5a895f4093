// The system's back, a gesture or a button on phones, closes what covers the page. This file alone touches the history
// for that.

let count = 0;

/**
 * Has "back" close something that is just being opened, by an entry of its own in the history.
 *
 * @param {function()} close called when the user has gone back
 * @returns {function()} to be called when it was closed in another way: takes the entry off again
 */
export function backCloses(close) {
  const mark = `${Date.now()} ${count += 1}`;
  const listening = new AbortController();
  history.pushState({ ...history.state, covers: mark }, "");
  addEventListener("popstate", () => {
    if (history.state?.covers === mark) return;
    listening.abort();
    close();
  }, { signal: listening.signal });
  return () => {
    const isOver = listening.signal.aborted;
    listening.abort();
    // Another address may have been gone to meanwhile; that one stays.
    if (!isOver && history.state?.covers === mark) history.back();
  };
}
