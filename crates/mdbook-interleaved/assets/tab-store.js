// What a tab keeps until it is closed, as far as its browser lets it.

"use strict";

(() => {
  /// Where there is no store nothing is kept.
  function attempt(use) {
    try {
      return use(sessionStorage);
    } catch {
      return null;
    }
  }

  window.interleaved.tabStore = {
    get: (key) => attempt((store) => store.getItem(key)),
    set: (key, value) => attempt((store) => store.setItem(key, value)),
    remove: (key) => attempt((store) => store.removeItem(key)),
  };
})();
