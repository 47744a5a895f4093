// The entry point. It shows the sign-in or, where this tab has a session, the chat with the conversation in the address.

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
  session.save();
  problem = null;
  startChat();
}

function signOut() {
  session.clear();
  history.replaceState(null, "", location.pathname);
  leaveChat(null);
}

// The address stays, so that the user is back in the conversation after signing in again.
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
  openConversationInAddress();
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

// The address of a conversation has the fragment "#/conversations/12".
function openConversationInAddress() {
  const [, id] = location.hash.match(/^#\/conversations\/(\d+)$/) ?? [];
  chat?.openConversation(id === undefined ? null : Number(id));
}

addEventListener("hashchange", openConversationInAddress);
if (session) startChat();
else mount();
