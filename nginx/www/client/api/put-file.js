// Sending a file's bytes to an address, for the `upload` of createChat.

import { ApiError, NO_ANSWER, parseRetryAfter } from "./api-error.js";

/**
 * Sends a file, as index.d.ts tells.
 *
 * Browsers tell the progress of an upload by XMLHttpRequest alone. Node has none: there a half is not known.
 */
export function putFile(url, file, options = {}) {
  return globalThis.XMLHttpRequest ? putByXMLHttpRequest(url, file, options) : putByFetch(url, file, options);
}

function putByXMLHttpRequest(url, file, { headers = {}, signal = null, onProgress = () => {} }) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ lengthComputable, loaded, total }) => {
      if (lengthComputable && total > 0) onProgress(loaded / total);
    });
    request.addEventListener("load", () => {
      const { status } = request;
      const header = (name) => headerIn(request, name);
      if (status >= 200 && status < 300) resolve({ status, header });
      else reject(new ApiError(status, request.statusText, parseRetryAfter(header("Retry-After"))));
    });
    request.addEventListener("error", () => reject(new ApiError(NO_ANSWER, "the file could not be sent")));
    request.addEventListener("abort", () => reject(signal?.reason ?? new ApiError(NO_ANSWER, "aborted")));
    request.addEventListener("loadend", () => signal?.removeEventListener("abort", abort));
    signal?.addEventListener("abort", abort);
    request.send(file);
  });
}

// getResponseHeader complains in the browser's console about a header that another origin does not show.
function headerIn(request, name) {
  const isThere = request.getAllResponseHeaders().toLowerCase().split("\r\n")
    .some((line) => line.startsWith(`${name.toLowerCase()}:`));
  return isThere ? request.getResponseHeader(name) : null;
}

async function putByFetch(url, file, { headers = {}, signal = null, onProgress = () => {} }) {
  onProgress(0);
  let response;
  try {
    response = await fetch(url, { method: "PUT", headers, body: file, signal });
    // The connection can be used again once the answer is read.
    await response.arrayBuffer();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new ApiError(NO_ANSWER, error.message);
  }
  const header = (name) => response.headers.get(name);
  if (!response.ok) throw new ApiError(response.status, response.statusText, parseRetryAfter(header("Retry-After")));
  onProgress(1);
  return { status: response.status, header };
}
