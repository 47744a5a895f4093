// Uploads: progress, order, another try, and taking one back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contents, opened, sleep, startedChat, until } from "./support/chats.mjs";
import * as platform from "./support/platform.mjs";

/** A chat whose uploads are done by the test: `uploads` are those that were begun. */
async function uploading(t) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  const uploads = [];
  const upload = (file, task) => new Promise((resolve, reject) => {
    uploads.push({ file, task, resolve, reject });
    task.signal.addEventListener("abort", () => reject(task.signal.reason));
  });
  const conversation = await opened(await startedChat(t, me, { upload }), row);
  return { me, other, row, uploads, conversation };
}

const picture = () => new Blob(["0123456789"], { type: "image/png" });
const stored = async (user, { id }) =>
  (await platform.api(user, "get_messages", { conversation_id: id, limit: 100 })).messages;
const begun = (conversation, uploads, count) =>
  until(conversation, () => uploads.length === count, `${count} uploads have begun`);

test("a file is uploaded and sent, and its progress told", async (t) => {
  const { other, row, uploads, conversation } = await uploading(t);
  const file = picture();
  conversation.sendFile(file, { message_type: "image", file_name: "封面.png" });
  await begun(conversation, uploads, 1);
  const [{ file: given, task, resolve }] = uploads;
  assert.equal(given, file);
  assert.deepEqual([task.conversationId, task.fileName, task.signal.aborted], [row.id, "封面.png", false]);
  const [entry] = conversation.getSnapshot().unsent;
  assert.deepEqual([entry.state, entry.message.message_type, entry.message.file_name], ["uploading", "image", "封面.png"]);
  task.onProgress(0.25);
  await until(conversation, (it) => it.unsent[0].progress === 0.25, "a quarter is done");
  task.onProgress(1);
  resolve({ url: "https://files.example/cover.png" });
  const { messages } = await until(conversation, (it) => it.messages.length === 1, "it is sent");
  assert.equal(messages[0].client_message_id, entry.key);
  const [message] = await stored(other, row);
  assert.deepEqual([message.message_type, message.content, message.file_name, message.file_size, message.file_type],
    ["image", "https://files.example/cover.png", "封面.png", 10, "image/png"]);
});

test("what the upload says of the file counts", async (t) => {
  const { other, row, uploads, conversation } = await uploading(t);
  conversation.sendFile(picture(), { message_type: "image", file_name: "a.png" });
  await begun(conversation, uploads, 1);
  uploads[0].resolve({ url: "https://files.example/a.webp", file_name: "a.webp", file_size: 5, file_type: "image/webp" });
  await until(conversation, (it) => it.messages.length === 1, "it is sent");
  const [message] = await stored(other, row);
  assert.deepEqual([message.file_name, message.file_size, message.file_type], ["a.webp", 5, "image/webp"]);
});

test("the type of a message is that of its file, where none is given", async (t) => {
  const { uploads, conversation } = await uploading(t);
  const types = { "image/png": "image", "video/mp4": "video", "audio/mpeg": "audio", "application/pdf": "file", "": "file" };
  for (const type of Object.keys(types)) conversation.sendFile(new Blob(["x"], { type }), { file_name: "x" });
  const { unsent } = conversation.getSnapshot();
  assert.deepEqual(unsent.map(({ message }) => message.message_type), Object.values(types));
  for (const { key } of unsent) conversation.discard(key);
  await until(conversation, (it) => it.unsent.length === 0, "all are taken back");
  assert.ok(uploads.every(({ task }) => task.signal.aborted));
});

test("an upload that is taken back is aborted, and nothing is sent", async (t) => {
  const { other, row, uploads, conversation } = await uploading(t);
  conversation.sendFile(picture(), { message_type: "image", file_name: "a.png" });
  await begun(conversation, uploads, 1);
  conversation.discard(conversation.getSnapshot().unsent[0].key);
  assert.deepEqual([conversation.getSnapshot().unsent, uploads[0].task.signal.aborted], [[], true]);
  conversation.send({ message_type: "text", content: "after it" });
  await until(conversation, (it) => it.messages.length === 1, "the next one is sent");
  await sleep(200);
  assert.deepEqual(contents(await stored(other, row)), ["after it"]);
  assert.deepEqual(conversation.getSnapshot().unsent, []);
});

test("an upload that fails can be tried again", async (t) => {
  const { other, row, uploads, conversation } = await uploading(t);
  conversation.sendFile(picture(), { message_type: "image", file_name: "a.png" });
  await begun(conversation, uploads, 1);
  uploads[0].reject(new Error("too large"));
  const { unsent: [{ key, error }] } = await until(conversation, (it) => it.unsent[0].state === "failed", "it has failed");
  assert.deepEqual(error, { status: 0, message: "too large" });
  conversation.sendAgain(key);
  await begun(conversation, uploads, 2);
  assert.equal(conversation.getSnapshot().unsent[0].state, "uploading");
  uploads[1].resolve({ url: "https://files.example/a.png" });
  await until(conversation, (it) => it.messages.length === 1, "it is sent");
  assert.deepEqual(contents(await stored(other, row)), ["https://files.example/a.png"]);
});

test("files are sent in the order in which they are uploaded, and a text does not wait for them", async (t) => {
  const { other, row, uploads, conversation } = await uploading(t);
  conversation.sendFile(picture(), { message_type: "image", file_name: "slow.png" });
  conversation.sendFile(picture(), { message_type: "image", file_name: "quick.png" });
  conversation.send({ message_type: "text", content: "a text" });
  await begun(conversation, uploads, 2);
  await until(conversation, (it) => it.messages.length === 1, "the text is sent");
  const byName = Object.fromEntries(uploads.map((upload) => [upload.task.fileName, upload]));
  byName["quick.png"].resolve({ url: "https://files.example/quick.png" });
  await until(conversation, (it) => it.messages.length === 2, "the quick one is sent");
  byName["slow.png"].resolve({ url: "https://files.example/slow.png" });
  await until(conversation, (it) => it.messages.length === 3, "the slow one is sent");
  assert.deepEqual(contents(await stored(other, row)),
    ["a text", "https://files.example/quick.png", "https://files.example/slow.png"]);
});

test("without an upload there is no sending of files", async (t) => {
  const me = await platform.user("我");
  const conversation = await opened(await startedChat(t, me), await platform.conversation([me]));
  assert.throws(() => conversation.sendFile(picture()), TypeError);
  assert.deepEqual(conversation.getSnapshot().unsent, []);
});
