// The client of the conversation API: what a front end needs to show a chat, without a line about how it looks.

import { userIdOf } from "./api/token-source.js";
import { ApiError } from "./api/api-error.js";
import { putFile } from "./api/put-file.js";
import { Chat } from "./model/chat.js";
import { conversationTypes } from "./model/list-filter.js";

export { ApiError, conversationTypes, putFile, userIdOf };

export const version = "1.1.0";

/** Makes a chat for one user; index.d.ts tells what it has. */
export function createChat(options) {
  return new Chat(options);
}
