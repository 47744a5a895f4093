// The pictures that are being uploaded, as they lie on the user's device: by the key of the message, a blob: URL.

import { extensionOf, kindOf } from "../../upload/kinds.js";

const previews = new Map();

/** Keeps the picture of a message that is being uploaded; of other files there is nothing to show. */
export function keepPreview(conversationId, key, file) {
  if (kindOf(extensionOf(file)) !== "image") return;
  previews.set(key, { conversationId, url: URL.createObjectURL(file) });
}

/** Returns the blob: URL of a message's picture, or null. */
export function previewOf(key) {
  return previews.get(key)?.url ?? null;
}

/** Lets go of those of a conversation that is not unsent any more; of all, without arguments. */
export function forgetPreviews(conversationId = null, unsent = []) {
  const kept = new Set(unsent.map(({ key }) => key));
  for (const [key, preview] of previews) {
    if (conversationId !== null && (preview.conversationId !== conversationId || kept.has(key))) continue;
    URL.revokeObjectURL(preview.url);
    previews.delete(key);
  }
}
