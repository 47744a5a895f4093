// A program that has done something with the module, and ends by itself: run by stopping.test.mjs in a process of its
// own, with a JSON object of what it is to do as its argument.

import { opened, startedChat, until } from "./chats.mjs";
import { Network } from "./network.mjs";

const { moment, user, row } = JSON.parse(process.argv[2]);
const network = new Network();
const t = { after() {} };
const upload = () => new Promise(() => {});

const chat = await startedChat(t, user, { fetch: network.fetch, upload });
const conversation = await opened(chat, row);
if (moment === "offline") {
  network.goDown();
  conversation.send({ message_type: "text", content: "x" });
  await until(chat, ({ problem }) => problem, "the problem is told");
} else if (moment === "busy") {
  conversation.send({ message_type: "text", content: "x" });
  conversation.sendFile(new Blob(["x"]), { file_name: "x" });
  conversation.setVisible(conversation.getSnapshot().messages[0].message_id);
  chat.search({ query: "x" });
}
chat.stop();
process.stdout.write("stopped");
