// A toast for each new message of a conversation that the user does not see.

import { avatar } from "../avatar.js";
import { addressOf, parseAddress } from "../address.js";
import { goTo } from "../history.js";
import { oneLine } from "../content/message-text.js";

export class MessageToasts {
  #chat;
  #toasts;

  /**
   * @param {Toasts} toasts the page's
   * @param {AbortSignal} signal aborts when the view is destroyed
   */
  constructor(chat, toasts, signal) {
    this.#chat = chat;
    this.#toasts = toasts;
    // Whoever opens the conversation has no need of its toast any more.
    addEventListener("hashchange", () => toasts.dismiss(addressOf(openId())), { signal });
  }

  /** Shows a message that has come in, in place of an earlier one of the same conversation. */
  show(message, { id }) {
    if (document.hidden || this.#isInSight(id)) return;
    this.#toasts.show({
      key: addressOf(id), title: message.sender_nickname, text: oneLine(message),
      picture: avatar(message.sender_avatar_url, message.sender_nickname),
      action: { onPress: () => goTo(addressOf(id)) },
    });
  }

  // The conversation is open, or none is: then the list is what is in sight, and has the message unless it is filtered.
  #isInSight(id) {
    if (openId() !== null) return openId() === id;
    return this.#chat.list.getSnapshot().conversations.some((conversation) => conversation.id === id);
  }
}

// The address may name a message of the conversation, too.
function openId() {
  return parseAddress(location.hash).id;
}
