// A person's or a conversation's picture; the first letter of the name where there is none.

import { element } from "./dom.js";
import { safeUrl } from "./links.js";

const COLOURS = 8;

/** It is decoration: the name stands beside it. */
export function avatar(url, name) {
  const [letter = "?"] = name;
  const made = element("span.avatar", { "aria-hidden": "true" }, letter.toUpperCase());
  made.classList.add(`colour-${Array.from(name).reduce((sum, character) => sum + character.codePointAt(0), 0) % COLOURS}`);
  const src = url ? safeUrl(url) : null;
  if (src) {
    const image = element("img", { src, alt: "", loading: "lazy", referrerpolicy: "no-referrer" });
    image.addEventListener("error", () => image.remove());
    made.append(image);
  }
  return made;
}
