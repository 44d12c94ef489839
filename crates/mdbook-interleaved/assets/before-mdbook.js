// Runs before mdBook's own scripts, which are at the page's end. It keeps them
// from asking play.rust-lang.org for anything, and takes the token out of the
// address. The page that prints all chapters loads it once for each.

"use strict";

(() => {
  if (window.interleaved) {
    return;
  }
  /// Whether the whole page is ours, or somebody's who has only listings from us.
  const { theme, outcomes, editor, search, highlight, service, version } = document.currentScript.dataset;
  const listed = (addresses) => addresses?.split(" ") ?? null;
  window.interleaved = {
    hasTheme: theme !== undefined,
    exploresFences: outcomes !== undefined,
    outcomesFolder: outcomes,
    /// Scripts of mdBook's that whoever built the site has left for later.
    deferred: { editor: listed(editor), search: listed(search) },
    /// The service worker of a site that is published.
    service: service ?? null,
    /// And which version of it this page is of.
    version: version ?? null,
  };
  if (highlight === "none") {
    // The code has its colours, and mdBook asks nevertheless.
    window.hljs = { configure() {}, highlightBlock() {} };
  }

  const MDBOOKS = ["meta/crates", "evaluate.json"].map((path) => `https://play.rust-lang.org/${path}`);
  const fetchForReal = window.fetch.bind(window);

  /// Whether a server of the book's own gave this page.
  window.interleaved.isServed = () => document.querySelector('meta[name="interleaved-site"]') !== null;

  // mdBook shows its play buttons, and gives them a meaning, once the Playground
  // has told it which crates it has. It waits for that forever; page.js shows
  // the buttons instead.
  window.fetch = (resource, options) => {
    const address = String(resource instanceof Request ? resource.url : resource);
    if (!MDBOOKS.includes(address)) {
      return fetchForReal(resource, options);
    }
    return Promise.resolve({ json: () => new Promise(() => {}) });
  };

  const TOKEN = "interleaved-token";
  let unstored = null;

  // `#token=…` comes from the address that the terminal printed. It goes into
  // the browser's store for this origin, and out of what a reader could copy.
  const match = /^#token=([\w-]+)$/.exec(location.hash);
  if (match) {
    store(TOKEN, match[1]);
    history.replaceState(history.state, "", location.pathname + location.search);
  }

  function store(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Nothing is kept then: the next page won't know the token.
      unstored = value;
    }
  }

  // A token that the server refused is of no use to the next page either.
  window.interleaved.forgetToken = (token) => {
    try {
      if (localStorage.getItem(TOKEN) === token) {
        localStorage.removeItem(TOKEN);
      }
    } catch {
      // Then it was never stored.
    }
  };

  window.interleaved.token = () => {
    try {
      return localStorage.getItem(TOKEN) ?? unstored;
    } catch {
      return unstored;
    }
  };
})();
