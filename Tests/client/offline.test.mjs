// Without a network, for longer than a message is tried again: with a clock that is twenty times as fast.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, eventually, opened, startedChat, until } from "./support/chats.mjs";
import { fasterClock } from "./support/clock.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

async function pair(t) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  await platform.send(other, row, "before");
  const network = new Network();
  const chat = await startedChat(t, me, { fetch: network.fetch });
  const conversation = await opened(chat, row);
  t.after(fasterClock(20));
  return { me, other, row, network, chat, conversation };
}

const text = (content) => ({ message_type: "text", content });
const stored = async (user, { id }) =>
  contents((await platform.api(user, "get_messages", { conversation_id: id, limit: 100 })).messages);

test("what has failed for longer than half a minute is sent when the network is back", async (t) => {
  const { other, row, network, conversation } = await pair(t);
  network.goDown();
  conversation.send(text("one"));
  conversation.send(text("two"));
  const { unsent } = await until(conversation, (it) => it.unsent.every(({ state }) => state === "failed"),
    "both have failed");
  assert.deepEqual(unsent.map(({ error }) => error.status), [0, 0]);
  network.comeBack();
  const { messages } = await until(conversation, (it) => it.unsent.length === 0, "both are sent by themselves");
  assert.deepEqual(contents(messages), ["before", "one", "two"]);
  assert.deepEqual(await stored(other, row), ["before", "one", "two"]);
  const keys = network.callsOf("send_message").map(({ body }) => body.client_message_id);
  assert.equal(new Set(keys).size, 2, "each kept its key");
});

test("what was missed comes in when the network is back", async (t) => {
  const { other, row, network, chat, conversation } = await pair(t);
  network.goDown();
  const { problem, ended } = await until(chat, (it) => it.problem, "the problem is told");
  assert.deepEqual([problem.name, problem.status, problem.isTemporary, ended], ["ApiError", 0, true, null]);
  for (const content of ["1", "2", "3"]) await platform.send(other, row, content);
  network.comeBack();
  await until(conversation, (it) => contents(it.messages).join() === "before,1,2,3", "all have come");
  await until(chat, (it) => it.problem === null && it.totalUnread === 4, "the problem is over");
  const [listed] = chat.list.getSnapshot().conversations;
  assert.equal(listed.last_message.content, "3");
});

test("a refused message is not sent again by itself", async (t) => {
  const { other, row, network, chat, conversation } = await pair(t);
  await platform.execute("UPDATE orbia_conversation SET status = 'closed' WHERE id = %s", row.id);
  conversation.send(text("refused"));
  await until(conversation, (it) => it.unsent[0]?.state === "failed", "it is refused");
  await platform.execute("UPDATE orbia_conversation SET status = 'active' WHERE id = %s", row.id);
  network.goDown();
  await until(chat, (it) => it.problem, "the network is down");
  network.comeBack();
  await until(chat, (it) => it.problem === null, "the network is back");
  conversation.send(text("after it"));
  await eventually(async () => (await stored(other, row)).includes("after it"), "another one is sent");
  assert.deepEqual(await stored(other, row), ["before", "after it"]);
  assert.equal(network.callsOf("send_message").filter(({ body }) => body.content === "refused").length, 1);
});
