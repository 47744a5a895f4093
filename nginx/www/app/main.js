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
  endSession(null);
}

function endSession(reason) {
  chat.stop();
  chat = null;
  session.forget();
  session = null;
  problem = reason;
  history.replaceState(null, "", location.pathname);
  mount();
}

function startChat() {
  chat = new Chat(session, (error) => endSession(t(error.status === 403 ? "userDisabled" : "sessionEnded")));
  followAddress();
  mount();
  chat.start();
}

function changeLanguage(code) {
  setLanguage(code);
  mount();
}

function mount() {
  view?.destroy();
  document.documentElement.lang = locale();
  document.title = t("appName");
  view = chat ? new ChatView(chat, actions) : new SignInView(problem, actions);
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
