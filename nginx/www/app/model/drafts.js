// Drafts: the texts that were written and not sent, one for each conversation.

import { storage } from "./storage.js";

const nameOf = (conversationId) => `draft.${conversationId}`;

export const drafts = {
  get: (conversationId) => storage.get(nameOf(conversationId), ""),
  set: (conversationId, text) => storage.set(nameOf(conversationId), text === "" ? null : text),
};
