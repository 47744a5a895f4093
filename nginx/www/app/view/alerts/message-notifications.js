// A notification for each new message, while no tab of the user's is in sight.

import { locale } from "../../language/language.js";
import { addressOf } from "../address.js";
import { goTo } from "../history.js";
import { safeUrl } from "../content/links.js";
import { oneLine } from "../content/message-text.js";
import { notificationSwitch } from "./notifications.js";

export class MessageNotifications {
  #chat;
  #unsubscribe;
  // By conversation, those that are shown.
  #shown = new Map();

  constructor(chat) {
    this.#chat = chat;
    this.#unsubscribe = chat.list.subscribe(() => this.#closeRead());
  }

  /** What is shown stays: it is the user's, also when the page is closed. */
  destroy() {
    this.#unsubscribe();
  }

  /** To be called in one tab alone. Should two do so, the tag makes it one notification. */
  show(message, { id }) {
    const picture = message.sender_avatar_url ? safeUrl(message.sender_avatar_url) : null;
    const notification = notificationSwitch.show(message.sender_nickname, {
      body: oneLine(message), tag: `orbia ${id} ${message.message_id}`, renotify: false,
      // The page has a sound of its own.
      silent: true,
      lang: locale(), ...(picture && { icon: picture }),
    });
    if (!notification) return;
    notification.onclick = () => {
      focus();
      goTo(addressOf(id));
      this.#close(id);
    };
    this.#shown.set(id, [...(this.#shown.get(id) ?? []), notification]);
  }

  #closeRead() {
    if (this.#shown.size === 0) return;
    for (const { id, unread_count: unread } of this.#chat.list.getSnapshot().conversations) {
      if (unread === 0) this.#close(id);
    }
  }

  #close(id) {
    for (const notification of this.#shown.get(id) ?? []) notification.close();
    this.#shown.delete(id);
  }
}
