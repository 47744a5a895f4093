// What index.d.ts declares is there, and nothing beside it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as client from "../../nginx/www/client/index.js";
import { opened, startedChat, until } from "./support/chats.mjs";
import * as platform from "./support/platform.mjs";
import { CLIENT, declared } from "./support/typescript.mjs";

const { values, members } = declared();

/** A snapshot, or a part of one, has what is declared and nothing else. */
function assertIs(object, name) {
  assert.deepEqual(Object.keys(object).sort(), [...members.get(name).keys()].sort(), name);
}

/** An object whose methods are called has what is declared. What it has beside that is for the module itself. */
function assertHas(object, ...names) {
  for (const [member, { isMethod }] of names.flatMap((name) => [...members.get(name)])) {
    assert.ok(member in object, `${names[0]}.${member}`);
    if (isMethod) assert.equal(typeof object[member], "function", `${names[0]}.${member}`);
  }
}

/** An answer's object has what is declared and not optional, and nothing that is not declared. */
function assertAnswer(object, ...names) {
  const all = new Map(names.flatMap((name) => [...members.get(name)]));
  for (const name of Object.keys(object)) assert.ok(all.has(name), `${names[0]} has no ${name}`);
  for (const [name, { isOptional }] of all) {
    if (!isOptional) assert.ok(name in object, `${names[0]}.${name} is missing in ${JSON.stringify(object)}`);
  }
}

test("the module exports what is declared", () => {
  assert.deepEqual(Object.keys(client).sort(), values.sort());
  assert.ok(members.size > 20);
});

test("its objects have the declared members, and their snapshots", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  const { message_id } = await platform.send(other, row, "question");
  const chat = await startedChat(t, me);
  const conversation = await opened(chat, row);
  const search = chat.search({ query: "question" });
  await until(search, (it) => it.messages.length === 1, "it is found");
  conversation.send({ message_type: "text", content: "answer", reply_to: message_id });
  const [unsent] = conversation.getSnapshot().unsent;
  conversation.setDraft({ text: "x", replyTo: null });

  assertHas(chat, "Chat", "Observable");
  assertIs(chat.getSnapshot(), "ChatSnapshot");
  assertHas(chat.list, "ConversationList", "Observable");
  assertIs(chat.list.getSnapshot(), "ConversationListSnapshot");
  assertIs(chat.list.getSnapshot().filter, "ListFilter");
  assertHas(conversation, "OpenConversation", "Observable");
  assertIs(conversation.getSnapshot(), "ConversationSnapshot");
  assertIs(conversation.getSnapshot().draft, "Draft");
  assertHas(search, "MessageSearch", "Observable");
  assertIs(search.getSnapshot(), "MessageSearchSnapshot");
  assertIs(unsent, "UnsentMessage");
});

test("the service's answers have the declared members", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  const { message_id } = await platform.send(other, row, "question");
  await platform.send(me, row, "answer", { reply_to: message_id, client_message_id: "k" });
  const chat = await startedChat(t, me);
  const conversation = await opened(chat, row);
  const search = chat.search({ query: "question" });
  const { messages: [found] } = await until(search, (it) => it.messages.length === 1, "it is found");
  const { details, messages } = conversation.getSnapshot();
  const [listed] = chat.list.getSnapshot().conversations;

  for (const it of [details, listed]) {
    assertAnswer(it, "Conversation");
    it.members.forEach((member) => assertAnswer(member, "Member"));
  }
  for (const it of messages) assertAnswer(it, "Message");
  assert.deepEqual(Object.keys(listed.last_message).sort(),
    ["content", "created_at", "message_id", "message_type", "sender_nickname"], "LastMessage");
  assertAnswer(messages[1].reply_to, "Quote");
  assertAnswer(found, "FoundMessage", "Message");
});

test("an ApiError says what it means", () => {
  const { ApiError } = client;
  const error = new ApiError(503, "busy", 2_000);
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.status, error.message, error.retryAfter, error.isTemporary, error.endsSession],
    ["ApiError", 503, "busy", 2_000, true, false]);
  assert.equal(new ApiError(0, "").retryAfter, null);
  const kinds = [[0, true, false], [400, false, false], [401, false, true], [403, false, false], [404, false, false],
    [429, true, false], [500, true, false]];
  for (const [status, isTemporary, endsSession] of kinds) {
    const { isTemporary: is, endsSession: ends } = new ApiError(status, "not a member");
    assert.deepEqual([status, is, ends], [status, isTemporary, endsSession]);
  }
  for (const name of members.get("ApiError").keys()) assert.ok(name in error, name);
});

test("the version is the package's, and the newest of the changelog", () => {
  const { version } = JSON.parse(readFileSync(`${CLIENT}package.json`, "utf8"));
  const [, newest] = readFileSync(`${CLIENT}CHANGELOG.md`, "utf8").match(/^## (\S+)/m);
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.deepEqual([client.version, newest], [version, version]);
});
