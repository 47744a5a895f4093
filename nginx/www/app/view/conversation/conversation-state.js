// What the pane shows in place of messages: that they are being loaded, cannot be loaded now, or are not for the user.

import { t } from "../../language/language.js";
import { copyText } from "../clipboard.js";
import { coalesced } from "../coalesced.js";
import { element, fill, icon, isolated } from "../dom.js";
import { accessText } from "../failure-text.js";
import { ownName } from "../own-name.js";

const SKELETON_ROWS = 6;

export class ConversationState {
  #chat;
  #conversation;
  #sessionName;
  #kind = null;
  #unsubscribe;
  #content = element("div.state-content");
  // Screen readers read out what is put into it.
  #announcer = element("p.visually-hidden", { role: "status" });

  /** @param {?string} sessionName the user's, as the session has it: a link may have been opened as somebody else */
  constructor(chat, conversation, sessionName) {
    this.#chat = chat;
    this.#conversation = conversation;
    this.#sessionName = sessionName;
    this.node = element("div.conversation-state", { hidden: true }, this.#announcer, this.#content);
    const draw = coalesced(() => this.#draw());
    this.#unsubscribe = [chat.subscribe(draw), conversation.subscribe(draw)];
    this.#draw();
  }

  destroy() {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = null;
  }

  #draw() {
    if (!this.#unsubscribe) return;
    const { error, isLoaded } = this.#conversation.getSnapshot();
    const { problem } = this.#chat.getSnapshot();
    let kind = null;
    if (error) kind = `error ${error.status}`;
    else if (!isLoaded) kind = problem ? `problem ${problem.status}` : "loading";
    if (kind === this.#kind) return;
    const hadFocus = this.node.closest("section")?.contains(document.activeElement) ?? false;
    this.#kind = kind;
    this.node.hidden = kind === null;
    if (error) fill(this.#content, ...this.#unavailable(error));
    else if (isLoaded) fill(this.#content);
    else fill(this.#content, ...(problem ? this.#waiting(problem) : [skeleton()]));
    this.#announcer.textContent = kind === "loading" ? t("loading") : this.node.querySelector("h2")?.textContent ?? "";
    // What had the focus, the composer for instance, is gone.
    if (error && hadFocus) this.node.querySelector("h2").focus();
  }

  #unavailable(error) {
    const unsent = this.#unsentTexts();
    return [
      stateIcon(error.status === 403 ? "locked" : "gone"),
      element("h2", { tabindex: -1 }, accessText(error)),
      error.status === 403 ? element("p.note", {}, ...signedInAs(ownName(this.#chat, this.#sessionName))) : null,
      unsent === "" ? null : keptText(unsent),
      element("a.button.primary", { href: "#/" }, t("back")),
    ];
  }

  // It comes by itself; the button is for those who cannot wait.
  #waiting(problem) {
    return [
      stateIcon("offline"),
      element("h2", {}, t(problem.status === 0 ? "waitsForNetwork" : "waitsForService")),
      element("button", { type: "button", onclick: () => this.#chat.refresh() }, t("tryNow")),
    ];
  }

  // What the user has written here, and nobody has got.
  #unsentTexts() {
    const { unsent, draft } = this.#conversation.getSnapshot();
    const texts = unsent.filter(({ message }) => message.message_type === "text").map(({ message }) => message.content);
    return [...texts, draft.text].filter((text) => text.trim() !== "").join("\n\n");
  }
}

function keptText(text) {
  const status = element("span.note", { role: "status" });
  const copy = async () => {
    status.textContent = t(await copyText(text) ? "copied" : "copyFailed");
  };
  return element(
    "section.kept-text", { "aria-label": t("notSentText") },
    element("h3", {}, t("notSentText")),
    element("p.text", { dir: "auto", tabindex: 0 }, text),
    element("div.buttons", {}, status, element("button", { type: "button", onclick: copy }, t("copyNotSentText"))),
  );
}

function signedInAs(name) {
  const [before, after] = t("signedInAs", { name: "\0" }).split("\0");
  return [before, isolated(name), after];
}

function stateIcon(name) {
  return element("div.state-icon", {}, icon(name));
}

function skeleton() {
  return element(
    "div.conversation-skeleton", { "aria-hidden": "true" },
    ...Array.from({ length: SKELETON_ROWS }, () => element("div")),
  );
}
