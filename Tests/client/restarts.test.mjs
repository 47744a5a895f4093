// Drafts and unsent messages outlive a chat, in the storage, and belong to their user.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, eventually, opened, startedChat, Storage, until } from "./support/chats.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

async function pair() {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  return { me, other, row, storage: new Storage() };
}

const text = (content) => ({ message_type: "text", content });
const stored = async (user, { id }) =>
  (await platform.api(user, "get_messages", { conversation_id: id, limit: 100 })).messages;

test("a draft is there at once, and in the next chat", async (t) => {
  const { me, other, row, storage } = await pair();
  const { message_id } = await platform.send(other, row, "question");
  const first = await startedChat(t, me, { storage });
  const conversation = await opened(first, row);
  assert.deepEqual(conversation.getSnapshot().draft, { text: "", replyTo: null });
  const draft = { text: "half a sen", replyTo: { message_id, content: "question" } };
  conversation.setDraft(draft);
  assert.deepEqual(conversation.getSnapshot().draft, draft);
  assert.deepEqual([...first.getSnapshot().drafts], [[row.id, draft]]);
  first.stop();

  const second = await startedChat(t, me, { storage });
  assert.deepEqual([...second.getSnapshot().drafts], [[row.id, draft]]);
  const again = await opened(second, row);
  assert.deepEqual(again.getSnapshot().draft, draft);
  again.setDraft({ text: "", replyTo: null });
  assert.equal(second.getSnapshot().drafts.size, 0);
});

test("a draft is kept when a conversation is closed", async (t) => {
  const { me, row } = await pair();
  const chat = await startedChat(t, me);
  (await opened(chat, row)).setDraft({ text: "half", replyTo: null });
  chat.openConversation(row.id).close();
  assert.equal(chat.openConversation(row.id).getSnapshot().draft.text, "half");
});

test("an unsent message is sent by the next chat, once", async (t) => {
  const { me, other, row, storage } = await pair();
  const network = new Network();
  const first = await startedChat(t, me, { storage, fetch: network.fetch });
  const conversation = await opened(first, row);
  // The service has it, and nobody knows.
  network.loseAnswers("send_message", 1);
  conversation.send(text("one"));
  conversation.send(text("two"));
  const { unsent } = conversation.getSnapshot();
  await eventually(() => network.callsOf("send_message").length > 0, "it is tried");
  network.goDown();
  first.stop();

  const second = await startedChat(t, me, { storage });
  const { messages } = await until(second.openConversation(row.id), (it) => it.isLoaded && it.unsent.length === 0
    && it.messages.length === 2, "both are sent");
  assert.deepEqual(contents(messages), ["one", "two"]);
  assert.deepEqual((await stored(other, row)).map((it) => it.client_message_id), unsent.map(({ key }) => key));
});

test("a failed message is there in the next chat, and is not sent by itself", async (t) => {
  const { me, other, row, storage } = await pair();
  await platform.execute("UPDATE orbia_conversation SET status = 'closed' WHERE id = %s", row.id);
  const first = await startedChat(t, me, { storage });
  const conversation = await opened(first, row);
  conversation.send(text("refused"));
  await until(conversation, (it) => it.unsent[0]?.state === "failed", "it is refused");
  first.stop();
  await platform.execute("UPDATE orbia_conversation SET status = 'active' WHERE id = %s", row.id);

  const again = await opened(await startedChat(t, me, { storage }), row);
  const [{ state, key, error }] = again.getSnapshot().unsent;
  assert.deepEqual([state, error.status], ["failed", 400]);
  assert.deepEqual(await stored(other, row), []);
  again.sendAgain(key);
  await until(again, (it) => it.messages.length === 1, "it is sent");
});

test("another user sees and sends nothing of it", async (t) => {
  const { me, other, row, storage } = await pair();
  const network = new Network();
  const first = await startedChat(t, me, { storage, fetch: network.fetch });
  const conversation = await opened(first, row);
  network.goDown();
  conversation.send(text("mine"));
  conversation.setDraft({ text: "mine, too", replyTo: null });
  first.stop();

  const chat = await startedChat(t, other, { storage });
  const { unsent, draft } = (await opened(chat, row)).getSnapshot();
  assert.deepEqual([unsent, draft.text, chat.getSnapshot().drafts.size], [[], "", 0]);
  chat.openConversation(row.id).send(text("the other's"));
  await until(chat.openConversation(row.id), (it) => it.messages.length === 1, "it is sent");
  assert.deepEqual((await stored(me, row)).map((it) => [it.content, it.sender_id]), [["the other's", other.id]]);
});

test("forget leaves nothing of the user in the storage", async (t) => {
  const { me, row, storage } = await pair();
  storage.setItem("somebody else's", "stays");
  const network = new Network();
  const chat = await startedChat(t, me, { storage, fetch: network.fetch });
  const conversation = await opened(chat, row);
  network.goDown();
  conversation.send(text("a secret message"));
  conversation.setDraft({ text: "a secret draft", replyTo: null });
  assert.match(JSON.stringify([...storage.items]), /secret/);
  chat.stop();
  chat.forget();
  assert.doesNotMatch(JSON.stringify([...storage.items]), /secret/);
  assert.equal(storage.getItem("somebody else's"), "stays");
});

test("a storage that fails does not keep anybody from writing", async (t) => {
  const { me, row } = await pair();
  const fails = () => { throw new Error("QuotaExceededError"); };
  const chat = await startedChat(t, me, { storage: { getItem: fails, setItem: fails, removeItem: fails } });
  const conversation = await opened(chat, row);
  conversation.setDraft({ text: "half", replyTo: null });
  assert.equal(conversation.getSnapshot().draft.text, "half");
  conversation.send(text("whole"));
  await until(conversation, (it) => it.messages.length === 1, "it is sent");
});

test("what the storage should not have is passed over", async (t) => {
  const { me, row, storage } = await pair();
  const first = await startedChat(t, me, { storage });
  (await opened(first, row)).setDraft({ text: "half", replyTo: null });
  first.stop();
  for (const name of storage.items.keys()) storage.setItem(name, "{not JSON");
  const conversation = await opened(await startedChat(t, me, { storage }), row);
  conversation.send(text("whole"));
  await until(conversation, (it) => it.messages.length === 1, "it is sent");
});
