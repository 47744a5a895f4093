// Uploads: progress, order, another try, and taking one back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../nginx/www/client/index.js";
import { contents, eventually, opened, sleep, startedChat, until } from "./support/chats.mjs";
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
  const { state, message: { message_type, file_name } } = entry;
  assert.deepEqual([state, message_type, file_name], ["uploading", "image", "封面.png"]);
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
  const facts = { file_name: "a.webp", file_size: 5, file_type: "image/webp" };
  uploads[0].resolve({ url: "https://files.example/a.webp", ...facts });
  await until(conversation, (it) => it.messages.length === 1, "it is sent");
  const [message] = await stored(other, row);
  for (const [name, value] of Object.entries(facts)) assert.equal(message[name], value, name);
});

test("the type of a message is that of its file, where none is given", async (t) => {
  const { uploads, conversation } = await uploading(t);
  const types = {
    "image/png": "image", "video/mp4": "video", "audio/mpeg": "audio", "application/pdf": "file", "": "file",
    "image/svg+xml": "file", "image/heic": "file",
  };
  for (const type of Object.keys(types)) conversation.sendFile(new Blob(["x"], { type }), { file_name: "x" });
  const { unsent } = conversation.getSnapshot();
  assert.deepEqual(unsent.map(({ message }) => message.message_type), Object.values(types));
  for (const { key } of unsent) conversation.discard(key);
  await until(conversation, (it) => it.unsent.length === 0, "all are taken back");
  assert.ok(uploads.length > 0 && uploads.every(({ task }) => task.signal.aborted));
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
  const { unsent } = await until(conversation, (it) => it.unsent[0].state === "failed", "it has failed");
  const [{ key, error }] = unsent;
  assert.deepEqual(error, { status: 0, message: "too large" });
  conversation.sendAgain(key);
  await begun(conversation, uploads, 2);
  assert.equal(conversation.getSnapshot().unsent[0].state, "uploading");
  uploads[1].resolve({ url: "https://files.example/a.png" });
  await until(conversation, (it) => it.messages.length === 1, "it is sent");
  assert.deepEqual(contents(await stored(other, row)), ["https://files.example/a.png"]);
});

test("files that are given in one go arrive in their order, and nothing else waits for them", async (t) => {
  const { other, row, uploads, conversation } = await uploading(t);
  conversation.sendFile(picture(), { message_type: "image", file_name: "slow.png" });
  conversation.sendFile(picture(), { message_type: "image", file_name: "quick.png" });
  conversation.send({ message_type: "text", content: "a text" });
  await begun(conversation, uploads, 2);
  conversation.sendFile(picture(), { message_type: "image", file_name: "later.png" });
  await begun(conversation, uploads, 3);
  await until(conversation, (it) => it.messages.length === 1, "the text is sent");
  const finish = (name) =>
    uploads.find(({ task }) => task.fileName === name).resolve({ url: `https://files.example/${name}` });
  finish("quick.png");
  finish("later.png");
  await until(conversation, (it) => it.messages.length === 2, "the later one is sent");
  finish("slow.png");
  await until(conversation, (it) => it.messages.length === 4, "all are sent");
  assert.deepEqual(contents(await stored(other, row)), ["a text", "https://files.example/later.png",
    "https://files.example/slow.png", "https://files.example/quick.png"]);
});

test("one that fails or is taken back keeps none of the others waiting", async (t) => {
  const { other, row, uploads, conversation } = await uploading(t);
  for (const name of ["fails", "discarded", "last"]) conversation.sendFile(picture(), { file_name: name });
  await begun(conversation, uploads, 3);
  uploads[2].resolve({ url: "https://files.example/last" });
  uploads[0].reject(new Error("no"));
  await until(conversation, (it) => it.unsent[0].state === "failed", "it has failed");
  assert.deepEqual(conversation.getSnapshot().unsent.map(({ state }) => state), ["failed", "uploading", "uploading"]);
  conversation.discard(conversation.getSnapshot().unsent[1].key);
  await until(conversation, (it) => it.messages.length === 1, "the last one is sent");
  conversation.sendAgain(conversation.getSnapshot().unsent[0].key);
  await begun(conversation, uploads, 4);
  uploads[3].resolve({ url: "https://files.example/fails" });
  await until(conversation, (it) => it.messages.length === 2, "the first one is sent, too");
  assert.deepEqual(contents(await stored(other, row)), ["https://files.example/last", "https://files.example/fails"]);
});

test("three are uploaded at a time", async (t) => {
  const { uploads, conversation } = await uploading(t);
  const keys = [1, 2, 3, 4, 5].map((name) => conversation.sendFile(picture(), { file_name: `${name}` }));
  await begun(conversation, uploads, 3);
  await sleep(50);
  assert.equal(uploads.length, 3);
  conversation.discard(keys[3]);
  conversation.discard(keys[0]);
  await eventually(() => uploads.length === 4, "the next one has begun");
  assert.deepEqual(uploads.map(({ task }) => task.fileName), ["1", "2", "3", "5"]);
});

test("what fails for a reason that may pass is tried again by itself", async (t) => {
  const { uploads, conversation } = await uploading(t);
  conversation.sendFile(picture(), { file_name: "a.png" });
  await begun(conversation, uploads, 1);
  uploads[0].reject(new ApiError(503, "busy"));
  await eventually(() => uploads.length === 2, "it is tried again");
  assert.equal(conversation.getSnapshot().unsent[0].state, "uploading");
  uploads[1].reject(new ApiError(413, "too large"));
  const { unsent } = await until(conversation, (it) => it.unsent[0].state === "failed", "it has failed for good");
  assert.deepEqual(unsent[0].error, { status: 413, message: "too large" });
});

test("an upload that gives no URL has failed, and nothing is sent", async (t) => {
  const { uploads, conversation } = await uploading(t);
  conversation.sendFile(picture(), { file_name: "a.png" });
  await begun(conversation, uploads, 1);
  uploads[0].resolve({});
  const { unsent } = await until(conversation, (it) => it.unsent[0].state === "failed", "it has failed");
  assert.equal(unsent[0].error.status, 400);
});

test("what is uploaded is not uploaded again where its message has failed", async (t) => {
  const { other, row, uploads, conversation } = await uploading(t);
  conversation.sendFile(picture(), { file_name: "x".repeat(501) });
  await begun(conversation, uploads, 1);
  uploads[0].resolve({ url: "ftp://files.example/a.png" });
  const { unsent } = await until(conversation, (it) => it.unsent[0].state === "failed", "the service refuses it");
  assert.equal(unsent[0].error.status, 400);
  conversation.sendAgain(unsent[0].key);
  await until(conversation, (it) => it.unsent[0].state === "sending", "it is sent again");
  await until(conversation, (it) => it.unsent[0].state === "failed", "and refused again");
  assert.equal(uploads.length, 1);
  assert.deepEqual(await stored(other, row), []);
});

test("a chat that is stopped and started again uploads what it had begun", async (t) => {
  const { me, row, uploads } = await uploading(t);
  const upload = (file, task) => new Promise((resolve, reject) => {
    uploads.push({ task, resolve });
    task.signal.addEventListener("abort", () => reject(task.signal.reason));
  });
  const chat = await startedChat(t, me, { upload });
  const conversation = await opened(chat, row);
  conversation.sendFile(picture(), { file_name: "a.png" });
  await begun(conversation, uploads, 1);
  chat.stop();
  assert.ok(uploads[0].task.signal.aborted);
  chat.start();
  await eventually(() => uploads.length === 2, "it is uploaded anew");
  uploads[1].resolve({ url: "https://files.example/a.png" });
  await until(conversation, (it) => it.messages.length === 1, "it is sent");
  assert.deepEqual(conversation.getSnapshot().unsent, []);
});

test("without an upload there is no sending of files", async (t) => {
  const me = await platform.user("我");
  const conversation = await opened(await startedChat(t, me), await platform.conversation([me]));
  assert.throws(() => conversation.sendFile(picture()), TypeError);
  assert.deepEqual(conversation.getSnapshot().unsent, []);
});
