// What is left behind: nothing that keeps Node from ending.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { contents, opened, startedChat, until } from "./support/chats.mjs";
import * as platform from "./support/platform.mjs";

// Seconds to end. It takes a tenth of one where nothing else is to be done; what would be left ends later than this.
const PATIENCE = 8;

/** Runs a program in a process of its own; resolves to the milliseconds from "stopped" until it has ended. */
function secondsToEnd(t, program, ...values) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL(`support/${program}`, import.meta.url)), ...values]);
    t.after(() => child.kill("SIGKILL"));
    let output = "", stoppedAt = 0;
    child.stdout.on("data", (data) => {
      output += data;
      if (output.includes("stopped")) stoppedAt ||= performance.now();
    });
    child.stderr.on("data", (data) => { output += data; });
    child.on("exit", (status) => {
      if (status === 0 && stoppedAt > 0) resolve({ seconds: (performance.now() - stoppedAt) / 1000, output });
      else reject(new Error(`it ended with ${status}: ${output}`));
    });
  });
}

async function endsAfterStop(t, moment) {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  await platform.send(other, row);
  const { seconds, output } = await secondsToEnd(t, "stops.mjs", JSON.stringify({ moment, user: me, row }));
  assert.equal(output, "stopped ", "nothing is left that would keep the process from ending");
  assert.ok(seconds < PATIENCE, `it took ${seconds} s`);
}

test("a program ends once its chat has stopped", { timeout: 40_000 }, (t) => endsAfterStop(t, "quiet"));

test("a program ends though it was offline", { timeout: 40_000 }, (t) => endsAfterStop(t, "offline"));

test("a program ends though much was on its way", { timeout: 40_000 }, (t) => endsAfterStop(t, "busy"));

test("importing it touches nothing of a browser's, and leaves nothing behind", { timeout: 20_000 }, async (t) => {
  const { seconds, output } = await secondsToEnd(t, "imports.mjs");
  assert.equal(output, "stopped ");
  assert.ok(seconds < PATIENCE, `it took ${seconds} s`);
});

test("a chat that was stopped can be started again, as React's strict mode does", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other]);
  const chat = await startedChat(t, me);
  const conversation = await opened(chat, row);
  chat.stop();
  chat.start();
  chat.stop();
  await platform.send(other, row, "meanwhile");
  conversation.send({ message_type: "text", content: "written meanwhile" });
  chat.start();
  await until(conversation, ({ messages }) => messages.length === 2, "what was missed comes, what was written goes");
  await until(chat, ({ isTold }) => isTold, "changes are told again");
  await platform.send(other, row, "later");
  const { messages } = await until(conversation, (it) => it.messages.length === 3, "and what comes then");
  assert.deepEqual(contents(messages).sort(), ["later", "meanwhile", "written meanwhile"]);
});
