// The server that a reader of a published site has named to run programs: a Jupyter
// server with the book's kernel. It stays in this browser.

"use strict";

(() => {
  const KEY = "interleaved-server";

  /// `{ base, token }`; `null` if none is named.
  function named() {
    try {
      return JSON.parse(localStorage.getItem(KEY));
    } catch {
      return null;
    }
  }

  function name(server) {
    try {
      if (server === null) {
        localStorage.removeItem(KEY);
      } else {
        localStorage.setItem(KEY, JSON.stringify(server));
      }
    } catch {
      // Without a store there is no server.
    }
  }

  /// What an address says, as a terminal prints it: a Jupyter server, with the token
  /// in its query; or one that serves this very book, with the token behind `#`, which
  /// answers only its own pages. `null` if it is none of these.
  function read(text) {
    let url;
    try {
      url = new URL(text.trim());
    } catch {
      return null;
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      return null;
    }
    const own = /^#token=([\w-]+)$/.exec(url.hash);
    if (own) {
      return { kind: "book", page: (path) => `${url.origin}/${path}${url.hash}` };
    }
    const folder = url.pathname.replace(/\/(?:lab|tree|notebooks|doc)(?:\/.*)?$/, "").replace(/\/*$/, "/");
    return { kind: "jupyter", base: url.origin + folder, token: url.searchParams.get("token") ?? "" };
  }

  window.interleaved.server = { named, name, read };
})();
