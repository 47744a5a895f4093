// Quotes, and messages that are taken back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, opened, startedChat, until } from "./support/chats.mjs";
import * as platform from "./support/platform.mjs";

async function pair(t) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  const [myChat, otherChat] = [await startedChat(t, me), await startedChat(t, other)];
  return { me, other, row, myChat, otherChat, mine: await opened(myChat, row), others: await opened(otherChat, row) };
}

async function sent(conversation, content, more = {}) {
  conversation.send({ message_type: "text", content, ...more });
  const { messages } = await until(conversation, (it) => it.messages.at(-1)?.content === content, `${content} is sent`);
  return messages.at(-1);
}

test("an answer quotes the message at once, and for the other one, too", async (t) => {
  const { mine, others } = await pair(t);
  const { message_id } = await sent(mine, "question");
  await until(others, (it) => it.messages.length === 1, "the question has come");
  others.send({ message_type: "text", content: "answer", reply_to: message_id });
  const { quote } = others.getSnapshot().unsent[0];
  assert.deepEqual([quote.message_id, quote.content, quote.sender_nickname], [message_id, "question", "我"]);
  const { messages } = await until(mine, (it) => it.messages.length === 2, "the answer has come");
  const { reply_to } = messages[1];
  assert.deepEqual([reply_to.message_id, reply_to.content, reply_to.message_type], [message_id, "question", "text"]);
});

test("a message that is taken back is gone on both screens, and from quotes of it", async (t) => {
  const { mine, others, myChat, otherChat } = await pair(t);
  const { message_id, recallable_until } = await sent(mine, "secret");
  assert.ok(recallable_until > Date.now());
  await until(others, (it) => it.messages.length === 1, "it has come");
  await sent(others, "answer", { reply_to: message_id });
  await until(mine, (it) => it.messages.length === 2, "the answer has come");

  await mine.recall(message_id);
  for (const [whose, conversation] of [["own", mine], ["other", others]]) {
    const { messages } = await until(conversation, (it) => !contents(it.messages).includes("secret")
      && it.messages[0]?.reply_to?.recalled, `it is gone on the ${whose} screen`);
    assert.equal(messages[0].content, "answer");
    assert.equal(messages[0].reply_to.message_id, message_id);
    assert.ok(!messages[0].reply_to.content);
    const { event } = (await until(conversation, (it) => it.messages.length === 2, "it is told")).messages[1];
    assert.deepEqual(event, { type: "recall", message_id });
  }
  for (const chat of [myChat, otherChat]) {
    assert.doesNotMatch(JSON.stringify([chat.list.getSnapshot(), mine.getSnapshot(), others.getSnapshot()]), /secret/);
  }
});

test("a message that is taken back before it is seen is not shown, nor counted", async (t) => {
  const { me, row, others, otherChat } = await pair(t);
  others.close();
  const { message_id } = await platform.send(me, row, "secret");
  await until(otherChat, (it) => it.totalUnread === 1, "it is unread");
  await platform.api(me, "recall_message", { conversation_id: row.id, message_id });
  await until(otherChat, (it) => it.totalUnread === 0, "it is no longer");
  const again = await opened(otherChat, row);
  const { messages } = await until(again, (it) => it.messages.length === 1, "the recall is told");
  assert.equal(messages[0].message_type, "system");
});

test("what cannot be taken back says why", async (t) => {
  const { me, other, row, mine } = await pair(t);
  const { message_id } = await platform.send(other, row, "not mine");
  await until(mine, (it) => it.messages.length === 1, "it has come");
  await assert.rejects(mine.recall(message_id), ({ name, status }) => name === "ApiError" && status >= 400);
  await platform.execute("INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
    + " VALUES (%s, %s, %s, 'old', '2023-01-01')", `MSG_1672531200000_${row.id}`, row.id, me.id);
  await assert.rejects(mine.recall(`MSG_1672531200000_${row.id}`), { name: "ApiError", status: 400 });
  assert.deepEqual(contents(mine.getSnapshot().messages), ["not mine"]);
});

test("a quote in a draft leads to what it quotes", async (t) => {
  const { mine } = await pair(t);
  const { message_id } = await sent(mine, "question");
  const replyTo = { message_id, content: "question", sender_nickname: "我" };
  mine.setDraft({ text: "an answer to", replyTo });
  assert.deepEqual(mine.getSnapshot().draft, { text: "an answer to", replyTo });
  assert.equal(await mine.jumpTo(mine.getSnapshot().draft.replyTo), true);
});

test("a message that is taken back is gone from drafts and unsent messages, too", async (t) => {
  const { mine, others } = await pair(t);
  const { message_id } = await sent(mine, "secret");
  await until(others, (it) => it.messages.length === 1, "it has come");
  const [quoted] = others.getSnapshot().messages;
  others.setDraft({ text: "an answer", replyTo: quoted });
  await mine.recall(message_id);
  const { draft } = await until(others, (it) => it.draft.replyTo?.recalled, "the draft says so");
  assert.deepEqual([draft.text, draft.replyTo.message_id], ["an answer", message_id]);
  assert.doesNotMatch(JSON.stringify(others.getSnapshot()), /secret/);
  others.send({ message_type: "text", content: "an answer", reply_to: message_id });
  const { unsent } = await until(others, (it) => it.unsent[0]?.state === "failed", "the service refuses it");
  assert.equal(unsent[0].error.status, 400);
  assert.doesNotMatch(JSON.stringify(others.getSnapshot()), /secret/);
});
