// Shows the book as it is while it is being written: the server tells which
// version of the site it has, now and whenever that changes.

"use strict";

(() => {
  const SCROLL = "interleaved-scroll";
  const LOADED_FOR = "interleaved-loaded-for";
  const token = window.interleaved.token();
  const shown = document.querySelector('meta[name="interleaved-site"]')?.content;
  let events = null;

  restoreScroll();
  if (token !== null && shown !== undefined) {
    begin();
  }

  async function begin() {
    try {
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
    if (version !== shown && stored(LOADED_FOR) !== loadedFor) {
      store(LOADED_FOR, loadedFor);
      store(SCROLL, JSON.stringify([location.pathname, scrollX, scrollY]));
      location.reload();
    }
  }

  function restoreScroll() {
    const [path, x, y] = JSON.parse(stored(SCROLL) ?? "[]");
    store(SCROLL, "[]");
    if (path === location.pathname) {
      addEventListener("load", () => scrollTo(x, y));
    }
  }

  function stored(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      // No store, nothing kept: a page opens at its top.
      return null;
    }
  }

  function store(key, value) {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // See above.
    }
  }
})();
