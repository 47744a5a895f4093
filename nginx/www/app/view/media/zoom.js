// A picture that can be enlarged and moved: by fingers, the mouse and keys. Where it fills its room alone, fingers that
// go sideways or down say something else: the next one, or that it is to be closed.

const MOST = 4;
// How far a finger has to go, in pixels, and within which time and distance two taps are one gesture.
const SWIPE = 56;
const CLOSING = 110;
const TAP_TIME = 300;
const TAP_DISTANCE = 30;
// The browser's controls at the lower end of a video, which have the fingers for themselves.
const CONTROLS = 90;

export class Zoom {
  #stage;
  #events;
  #node = null;
  #scale = 1;
  #x = 0;
  #y = 0;
  #pointers = new Map();
  #gesture = null;
  #lastTap = null;

  /**
   * @param {HTMLElement} stage has the picture in its middle
   * @param {object} events onSwipe(step), with 1 for the next one; onClose(); onChange(), when it is enlarged, or not
   */
  constructor(stage, events) {
    this.#stage = stage;
    this.#events = events;
    stage.addEventListener("pointerdown", (event) => this.#onDown(event));
    stage.addEventListener("pointermove", (event) => this.#onMove(event));
    stage.addEventListener("pointerup", (event) => this.#onUp(event));
    stage.addEventListener("pointercancel", (event) => this.#onUp(event, false));
    stage.addEventListener("dblclick", (event) => this.#onDoubleClick(event));
    stage.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    // The browser would drag the picture's file.
    stage.addEventListener("dragstart", (event) => event.preventDefault());
  }

  /** @param {?HTMLElement} node a picture, which can be enlarged, a video, which cannot, or null */
  show(node) {
    this.#node = node;
    this.#pointers.clear();
    this.#gesture = null;
    this.reset();
  }

  get isEnlarged() {
    return this.#scale > 1.01;
  }

  get canEnlarge() {
    return this.#node instanceof HTMLImageElement;
  }

  reset() {
    [this.#scale, this.#x, this.#y] = [1, 0, 0];
    this.#apply();
  }

  /** Goes from the whole picture to its actual size, or twice its size where that is no more, and back. */
  toggle(at = null) {
    if (this.isEnlarged) this.reset();
    else this.#scaleTo(this.#actual, at);
  }

  /** Enlarges by a factor; a key's way. */
  by(factor) {
    this.#scaleTo(this.#scale * factor);
  }

  // The scale in which a pixel of the picture is one of the screen.
  get #actual() {
    const natural = this.#node.naturalWidth / (this.#node.offsetWidth || 1);
    return natural > 1.1 ? natural : 2;
  }

  #scaleTo(scale, at = null) {
    if (!this.canEnlarge) return;
    const next = Math.min(Math.max(scale, 1), Math.max(MOST, this.#actual));
    const box = this.#stage.getBoundingClientRect();
    // What is under the fingers stays there.
    const [x, y] = at ? [at.x - box.left - box.width / 2, at.y - box.top - box.height / 2] : [0, 0];
    this.#x = x - (x - this.#x) * (next / this.#scale);
    this.#y = y - (y - this.#y) * (next / this.#scale);
    this.#scale = next;
    this.#apply();
  }

  #apply() {
    if (!this.#node) return;
    const { offsetWidth, offsetHeight } = this.#node;
    const [roomX, roomY] = [this.#stage.clientWidth, this.#stage.clientHeight];
    const boundX = Math.max(0, (offsetWidth * this.#scale - roomX) / 2);
    const boundY = Math.max(0, (offsetHeight * this.#scale - roomY) / 2);
    this.#x = Math.min(boundX, Math.max(-boundX, this.#x));
    this.#y = Math.min(boundY, Math.max(-boundY, this.#y));
    const isMoved = this.isEnlarged || this.#x !== 0 || this.#y !== 0;
    this.#node.style.transform = isMoved ? `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})` : "";
    this.#stage.classList.toggle("enlarged", this.isEnlarged);
    this.#events.onChange();
  }

  // MARK: Pointers

  #onDown(event) {
    if (event.button !== 0 || event.target.closest("button, a")) return;
    if (event.target instanceof HTMLVideoElement) {
      if (event.pointerType === "mouse") return;
      if (event.clientY > event.target.getBoundingClientRect().bottom - CONTROLS) return;
    }
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    // A video's own taps would not come where the stage has the pointer.
    if (this.canEnlarge) this.#stage.setPointerCapture(event.pointerId);
    this.#begin(event.pointerType);
  }

  // A gesture is told from where the fingers were when the last one came or went.
  #begin(pointerType) {
    const points = Array.from(this.#pointers.values());
    this.#gesture = points.length === 0 ? null : {
      start: middle(points), spread: spread(points), scale: this.#scale, x: this.#x, y: this.#y, pointerType,
      count: points.length, hadMore: (this.#gesture?.hadMore ?? false) || points.length > 1,
    };
  }

  #onMove(event) {
    if (!this.#pointers.has(event.pointerId)) return;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const points = Array.from(this.#pointers.values());
    const { start, spread: before, scale, x, y, count } = this.#gesture;
    const at = middle(points);
    if (count > 1) {
      [this.#scale, this.#x, this.#y] = [scale, x, y];
      this.#scaleTo(scale * (spread(points) / before), start);
    }
    if (count > 1 || this.isEnlarged) {
      if (count === 1) [this.#x, this.#y] = [x, y];
      this.#x += at.x - start.x;
      this.#y += at.y - start.y;
      this.#apply();
    }
  }

  #onUp(event, isDone = true) {
    if (!this.#pointers.delete(event.pointerId)) return;
    const gesture = this.#gesture;
    this.#begin(event.pointerType);
    if (!isDone || gesture.hadMore) return;
    const at = { x: event.clientX, y: event.clientY };
    const [byX, byY] = [at.x - gesture.start.x, at.y - gesture.start.y];
    if (Math.hypot(byX, byY) < 10) {
      this.#onTap(event, at);
    } else if (!this.isEnlarged && event.pointerType !== "mouse") {
      if (Math.abs(byX) > SWIPE && Math.abs(byX) > Math.abs(byY)) this.#events.onSwipe(byX < 0 ? 1 : -1);
      else if (byY > CLOSING && byY > Math.abs(byX)) this.#events.onClose();
    }
  }

  // Beside the picture a click closes. Two taps are a double click, which not every phone tells of.
  #onTap(event, at) {
    const isOnPicture = this.#node !== null && isWithin(this.#node, at);
    if (!isOnPicture) {
      this.#lastTap = null;
      this.#events.onClose();
      return;
    }
    if (event.pointerType === "mouse") return;
    const last = this.#lastTap;
    const isSecond = last !== null && event.timeStamp - last.time < TAP_TIME
      && Math.hypot(at.x - last.at.x, at.y - last.at.y) < TAP_DISTANCE;
    this.#lastTap = isSecond ? null : { at, time: event.timeStamp };
    if (isSecond && this.canEnlarge) this.toggle(at);
  }

  // The stage tells taps itself; the browser makes double clicks of them besides.
  #onDoubleClick(event) {
    const at = { x: event.clientX, y: event.clientY };
    if (!this.canEnlarge || event.sourceCapabilities?.firesTouchEvents || !isWithin(this.#node, at)) return;
    this.toggle(at);
  }

  // A trackpad's pinch comes as a wheel with Ctrl.
  #onWheel(event) {
    if (!this.canEnlarge || (!event.ctrlKey && !this.isEnlarged)) return;
    event.preventDefault();
    if (event.ctrlKey) {
      this.#scaleTo(this.#scale * Math.exp(-event.deltaY / 200), { x: event.clientX, y: event.clientY });
    } else {
      this.#x -= event.deltaX;
      this.#y -= event.deltaY;
      this.#apply();
    }
  }
}

function middle(points) {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function spread(points) {
  if (points.length < 2) return 1;
  return Math.max(1, Math.hypot(points[0].x - points[1].x, points[0].y - points[1].y));
}

function isWithin(node, { x, y }) {
  const box = node.getBoundingClientRect();
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}
