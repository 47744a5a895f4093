// Unread messages: where a conversation opens, and what is marked as read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, opened, sleep, startedChat, until } from "./support/chats.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

/** `count` messages of the other one, of which the first twenty are read. */
async function unread(t, count) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  await platform.history(row, other, count, { areUnread: true });
  await platform.execute("UPDATE orbia_conversation_member SET last_read_at = FROM_UNIXTIME(%s), unread_count = %s"
    + " WHERE conversation_id = %s AND user_id = %s", platform.historyTime(20) / 1000, count - 20, row.id, me.id);
  const network = new Network();
  const chat = await startedChat(t, me, { fetch: network.fetch });
  return { me, other, row, network, chat, conversation: await opened(chat, row) };
}

const idOf = (snapshot, content) => snapshot.messages.find((it) => it.content === content)?.message_id;

test("what is unread is all loaded, and is marked once it stays on the screen", async (t) => {
  const { me, row, chat, conversation } = await unread(t, 150);
  const snapshot = conversation.getSnapshot();
  assert.ok(snapshot.firstUnreadId && snapshot.firstUnreadId === idOf(snapshot, "#21"));
  assert.deepEqual([snapshot.messages.at(-1).content, snapshot.hasUnreadBefore], ["#150", false]);
  assert.equal(chat.getSnapshot().totalUnread, 130);

  conversation.setVisible(idOf(snapshot, "#60"));
  await until(chat, (it) => it.totalUnread === 90, "it is marked up to what was on the screen");
  assert.equal(await platform.unread(me, row), 90);
  conversation.setVisible(snapshot.messages.at(-1).message_id);
  await until(chat, (it) => it.totalUnread === 0, "all are marked");
  assert.equal(await platform.unread(me, row), 0);
  assert.equal(conversation.getSnapshot().firstUnreadId, idOf(snapshot, "#21"), "the line stays where it was");
});

test("what passes by is not marked", async (t) => {
  const { me, row, network, conversation } = await unread(t, 40);
  conversation.setVisible(conversation.getSnapshot().messages.at(-1).message_id);
  conversation.setVisible(null);
  await sleep(800);
  assert.deepEqual(network.callsOf("mark_read"), []);
  assert.equal(await platform.unread(me, row), 20);
});

test("more than 500 open at the first unread one, and nothing is marked that was not there", async (t) => {
  const { me, row, network, chat, conversation } = await unread(t, 720);
  const snapshot = conversation.getSnapshot();
  const first = idOf(snapshot, "#21");
  assert.ok(first, `#21 is not among ${contents(snapshot.messages)}`);
  assert.equal(snapshot.firstUnreadId, first);
  assert.ok(idOf(snapshot, "#20"), "what was read before it is in sight");
  assert.deepEqual([snapshot.hasNewer, snapshot.hasUnreadBefore], [true, false]);

  conversation.setVisible(first);
  await until(chat, (it) => it.totalUnread === 699, "the first one is marked");
  await conversation.jumpToEnd();
  const end = conversation.getSnapshot();
  assert.deepEqual([end.messages.at(-1).content, end.hasNewer, end.hasUnreadBefore], ["#720", false, true]);
  network.calls = [];
  conversation.setVisible(end.messages.at(-1).message_id);
  await sleep(1_000);
  assert.deepEqual(network.callsOf("mark_read"), []);
  assert.equal(await platform.unread(me, row), 699);

  await conversation.markAllRead();
  assert.equal(await platform.unread(me, row), 0);
  await until(chat, (it) => it.totalUnread === 0, "nothing is unread");
  assert.equal(conversation.getSnapshot().hasUnreadBefore, false);
});

test("from the end one comes back to the first that is still unread", async (t) => {
  const { chat, conversation } = await unread(t, 620);
  const snapshot = conversation.getSnapshot();
  conversation.setVisible(idOf(snapshot, "#30"));
  await until(chat, (it) => it.totalUnread === 590, "ten are marked");
  await conversation.jumpToEnd();
  const first = await conversation.jumpToUnread();
  const back = conversation.getSnapshot();
  assert.equal(first, idOf(back, "#31"));
  assert.deepEqual([back.firstUnreadId, back.hasUnreadBefore, back.hasNewer], [first, false, true]);
  await conversation.markAllRead();
  assert.equal(await conversation.jumpToUnread(), null);
});

test("paging back to what was read has nothing unread before", async (t) => {
  const { me, row, conversation } = await unread(t, 620);
  await conversation.jumpToEnd();
  assert.equal(conversation.getSnapshot().hasUnreadBefore, true);
  while (conversation.getSnapshot().hasUnreadBefore) {
    const { length } = conversation.getSnapshot().messages;
    conversation.loadOlder();
    await until(conversation, (it) => it.messages.length > length, "a page is loaded");
  }
  const { messages } = conversation.getSnapshot();
  assert.ok(contents(messages).includes("#21"));
  conversation.setVisible(messages.at(-1).message_id);
  await until(conversation,
    (it) => it.details.unread_count === 0, "all are marked");
  assert.equal(await platform.unread(me, row), 0);
});

test("messages that come in are marked where they are seen", async (t) => {
  const { me, other, row, chat, conversation } = await unread(t, 20);
  const { message_id } = await platform.send(other, row, "new");
  await until(conversation, (it) => it.messages.at(-1).content === "new", "it has come");
  await until(chat, (it) => it.totalUnread === 1, "it is unread");
  conversation.setVisible(message_id);
  await until(chat, (it) => it.totalUnread === 0, "it is marked");
  assert.equal(await platform.unread(me, row), 0);
});
