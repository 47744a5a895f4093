// The sizes of pictures that are being loaded. The browser knows a picture's size once its first bytes are there; over
// a slow line that is long before it tells that the picture is loaded.

const EVERY = 100;

const waiting = new Map();
let timer = null;

/** Calls `onSize` once the size of a picture is known, which is in the document by then or soon. */
export function watchSize(image, onSize) {
  waiting.set(image, onSize);
  timer ??= setInterval(look, EVERY);
}

/** To be called when a picture is loaded, or has failed. */
export function unwatchSize(image) {
  waiting.delete(image);
  stopIfIdle();
}

function look() {
  for (const [image, onSize] of waiting) {
    if (!image.isConnected) {
      waiting.delete(image);
    } else if (image.naturalWidth > 0) {
      waiting.delete(image);
      onSize();
    }
  }
  stopIfIdle();
}

function stopIfIdle() {
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = null;
}
