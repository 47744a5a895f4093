// The entry point. It shows the sign-in or, where this tab has a session, the chat with the conversation in the address.

import { locale, setLanguage, t } from "./language/language.js";
import { createChat } from "../client/index.js";
import { Session } from "./session.js";
import { tabStorage } from "./storage.js";
import { parseAddress } from "./view/address.js";
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
  chat.forget();
  session.clear();
  history.replaceState(null, "", location.pathname);
  leaveChat(null);
}

// The address stays, so that the user is back in the conversation after signing in again.
function onSessionEnd(error) {
  session.expire();
  if (error.status === 403) leaveChat("userDisabled");
  else leaveChat(chat.list.getSnapshot().isLoaded ? "sessionEnded" : "tokenRefused");
}

function leaveChat(reason) {
  chat.stop();
  chat = null;
  session = null;
  problem = reason;
  mount();
}

function startChat() {
  const { token } = session;
  chat = createChat({ getToken: (refused) => refused === token ? null : token, storage: tabStorage });
  chat.subscribe(() => {
    const { ended } = chat?.getSnapshot() ?? {};
    if (ended) onSessionEnd(ended);
  });
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
  openConversationInAddress({ isRemounted });
}

// The address is that of a conversation, or of a message in it. In another language one stays where one is.
function openConversationInAddress({ isRemounted = false } = {}) {
  const { id, message } = parseAddress(location.hash);
  if (chat) view.open(id, isRemounted ? null : message);
}

addEventListener("hashchange", () => openConversationInAddress());
if (session) startChat();
else mount();
