// What is kept of conversations that were closed: the twenty last ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { opened, sleep, startedChat } from "./support/chats.mjs";
import * as platform from "./support/platform.mjs";

const COUNT = 200;
const KEPT = 20;

test("of 200 conversations that were opened and closed twenty are kept", { timeout: 60_000 }, async (t) => {
  const me = await platform.user("我");
  const ids = await conversations(me);
  const chat = await startedChat(t, me);
  const references = [];
  for (const id of ids) references.push(await openAndClose(chat, id));

  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  for (let round = 0; round < 5; round++) {
    await sleep(20);
    collect();
  }
  const alive = references.filter((it) => it.deref()).length;
  assert.ok(alive <= KEPT, `${alive} are still in memory`);
  for (const [index, id] of ids.entries()) {
    if (index < COUNT - KEPT - 1) continue;
    const conversation = chat.openConversation(id);
    const isKept = index >= COUNT - KEPT;
    assert.deepEqual([conversation.getSnapshot().isLoaded, conversation.place ?? null],
      [isKept, isKept ? { id } : null], `conversation ${index + 1} of ${COUNT}`);
    // Not closed, so that none leaves its place to another one.
  }
});

async function openAndClose(chat, id) {
  const conversation = await opened(chat, { id });
  conversation.place = { id };
  conversation.close();
  return new WeakRef(conversation);
}

async function conversations(me) {
  const tag = `CONV_${Date.now()}_${me.id}`;
  await platform.execute("INSERT INTO orbia_conversation (conversation_id, title, type, last_message_at)"
    + ` SELECT CONCAT(%s, '_', seq), 'many', 'general', FROM_UNIXTIME(1700000000 + seq) FROM seq_1_to_${COUNT}`, tag);
  await platform.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id)"
    + " SELECT id, %s FROM orbia_conversation WHERE conversation_id LIKE %s", me.id, `${tag}_%`);
  const rows = await platform.rows("SELECT id FROM orbia_conversation WHERE conversation_id LIKE %s", `${tag}_%`);
  return rows.map(({ id }) => id);
}
