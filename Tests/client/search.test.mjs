// Searches: pages, places of what was found, one conversation alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, opened, sleep, startedChat, until } from "./support/chats.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

async function world(t) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const first = await platform.conversation([me, other], { title: "first" });
  const second = await platform.conversation([me, other], { title: "second" });
  await platform.history(first, other, 130);
  await platform.send(other, second, "看 #7 和 😀#77");
  const network = new Network();
  return { me, other, first, second, network, chat: await startedChat(t, me, { fetch: network.fetch }) };
}

async function all(search) {
  await until(search, (it) => !it.isSearching, "the first page is here");
  while (search.getSnapshot().hasMore) {
    search.loadMore();
    await until(search, (it) => !it.isSearching, "the next page is here");
    assert.equal(search.getSnapshot().error, null);
  }
  return search.getSnapshot().messages;
}

test("all pages hold each match once, with its places", async (t) => {
  const { second, chat } = await world(t);
  const search = chat.search({ query: "#" });
  assert.equal(search.getSnapshot().isSearching, true);
  const messages = await all(search);
  assert.equal(new Set(messages.map((it) => it.message_id)).size, 131);
  assert.equal(messages.length, 131);
  assert.deepEqual([messages[0].conversation.id, messages[0].conversation.title], [second.id, "second"]);
  const places = messages[0].match.content.map(([start, length]) => messages[0].content.slice(start, start + length));
  assert.deepEqual(places, ["#", "#"]);
  search.close();
});

test("a search in one conversation finds nothing of the others", async (t) => {
  const { first, chat } = await world(t);
  const messages = await all(chat.search({ query: "#77", conversation_id: first.id }));
  assert.deepEqual(contents(messages), ["#77"]);
  assert.deepEqual(await all(chat.search({ query: "not there", conversation_id: first.id })), []);
});

test("files are found by their type alone, and what was found can be jumped to", async (t) => {
  const { me, first, chat } = await world(t);
  const message = await platform.send(me, first, "https://files.example/a.png",
    { message_type: "image", file_name: "封面.png" });
  const [found] = await all(chat.search({ message_type: "image" }));
  assert.equal(found.message_id, message.message_id);
  const [early] = await all(chat.search({ query: "#31", conversation_id: first.id }));
  const conversation = await opened(chat, first);
  assert.equal(await conversation.jumpTo(early), true);
  assert.ok(contents(conversation.getSnapshot().messages).includes("#31"));
});

test("a search that is refused says why, and loadMore tries again where it failed", async (t) => {
  const { network, chat } = await world(t);
  const refused = chat.search({ query: "x".repeat(101) });
  const { error, messages, isSearching } = await until(refused, (it) => it.error, "it is refused");
  assert.deepEqual([error.name, error.status, messages, isSearching], ["ApiError", 400, [], false]);

  network.answer("search_messages", 404, { base_resp: { code: 404, message: "not there" } });
  const search = chat.search({ query: "#77" });
  await until(search, (it) => it.error, "it has failed");
  search.loadMore();
  const found = await until(search, (it) => it.messages.length === 2, "it is tried again");
  assert.equal(found.error, null);
});

test("a search that is closed asks for nothing more and tells nothing", async (t) => {
  const { network, chat } = await world(t);
  const search = chat.search({ query: "#" });
  let changes = 0;
  search.subscribe(() => changes++);
  search.close();
  changes = 0;
  await sleep(300);
  const { length } = network.callsOf("search_messages");
  search.loadMore();
  await sleep(300);
  assert.deepEqual([changes, network.callsOf("search_messages").length], [0, length]);
});
