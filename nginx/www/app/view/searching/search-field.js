// A field to search with. It tells the text once the user has stopped typing.

import { t } from "../../language/language.js";
import { element, icon, iconButton } from "../dom.js";
import { isComposing } from "../keyboard.js";
import { onTyped } from "./search-run.js";

const DELAY = 250;
// The API's limit of `query`.
const MAX_LENGTH = 100;

export class SearchField {
  #input;
  #clearButton;
  #options;
  #timer = null;
  #told;

  /**
   * @param {object} options
   *   label, also the placeholder; query, the text to begin with;
   *   onQuery(text), not called while an input method composes, nor twice in a row with the same text;
   *   onLeave() for Escape in an empty field; onDown() for the arrow key
   */
  constructor({ label, query = "", ...options }) {
    this.#options = options;
    this.#told = query;
    this.#input = element("input", {
      type: "search", "aria-label": label, placeholder: label, maxlength: MAX_LENGTH, autocomplete: "off",
      autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", dir: "auto",
      oninput: () => this.#showButton(), onkeydown: (event) => this.#onKey(event),
    });
    onTyped(this.#input, () => this.#schedule());
    this.#input.value = query;
    this.#clearButton = iconButton("close", t("clearSearch"), () => {
      this.clear();
      this.focus();
    });
    this.node = element(
      "form.search-field", { role: "search", onsubmit: (event) => this.#onSubmit(event) },
      icon("search"), this.#input, this.#clearButton,
    );
    this.#showButton();
  }

  destroy() {
    clearTimeout(this.#timer);
  }

  get hasFocus() {
    return document.activeElement === this.#input;
  }

  /** Moves the focus into the field; what is written there is selected, so that typing replaces it. */
  focus() {
    this.#input.focus();
    this.#input.select();
  }

  /** Empties the field, and tells it at once. */
  clear() {
    this.#input.value = "";
    this.#showButton();
    this.#tell();
  }

  #onSubmit(event) {
    event.preventDefault();
    this.#tell();
  }

  #onKey(event) {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown" && this.#options.onDown) {
      event.preventDefault();
      this.#options.onDown();
    }
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (this.#input.value === "") this.#options.onLeave?.();
    else this.clear();
  }

  #schedule() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), DELAY);
  }

  #tell() {
    clearTimeout(this.#timer);
    // The API refuses control characters, which come along when a text is pasted.
    const query = this.#input.value.replace(/\p{Cc}+/gu, " ");
    if (query === this.#told) return;
    this.#told = query;
    this.#options.onQuery(query);
  }

  #showButton() {
    this.#clearButton.hidden = this.#input.value === "";
  }
}
