// What scrolls must be reachable with the keyboard.

"use strict";

(() => {
  const labels = new WeakMap();

  /// Or no longer, when the window has grown, or what was folded is opened.
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => update(target)));

  /// Makes it so, where and as long as it scrolls. It is called by its label, but is no
  /// landmark: a page may have many of the same name.
  function scrollable(place, label) {
    labels.set(place, label);
    sizes.observe(place);
    update(place);
  }

  function update(place) {
    // An editor, or what becomes one, takes the focus itself.
    if (place.isContentEditable || place.classList.contains("ace_editor")) {
      return;
    }
    const overflows = place.scrollHeight > place.clientHeight + 1 || place.scrollWidth > place.clientWidth + 1;
    if (overflows) {
      place.tabIndex = 0;
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", labels.get(place));
    } else {
      place.removeAttribute("tabindex");
      place.removeAttribute("role");
      place.removeAttribute("aria-label");
    }
  }

  window.interleaved.scrollable = scrollable;
})();
