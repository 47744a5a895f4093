// An open conversation: its end, pages back and forth, and jumps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, opened, startedChat, until } from "./support/chats.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

/** Two users, and a conversation with `count` messages of the other one, which are read. */
async function long(t, count, options) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const conversation = await platform.conversation([me, other]);
  await platform.history(conversation, other, count);
  const chat = await startedChat(t, me, options);
  return { me, other, row: conversation, chat, conversation: await opened(chat, conversation) };
}

const numbers = ({ messages }) => contents(messages).map((content) => Number(content.slice(1)));
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const assertNoGap = (snapshot) => assert.deepEqual(numbers(snapshot), range(numbers(snapshot)[0],
  numbers(snapshot).at(-1)));

/** What jumpTo needs of message #number. */
const target = ({ id }, number) => ({
  message_id: `MSG_${platform.historyTime(number)}_${id}${number}`, created_at: platform.historyTime(number),
});

async function loadAll(conversation, load, has) {
  while (conversation.getSnapshot()[has]) {
    const { length } = conversation.getSnapshot().messages;
    conversation[load]();
    // Unless that is under way.
    conversation[load]();
    await until(conversation, (it) => it.messages.length > length || !it[has], `${load} loads a page`);
    assertNoGap(conversation.getSnapshot());
  }
}

test("a conversation opens at its end, and is paged back to its beginning", async (t) => {
  const network = new Network();
  const { conversation } = await long(t, 230, { fetch: network.fetch });
  const snapshot = conversation.getSnapshot();
  assertNoGap(snapshot);
  assert.equal(numbers(snapshot).at(-1), 230);
  assert.deepEqual([snapshot.hasOlder, snapshot.hasNewer, snapshot.hasUnreadBefore, snapshot.firstUnreadId],
    [true, false, false, null]);

  await loadAll(conversation, "loadOlder", "hasOlder");
  assert.deepEqual(numbers(conversation.getSnapshot()), range(1, 230));
  const pages = network.callsOf("get_messages").map(({ body }) => body.before_timestamp).filter(Boolean);
  assert.equal(new Set(pages).size, pages.length, "no page is asked for twice");
});

test("a jump loads what is around a message, and the way to the end has no gap", async (t) => {
  const { row, conversation } = await long(t, 600);
  assert.equal(await conversation.jumpTo(target(row, 100)), true);
  const snapshot = conversation.getSnapshot();
  assertNoGap(snapshot);
  assert.ok(numbers(snapshot).includes(99) && numbers(snapshot).includes(100) && numbers(snapshot).includes(101));
  assert.deepEqual([snapshot.hasOlder, snapshot.hasNewer], [true, true]);

  await loadAll(conversation, "loadNewer", "hasNewer");
  assert.equal(numbers(conversation.getSnapshot()).at(-1), 600);
  await loadAll(conversation, "loadOlder", "hasOlder");
  assert.deepEqual(numbers(conversation.getSnapshot()), range(1, 600));
});

test("a jump needs the id alone", async (t) => {
  const { row, conversation } = await long(t, 300);
  assert.equal(await conversation.jumpTo({ message_id: target(row, 50).message_id }), true);
  assert.ok(numbers(conversation.getSnapshot()).includes(50));
});

test("a jump to what is loaded changes nothing, and one to what is not there says so", async (t) => {
  const { row, conversation } = await long(t, 200);
  const before = conversation.getSnapshot().messages;
  assert.equal(await conversation.jumpTo(target(row, 199)), true);
  assert.deepEqual(conversation.getSnapshot().messages, before);
  const { message_id, created_at } = target(row, 40);
  assert.equal(await conversation.jumpTo({ message_id: `${message_id}x`, created_at }), false);
});

test("the first and the last message can be jumped to", async (t) => {
  const { row, conversation } = await long(t, 300);
  assert.equal(await conversation.jumpTo(target(row, 1)), true);
  assert.equal(numbers(conversation.getSnapshot())[0], 1);
  assert.deepEqual([conversation.getSnapshot().hasOlder, conversation.getSnapshot().hasNewer], [false, true]);
  assert.equal(await conversation.jumpTo(target(row, 300)), true);
  await until(conversation, (it) => numbers(it).at(-1) === 300, "the last one is loaded");
  assertNoGap(conversation.getSnapshot());
});

test("after a jump what comes in waits at the end", async (t) => {
  const { row, other, conversation } = await long(t, 300);
  await conversation.jumpTo(target(row, 50));
  const told = new Promise((resolve) => conversation.onMessages(resolve));
  await platform.send(other, row, "#301");
  await told;
  assertNoGap(conversation.getSnapshot());
  assert.ok(!numbers(conversation.getSnapshot()).includes(301));
  assert.equal(conversation.getSnapshot().hasNewer, true);

  await conversation.jumpToEnd();
  const snapshot = conversation.getSnapshot();
  assertNoGap(snapshot);
  assert.deepEqual([numbers(snapshot).at(-1), snapshot.hasNewer], [301, false]);
});

test("a message that is sent after a jump is at the end", async (t) => {
  const { row, conversation } = await long(t, 300);
  await conversation.jumpTo(target(row, 50));
  conversation.send({ message_type: "text", content: "#301" });
  await until(conversation, (it) => it.unsent.length === 0, "it is sent");
  assertNoGap(conversation.getSnapshot());
  await conversation.jumpToEnd();
  assert.deepEqual(numbers(conversation.getSnapshot()).at(-1), 301);
  assertNoGap(conversation.getSnapshot());
});

test("what the list knows is known at once, and a conversation is opened once", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other], { title: "known" });
  await platform.send(other, row);
  const chat = await startedChat(t, me);
  const conversation = chat.openConversation(row.id);
  assert.equal(conversation.id, row.id);
  assert.deepEqual([conversation.getSnapshot().details.title, conversation.getSnapshot().isLoaded], ["known", false]);
  assert.equal(chat.openConversation(row.id), conversation);
  await until(conversation, (it) => it.isLoaded, "it is loaded");
});

test("a conversation that cannot be shown says why", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const foreign = await platform.conversation([other], { title: "foreign" });
  const chat = await startedChat(t, me);
  for (const [id, status] of [[foreign.id, 403], [foreign.id + 10 ** 8, 404]]) {
    const { error, isLoaded } = await until(chat.openConversation(id), (it) => it.error, `${status} is told`);
    assert.deepEqual([error.name, error.status, isLoaded], ["ApiError", status, false]);
  }
});

test("access that is given later loads a conversation", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([other]);
  await platform.send(other, row);
  const chat = await startedChat(t, me);
  const conversation = chat.openConversation(row.id);
  await until(conversation, (it) => it.error?.status === 403, "it cannot be shown");
  await platform.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id) VALUES (%s, %s)", row.id,
    me.id);
  const { error, messages } = await until(conversation, (it) => it.isLoaded, "it is loaded");
  assert.equal(error, null);
  assert.deepEqual(contents(messages), ["你好"]);
});
