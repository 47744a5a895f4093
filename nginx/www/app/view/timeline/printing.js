// Printing a conversation: all messages that are loaded, in order. styles/print.css has how that looks.

// So many rows are printed at most, the newest ones: more would take the browser minutes.
const MOST = 5_000;

/**
 * Has all rows of a list in the document while the page is printed.
 *
 * @param {VirtualList} list
 * @param {AbortSignal} signal ends it
 */
export function onPrint(list, signal) {
  let place = null;
  addEventListener("beforeprint", () => {
    place = list.position;
    list.showBesides(MOST);
  }, { signal });
  addEventListener("afterprint", () => {
    list.showBesides(0);
    // On paper nothing is scrolled, and the list was laid out so.
    if (place) list.restore(place);
    place = null;
  }, { signal });
}
