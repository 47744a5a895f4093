// The box of a picture or video: in its own proportions, within the bounds that styles/media.css sets.

import { sizeOf } from "./known-media.js";

// What is wider or higher than this, in proportion, is cropped: a panorama would be a line, a long screenshot a strip.
const WIDEST = 2.6;
const HIGHEST = 0.4;
// What is smaller than this many pixels in a direction is shown whole, in a box in which a finger finds it.
const SMALL = 48;
// The room that is kept until the size is known. Most clips are portraits.
const RESERVED = { image: { width: 280, height: 210 }, video: { width: 240, height: 320 } };

/**
 * Returns the box for a file of a size.
 *
 * @returns {{width: number, ratio: number, isWhole: boolean}} the width in pixels that it has where there is room, its
 *   width divided by its height, and whether the file is not cropped
 */
export function boxOf({ width, height }) {
  if (width < SMALL || height < SMALL) {
    const box = { width: Math.max(width, SMALL), height: Math.max(height, SMALL) };
    return { width: box.width, ratio: box.width / box.height, isWhole: true };
  }
  const ratio = Math.min(Math.max(width / height, HIGHEST), WIDEST);
  return { width: Math.min(width, height * ratio), ratio, isWhole: false };
}

/** Gives a frame the size for the file that it shows, or the room that is kept for one. */
export function fitFrame(frame, url, kind) {
  const size = sizeOf(url);
  const { width, ratio, isWhole } = boxOf(size ?? RESERVED[kind]);
  frame.classList.toggle("unsized", size === null);
  frame.classList.toggle("whole", isWhole);
  frame.style.setProperty("--natural-width", `${width}px`);
  frame.style.setProperty("--ratio", ratio.toFixed(4));
}
