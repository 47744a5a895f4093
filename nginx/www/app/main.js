// The start: sign-in or chat, by whether this tab has a session, and the conversation that the address names.

import { locale, setLanguage, t } from "./language/language.js";
import { Chat } from "./model/chat.js";
import { Session } from "./model/session.js";
import { ChatView } from "./view/chat-view.js";
import { SignInView } from "./view/sign-in-view.js";

const root = document.getElementById("app");
let session = Session.restore();
let chat = null;
let view = null;
let problem = null;

const actions = { signIn, signOut, changeLanguage };

function signIn(newSession) {
  session = newSession;
  session.keep();
  problem = null;
  startChat();
}

function signOut() {
  session.forget();
  history.replaceState(null, "", location.pathname);
  leaveChat(null);
}

// The address stays: whoever signs in again is back in the conversation.
function onSessionEnd(error) {
  session.expire();
  if (error.status === 403) leaveChat("userDisabled");
  else leaveChat(chat.list.isLoaded ? "sessionEnded" : "tokenRefused");
}

function leaveChat(reason) {
  chat.stop();
  chat = null;
  session = null;
  problem = reason;
  mount();
}

function startChat() {
  chat = new Chat(session, onSessionEnd);
  followAddress();
  mount();
  chat.start();
}

function changeLanguage(code) {
  setLanguage(code);
  mount({ isRemounted: true });
  root.querySelector("select.language").focus();
}

function mount({ isRemounted = false } = {}) {
  view?.destroy();
  document.documentElement.lang = locale();
  document.title = t("appName");
  view = chat ? new ChatView(chat, actions, isRemounted) : new SignInView(problem, actions);
  root.replaceChildren(view.node);
}

// "#/conversations/12"
function followAddress() {
  const [, id] = location.hash.match(/^#\/conversations\/(\d+)$/) ?? [];
  chat?.openConversation(id === undefined ? null : Number(id));
}

addEventListener("hashchange", followAddress);
if (session) startChat();
else mount();
