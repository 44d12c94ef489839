// Keys that work wherever the focus is. While a listing's tool is open, ← and →
// step, and never turn mdBook's page. `?` lists our keys with mdBook's.

"use strict";

(() => {
  const { element } = window.interleaved.elements;

  /// Where arrows move a cursor, or choose.
  const TEXT = 'input:not([type="range"], [type="checkbox"], [type="button"]), textarea, select, [contenteditable="true"]';
  /// What takes its arrows itself.
  const OWN = ".steps, .compare, .scheduler, .possible";

  /// The tool that the reader uses: that around the focus, or the one opened
  /// last.
  function toolsInUse(target) {
    const open = window.interleaved.listings.map(({ outcomes }) => outcomes).filter((tools) => tools?.open);
    const around = open.find((tools) => tools.listing.figure.contains(target));
    return around ?? open.sort((a, b) => b.opened - a.opened)[0] ?? null;
  }

  // Before mdBook's own listener.
  document.addEventListener(
    "keydown",
    (event) => {
      const { key, target } = event;
      const isArrow = key === "ArrowLeft" || key === "ArrowRight";
      if (!isArrow || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
        return;
      }
      if (target.closest?.(TEXT) || target.closest?.(OWN)) {
        return;
      }
      const tools = toolsInUse(target);
      if (tools) {
        event.stopPropagation();
        tools.view?.key?.(event);
      }
    },
    { capture: true },
  );

  const help = document.querySelector("#mdbook-help-popup");
  const keys = [
    ["Ctrl", "Enter", "Run the program that you edit"],
    ["Shift", "F1", "Tell what the name at the cursor is, and once more, go to its documentation"],
    ["←", "→", "Step, while a listing’s tool is open"],
    ["1", "9", "Choose who goes next, as the scheduler"],
    ["Alt", "↑ ↓", "Move a line of the output that you ask about"],
  ];
  if (help) {
    const between = { "←": " or ", 1: " to " };
    const lines = keys.map(([first, second, what]) =>
      element("p", {}, "Press ", element("kbd", {}, first), between[first] ?? " + ", element("kbd", {}, second), ` ${what}`),
    );
    (help.querySelector("div") ?? help).append(...lines);
  }
})();
