// Snapshots: the same object until there is a change, and never changed afterwards.

import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { opened, sleep, startedChat, until } from "./support/chats.mjs";
import * as platform from "./support/platform.mjs";

/** Looks at each snapshot of something observable; freezes it, and remembers what it was. */
class Watch {
  #what;
  #observable;
  #seen = [];
  faults = [];

  constructor(what, observable) {
    this.#what = what;
    this.#observable = observable;
    this.#look();
    // Without a `this`, as React calls them.
    const { subscribe } = observable;
    subscribe(() => {
      const last = this.#seen.at(-1).snapshot;
      const next = this.#look();
      if (next === last) this.faults.push(`${what}: told of a change, and the snapshot is the same object`);
    });
  }

  #look() {
    const { getSnapshot } = this.#observable;
    const snapshot = getSnapshot();
    if (getSnapshot() !== snapshot) this.faults.push(`${this.#what}: two snapshots without a change`);
    const last = this.#seen.at(-1);
    if (snapshot === last?.snapshot) return snapshot;
    deepFreeze(snapshot);
    const text = textOf(snapshot);
    if (text === last?.text) this.faults.push(`${this.#what}: another object that says the same: ${text}`);
    this.#seen.push({ snapshot, text });
    return snapshot;
  }

  check() {
    if (this.#observable.getSnapshot() !== this.#seen.at(-1).snapshot) {
      this.faults.push(`${this.#what}: a change that nobody was told of`);
    }
    for (const { snapshot, text } of this.#seen) {
      if (textOf(snapshot) !== text) this.faults.push(`${this.#what}: changed afterwards: ${text} ${textOf(snapshot)}`);
    }
    assert.deepEqual(this.faults, []);
    return this.#seen.length;
  }
}

const textOf = (snapshot) => inspect(snapshot, { depth: 8, maxArrayLength: null, maxStringLength: null });

function deepFreeze(value) {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  const parts = value instanceof Map ? [...value.keys(), ...value.values()] : Reflect.ownKeys(value).map((it) => value[it]);
  parts.forEach(deepFreeze);
}

async function watched(t) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  await platform.history(row, other, 200, { areUnread: true });
  const chat = await startedChat(t, me);
  const conversation = chat.openConversation(row.id);
  const watches = [new Watch("chat", chat), new Watch("list", chat.list), new Watch("conversation", conversation)];
  await until(conversation, (it) => it.isLoaded, "it is loaded");
  return { me, other, row, chat, conversation, watches };
}

test("snapshots are the same until a change, and never change", async (t) => {
  const { me, other, row, chat, conversation, watches } = await watched(t);
  conversation.setDraft({ text: "a draft", replyTo: null });
  conversation.send({ message_type: "text", content: "sent" });
  await until(conversation, (it) => it.messages.at(-1).content === "sent", "it is sent");
  const { message_id } = await platform.send(other, row, "from the other one");
  await until(conversation, (it) => it.messages.at(-1).message_id === message_id, "it has come");
  conversation.setVisible(message_id);
  await until(chat, (it) => it.totalUnread === 0, "all is read");
  conversation.send({ message_type: "text", content: "quotes it", reply_to: message_id });
  await until(conversation, (it) => it.messages.at(-1).content === "quotes it", "it is sent");
  await platform.api(other, "recall_message", { conversation_id: row.id, message_id });
  await until(conversation, (it) => it.messages.some((message) => message.reply_to?.recalled), "it is recalled");
  await platform.api(other, "mark_read", { conversation_id: row.id });
  await conversation.jumpTo({ message_id: `MSG_${platform.historyTime(1)}_${row.id}1` });
  conversation.loadNewer();
  await conversation.jumpToEnd();
  const second = await platform.conversation([me, other], { title: "second" });
  await platform.send(other, second);
  await until(chat.list, (it) => it.conversations.length === 2, "another conversation comes in");
  chat.list.setFilter({ query: "second" });
  await until(chat.list, (it) => it.isLoaded && it.conversations.length === 1, "the list is filtered");
  conversation.close();
  await opened(chat, second);
  chat.stop();
  for (const watch of watches) assert.ok(watch.check() > 3, "it was tried");
});

test("where nothing has changed nobody is told", async (t) => {
  const { chat, conversation, watches } = await watched(t);
  await sleep(300);
  const before = [chat, chat.list, conversation].map((it) => it.getSnapshot());
  chat.refresh();
  conversation.setDraft(conversation.getSnapshot().draft);
  chat.list.setFilter({});
  await sleep(1_000);
  assert.deepEqual([chat, chat.list, conversation].map((it, index) => it.getSnapshot() === before[index]),
    [true, true, true]);
  for (const watch of watches) watch.check();
});

test("what did not change is the same object in the next snapshot", async (t) => {
  const { other, row, chat, conversation } = await watched(t);
  const before = conversation.getSnapshot();
  const listed = chat.list.getSnapshot();
  await platform.send(other, row, "new");
  const after = await until(conversation, (it) => it.messages.at(-1).content === "new", "it has come");
  assert.notEqual(after, before);
  before.messages.forEach((message, index) => assert.equal(after.messages[index], message));
  assert.equal(after.draft, before.draft);
  assert.equal(after.unsent, before.unsent);
  conversation.setDraft({ text: "x", replyTo: null });
  assert.equal(conversation.getSnapshot().messages, after.messages);
  assert.equal(chat.list.getSnapshot().filter, listed.filter);
});

test("a listener that has unsubscribed is not called", async (t) => {
  const { conversation } = await watched(t);
  const called = [];
  const end = conversation.subscribe(() => called.push("ended"));
  end();
  end();
  conversation.subscribe(() => called.push("stays"));
  conversation.setDraft({ text: "x", replyTo: null });
  assert.deepEqual(called, ["stays"]);
});
