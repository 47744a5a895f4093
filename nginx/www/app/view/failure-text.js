// Texts for users about the errors of calls.

import { t, tOr } from "../language/language.js";

/**
 * Returns the text about a failed send.
 *
 * @param {{status: number, message: string}} error its message is the text where there is no better one
 */
export function failureText({ status, message }) {
  if (message === "conversation is closed") return t("failed_closed");
  if (status === 400 && message.includes("reply_to")) return t("failed_quote");
  if (message === "conversation is at the end of time") return t("failed_endOfTime");
  return tOr(`failed_${status}`, status >= 500 ? t("failed_503") : message);
}

/** Returns the text about a message that is on its way, or has failed. */
export function unsentText({ state, error, progress, message }) {
  const isUpload = message.message_type !== "text" && message.content === "";
  if (isUpload && state === "failed") return `${t("uploadFailed")}: ${uploadFailureText(error)}`;
  if (state === "uploading") return progress === null ? t("uploadWaits") : t("uploadPercent", { n: percent(progress) });
  if (state !== "failed") return t(navigator.onLine ? "stateSending" : "stateNoNetwork");
  // The client sends it again by itself.
  return error.status === 0 ? t("failed_waits") : `${t("stateFailed")}: ${failureText(error)}`;
}

function percent(part) {
  return Math.floor(part * 100);
}

// The upload is another service mostly, whose own words are for programs.
function uploadFailureText({ status }) {
  return tOr(`uploadFailed_${status}`, t(status >= 500 ? "uploadFailed_503" : "uploadFailed_400"));
}

/** Returns the text about a conversation that cannot be shown. */
export function accessText({ status, message }) {
  if (status === 403) return t("noAccess");
  // An address can have a number that no conversation can have (400).
  return status === 404 || status === 400 ? t("notFound") : message;
}

/** Returns the text about a failed poll. */
export function pollErrorText({ status }) {
  if (status === 0) return t("offline");
  return status === 429 ? t("tooMany") : t("unavailable");
}
