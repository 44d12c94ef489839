// Has a published site kept by the browser: see `service-worker.js`. What this page
// has brought along is kept at once; the rest of the site follows when the page has
// been there for a while and nothing else is to be done, unless the reader's browser
// says that he saves data.

"use strict";

(() => {
  const { service, version, tabStore } = window.interleaved;

  /// How long a page is left alone before the rest of the site is fetched, in
  /// milliseconds.
  const LATER = 3000;
  const LOADED_FOR = "interleaved-kept-loaded-for";

  /// The site's service worker, once it is at work; `null` where there is none.
  let started = null;

  function start() {
    started ??= register();
    return started;
  }

  async function register() {
    if (service === null || !isSecureContext || !navigator.serviceWorker) {
      return null;
    }
    try {
      const registration = await navigator.serviceWorker.register(service, { updateViaCache: "none" });
      return await Promise.race([navigator.serviceWorker.ready, failed(registration)]);
    } catch {
      // The reader, or the host, wants none.
      return null;
    }
  }

  /// `null` once the first script of a site could not be installed, as where the disk
  /// is full; pending as long as that may still be.
  function failed({ active, waiting, installing }) {
    return new Promise((resolve) => {
      if (!active && !waiting) {
        installing?.addEventListener("statechange", () => {
          if (installing.state === "redundant") {
            resolve(null);
          }
        });
      }
    });
  }

  /// Where a new version of the site is there as a whole, and this page is the only
  /// one that is open, it comes now: nobody has begun to read yet.
  async function update() {
    const registration = await navigator.serviceWorker.getRegistration(service);
    if (registration?.waiting && navigator.serviceWorker.controller) {
      registration.waiting.postMessage({ kind: "take-over" });
    }
  }

  /// A new version may take over just while a page of the old one is on its way: its
  /// scripts are the new one's then. Such a page is loaded once more.
  function leaveIfMixed() {
    const { controller } = navigator.serviceWorker;
    if (!controller) {
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      const loadedFor = `${data} ${location.pathname}`;
      if (data !== null && data !== version && tabStore.get(LOADED_FOR) !== loadedFor) {
        tabStore.set(LOADED_FOR, loadedFor);
        location.reload();
      }
    };
    controller.postMessage({ kind: "version" }, [port2]);
  }

  async function keep() {
    const registration = await start();
    if (!registration) {
      return;
    }
    const addresses = performance.getEntriesByType("resource").map(({ name }) => name);
    registration.active.postMessage({ kind: "visited", addresses: [location.href, ...addresses] });
    if (!navigator.connection?.saveData) {
      setTimeout(() => {
        const whenIdle = window.requestIdleCallback ?? ((done) => done());
        whenIdle(() => registration.active.postMessage({ kind: "keep" }));
      }, LATER);
    }
  }

  if (service !== null && isSecureContext && navigator.serviceWorker) {
    leaveIfMixed();
    navigator.serviceWorker.addEventListener("controllerchange", leaveIfMixed);
    update().catch(() => {});
    if (document.readyState === "complete") {
      keep();
    } else {
      addEventListener("load", () => keep());
    }
  }

  window.interleaved.offline = { start };
})();
