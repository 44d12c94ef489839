// Makes the page's elements. Text is only ever text: nothing here reads HTML.

"use strict";

(() => {
  /// `element("p", { className: "note" }, "Some ", strong)`. An attribute that is
  /// a property of the element is set as one; a function listens.
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") {
        made.addEventListener(name, value);
      } else if (name.startsWith("aria-") || name === "role") {
        made.setAttribute(name, value);
      } else if (name.startsWith("data-")) {
        made.setAttribute(name, value);
      } else {
        made[name] = value;
      }
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  function button(text, click, attributes = {}) {
    const { className = "", ...others } = attributes;
    return element("button", { type: "button", className: `listing-button ${className}`, click, ...others }, text);
  }

  /// The parts of a sentence, in which a comma or a full stop behind a link stays
  /// on its line: a button would let it go.
  function sentence(parts) {
    const made = [];
    for (const part of parts.filter((part) => part !== "")) {
      const [punctuation] = typeof part === "string" ? /^[.,;:)]*/.exec(part) : [""];
      const last = made[made.length - 1];
      if (punctuation && last instanceof Element) {
        made[made.length - 1] = element("span", { className: "unbroken" }, last, punctuation);
        made.push(part.slice(punctuation.length));
      } else {
        made.push(part);
      }
    }
    return made;
  }

  function hidden(text) {
    return element("span", { className: "visually-hidden" }, text);
  }

  const SVG = "http://www.w3.org/2000/svg";

  function svg(tag, attributes = {}, ...children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) {
      made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  /// Scrolls there, gently unless the reader wants nothing to move.
  function reveal(place, block) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    place.scrollIntoView({ block, behavior: still ? "auto" : "smooth" });
  }

  /// How many colours there are for threads.
  const COLOURS = 6;

  /// The class that gives an element its thread's colour, as `--thread`.
  function colour(thread) {
    return `thread-${thread % COLOURS}`;
  }

  /// A dot in the thread's colour: hollow if it is blocked.
  function dot(thread, kind = "") {
    return element("span", { className: `thread-dot ${kind} ${colour(thread)}`, "aria-hidden": "true" });
  }

  /// A picture on a button: a path in a square of 16.
  function icon(shape) {
    return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: shape }));
  }

  window.interleaved.elements = { icon, element, button, sentence, hidden, svg, reveal, colour, dot };
})();
