// The rows of a long list that have to be in the document wherever the list is scrolled to.

/**
 * Returns the indexes of such rows: those that are in use; all between the first and the last one that is selected,
 * since what is selected is copied in one piece; and the last `count` rows.
 *
 * @param {HTMLElement} canvas has the rows
 * @param {object[]} rows all of them, each with its `key`
 * @param {Map<string, {node: HTMLElement}>} shown those in the document
 * @returns {Set<number>}
 */
export function pinnedRows(canvas, rows, shown, count) {
  const pinned = new Set();
  for (let index = Math.max(0, rows.length - count); index < rows.length; index++) pinned.add(index);
  const ends = selectionEnds(canvas);
  const used = new Set();
  const selected = new Set();
  for (const [key, { node }] of shown) {
    if (isInUse(node)) used.add(key);
    if (ends.some((end) => node.contains(end))) selected.add(key);
  }
  if (used.size === 0 && selected.size === 0) return pinned;
  let [from, to] = [Infinity, -1];
  rows.forEach(({ key }, index) => {
    if (used.has(key)) pinned.add(index);
    if (selected.has(key)) [from, to] = [Math.min(from, index), index];
  });
  for (let index = from; index <= to; index++) pinned.add(index);
  return pinned;
}

/** Whether an element has the focus, or plays something. */
function isInUse(node) {
  if (node.contains(document.activeElement)) return true;
  return Array.from(node.querySelectorAll("audio, video")).some((media) => !media.paused);
}

// Returns the nodes in which a selection begins and ends, where both are within the list.
function selectionEnds(canvas) {
  const { anchorNode, focusNode, isCollapsed } = document.getSelection();
  if (isCollapsed || !canvas.contains(anchorNode) || !canvas.contains(focusNode)) return [];
  return [anchorNode, focusNode];
}
