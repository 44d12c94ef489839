// mdBook's bar follows the reader by his scrolling. Where the page jumps up, as
// when something above closes, it would be left in the middle of the window, over
// code: one more event, and it goes to the top.

"use strict";

(() => {
  const bar = document.querySelector("#mdbook-menu-bar");
  // After mdBook's own listener.
  document.addEventListener(
    "scroll",
    (event) => {
      if (bar && event.isTrusted && bar.getBoundingClientRect().top > 1 && document.scrollingElement.scrollTop > 0) {
        document.dispatchEvent(new Event("scroll"));
      }
    },
    { passive: true },
  );
})();
