// Shows the book as it is while it is being written: the server says when it
// was built anew.

"use strict";

(() => {
  const SCROLL = "interleaved-scroll";
  const token = window.interleaved.token();

  restoreScroll();
  if (token !== null && location.protocol.startsWith("http")) {
    listen();
  }

  async function listen() {
    try {
      await window.interleaved.kernels.check();
    } catch {
      // Not our server, or not this token's: Run says more when it is pressed.
      return;
    }
    const query = new URLSearchParams({ token });
    const events = new EventSource(`/interleaved/reload?${query}`);
    events.addEventListener("reload", () => {
      try {
        sessionStorage.setItem(SCROLL, JSON.stringify([location.pathname, scrollX, scrollY]));
      } catch {
        // The page opens at its top then.
      }
      location.reload();
    });
    // A server that was stopped is not asked again and again.
    events.addEventListener("error", () => events.close());
    addEventListener("pagehide", () => events.close());
  }

  function restoreScroll() {
    try {
      const [path, x, y] = JSON.parse(sessionStorage.getItem(SCROLL)) ?? [];
      sessionStorage.removeItem(SCROLL);
      if (path === location.pathname) {
        addEventListener("load", () => scrollTo(x, y));
      }
    } catch {
      // No store, no scrolling.
    }
  }
})();
