// Shows the book as it is while it is being written: the server says when it
// was built anew.

"use strict";

(() => {
  const SCROLL = "interleaved-scroll";
  const token = window.interleaved.token();
  let events = null;
  let shown = null;

  restoreScroll();
  if (token !== null && location.protocol.startsWith("http")) {
    begin();
  }

  async function begin() {
    try {
      await window.interleaved.kernels.check();
      shown = await page();
    } catch {
      // Not our server, or not this token's: Run says more when it is pressed.
      return;
    }
    listen();
    // A browser has few connections for one server: hidden pages keep none.
    document.addEventListener("visibilitychange", async () => {
      if (document.hidden) {
        events.close();
        return;
      }
      const now = await page().catch(() => shown);
      if (now === shown) {
        listen();
      } else {
        reload();
      }
    });
  }

  function listen() {
    const query = new URLSearchParams({ token });
    events = new EventSource(`/interleaved/reload?${query}`);
    events.addEventListener("reload", reload);
    // A server that was stopped is not asked again and again.
    events.addEventListener("error", () => events.close());
  }

  async function page() {
    const response = await fetch(location.pathname, { cache: "no-store" });
    return response.text();
  }

  function reload() {
    try {
      sessionStorage.setItem(SCROLL, JSON.stringify([location.pathname, scrollX, scrollY]));
    } catch {
      // The page opens at its top then.
    }
    location.reload();
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
