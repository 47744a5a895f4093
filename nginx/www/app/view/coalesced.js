// Many wishes to draw become one.

/** A function that has `draw` run once, soon, however often it is called until then. */
export function coalesced(draw) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      draw();
    });
  };
}
