// What is left behind: nothing that keeps Node from ending.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as platform from "./support/platform.mjs";

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
  const { seconds } = await secondsToEnd(t, "stops.mjs", JSON.stringify({ moment, user: me, row }));
  assert.ok(seconds < 2, `it took ${seconds} s`);
}

test("a program ends once its chat has stopped", { timeout: 40_000 }, (t) => endsAfterStop(t, "quiet"));

test("a program ends though it was offline", { timeout: 40_000 }, (t) => endsAfterStop(t, "offline"));

test("a program ends though much was on its way", { timeout: 40_000 }, (t) => endsAfterStop(t, "busy"));

test("importing it touches nothing of a browser's, and leaves nothing behind", { timeout: 20_000 }, async (t) => {
  const { seconds, output } = await secondsToEnd(t, "imports.mjs");
  assert.equal(output, "stopped ");
  assert.ok(seconds < 2, `it took ${seconds} s`);
});
