// The example of an upload by the platform's flow, on a stand-in of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { putFile } from "../../nginx/www/client/index.js";
import { platformUpload } from "../../nginx/www/client/examples/platform-upload.js";
import { opened, startedChat, until } from "./support/chats.mjs";
import * as platform from "./support/platform.mjs";

const endpoint = process.env.ORBIA_UPLOAD_ENDPOINT;
const getToken = (refused) => refused === null ? "an-old-token" : "the-token";

/** Uploads by the example, with faults of the platform's that happen once each. */
async function uploaded(size, faults = [], options = {}) {
  await platform.uploads("order", faults);
  const parts = [];
  const task = {
    conversationId: 1, fileName: "片.MP4", signal: new AbortController().signal, onProgress: (it) => parts.push(it),
    ...options,
  };
  const upload = platformUpload({ endpoint, getToken: options.getToken ?? getToken });
  return { ...await upload(new Blob(["x".repeat(size)], { type: "video/mp4" }), task), parts };
}

test("a file comes to the platform's storage, and its public URL into the message", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  const chat = await startedChat(t, me, { upload: platformUpload({ endpoint, getToken }) });
  const conversation = await opened(chat, row);
  conversation.sendFile(new Blob(["0123456789"], { type: "image/png" }), { file_name: "封面.png" });
  const { messages: [message] } = await until(conversation, (it) => it.messages.length === 1, "it is sent");
  assert.match(message.content, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\.png$/);
  assert.equal(await platform.uploads("content", new URL(message.content).pathname), "0123456789");
});

test("the address is asked for by extension and size, with a token that is renewed", async () => {
  const { url, parts } = await uploaded(700);
  assert.ok(url.endsWith(".mp4"));
  assert.deepEqual([parts.at(0), parts.at(-1)], [0, 1]);
  assert.deepEqual((await platform.uploads("asked_for")).at(-1), ["mp4", 700]);
});

test("an address that has expired is asked for again, once", async () => {
  const before = (await platform.uploads("asked_for")).length;
  assert.ok((await uploaded(10, ["expired"])).url);
  assert.equal((await platform.uploads("asked_for")).length, before + 2);
  await assert.rejects(uploaded(10, ["expired", "expired"]), { name: "ApiError", status: 403, isTemporary: false });
});

test("what is refused says so by its status", async () => {
  await assert.rejects(uploaded(1001), { name: "ApiError", status: 413, isTemporary: false });
  await assert.rejects(uploaded(10, [], { getToken: () => "bad" }), { status: 401, isTemporary: false });
});

test("what fails on the way may pass", async () => {
  await assert.rejects(uploaded(10, ["failing"]), { name: "ApiError", status: 500, isTemporary: true });
  await assert.rejects(uploaded(10, ["broken"]), { name: "ApiError", status: 0, isTemporary: true });
  await assert.rejects(platformUpload({ endpoint: "http://127.0.0.1:1/", getToken })(
    new Blob(["x"]), { fileName: "a.png", signal: new AbortController().signal, onProgress() {} }),
  { name: "ApiError", status: 0, isTemporary: true });
});

test("one that is aborted ends with the reason", async () => {
  const aborted = new AbortController();
  aborted.abort(new Error("taken back"));
  await assert.rejects(uploaded(10, [], { signal: aborted.signal }), /taken back/);
  await assert.rejects(putFile(endpoint, new Blob(["x"]), { signal: aborted.signal }), /taken back/);
});
