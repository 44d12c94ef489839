// Characters that turn the direction of text around, and have no look of their
// own: an output with them would seem to be another than it is. They are shown
// by name, and turn nothing around.

"use strict";

(() => {
  const NAMES = {
    "\u061c": ["ALM", "Arabic letter mark"],
    "\u200e": ["LRM", "left-to-right mark"],
    "\u200f": ["RLM", "right-to-left mark"],
    "\u202a": ["LRE", "left-to-right embedding"],
    "\u202b": ["RLE", "right-to-left embedding"],
    "\u202c": ["PDF", "pop directional formatting"],
    "\u202d": ["LRO", "left-to-right override"],
    "\u202e": ["RLO", "right-to-left override"],
    "\u2066": ["LRI", "left-to-right isolate"],
    "\u2067": ["RLI", "right-to-left isolate"],
    "\u2068": ["FSI", "first strong isolate"],
    "\u2069": ["PDI", "pop directional isolate"],
  };
  const CONTROL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

  /// The text with its control characters by name, for a sentence or an
  /// attribute.
  function named(text) {
    return text.replace(CONTROL, (control) => `⟨${NAMES[control][0]}⟩`);
  }

  /// The text as nodes, for an output. Each control character is kept, so that
  /// what is copied is what was printed, but in a box, from which it reaches
  /// nothing else; the style sheet shows its name.
  function nodes(text) {
    const made = [];
    let done = 0;
    for (const { 0: control, index } of text.matchAll(CONTROL)) {
      const [short, name] = NAMES[control];
      const box = document.createElement("span");
      box.className = "direction-control";
      box.dataset.name = short;
      box.title = `${name} (U+${control.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")})`;
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", name);
      box.textContent = control;
      made.push(text.slice(done, index), box);
      done = index + control.length;
    }
    made.push(text.slice(done));
    return made.filter((part) => part !== "");
  }

  window.interleaved.direction = { named, nodes };
})();
