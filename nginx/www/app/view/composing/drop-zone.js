// Where files can be dropped: the whole conversation, which shows so while files are dragged over the page.

import { t } from "../../language/language.js";
import { element, icon } from "../dom.js";

export class DropZone {
  #area;
  #onFiles;
  #isOwnDrag = false;
  // Elements that the drag has come into and not left: it comes into a child before it leaves its parent.
  #depth = 0;
  #node = element(
    "div.drop-target", { hidden: true, "aria-hidden": "true" },
    element("div.drop-target-text", {}, icon("attach"), t("dropFiles")),
  );

  /**
   * @param {HTMLElement} area
   * @param {function(File[], number)} onFiles called with files that were dropped, and how many folders beside them
   * @param {AbortSignal} signal ends it
   */
  constructor(area, onFiles, signal) {
    this.#area = area;
    this.#onFiles = onFiles;
    area.append(this.#node);
    const on = (type, listener) => addEventListener(type, listener, { signal });
    // A picture that is dragged from a message comes as a file, too.
    on("dragstart", () => { this.#isOwnDrag = true; });
    on("dragend", () => { this.#isOwnDrag = false; });
    on("dragenter", (event) => this.#onMove(event, 1));
    on("dragleave", (event) => this.#onMove(event, -1));
    on("dragover", (event) => this.#onOver(event));
    on("drop", (event) => this.#onDrop(event));
    signal.addEventListener("abort", () => this.#node.remove());
  }

  #takes(event) {
    return !this.#isOwnDrag && event.dataTransfer?.types.includes("Files") === true;
  }

  #onMove(event, change) {
    if (!this.#takes(event)) return;
    this.#depth = Math.max(0, this.#depth + change);
    this.#show(this.#depth > 0);
  }

  // Beside the conversation nothing happens: the browser would leave the page for the file.
  #onOver(event) {
    if (!this.#takes(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = this.#isFor(event) ? "copy" : "none";
  }

  #onDrop(event) {
    this.#depth = 0;
    this.#show(false);
    if (!this.#takes(event)) return;
    event.preventDefault();
    if (!this.#isFor(event)) return;
    const { dataTransfer } = event;
    const items = Array.from(dataTransfer.items ?? []).filter(({ kind }) => kind === "file");
    const isFolder = (item) => item.webkitGetAsEntry?.()?.isDirectory === true;
    const files = items.length > 0
      ? items.filter((item) => !isFolder(item)).map((item) => item.getAsFile()).filter(Boolean)
      : Array.from(dataTransfer.files);
    this.#onFiles(files, items.filter(isFolder).length);
  }

  #isFor({ target }) {
    return target instanceof Node && this.#area.contains(target) && !document.querySelector("dialog[open]");
  }

  #show(isShown) {
    this.#node.hidden = !isShown || document.querySelector("dialog[open]") !== null;
  }
}
