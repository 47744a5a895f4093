// Sending: at once on the screen, in order, stored once whatever happens to the answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, eventually, opened, startedChat, until } from "./support/chats.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

async function pair(t) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other], { title: "pair" });
  const network = new Network();
  const chat = await startedChat(t, me, { fetch: network.fetch });
  return { me, other, row, network, chat, conversation: await opened(chat, row) };
}

const text = (content) => ({ message_type: "text", content });
const stored = async (user, { id }) =>
  (await platform.api(user, "get_messages", { conversation_id: id, limit: 100 })).messages;

test("a message is shown at once, and at no moment twice or not at all", async (t) => {
  const { other, row, conversation } = await pair(t);
  const shown = [];
  conversation.subscribe(() => {
    const { messages, unsent } = conversation.getSnapshot();
    shown.push([...contents(messages), ...unsent.map(({ message }) => message.content)]);
  });
  conversation.send(text("hello"));
  const [entry] = conversation.getSnapshot().unsent;
  assert.deepEqual([entry.state, entry.message.content, entry.error, entry.progress, entry.quote],
    ["sending", "hello", null, null, null]);
  const { messages } = await until(conversation, (it) => it.unsent.length === 0, "it is sent");
  assert.equal(messages.at(-1).client_message_id, entry.key);
  await platform.send(other, row, "answer");
  await until(conversation, (it) => it.messages.at(-1).content === "answer", "the answer has come");
  for (const moment of shown) assert.equal(moment.filter((it) => it === "hello").length, 1, `${moment}`);
});

test("many at once arrive in their order, once each", async (t) => {
  const { other, row, conversation } = await pair(t);
  const all = Array.from({ length: 25 }, (_, number) => `#${number}`);
  for (const content of all) conversation.send(text(content));
  assert.equal(new Set(conversation.getSnapshot().unsent.map(({ key }) => key)).size, 25);
  const { messages } = await until(conversation, (it) => it.unsent.length === 0, "all are sent");
  assert.deepEqual(contents(messages), all);
  assert.deepEqual(contents(await stored(other, row)), all);
});

test("a message whose answer is lost is stored once", async (t) => {
  const { other, row, network, conversation } = await pair(t);
  network.loseAnswers("send_message", 1);
  conversation.send(text("once"));
  conversation.send(text("after it"));
  const { messages } = await until(conversation, (it) => it.unsent.length === 0, "both are sent");
  assert.deepEqual(contents(messages), ["once", "after it"]);
  assert.deepEqual(contents(await stored(other, row)), ["once", "after it"]);
  const calls = network.callsOf("send_message").map(({ body }) => body).filter((it) => it.content === "once");
  assert.ok(calls.length === 1 || new Set(calls.map((it) => it.client_message_id)).size === 1);
});

test("a service that asks to wait is waited for", async (t) => {
  const { network, conversation } = await pair(t);
  network.answer("send_message", 503, { base_resp: { code: 503, message: "busy" } }, { "Retry-After": "2" });
  const began = performance.now();
  conversation.send(text("later"));
  await until(conversation, (it) => it.unsent.length === 0, "it is sent");
  assert.ok(performance.now() - began > 1_900);
  assert.equal(network.callsOf("send_message").length, 2);
});

test("a refused message says why, can be sent again with its key, and be discarded", async (t) => {
  const { other, row, network, conversation } = await pair(t);
  await platform.execute("UPDATE orbia_conversation SET status = 'closed' WHERE id = %s", row.id);
  conversation.send(text("again"));
  conversation.send(text("never"));
  const { unsent } = await until(conversation, (it) => it.unsent.every(({ state }) => state === "failed"),
    "both are refused");
  assert.deepEqual(unsent.map(({ error }) => [error.status, error.message]),
    Array(2).fill([400, "conversation is closed"]));

  await platform.execute("UPDATE orbia_conversation SET status = 'active' WHERE id = %s", row.id);
  conversation.sendAgain(unsent[0].key);
  conversation.discard(unsent[1].key);
  const { messages } = await until(conversation, (it) => it.unsent.length === 0, "nothing is left");
  assert.equal(messages.at(-1).client_message_id, unsent[0].key);
  assert.deepEqual(contents(await stored(other, row)), ["again"]);
  assert.equal(network.callsOf("send_message").filter(({ body }) => body.content === "never").length, 1);
});

test("a file's message has its name, size and type", async (t) => {
  const { other, row, conversation } = await pair(t);
  const file = { message_type: "file", content: "https://files.example/a.pdf", file_name: "合同.pdf", file_size: 12_345,
    file_type: "application/pdf" };
  conversation.send(file);
  await until(conversation, (it) => it.messages.length === 1, "it is sent");
  const [message] = await stored(other, row);
  for (const [name, value] of Object.entries(file)) assert.equal(message[name], value, name);
});

test("a message is sent though its conversation is closed meanwhile", async (t) => {
  const { other, row, chat, conversation } = await pair(t);
  conversation.send(text("on its way"));
  conversation.close();
  await eventually(async () => contents(await stored(other, row)).includes("on its way"), "it is sent");
  const { messages, unsent } = await until(chat.openConversation(row.id), (it) => it.messages.length === 1,
    "it is there when it is opened again");
  assert.deepEqual([contents(messages), unsent], [["on its way"], []]);
});

test("two conversations do not wait for each other", async (t) => {
  const { me, other, network, chat, conversation } = await pair(t);
  const second = await opened(chat, await platform.conversation([me, other]));
  network.answer("send_message", 503, { base_resp: { code: 503, message: "busy" } }, { "Retry-After": "60" });
  conversation.send(text("waits"));
  await eventually(() => network.callsOf("send_message").length === 1, "the first is refused");
  second.send(text("does not"));
  await until(second, (it) => it.messages.length === 1, "the other conversation's is sent");
  assert.equal(conversation.getSnapshot().unsent[0].state, "sending");
});
