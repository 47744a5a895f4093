// The keyboard on the screen. Most browsers make the page lower when it opens (interactive-widget in index.html); those of
// Apple put it over the page, and scroll that. There the page gets the height that is in sight.

// What is smaller than this is a bar of the browser's, in pixels.
const SMALLEST = 120;

const { documentElement } = document;
const { visualViewport } = globalThis;

function fit() {
  // Somebody who has zoomed in sees a part of the page.
  if (Math.abs(visualViewport.scale - 1) > 0.01) return;
  const isOpen = documentElement.clientHeight - visualViewport.height > SMALLEST;
  documentElement.classList.toggle("keyboard-open", isOpen);
  if (isOpen) {
    documentElement.style.setProperty("--page-height", `${visualViewport.height}px`);
    scrollTo(0, 0);
  } else {
    documentElement.style.removeProperty("--page-height");
  }
}

visualViewport?.addEventListener("resize", fit);
visualViewport?.addEventListener("scroll", fit);
