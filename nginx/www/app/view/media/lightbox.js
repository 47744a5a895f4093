// The lightbox: a conversation's pictures and videos one at a time, over the whole page.

import { fullTime } from "../../language/formats.js";
import { t } from "../../language/language.js";
import { element, fill, icon, iconButton, isolated } from "../dom.js";
import { backCloses } from "../history.js";
import { externalLink } from "../content/links.js";
import { hasFailed, rememberFailure, rememberSize, onRetry, retry } from "./known-media.js";
import { pausePlaying } from "./one-player.js";
import { fromFirstPicture } from "./video-player.js";
import { Zoom } from "./zoom.js";

// Further than this many pages of messages without a picture are not read at a time.
const MOST_PAGES = 10;
const ZOOM_STEP = 1.5;

export class Lightbox {
  #items;
  #index;
  #hasMore;
  #events;
  #dialog;
  #zoom;
  #takeBackEntry;
  // Where one wants to go and nothing is loaded yet: -1 to older ones, 1 to newer ones, or 0.
  #awaited = 0;
  #pages = 0;
  // What is drawn.
  #shownUrl = null;
  #stage = element("div.lightbox-stage", { tabindex: -1 });
  #counter = element("span.lightbox-counter");
  #caption = element("p.lightbox-caption");
  #status = element("p.lightbox-status", { role: "status" });
  #zoomButton = iconButton("zoom", t("actualSize"), () => this.#zoom.toggle());
  #links = element("span.lightbox-links");
  #previous = iconButton("previous", t("previousMedia"), () => this.#step(-1));
  #next = iconButton("next", t("nextMedia"), () => this.#step(1));

  /**
   * Opens it.
   *
   * @param {object} shown items, as mediaItems makes them; key of the one to begin with; hasOlder and hasNewer, whether
   *   there are more that are not loaded; startAt, where its video goes on, in seconds, or null
   * @param {object} events loadOlder(), loadNewer(), which lead to `setItems`; onClose()
   */
  constructor({ items, key, hasOlder, hasNewer, startAt = null }, events) {
    this.#items = items;
    this.#index = Math.max(0, items.findIndex((item) => item.key === key));
    this.#hasMore = { [-1]: hasOlder, 1: hasNewer };
    this.#events = events;
    this.#previous.classList.add("lightbox-step", "before");
    this.#next.classList.add("lightbox-step", "after");
    this.#dialog = element(
      "dialog.lightbox", { "aria-label": t("media") },
      element(
        "div.lightbox-head", {}, this.#counter, this.#zoomButton, this.#links,
        iconButton("close", t("close"), () => this.close()),
      ),
      element("div.lightbox-middle", {}, this.#stage, this.#previous, this.#next, this.#status),
      this.#caption,
    );
    this.#zoom = new Zoom(this.#stage, {
      onSwipe: (by) => this.#step(by), onClose: () => this.close(), onChange: () => this.#drawZoom(),
    });
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
    this.#dialog.addEventListener("close", () => this.#onClosed());
    pausePlaying();
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#stage.focus();
    this.#takeBackEntry = backCloses(() => this.close(), { everywhere: true });
    this.#draw(startAt);
  }

  close() {
    if (this.#dialog.open) this.#dialog.close();
  }

  /** Takes over what is loaded now. What is shown stays, unless it was taken back. */
  setItems(items, hasOlder, hasNewer) {
    if (!this.#dialog.open) return;
    const current = this.#items[this.#index];
    this.#items = items;
    this.#hasMore = { [-1]: hasOlder, 1: hasNewer };
    // One that was being sent has another key afterwards.
    const index = items.findIndex(({ key }) => key === current.key);
    const found = index >= 0 ? index : items.findIndex(({ url }) => url === current.url);
    if (items.length === 0) {
      this.close();
      return;
    }
    this.#index = found >= 0 ? found : Math.min(this.#index, items.length - 1);
    const by = this.#awaited;
    this.#awaited = 0;
    if (by !== 0 && found >= 0) this.#go(by);
    this.#draw();
  }

  // MARK: Going from one to the next

  #step(by) {
    this.#pages = 0;
    this.#status.textContent = "";
    this.#go(by);
    this.#draw();
  }

  #go(by) {
    if (this.#items[this.#index + by]) {
      this.#index += by;
      this.#status.textContent = "";
    } else if (this.#hasMore[by] && this.#pages < MOST_PAGES) {
      this.#awaited = by;
      this.#pages += 1;
      this.#status.textContent = t("loading");
      if (by < 0) this.#events.loadOlder();
      else this.#events.loadNewer();
    } else if (this.#hasMore[by]) {
      this.#status.textContent = t("noMediaNear");
    } else {
      this.#status.textContent = t(by < 0 ? "firstMedia" : "lastMedia");
    }
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // A video that has the focus is sought in by the arrow keys.
    const isVideos = event.target instanceof HTMLVideoElement;
    const run = {
      ArrowLeft: isVideos ? null : () => this.#step(-1), ArrowRight: isVideos ? null : () => this.#step(1),
      "+": () => this.#zoom.by(ZOOM_STEP), "=": () => this.#zoom.by(ZOOM_STEP), "-": () => this.#zoom.by(1 / ZOOM_STEP),
      0: () => this.#zoom.reset(),
    }[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }

  // MARK: Drawing

  #draw(startAt = null) {
    const item = this.#items[this.#index];
    const more = this.#hasMore[-1] ? "+" : "";
    this.#counter.textContent = t("mediaOf", { n: this.#index + 1, of: this.#items.length, more });
    this.#drawEnd(this.#previous, -1);
    this.#drawEnd(this.#next, 1);
    fill(
      this.#caption, isolated(item.sender),
      item.time === null ? null : element("time", { datetime: new Date(item.time).toISOString() }, fullTime(item.time)),
      isolated(item.name),
    );
    if (item.url === this.#shownUrl) return;
    this.#shownUrl = item.url;
    fill(this.#links, ...links(item));
    this.#show(item, startAt);
  }

  // A button at the end can be pressed: it says that it is the end.
  #drawEnd(button, by) {
    const isEnd = !this.#items[this.#index + by] && !this.#hasMore[by];
    button.setAttribute("aria-disabled", String(isEnd));
  }

  #show(item, startAt = null) {
    this.#stage.classList.remove("loaded");
    let node;
    if (hasFailed(item.url)) node = this.#broken(item);
    else node = item.type === "video" ? this.#video(item, startAt) : this.#image(item);
    fill(this.#stage, node);
    this.#zoom.show(node.matches("img, video") ? node : null);
  }

  #image(item) {
    const image = element("img", { alt: item.name, referrerpolicy: "no-referrer", src: item.url });
    image.addEventListener("load", () => {
      rememberSize(item.url, image.naturalWidth, image.naturalHeight);
      this.#stage.classList.add("loaded");
      this.#drawZoom();
      this.#loadAhead();
    });
    image.addEventListener("error", () => this.#onBroken(item));
    return image;
  }

  #video(item, startAt) {
    const video = element("video", {
      controls: true, playsinline: true, preload: "metadata", "aria-label": item.name, src: fromFirstPicture(item.url),
    });
    video.addEventListener("loadedmetadata", () => {
      rememberSize(item.url, video.videoWidth, video.videoHeight);
      this.#stage.classList.add("loaded");
      if (startAt === null) return;
      video.currentTime = startAt;
      video.play().catch(() => {});
    });
    video.addEventListener("error", () => this.#onBroken(item));
    return video;
  }

  #onBroken(item) {
    if (this.#shownUrl !== item.url || !this.#dialog.open) return;
    rememberFailure(item.url);
    this.#show(item);
  }

  #broken(item) {
    const node = element(
      "div.lightbox-broken", {}, element("p", {}, t("cannotLoad")),
      element("button", { type: "button", onclick: () => retry(item.url) }, t("tryAgain")),
    );
    onRetry(node, item.url, () => {
      this.#show(item);
      this.#stage.focus();
    });
    return node;
  }

  // The next ones are there when one goes on.
  #loadAhead() {
    for (const by of [1, -1]) {
      const item = this.#items[this.#index + by];
      if (item?.type === "image" && !hasFailed(item.url)) {
        element("img", { referrerpolicy: "no-referrer", src: item.url });
      }
    }
  }

  #drawZoom() {
    const { isEnlarged, canEnlarge } = this.#zoom;
    const label = t(isEnlarged ? "fitSize" : "actualSize");
    this.#zoomButton.hidden = !canEnlarge;
    if (this.#zoomButton.title === label && this.#zoomButton.firstChild) return;
    this.#zoomButton.title = label;
    this.#zoomButton.setAttribute("aria-label", label);
    fill(this.#zoomButton, icon(isEnlarged ? "zoomOut" : "zoom"));
  }

  #onClosed() {
    this.#takeBackEntry();
    // What plays would go on.
    fill(this.#stage);
    this.#dialog.remove();
    this.#events.onClose();
  }
}

// A file of another origin is opened: the browser saves no such file under a name of the page's.
function links({ url, name }) {
  const isOwn = new URL(url).origin === location.origin;
  return [
    externalLink(url, { class: "icon-button", "aria-label": t("openOriginal"), title: t("openOriginal") }, icon("out")),
    isOwn ? element(
      "a.icon-button", { href: url, download: name, "aria-label": t("download"), title: t("download") },
      icon("download"),
    ) : null,
  ];
}
