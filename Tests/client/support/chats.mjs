// Chats of the client module for tests, and waits for what they come to.

import { inspect } from "node:util";
import { createChat } from "../../../nginx/www/client/index.js";
import * as platform from "./platform.mjs";

// The real clock, beside that of support/clock.mjs.
const { setTimeout: realSetTimeout } = globalThis;
const realNow = Date.now;

// How long a condition may take that holds within a second on a machine that has nothing else to do.
const PATIENCE = 15_000;

/** Makes a chat of a user that has not started; it is stopped when the test ends. */
export function chatOf(t, user, options = {}) {
  const chat = createChat({ baseUrl: platform.baseUrl, getToken: () => platform.token(user), ...options });
  t.after(() => chat.stop());
  return chat;
}

/** The same, started, with the list loaded and changes being told. */
export async function startedChat(t, user, options = {}) {
  const chat = chatOf(t, user, options);
  chat.start();
  await Promise.all([
    until(chat.list, ({ isLoaded }) => isLoaded, "the list is loaded"),
    until(chat, ({ isTold }) => isTold, "changes are told"),
  ]);
  return chat;
}

/** Opens a conversation; it is loaded. */
export async function opened(chat, { id }) {
  const conversation = chat.openConversation(id);
  await until(conversation, ({ isLoaded }) => isLoaded, "the conversation is loaded");
  return conversation;
}

/** Resolves to the first snapshot, the present one first, for which the condition is true. */
export function until(observable, condition, what, patience = PATIENCE) {
  return new Promise((resolve, reject) => {
    let unsubscribe = () => {};
    const timer = realSetTimeout(() => {
      unsubscribe();
      const snapshot = inspect(observable.getSnapshot(), { depth: 2, maxArrayLength: 5 });
      reject(new Error(`not within ${patience / 1000} s: ${what}. The snapshot: ${snapshot}`));
    }, patience);
    const look = () => {
      const snapshot = observable.getSnapshot();
      if (!condition(snapshot)) return;
      clearTimeout(timer);
      unsubscribe();
      resolve(snapshot);
    };
    unsubscribe = observable.subscribe(look);
    look();
  });
}

/** Resolves once the condition is true, which is looked at again and again. */
export async function eventually(condition, what, patience = PATIENCE) {
  const end = realNow() + patience;
  while (!await condition()) {
    if (realNow() > end) throw new Error(`not within ${patience / 1000} s: ${what}`);
    await sleep(10);
  }
}

export const sleep = (milliseconds) => new Promise((resolve) => realSetTimeout(resolve, milliseconds));

export const contents = (messages) => messages.map(({ content }) => content);

/** A storage as a tab's sessionStorage, in memory. */
export class Storage {
  items = new Map();
  getItem = (name) => this.items.get(name) ?? null;
  setItem = (name, value) => void this.items.set(name, String(value));
  removeItem = (name) => void this.items.delete(name);
}
