// The platform around the page: its sign-in, and the tokens that it hands out. config.js says where these are.

import { config } from "../config.js";

/** Whether users sign in at the platform, and not here. */
export const hasOwnSignIn = !config.signInUrl;

/** The address of the platform's sign-in, which leads back to where the user is. */
export function signInAddress() {
  return config.signInUrl.replaceAll("{return}", encodeURIComponent(location.href));
}

/** Resolves to a new token, or to null where the platform has none. Rejects where that cannot be told now. */
export async function platformToken() {
  if (!config.tokenUrl) return null;
  const response = await fetch(config.tokenUrl, { credentials: "include", cache: "no-store" });
  if ([401, 403, 404].includes(response.status)) return null;
  if (!response.ok) throw new Error(`${config.tokenUrl} was answered with ${response.status}`);
  const { token } = await response.json();
  return typeof token === "string" ? token : null;
}
