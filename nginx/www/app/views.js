// The views, of which main.js shows one. They are a module that it loads while it asks for the list.

export { ChatView } from "./view/chat-view.js";
export { SignInView } from "./view/sign-in-view.js";
