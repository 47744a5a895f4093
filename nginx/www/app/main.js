// The entry point. It shows the sign-in or, where there is a session, the chat with the conversation in the address.

import { config } from "../config.js";
import { createChat } from "../client/index.js";
import { locale, setLanguage, t } from "./language/language.js";
import { platformToken } from "./platform.js";
import { Session } from "./session.js";
import { SessionTabs } from "./session-tabs.js";
import { uploadOf } from "./upload/upload.js";
import { parseAddress } from "./view/address.js";
import { beginHistory } from "./view/history.js";
import "./view/screen-keyboard.js";
import { forgetPreviews } from "./view/composing/upload-previews.js";

const root = document.getElementById("app");
let session = null;
let chat = null;
let view = null;
// The module of the views, which is loaded while the list is asked for already, and the view of a conversation, which is
// loaded after the list is shown, or with the list where the address names a conversation. Null until they are here.
let views = null;
let conversationView = null;
let isIncomplete = false;
// Whether it is known what to show first.
let isDecided = false;
// Why the user has to sign in again: the name of a text. And the session that has expired.
let problem = null;
let expired = null;
// Whether a session of another tab is taken without a question: whoever opens a link wants to see what it leads to.
let takesOffers = parseAddress(location.hash).id !== null;
let offers = [];

const tabs = new SessionTabs({ session: () => session, onEnd: () => leaveSession("signedOutElsewhere"), onOffer });
const actions = { signIn, signOut, changeLanguage };

async function begin() {
  session = Session.restore() ?? await sessionOfPlatform();
  if (!session && takesOffers) {
    const found = await tabs.collect();
    if (isOneUser(found)) session = found[0];
    else offers = found;
    session?.save();
  }
  if (session) {
    startChat();
  } else {
    showSignIn(problem);
    tabs.ask();
  }
}

async function sessionOfPlatform() {
  try {
    const token = await platformToken();
    if (!token) return null;
    const found = new Session(token);
    found.save();
    return found;
  } catch {
    problem = "platformUnavailable";
    return null;
  }
}

// MARK: Signing in and out

/** @param {Session} newSession */
function signIn(newSession) {
  session = newSession;
  session.save();
  startChat();
  tabs.tell();
}

function signOut() {
  session.end();
  leaveSession(null);
  if (config.signOutUrl) location.assign(config.signOutUrl);
}

// Nothing of the user stays in the page or the storage.
function leaveSession(reason) {
  chat.forget();
  session.clear();
  history.replaceState(null, "", location.pathname + location.search);
  leaveChat(reason);
}

// The address stays, so that the user is back in the conversation after signing in again.
function onSessionEnd(error) {
  session.expire();
  expired = session;
  if (error.status === 403) leaveChat("userDisabled");
  else leaveChat(chat.list.getSnapshot().isLoaded ? "sessionEnded" : "tokenRefused");
}

function leaveChat(reason) {
  chat.stop();
  forgetPreviews();
  chat = null;
  session = null;
  tabs.onSession();
  showSignIn(reason);
  tabs.ask();
}

function showSignIn(reason) {
  problem = reason;
  takesOffers &&= reason === null;
  mount();
}

// Another tab has a session: the user goes on with it where it is the one that has expired here, or chooses to.
function onOffer(offer) {
  if (session) return;
  offers = [...offers.filter((each) => each.userId !== offer.userId), offer];
  const isAwaited = takesOffers && isOneUser(offers) && !view?.isTouched;
  const isBack = expired !== null && expired.userId === offer.userId && expired.token !== offer.token;
  if (isBack || (isAwaited && !expired)) signIn(offer);
  else view?.showOffers(offers);
}

function isOneUser(sessions) {
  return sessions.length > 0 && sessions.every(({ userId }) => userId === sessions[0].userId);
}

// MARK: The chat

function startChat() {
  problem = null;
  expired = null;
  takesOffers = false;
  offers = [];
  const own = session;
  const getToken = (refused) => tokenOf(own, refused);
  const upload = uploadOf(getToken);
  chat = createChat({
    baseUrl: config.baseUrl ?? undefined, getToken, storage: own.storage, ...(upload && { upload }),
  });
  chat.subscribe(() => {
    const { ended } = chat?.getSnapshot() ?? {};
    if (ended) onSessionEnd(ended);
  });
  tabs.onSession();
  beginHistory();
  mount();
  chat.start();
}

// A token that is refused may have been replaced in another tab, or the platform has a new one.
async function tokenOf(own, refused) {
  if (refused === null) return own.token;
  const stored = own.storedToken(refused);
  if (stored) return stored;
  const token = (own.isKept ? null : await tabs.newerToken(own, refused)) ?? await platformToken();
  if (!token || token === refused || session !== own || !own.renew(token)) return null;
  tabs.tell();
  return token;
}

function changeLanguage(code) {
  setLanguage(code);
  mount({ isRemounted: true });
  root.querySelector("select.language, button.more").focus();
}

function mount({ isRemounted = false } = {}) {
  isDecided = true;
  if (!views) return;
  const { ChatView, SignInView } = views;
  view?.destroy();
  document.documentElement.lang = locale();
  document.title = t("appName");
  view = chat ? new ChatView(chat, { ...actions, userName: session.name, conversationView }, isRemounted)
    : new SignInView(problem, offers, actions);
  root.replaceChildren(view.node);
  root.removeAttribute("aria-busy");
  openConversationInAddress({ isRemounted });
  if (isIncomplete) view.tellOfIncompletePage?.();
}

// The address is that of a conversation, or of a message in it. In another language one stays where one is.
function openConversationInAddress({ isRemounted = false } = {}) {
  const { id, message } = parseAddress(location.hash);
  if (chat) view?.open(id, isRemounted ? null : message);
}

addEventListener("hashchange", () => openConversationInAddress());
begin();
if (parseAddress(location.hash).id !== null) askForTheRest();
views = await import("./views.js");
if (isDecided) mount();
askForTheRest();
await loadConversationView();

async function loadConversationView() {
  try {
    conversationView = (await import("./conversation-view.js")).ConversationView;
    view?.setConversationView?.(conversationView);
  } catch {
    isIncomplete = true;
    view?.tellOfIncompletePage?.();
  }
}

// The browser then asks at once for all modules of the conversation's view, as for the others before.
function askForTheRest() {
  document.head.append(document.getElementById("later-modules")?.content ?? "");
}
