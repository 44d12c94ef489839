// From text with ANSI colours to elements. Knows what rustc and cargo print:
// bold, italic, underline and the sixteen colours (ECMA-48's SGR); any other
// escape sequence is dropped.

"use strict";

(() => {
  const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

  // CSI … letter, OSC … end, or a lone escape with its next character.
  const ESCAPE = /\x1b\[([0-9;:?]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b./g;

  function toFragment(text) {
    const fragment = document.createDocumentFragment();
    let style = plain();
    let done = 0;
    for (const match of text.matchAll(ESCAPE)) {
      append(fragment, text.slice(done, match.index), style);
      done = match.index + match[0].length;
      if (match[2] === "m") {
        style = change(style, match[1]);
      }
    }
    append(fragment, text.slice(done), style);
    return fragment;
  }

  function withoutEscapes(text) {
    return text.replace(ESCAPE, "");
  }

  function plain() {
    return { bold: false, italic: false, underline: false, colour: null };
  }

  function change(style, parameters) {
    const codes = parameters.split(";").map(Number);
    let next = { ...style };
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (code === 0) next = plain();
      else if (code === 1) next.bold = true;
      else if (code === 3) next.italic = true;
      else if (code === 4) next.underline = true;
      else if (code === 22) next.bold = false;
      else if (code === 23) next.italic = false;
      else if (code === 24) next.underline = false;
      else if (code >= 30 && code <= 37) next.colour = NAMES[code - 30];
      else if (code >= 90 && code <= 97) next.colour = NAMES[code - 90];
      else if (code === 39) next.colour = null;
      else if (code === 38 || code === 48) {
        // 38;5;N and 38;2;R;G;B. Of the former, the first sixteen have names.
        const index = codes[i + 1] === 5 ? codes[i + 2] : null;
        if (code === 38) next.colour = index !== null && index < 16 ? NAMES[index % 8] : null;
        i += codes[i + 1] === 5 ? 2 : 4;
      }
    }
    return next;
  }

  function append(parent, text, style) {
    if (text === "") {
      return;
    }
    const classes = [
      style.bold && "ansi-bold",
      style.italic && "ansi-italic",
      style.underline && "ansi-underline",
      style.colour && `ansi-${style.colour}`,
    ].filter(Boolean);
    if (classes.length === 0) {
      parent.append(...window.interleaved.direction.nodes(text));
      return;
    }
    const span = document.createElement("span");
    span.className = classes.join(" ");
    span.append(...window.interleaved.direction.nodes(text));
    parent.append(span);
  }

  window.interleaved.ansi = { toFragment, withoutEscapes };
})();
