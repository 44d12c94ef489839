// The small picture of an execution: who printed each line, as a row of colours.

"use strict";

(() => {
  const { element, colour } = window.interleaved.elements;

  /// `path` is a way through the graph of these outcomes; `null` where none is
  /// known, and then the picture is empty.
  function outputStrip(path, outcomes) {
    const cells = [];
    if (path) {
      for (const { thread, text } of outcomes.story(path).rows) {
        if (text !== "") {
          cells.push(element("span", { className: colour(thread) }));
        }
      }
    }
    return element("span", { className: "output-strip", "aria-hidden": "true" }, ...cells);
  }

  window.interleaved.outputStrip = outputStrip;
})();
