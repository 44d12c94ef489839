// Loads what a page needs only once its reader touches something: `tools.js`, with
// all that runs and explores programs. As scripts, since a page that was opened as a
// file can't read other files in any other way.

"use strict";

(() => {
  const { dataset } = document.currentScript;
  /// By address, what is loaded or being loaded.
  const loading = new Map();

  /// A script of the site's doesn't come.
  class NotLoaded extends Error {
    constructor() {
      super("A part of this page could not be loaded: the server doesn’t answer. Try it again.");
    }
  }

  /// Runs a script of the site, once.
  function script(address) {
    if (!loading.has(address)) {
      loading.set(address, run(address));
      // It may be there later.
      loading.get(address).catch(() => loading.delete(address));
    }
    return loading.get(address);
  }

  function run(address) {
    return new Promise((resolve, reject) => {
      const made = document.createElement("script");
      made.src = address;
      // Those that are asked for together run in their order.
      made.async = false;
      made.onload = () => resolve();
      made.onerror = () => {
        made.remove();
        reject(new NotLoaded());
      };
      document.head.append(made);
    });
  }

  /// What a file of the site holds, of a page that was opened as a file, too: there a
  /// script beside it gives it, if the site's builder has put one there.
  async function text(address, options) {
    if (location.protocol === "file:") {
      const beside = new URL(`${address.split("?")[0]}.js`, location.href).href;
      await script(beside);
      return window.interleaved.given[beside];
    }
    let response;
    try {
      response = await fetch(address, options);
    } catch {
      throw new NotLoaded();
    }
    return response.ok ? response.text() : Promise.reject(new NotThere(response.status));
  }

  /// The site's host has no such file.
  class NotThere extends Error {
    constructor(status) {
      super(`The server answered ${status}.`);
      this.status = status;
    }
  }

  window.interleaved.load = {
    text,
    NotThere,
    script,
    scripts: (addresses) => Promise.all(addresses.map(script)),
    tools: () => script(dataset.tools),
    NotLoaded,
  };
})();
