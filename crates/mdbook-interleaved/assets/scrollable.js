// What scrolls must be reachable with the keyboard.

"use strict";

(() => {
  /// Makes it so, where it scrolls.
  function scrollable(pre, label) {
    const overflows = pre.scrollHeight > pre.clientHeight + 1 || pre.scrollWidth > pre.clientWidth + 1;
    if (overflows) {
      pre.tabIndex = 0;
      pre.setAttribute("role", "region");
      pre.setAttribute("aria-label", label);
    } else {
      pre.removeAttribute("tabindex");
      pre.removeAttribute("role");
      pre.removeAttribute("aria-label");
    }
  }

  window.interleaved.scrollable = scrollable;
})();
