// Several calls to draw become one.

/** Returns a function that schedules `draw`. However often it is called before that runs, `draw` runs once. */
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
