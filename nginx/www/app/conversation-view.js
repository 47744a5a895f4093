// The view of a conversation, which is most of the page. It is a module that main.js loads once the list is shown.

export { ConversationView } from "./view/conversation/conversation-view.js";
