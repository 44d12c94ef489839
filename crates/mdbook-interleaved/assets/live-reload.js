// Shows the book as it is while it is being written: the server tells which
// version of the site it has, now and whenever that changes.

"use strict";

(() => {
  const SCROLL = "interleaved-scroll";
  const LOADED_FOR = "interleaved-loaded-for";
  const { tabStore } = window.interleaved;
  const token = window.interleaved.token();
  const shown = document.querySelector('meta[name="interleaved-site"]')?.content;
  let events = null;

  restoreScroll();
  if (token !== null && shown !== undefined) {
    begin();
  }

  async function begin() {
    try {
      await window.interleaved.load.tools();
      await window.interleaved.kernels.check();
    } catch {
      // Not our server, or not this token's: Run says more when it is pressed.
      return;
    }
    listen();
    // A browser has few connections for one server: hidden pages keep none.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        events.close();
      } else {
        listen();
      }
    });
  }

  function listen() {
    const query = new URLSearchParams({ token });
    events = new EventSource(`/interleaved/reload?${query}`);
    events.addEventListener("site", ({ data }) => compare(data));
    // A server that was stopped is not asked again and again.
    events.addEventListener("error", () => events.close());
  }

  /// Loads the page again if the site is of another version than the page: once,
  /// since something between us and the server may keep an old page.
  function compare(version) {
    const loadedFor = `${version} ${location.pathname}`;
    if (version !== shown && tabStore.get(LOADED_FOR) !== loadedFor) {
      tabStore.set(LOADED_FOR, loadedFor);
      tabStore.set(SCROLL, JSON.stringify([location.pathname, scrollX, scrollY]));
      location.reload();
    }
  }

  function restoreScroll() {
    const [path, x, y] = JSON.parse(tabStore.get(SCROLL) ?? "[]");
    tabStore.set(SCROLL, "[]");
    if (path === location.pathname) {
      addEventListener("load", () => scrollTo(x, y));
    }
  }
})();
