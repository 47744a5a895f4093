// A toast for each new message of a conversation that the user does not see.

import { avatar } from "./avatar.js";
import { addressOf } from "./conversation-row.js";
import { oneLine } from "./message-text.js";
import { Toasts } from "./toasts.js";

export class MessageToasts {
  #chat;
  #toasts = new Toasts();
  #listening = new AbortController();

  constructor(chat) {
    this.#chat = chat;
    document.body.append(this.#toasts.node);
    // Whoever opens the conversation has no need of its toast any more.
    addEventListener("hashchange", () => this.#toasts.dismiss(location.hash), { signal: this.#listening.signal });
  }

  destroy() {
    this.#listening.abort();
    this.#toasts.destroy();
  }

  /** Shows a message that has come in, in place of an earlier one of the same conversation. */
  show(message, { id }) {
    if (document.hidden || this.#isInSight(id)) return;
    this.#toasts.show({
      key: addressOf(id), title: message.sender_nickname, text: oneLine(message),
      picture: avatar(message.sender_avatar_url, message.sender_nickname),
      action: { onPress: () => { location.hash = addressOf(id); } },
    });
  }

  // The conversation is open, or none is: then the list is what is in sight, and has the message unless it is filtered.
  #isInSight(id) {
    if (location.hash.startsWith(addressOf(""))) return location.hash === addressOf(id);
    return this.#chat.list.getSnapshot().conversations.some((conversation) => conversation.id === id);
  }
}
