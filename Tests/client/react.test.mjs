// The example for React, rendered by React's test renderer on the real stack.

import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { eventually, startedChat } from "./support/chats.mjs";
import * as platform from "./support/platform.mjs";
import { CLIENT, ts } from "./support/typescript.mjs";

const require = createRequire("/usr/share/nodejs/");
const React = require("react");
const { act, create } = require("react-test-renderer");
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

/** The example as JavaScript, in a directory in which the module and React are installed as packages. */
async function compiled(t) {
  const directory = mkdtempSync(join(tmpdir(), "orbia-react-"));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "node_modules", "@orbia"), { recursive: true });
  symlinkSync(CLIENT, join(directory, "node_modules", "@orbia", "conversation-client"));
  symlinkSync("/usr/share/nodejs/react", join(directory, "node_modules", "react"));
  const { outputText, diagnostics } = ts.transpileModule(readFileSync(`${CLIENT}examples/react.tsx`, "utf8"), {
    reportDiagnostics: true,
    compilerOptions: { jsx: ts.JsxEmit.ReactJSX, module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
  });
  assert.deepEqual(diagnostics, []);
  writeFileSync(join(directory, "react.mjs"), outputText);
  return import(pathToFileURL(join(directory, "react.mjs")));
}

const textOf = (node) => typeof node === "string" ? node : (node.children ?? []).map(textOf).join("");

test("the example for React shows the list and a conversation, and sends", async (t) => {
  const [me, other] = [await platform.user("我"), await platform.user("对方")];
  const row = await platform.conversation([me, other], { title: "Order 7" });
  await platform.send(other, row, "hello");
  const chat = await startedChat(t, me);
  const { ChatApp } = await compiled(t);
  let renderer;
  // In strict mode each effect runs twice: what it does has to be undone by its end.
  await act(async () => {
    renderer = create(React.createElement(React.StrictMode, null, React.createElement(ChatApp, { chat })));
  });
  t.after(() => act(() => renderer.unmount()));
  const shows = (text) => eventually(async () => {
    await act(async () => {});
    return textOf({ children: [].concat(renderer.toJSON()) }).includes(text);
  }, `it shows ${text}`);

  await shows("Order 7 1");
  await act(async () => renderer.root.findByType("button").props.onClick());
  await shows("对方: hello");
  await eventually(async () => await platform.unread(me, row) === 0, "what is shown is marked as read");

  await act(async () => renderer.root.findByType("input").props.onChange({ target: { value: "answer" } }));
  assert.equal(renderer.root.findByType("input").props.value, "answer");
  await act(async () => renderer.root.findByType("form").props.onSubmit({ preventDefault() {} }));
  await shows("我: answer");
  assert.equal(renderer.root.findByType("input").props.value, "");
  await platform.send(other, row, "thanks");
  await shows("对方: thanks");
});
