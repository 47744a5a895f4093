// Marks what was found in the messages on the screen. The browser paints the marks over the text (CSS Custom Highlight
// API), so that the messages' elements stay as they are, whatever they are made of.

const FOUND = "found";
const CURRENT = "found-current";

export class FoundMarks {
  #viewport;
  #found = new Map();
  #currentId = null;

  constructor(viewport) {
    this.#viewport = viewport;
  }

  /**
   * @param {object[]} messages FoundMessages
   * @param {string|null} currentId message_id of the one that one has jumped to
   */
  set(messages, currentId) {
    this.#found = new Map(messages.map((message) => [message.message_id, message]));
    this.#currentId = currentId;
    this.draw();
  }

  clear() {
    this.set([], null);
  }

  /** Has to be called when other rows are in the document. */
  draw() {
    if (!globalThis.CSS?.highlights) return;
    CSS.highlights.delete(FOUND);
    CSS.highlights.delete(CURRENT);
    if (this.#found.size === 0) return;
    const ranges = { [FOUND]: [], [CURRENT]: [] };
    for (const row of this.#viewport.querySelectorAll("[data-message-id]")) {
      const message = this.#found.get(row.dataset.messageId);
      if (message) ranges[message.message_id === this.#currentId ? CURRENT : FOUND].push(...rangesOf(row, message));
    }
    for (const [name, found] of Object.entries(ranges)) {
      if (found.length > 0) CSS.highlights.set(name, new Highlight(...found));
    }
  }
}

// A row shows the text with changes: characters that mark code, or turn the direction of writing, are not there. So the
// words that match are looked for in what is shown, one behind the other.
function rangesOf(row, { content, file_name: fileName, match }) {
  const ranges = [];
  for (const [text, matches, selector] of [
    [content, match.content, ".bubble .text, .bubble pre, .system span"],
    [fileName ?? "", match.file_name, ".file-name, figcaption"],
  ]) {
    if (matches.length === 0) continue;
    const shown = textIn(row.querySelectorAll(selector));
    let end = 0;
    for (const [start, length] of matches) {
      const word = text.slice(start, start + length);
      const index = shown.text.indexOf(word, end);
      if (index < 0) continue;
      end = index + word.length;
      ranges.push(rangeIn(shown.parts, index, end));
    }
  }
  return ranges;
}

// The text nodes of elements, each once, with where each begins in their common text.
function textIn(elements) {
  const nodes = new Set();
  for (const each of elements) {
    const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) nodes.add(walker.currentNode);
  }
  let text = "";
  const parts = [];
  for (const node of nodes) {
    parts.push({ node, start: text.length });
    text += node.data;
  }
  return { text, parts };
}

function rangeIn(parts, from, to) {
  const range = document.createRange();
  const partOf = (index) => parts.findLast(({ start }) => start <= index);
  const first = partOf(from);
  const last = partOf(to - 1);
  range.setStart(first.node, from - first.start);
  range.setEnd(last.node, to - last.start);
  return range;
}
