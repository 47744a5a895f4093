// Avatars: pictures of users, or the first letter of the name where there is no picture.

import { element } from "./dom.js";
import { safeUrl } from "./content/links.js";

const COLOURS = 8;

/** Makes an avatar. Screen readers pass over it, since the name stands beside it. */
export function avatar(url, name) {
  const [letter = "?"] = name;
  const made = element("span.avatar", { "aria-hidden": "true" }, letter.toUpperCase());
  const sum = Array.from(name).reduce((total, character) => total + character.codePointAt(0), 0);
  made.classList.add(`colour-${sum % COLOURS}`);
  const src = url ? safeUrl(url) : null;
  if (src) {
    const image = element("img", { src, alt: "", loading: "lazy", referrerpolicy: "no-referrer" });
    image.addEventListener("error", () => image.remove());
    made.append(image);
  }
  return made;
}
