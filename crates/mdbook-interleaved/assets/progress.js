// How far the reader has come in the book. It stays in this browser: for each
// chapter, what is done there and how much there is to do.

"use strict";

(() => {
  // Another book may be at the same origin.
  const root = typeof path_to_root === "string" ? new URL(path_to_root || ".", document.baseURI).pathname : "";
  const KEY = `interleaved-progress:${root}`;

  /// What is known where there is no store.
  let unstored = null;

  /// `{ chapters: { "/deadlock.html": { done: ["quiz two-locks"], of: 5 } }, last }`;
  /// `last` is where the reader was: `{ address, title }`.
  function read() {
    if (unstored) {
      return unstored;
    }
    try {
      return { chapters: {}, ...JSON.parse(localStorage.getItem(KEY)) };
    } catch {
      return { chapters: {} };
    }
  }

  /// Other pages may have written in the meantime, so what is there is read anew.
  function change(changes) {
    const all = read();
    changes(all);
    try {
      localStorage.setItem(KEY, JSON.stringify(all));
    } catch {
      // No store: then it is known as long as the page is open.
      unstored = all;
    }
    return all;
  }

  function chapter(all, page = location.pathname) {
    return (all.chapters[page] ??= { done: [], of: 0 });
  }

  /// Whether this was done here: "quiz two-locks".
  function isDone(what) {
    return chapter(read()).done.includes(what);
  }

  function set(what, isDone) {
    change((all) => {
      const here = chapter(all);
      here.done = here.done.filter((other) => other !== what);
      if (isDone) {
        here.done.push(what);
      }
    });
    document.dispatchEvent(new CustomEvent("interleaved:progress"));
  }

  window.interleaved.progress = { root, read, change, chapter, isDone, set };
})();
