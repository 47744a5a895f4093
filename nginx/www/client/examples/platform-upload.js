// @ts-check
// The upload of a platform that gives addresses to which files are sent: ask for one by the file's extension and size,
// PUT the file there, and share it by the public URL.
//
//     const chat = createChat({ getToken, upload: platformUpload({ endpoint: "/api/v1/upload-address", getToken }) });
//
// The storage is on another origin mostly, and has to allow this one (CORS): the method PUT and the headers that the
// platform gives. A page's policy needs the storage's origin in connect-src.

import { ApiError, putFile } from "../index.js";

// What a storage answers with where an address has expired, or was used.
const EXPIRED = [403, 410];

/**
 * @param {object} platform
 * @param {string} platform.endpoint where addresses are asked for
 * @param {import("../index.js").ChatOptions["getToken"]} platform.getToken
 * @returns {import("../index.js").Upload}
 */
export function platformUpload({ endpoint, getToken }) {
  return async (file, { fileName, signal, onProgress }) => {
    const wanted = { extension: extensionOf(fileName, file.type), size: file.size };
    for (let isFirst = true; ; isFirst = false) {
      const address = await askForAddress(endpoint, wanted, getToken, signal);
      try {
        await putFile(address.url, file, { headers: address.headers, signal, onProgress });
        return { url: address.public_url };
      } catch (error) {
        // A long wait, or a laptop that slept, lets an address expire. Another one is asked for once.
        if (!isFirst || !(error instanceof ApiError) || !EXPIRED.includes(error.status)) throw error;
      }
    }
  };
}

/**
 * @param {string} endpoint
 * @param {{extension: string, size: number}} wanted
 * @param {import("../index.js").ChatOptions["getToken"]} getToken
 * @param {AbortSignal} signal
 * @returns {Promise<{url: string, headers: Record<string, string>, public_url: string}>}
 */
async function askForAddress(endpoint, wanted, getToken, signal) {
  let token = await getToken(null);
  let response = await ask(endpoint, wanted, token, signal);
  if (response.status === 401) {
    const renewed = await getToken(token);
    if (renewed !== null && renewed !== token) response = await ask(endpoint, wanted, renewed, signal);
  }
  // The status says whether it may pass: 413 does not, 503 does. Then it is tried again.
  if (!response.ok) throw new ApiError(response.status, `no address for the upload: ${response.status}`);
  return response.json();
}

/**
 * @param {string} endpoint
 * @param {object} wanted
 * @param {string | null} token
 * @param {AbortSignal} signal
 */
async function ask(endpoint, wanted, token, signal) {
  try {
    return await fetch(endpoint, {
      method: "POST",
      headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(wanted),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, String(error));
  }
}

/**
 * @param {string} name
 * @param {string} type
 */
function extensionOf(name, type) {
  return (/\.([a-z0-9]{1,8})$/i.exec(name)?.[1] ?? /\/([a-z0-9]+)/.exec(type)?.[1] ?? "bin").toLowerCase();
}
