// The list of conversations: order, pages, filters, and what changes in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { conversationTypes } from "../../nginx/www/client/index.js";
import { chatOf, eventually, opened, startedChat, until } from "./support/chats.mjs";
import { Network } from "./support/network.mjs";
import * as platform from "./support/platform.mjs";

const titles = ({ conversations }) => conversations.map(({ title }) => title);

test("the latest activity comes first, and news moves a conversation up", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方", { avatar_url: "https://x.example/a.png" })];
  const [first, second] = [await platform.conversation([me, other], { title: "first" }),
    await platform.conversation([me, other], { title: "second" })];
  await platform.send(other, first, "one");
  await platform.send(other, second, "two");
  const chat = await startedChat(t, me);
  assert.deepEqual(titles(chat.list.getSnapshot()), ["second", "first"]);
  assert.deepEqual(chat.getSnapshot().me, { nickname: "我", avatar_url: null });
  assert.equal(chat.getSnapshot().userId, me.id);
  assert.equal(chat.getSnapshot().totalUnread, 2);

  await platform.send(other, first, "three");
  const { conversations } = await until(chat.list, (it) => titles(it)[0] === "first", "the news moves it up");
  assert.equal(conversations[0].unread_count, 2);
  assert.equal(conversations[0].last_message.content, "three");
  assert.deepEqual(conversations.map(({ id }) => id), [first.id, second.id]);
  const { totalUnread, unreadByType } = await until(chat, (it) => it.totalUnread === 3, "all unread are counted");
  assert.equal(totalUnread, 3);
  assert.equal(unreadByType.general, 3);
  assert.equal(unreadByType.support, 0);
});

test("all pages hold each conversation once", async (t) => {
  const me = await platform.user("我");
  const made = await conversations(me, 70);
  const chat = await startedChat(t, me);
  while (chat.list.getSnapshot().hasMore) {
    const count = chat.list.getSnapshot().conversations.length;
    chat.list.loadMore();
    chat.list.loadMore();
    await until(chat.list, (it) => it.conversations.length > count || !it.hasMore, "the next page is loaded");
  }
  assert.deepEqual(titles(chat.list.getSnapshot()), made.reverse());
});

test("filters go together, and what is left out of one stays", async (t) => {
  const me = await platform.user("我");
  const [anna, bert] = [await platform.user("Anna Q"), await platform.user("Bert")];
  const help = await platform.conversation([me, anna], { title: "Help me", type: "support" });
  await platform.conversation([me, bert], { title: "Help him", type: "support" });
  const order = await platform.conversation([me, anna], { title: "Video", type: "kol_order" });
  await platform.send(anna, help);
  await platform.send(me, order);
  const chat = await startedChat(t, me);
  assert.deepEqual(chat.list.getSnapshot().filter, { type: null, query: "", unread: false });
  const lists = async (filter, ...expected) => {
    chat.list.setFilter(filter);
    const all = await until(chat.list, (it) => it.isLoaded && String(titles(it).sort()) === String(expected.sort()),
      `${JSON.stringify(filter)} lists ${expected}`);
    return all.filter;
  };

  await lists({ type: "support" }, "Help me", "Help him");
  await lists({ query: "anna" }, "Help me");
  await lists({ type: null }, "Help me", "Video");
  const filter = await lists({ query: "", unread: true }, "Help me");
  assert.deepEqual(filter, { type: null, query: "", unread: true });
  await lists({ type: "ad_order" });
  await lists({ type: null, unread: false }, "Help me", "Help him", "Video");
  assert.deepEqual([...conversationTypes].sort(), ["ad_order", "general", "kol_order", "support"]);
});

test("what is unread stays listed when it is read, until the filter changes", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const conversation = await platform.conversation([me, other], { title: "unread" });
  await platform.send(other, conversation);
  const chat = await startedChat(t, me);
  chat.list.setFilter({ unread: true });
  await until(chat.list, (it) => it.isLoaded && it.filter.unread && it.conversations.length === 1, "it is listed");

  await (await opened(chat, conversation)).markAllRead();
  const { conversations: [row] } = await until(chat.list, (it) => it.conversations[0]?.unread_count === 0, "it is read");
  assert.equal(row.id, conversation.id);
  chat.list.setFilter({ unread: false });
  await until(chat.list, (it) => it.isLoaded && it.conversations.length === 1, "all are listed");
  chat.list.setFilter({ unread: true });
  await until(chat.list, (it) => it.isLoaded && it.conversations.length === 0, "it is no longer among the unread");
});

test("the last of several filters counts, whichever answer comes last", async (t) => {
  const me = await platform.user("我");
  await conversations(me, 3);
  const network = new Network();
  const chat = await startedChat(t, me, { fetch: network.fetch });
  for (const query of ["c", "c0", "c000", "c0002"]) chat.list.setFilter({ query });
  await until(chat.list, (it) => it.isLoaded && String(titles(it)) === "c0002", "the last one is applied");
  assert.equal(chat.list.getSnapshot().filter.query, "c0002");
});

test("a new conversation comes in, and one that is removed leaves", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const chat = await startedChat(t, me);
  assert.deepEqual(chat.list.getSnapshot().conversations, []);
  assert.equal(chat.getSnapshot().me, null);

  const conversation = await platform.conversation([other, me], { title: "new" });
  await platform.send(other, conversation);
  await until(chat.list, (it) => String(titles(it)) === "new", "the new one comes in");
  await platform.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", conversation.id);
  await until(chat.list, (it) => it.conversations.length === 0, "the removed one leaves");
  await until(chat, (it) => it.totalUnread === 0, "and its messages are no longer counted");
});

test("a conversation is found by its order", async (t) => {
  const me = await platform.user("我");
  const related_order_id = `KORD_${Date.now()}_${me.id}`;
  const conversation = await platform.conversation([me], { type: "kol_order", related_order_id,
    related_order_type: "kol_order" });
  const chat = await startedChat(t, me);
  assert.equal((await chat.findByOrder(related_order_id)).id, conversation.id);
  assert.equal((await chat.findByOrder(related_order_id, "kol_order")).id, conversation.id);
  await assert.rejects(chat.findByOrder(`${related_order_id}0`), { name: "ApiError", status: 404 });
});

test("nothing is asked for before the start", async (t) => {
  const network = new Network();
  const asked = [];
  const me = await platform.user("我");
  const chat = chatOf(t, me, { fetch: network.fetch, getToken: (refused) => {
    asked.push(refused);
    return platform.token(me);
  } });
  const { isLoaded } = chat.list.getSnapshot();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual([isLoaded, network.calls, asked], [false, [], []]);
  chat.start();
  await eventually(() => chat.list.getSnapshot().isLoaded, "it is loaded after the start");
  assert.deepEqual(asked, [null]);
});

/** `count` conversations c0001, c0002, … with one message each, of which the last one is the latest. */
async function conversations(me, count) {
  const tag = `CONV_${Date.now()}_${me.id}`;
  await platform.execute("INSERT INTO orbia_conversation (conversation_id, title, type, last_message_at)"
    + " SELECT CONCAT(%s, '_', seq), CONCAT('c', LPAD(seq, 4, '0')), 'general', FROM_UNIXTIME(1700000000 + seq)"
    + ` FROM seq_1_to_${count}`, tag);
  await platform.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id)"
    + " SELECT id, %s FROM orbia_conversation WHERE conversation_id LIKE %s ORDER BY id", me.id, `${tag}_%`);
  return Array.from({ length: count }, (_, number) => `c${String(number + 1).padStart(4, "0")}`);
}
