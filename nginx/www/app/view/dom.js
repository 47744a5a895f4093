// Making elements without markup, so that text cannot become anything else than text.

/**
 * Makes an element.
 *
 * @param {string} name of the element, with its classes: "p.note"
 * @param {object} attributes "on…" are listeners; null, undefined and false leave one out, true gives it no value
 * @param {...(Node|string|null)} children strings become text
 */
export function element(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  made.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  fill(made, ...children);
  return made;
}

/** Replaces the children of an element; null and undefined are left out. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  archive: "M6 3h8l5 5v13H6zM14 3v5h5M10 6h2M10 9h2M10 12h2v4h-2z",
  attach: "M8 12.5 14.5 6a3 3 0 0 1 4.2 4.2l-8.5 8.5a5 5 0 0 1-7-7l7.8-7.8",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M8 8h12v12H8zM16 8V4H4v12h4",
  document: "M6 3h8l5 5v13H6zM14 3v5h5M9 12.5h7M9 16.5h7",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  down: "M12 5v14M6 13l6 6 6-6",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  expand: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.5h4M4 14.5h4M16 9.5h4M16 14.5h4",
  gone: "M5 5h14v11h-7l-5 4v-4H5zM9.5 8.5l5 5M14.5 8.5l-5 5",
  image: "M4 4h16v16H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  locked: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 15v2",
  members: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21a7 7 0 0 1 14 0M16 3.5a4 4 0 0 1 0 7.2M18.5 14.5A7 7 0 0 1 22 21",
  microphone: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM6 11.5a6 6 0 0 0 12 0M12 17.5V21M9 21h6",
  more: "M5 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2zM12 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2zM19 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2z",
  muted: "M4 9v6h4l5 4V5L8 9zM17 9l5 6M22 9l-5 6",
  next: "M9 5l7 7-7 7",
  offline: "M7 18h10a4 4 0 0 0 .8-7.9A6 6 0 0 0 6.3 9.6 4.2 4.2 0 0 0 7 18zM4 4l16 16",
  out: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  pause: "M8 5v14M16 5v14",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
  play: "M8 5l11 7-11 7z",
  previous: "M15 5l-7 7 7 7",
  quote: "M9 7 4 12l5 5M4 12h11a5 5 0 0 1 5 5v2",
  read: "M2 12.5l4.5 4.5L15 8M11 16l1 1 9.5-9.5",
  recall: "M4 5v5h5M4.5 10a8 8 0 1 1-.4 4",
  retry: "M20 5v5h-5M19.5 10a8 8 0 1 0 .4 4",
  return: "M9 5l-5 5 5 5M4 10h10a6 6 0 0 1 0 12h-3",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  send: "M4 12l16-8-5 16-3.5-6.5z",
  sent: "M5 12.5l4.5 4.5L19 7.5",
  settings: "M4 7h9M19 7h1M4 17h1M11 17h9M16 4v6M8 14v6",
  sheet: "M6 3h8l5 5v13H6zM14 3v5h5M9 12h7v6H9zM12.5 12v6M9 15h7",
  slides: "M4 4h16v11H4zM12 15v5M8 20h8M9 8v4M12 7v5M15 9v3",
  sound: "M4 9v6h4l5 4V5L8 9zM17 8.5a5 5 0 0 1 0 7M19.5 6a9 9 0 0 1 0 12",
  stop: "M7 7h10v10H7z",
  up: "M12 19V5M6 11l6-6 6 6",
  waiting: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  zoom: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5M11 8v6M8 11h6",
  zoomOut: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5M8 11h6",
};

/** Makes one of ICONS, in the text's colour. Screen readers pass over it: its meaning has to be in a text beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Makes a button that shows an icon, and has a label for screen readers. */
export function iconButton(name, label, onclick) {
  return element("button.icon-button", { type: "button", "aria-label": label, title: label, onclick }, icon(name));
}

/** Makes an element for a name or title, whose direction of writing does not affect the text around it. */
export function isolated(text) {
  return element("bdi", {}, text);
}
