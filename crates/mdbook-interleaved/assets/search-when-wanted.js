// mdBook's search: where its scripts are loaded only once a reader wants to search, by its
// button or a key, or by the page's address; and a sentence where they, or what it
// searches, don't come.

"use strict";

(() => {
  const { deferred, load, elements } = window.interleaved;
  const button = document.getElementById("mdbook-search-toggle");
  const bar = document.getElementById("mdbook-menu-bar");
  if (!button || !bar) {
    return;
  }

  /// Below the button, wherever the page is scrolled to. An alert is read out when its
  /// words come.
  const alert = elements.element("div", { className: "search-alert", role: "alert" });
  bar.append(alert);

  function complain() {
    const words = "The search can’t be loaded, as the site doesn’t answer: press the button once more to try again.";
    const { left, bottom } = button.getBoundingClientRect();
    const home = bar.getBoundingClientRect();
    alert.style.left = `${left - home.left}px`;
    alert.style.top = `${bottom - home.top}px`;
    alert.replaceChildren(elements.element("p", {}, words));
  }

  function complainNoMore() {
    alert.replaceChildren();
  }

  document.addEventListener("pointerdown", complainNoMore);
  document.addEventListener("keydown", complainNoMore, { capture: true });

  // What it searches is asked for by mdBook, and only once.
  document.addEventListener(
    "error",
    ({ target }) => {
      if (target.id === "mdbook-search-index") {
        target.remove();
        document.getElementById("mdbook-searchbar-outer")?.classList.remove("searching");
        if (button.getAttribute("aria-expanded") === "true") {
          button.click();
        }
        complain();
      }
    },
    { capture: true },
  );

  if (deferred.search === null) {
    return;
  }
  let isThere = false;

  /// The last of them runs once, and does nothing without the others.
  async function bring() {
    await load.scripts(deferred.search.slice(0, -1));
    await load.scripts(deferred.search.slice(-1));
    isThere = true;
  }

  let opening = null;

  /// Once for all that is pressed meanwhile. Where the scripts don't come, pressing again
  /// tries again.
  function open() {
    // mdBook's own listener does the rest.
    opening ??= bring()
      .then(() => button.click())
      .catch(complain)
      .finally(() => (opening = null));
  }

  button.addEventListener(
    "click",
    (event) => {
      if (!isThere) {
        event.stopImmediatePropagation();
        open();
      }
    },
    { capture: true },
  );
  for (const name of ["pointerenter", "focus"]) {
    button.addEventListener(name, () => bring().catch(() => {}), { once: true });
  }
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const hasModifier = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
    const isTyping = target.isContentEditable || /^(?:input|select|textarea)$/i.test(target.nodeName);
    if (!isThere && (key === "s" || key === "/") && !hasModifier && !isTyping) {
      event.preventDefault();
      open();
    }
  });
  if (/[?&]search=/.test(location.search)) {
    bring().catch(complain);
  } else if (/[?&]highlight=/.test(location.search)) {
    bring().catch(() => {});
  }
})();
