// mdBook's search, where its scripts are loaded only once a reader wants to search: by
// its button or a key, or by the page's address.

"use strict";

(() => {
  const { deferred, load } = window.interleaved;
  const button = document.getElementById("mdbook-search-toggle");
  if (deferred.search === null || !button) {
    return;
  }
  let isThere = false;

  function bring() {
    return load.scripts(deferred.search).then(() => (isThere = true));
  }

  let opening = null;

  /// Once for all that is pressed meanwhile. Where the scripts don't come, pressing again
  /// tries again.
  function open() {
    // mdBook's own listener does the rest.
    opening ??= bring()
      .then(() => button.click())
      .catch((error) => (button.title = error.message))
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
  if (/[?&](?:search|highlight)=/.test(location.search)) {
    bring().catch(() => {});
  }
})();
