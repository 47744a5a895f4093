// How the page uploads files, by what config.js says.

import { ApiError, putFile } from "../../client/index.js";
import { config } from "../../config.js";
import { extensionOf } from "./kinds.js";

/**
 * Returns the `upload` for createChat, or undefined where the site has none.
 *
 * @param {function(?string): Promise<?string>} getToken as that of createChat
 */
export function uploadOf(getToken) {
  if (config.upload) return config.upload(getToken);
  return config.uploadUrl ? (file, task) => put(file, task, getToken) : undefined;
}

// A PUT to uploadUrl, whose answer has the file's address in Location.
async function put(file, { fileName, signal, onProgress }, getToken) {
  const address = new URL(config.uploadUrl.replaceAll("{extension}", extensionOf(file, fileName)), document.baseURI);
  const send = (token) => putFile(address, file, { headers: { Authorization: `Bearer ${token}` }, signal, onProgress });
  let answer;
  try {
    answer = await withToken(send, getToken);
  } catch (error) {
    // A file that was changed or removed since it was chosen breaks off the request, and does so again.
    if (!signal.aborted && error.status === 0 && !await canBeRead(file)) throw new ApiError(410, "cannot be read");
    throw error;
  }
  const location = answer.header("Location");
  if (!location) throw new ApiError(400, "the upload was answered without a Location");
  return { url: new URL(location, address).href };
}

async function withToken(send, getToken) {
  const token = await getToken(null);
  try {
    return await send(token);
  } catch (error) {
    const renewed = error.status === 401 ? await getToken(token) : null;
    if (!renewed || renewed === token) throw error;
    return send(renewed);
  }
}

async function canBeRead(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
