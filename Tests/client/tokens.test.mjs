// Tokens: renewed where one is refused; without a new one, or for a user who is disabled, the chat ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { userIdOf } from "../../nginx/www/client/index.js";
import { chatOf, contents, eventually, opened, sleep, startedChat, until } from "./support/chats.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

// The service allows clocks to differ by 30 s: a token of that kind is good for two seconds more.
const TWO_SECONDS = -28;
const EXPIRED = -60;

/** A getToken that gives these, one after the other, and then null; `asked` are the refused ones. */
function tokensOf(...tokens) {
  const asked = [];
  const getToken = (refused) => {
    asked.push(refused);
    return tokens.shift() ?? null;
  };
  return { getToken, asked };
}

async function member() {
  const me = await platform.user("我");
  const row = await platform.conversation([me]);
  await platform.send(me, row, "first");
  return { me, row };
}

test("a refused token is renewed, once for all that it was refused for", async (t) => {
  const { me, row } = await member();
  const expired = await platform.token(me, EXPIRED);
  const { getToken, asked } = tokensOf(expired, await platform.token(me));
  const chat = chatOf(t, me, { getToken });
  const conversation = chat.openConversation(row.id);
  chat.start();
  await Promise.all([until(chat.list, (it) => it.isLoaded, "the list is loaded"),
    until(conversation, (it) => it.isLoaded, "the conversation is loaded")]);
  assert.deepEqual(asked, [null, expired]);
  assert.equal(chat.getSnapshot().ended, null);
});

test("a token that expires on the way is renewed, and nothing that was sent is lost", async (t) => {
  const { me, row } = await member();
  const short = await platform.token(me, TWO_SECONDS);
  const { getToken, asked } = tokensOf(short, await platform.token(me));
  const chat = await startedChat(t, me, { getToken });
  const conversation = await opened(chat, row);
  await eventually(async () => !(await isAccepted(short)), "the token has expired");
  conversation.send({ message_type: "text", content: "with the new one" });
  const { messages } = await until(conversation, (it) => it.messages.length === 2, "it is sent");
  assert.equal(messages[1].content, "with the new one");
  assert.deepEqual(asked, [null, short]);
  assert.equal(chat.getSnapshot().ended, null);
});

test("without a new token the chat ends", (t) => ends(t, () => null));

test("with the refused token again the chat ends", (t) => ends(t, (refused) => refused));

async function ends(t, next) {
  const { me } = await member();
  const expired = await platform.token(me, EXPIRED);
  const network = new Network();
  const chat = chatOf(t, me, { fetch: network.fetch, getToken: (refused) => refused === null ? expired : next(refused) });
  chat.start();
  const { ended, problem } = await until(chat, (it) => it.ended, "it has ended");
  assert.deepEqual([ended.name, ended.status, ended.endsSession, problem], ["ApiError", 401, true, null]);
  const { length } = network.calls;
  chat.refresh();
  await sleep(500);
  assert.equal(network.calls.length, length, "it asks for nothing more");
}

test("without any token the chat ends, and asks for nothing", async (t) => {
  const { me } = await member();
  const network = new Network();
  const chat = chatOf(t, me, { fetch: network.fetch, getToken: async () => null });
  chat.start();
  const { ended, userId } = await until(chat, (it) => it.ended, "it has ended");
  assert.deepEqual([ended.status, userId, network.calls], [401, null, []]);
});

test("a getToken that rejects is called again", async (t) => {
  const { me } = await member();
  let calls = 0;
  const chat = chatOf(t, me, { getToken: async () => {
    if (++calls === 1) throw new Error("the sign-in cannot be reached");
    return platform.token(me);
  } });
  chat.start();
  const { problem } = await until(chat, (it) => it.problem, "the problem is told");
  assert.deepEqual([problem.name, problem.status, problem.isTemporary], ["ApiError", 0, true]);
  await until(chat.list, (it) => it.isLoaded, "it is tried again");
  const { ended } = await until(chat, (it) => it.problem === null, "the problem is over");
  assert.equal(ended, null);
});

test("a getToken that rejects while a token is renewed is called again", async (t) => {
  const { me } = await member();
  const expired = await platform.token(me, EXPIRED);
  const asked = [];
  const chat = chatOf(t, me, { getToken: (refused) => {
    asked.push(refused);
    if (refused === null) return expired;
    if (asked.length === 2) throw new Error("the sign-in cannot be reached");
    return platform.token(me);
  } });
  chat.start();
  await until(chat.list, (it) => it.isLoaded, "it is tried again");
  assert.deepEqual(asked, [null, expired, expired]);
});

test("a user who is disabled is out", async (t) => {
  const { me, row } = await member();
  const chat = await startedChat(t, me);
  await opened(chat, row);
  await platform.execute("UPDATE orbia_user SET status = 'disabled' WHERE id = %s", me.id);
  chat.refresh();
  const { ended } = await until(chat, (it) => it.ended, "it has ended");
  assert.deepEqual([ended.status, ended.endsSession], [403, true]);
});

test("what waits to be sent when the chat ends is sent by the next chat", async (t) => {
  const { me, row } = await member();
  const short = await platform.token(me, TWO_SECONDS);
  const items = new Map();
  const storage = { getItem: (name) => items.get(name) ?? null, setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name) };
  const chat = await startedChat(t, me, { storage, ...tokensOf(short) });
  const conversation = await opened(chat, row);
  await eventually(async () => !(await isAccepted(short)), "the token has expired");
  conversation.send({ message_type: "text", content: "unsent" });
  await until(chat, (it) => it.ended, "it has ended");
  const next = await startedChat(t, me, { storage });
  const { messages } = await until(next.openConversation(row.id), (it) => it.messages.length === 2, "it is sent");
  assert.deepEqual(contents(messages), ["first", "unsent"]);
});

test("a token says whose it is", async () => {
  const me = await platform.user("我");
  assert.equal(userIdOf(await platform.token(me)), me.id);
  for (const text of ["", "a.b.c", "x", `x.${btoa("{}")}.x`]) assert.throws(() => userIdOf(text), TypeError);
});

async function isAccepted(token) {
  const response = await fetch(`${platform.baseUrl}get_conversations`, {
    method: "POST", headers: { Authorization: `Bearer ${token}` }, body: "{}",
  });
  await response.arrayBuffer();
  return response.status === 200;
}
