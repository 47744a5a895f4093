// @ts-check
// A chat on a plain page: the conversations, and an open one in which messages are sent.
//
// The token stands in the page's address, behind "#token=", which browsers do not send to the server. That is for this
// example: a page of yours gets it from the sign-in, and a new one once it is refused.

import { createChat } from "../index.js";

const token = new URLSearchParams(location.hash.slice(1)).get("token");
history.replaceState(null, "", location.pathname);

const chat = createChat({ getToken: (refused) => refused === null ? token : null, storage: sessionStorage });

const problem = element("problem");
const conversations = element("conversations");
const messages = element("messages");
const composer = /** @type {HTMLFormElement} */ (element("composer"));
const input = /** @type {HTMLInputElement} */ (composer.elements.namedItem("text"));

/** @type {import("../index.js").OpenConversation | null} */
let opened = null;
let unsubscribe = () => {};

chat.subscribe(showState);
chat.list.subscribe(showList);
composer.addEventListener("submit", send);
addEventListener("pagehide", () => chat.stop());
addEventListener("pageshow", (event) => event.persisted && location.reload());
chat.start();

function showState() {
  const snapshot = chat.getSnapshot();
  problem.textContent = snapshot.ended ? "You are signed out." : snapshot.problem ? "Connecting …" : "";
}

function showList() {
  conversations.replaceChildren(...chat.list.getSnapshot().conversations.map(({ id, title, unread_count }) => {
    const button = document.createElement("button");
    button.textContent = unread_count > 0 ? `${title} (${unread_count})` : title;
    button.addEventListener("click", () => open(id));
    return button;
  }));
}

/** @param {number} id */
function open(id) {
  unsubscribe();
  opened?.close();
  opened = chat.openConversation(id);
  unsubscribe = opened.subscribe(showMessages);
  composer.hidden = false;
  input.value = opened.getSnapshot().draft.text;
  showMessages();
  input.focus();
}

function showMessages() {
  if (!opened) return;
  const snapshot = opened.getSnapshot();
  messages.replaceChildren(
    ...snapshot.messages.map((message) => line(`${message.sender_nickname}: ${message.content}`)),
    ...snapshot.unsent.map(({ message, state }) => line(`${message.content} (${state})`)),
  );
  // All of them are in sight here. A page that scrolls names the newest one that is.
  opened.setVisible(snapshot.messages.at(-1)?.message_id ?? null);
}

/** @param {SubmitEvent} event */
function send(event) {
  event.preventDefault();
  if (!opened || input.value.trim() === "") return;
  opened.send({ message_type: "text", content: input.value });
  input.value = "";
}

/** @param {string} text */
function line(text) {
  const item = document.createElement("li");
  // textContent, never innerHTML: what people write is no markup.
  item.textContent = text;
  return item;
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}
