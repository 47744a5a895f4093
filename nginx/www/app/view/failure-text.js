// What a refusal of the service's means to the user.

import { t, tOr } from "../language/language.js";

/** @param {{status: number, message: string}} error of a send; its own text where there is nothing better to say */
export function failureText({ status, message }) {
  if (message === "conversation is closed") return t("failed_closed");
  if (message === "conversation is at the end of time") return t("failed_endOfTime");
  return tOr(`failed_${status}`, status >= 500 ? t("failed_503") : message);
}

/** What an error means for the conversation that it came for. */
export function accessText({ status, message }) {
  if (status === 403) return t("noAccess");
  return status === 404 ? t("notFound") : message;
}

/** What a failed poll means. */
export function troubleText({ status }) {
  if (status === 0) return t("offline");
  return status === 429 ? t("tooMany") : t("unavailable");
}
