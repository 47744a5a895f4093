// What others do is told by the waiting request, at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, eventually, opened, sleep, startedChat, until } from "./support/chats.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

async function pair(t, options) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other], { title: "pair" });
  await platform.send(me, row, "first");
  return { me, other, row, chat: await startedChat(t, me, options) };
}

test("a message is here within a second, in its conversation and by onMessage", async (t) => {
  const network = new Network();
  const { other, row, chat } = await pair(t, { fetch: network.fetch });
  const conversation = await opened(chat, row);
  const heard = [];
  chat.onMessage((message, { id, title }) => heard.push([message.content, id, title]));
  const pages = [];
  conversation.onMessages((messages) => pages.push(...contents(messages)));
  network.calls = [];
  const took = [];
  for (let number = 1; number <= 5; number++) {
    await platform.send(other, row, `#${number}`);
    const sentAt = performance.now();
    await until(conversation, (it) => it.messages.at(-1)?.content === `#${number}`, `#${number} has come`);
    took.push(performance.now() - sentAt);
  }
  await eventually(() => heard.length === 5, "all are told");
  assert.ok(took.sort((a, b) => a - b)[2] < 1_000, `it took ${took} ms`);
  assert.deepEqual(heard, [1, 2, 3, 4, 5].map((number) => [`#${number}`, row.id, "pair"]));
  assert.deepEqual(pages, ["#1", "#2", "#3", "#4", "#5"]);
  const polls = network.callsOf("get_conversations").filter(({ body }) => body.after_cursor === undefined);
  assert.deepEqual(polls, [], "the list is not polled");
});

test("a conversation that is not open is told of by onMessage, too", async (t) => {
  const { other, row, chat } = await pair(t);
  const heard = [];
  const end = chat.onMessage((message) => heard.push(message.content));
  await platform.send(other, row, "one");
  await platform.send(other, row, "two");
  await eventually(() => heard.length === 2, "both are told");
  assert.deepEqual(heard, ["one", "two"]);
  end();
  await platform.send(other, row, "three");
  await until(chat, (it) => it.totalUnread === 3, "the third has come");
  await sleep(300);
  assert.deepEqual(heard, ["one", "two"]);
});

test("each of several at the same moment is told", (t) => toldOfSeveral(t, false));

test("each of several in an open conversation is told", (t) => toldOfSeveral(t, true));

async function toldOfSeveral(t, isOpen) {
  const { me, other, row, chat } = await pair(t);
  if (isOpen) await opened(chat, row);
  const heard = [];
  chat.onMessage(({ content, sender_id }, { id }) => heard.push([content, sender_id, id]));
  const all = Array.from({ length: 7 }, (_, number) => `#${number}`);
  for (const content of all) {
    await platform.send(other, row, content);
    // What the user writes elsewhere is nothing that comes in, though there are unread messages before it.
    await platform.send(me, row, "from another device");
  }
  await platform.send(other, row, "last");
  await eventually(() => heard.at(-1)?.[0] === "last", "the last one is told");
  assert.deepEqual(heard, [...all, "last"].map((content) => [content, other.id, row.id]));
}

test("own messages and system messages are not told by onMessage", async (t) => {
  const { me, other, row, chat } = await pair(t);
  const conversation = await opened(chat, row);
  const heard = [];
  chat.onMessage((message) => heard.push(message.content));
  const pages = [];
  conversation.onMessages((messages) => pages.push(...messages.map((it) => it.message_type)));
  await platform.send(me, row, "from another device");
  const { message_id } = await platform.send(other, row, "taken back");
  await eventually(() => heard.length === 1, "it has come");
  await platform.api(other, "recall_message", { conversation_id: row.id, message_id });
  await until(conversation, (it) => it.messages.at(-1).event?.type === "recall", "the recall has come");
  await platform.send(other, row, "last");
  await eventually(() => heard.includes("last"), "the last one is told");
  assert.deepEqual(heard, ["taken back", "last"]);
  await eventually(() => pages.length === 3, "the open conversation has the last one, too");
  assert.deepEqual(pages, ["text", "system", "text"], "the open conversation tells of system messages");
});

test("what others have read, and a new status, are told", async (t) => {
  const { me, other, row, chat } = await pair(t);
  const conversation = await opened(chat, row);
  const { created_at } = conversation.getSnapshot().messages[0];
  await platform.api(other, "mark_read", { conversation_id: row.id });
  const readBy = ({ details }, { id }) => details.members.find(({ user_id }) => user_id === id).last_read_at;
  await until(conversation, (it) => readBy(it, other) >= created_at, "the receipt has come");
  assert.ok(readBy(conversation.getSnapshot(), me) === null || readBy(conversation.getSnapshot(), me) >= 0);
  await platform.execute("UPDATE orbia_conversation SET status = 'closed' WHERE id = %s", row.id);
  await until(conversation, (it) => it.details.status === "closed", "the status has come");
});

test("what is told of an order is the order's status", async (t) => {
  const { me, row, chat } = await pair(t);
  const conversation = await opened(chat, row);
  assert.equal(conversation.getSnapshot().orderStatus, null);
  const tell = (to, at) => platform.execute(
    "INSERT INTO orbia_message (message_id, conversation_id, sender_id, message_type, content, created_at, event)"
    + " VALUES (%s, %s, %s, 'system', '订单', NOW(3), %s)", `MSG_${Date.now()}_${row.id}${at}`, row.id, me.id,
    JSON.stringify({ type: "order_status", order_id: "KORD_1_1", from: null, to }));
  await tell("confirmed", 1);
  await platform.execute("UPDATE orbia_conversation SET last_message_at = NOW(3) WHERE id = %s", row.id);
  await until(conversation, (it) => it.orderStatus === "confirmed", "the status has come");
});

test("a chat that is stopped hears nothing more", async (t) => {
  const { other, row, chat } = await pair(t);
  let changes = 0;
  chat.subscribe(() => changes++);
  chat.list.subscribe(() => changes++);
  chat.stop();
  changes = 0;
  await platform.send(other, row);
  await sleep(700);
  assert.equal(changes, 0);
});

test("refresh shows at once what a waiting request would not have told", async (t) => {
  const network = new Network();
  const { other, row, chat } = await pair(t, { fetch: network.fetch });
  await opened(chat, row);
  const before = network.calls.length;
  chat.refresh();
  await eventually(() => network.calls.length > before, "it asks");
  await platform.send(other, row, "later");
  await until(chat, (it) => it.totalUnread === 1 && it.problem === null, "and goes on waiting");
});
