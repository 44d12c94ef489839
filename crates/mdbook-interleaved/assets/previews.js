// What a row of a list shows of an output: all of it where it is short, else the
// lines by which the rows of the list are told apart.

"use strict";

(() => {
  /// An output with more lines is shortened.
  const MOST = 8;
  /// Lines that are looked at to tell outputs apart; more take too long.
  const FAR = 10_000;

  /// By output, the text to show. Each output comes as its lines.
  function previews(outputs) {
    const chosen = outputs.some((lines) => lines.length > MOST) ? withFirst(tellingApart(outputs)) : [];
    return outputs.map((lines) => {
      const text = lines.length <= MOST ? lines.join(" ⏎ ") : shortened(lines, chosen);
      return window.interleaved.direction.named(text);
    });
  }

  /// Which lines tell all outputs apart that can be: each splits a group of those
  /// that are the same so far.
  function tellingApart(outputs) {
    const chosen = [];
    const longest = Math.min(FAR, Math.max(...outputs.map((lines) => lines.length)));
    let alike = [outputs];
    for (let number = 0; number < longest && alike.length > 0 && chosen.length < MOST; number += 1) {
      const split = alike.flatMap((group) => groupedBy(group, (lines) => lines[number]));
      if (split.length > alike.length) {
        chosen.push(number);
      }
      alike = split.filter((group) => group.length > 1);
    }
    return chosen;
  }

  function groupedBy(items, keyOf) {
    const groups = new Map();
    for (const item of items) {
      const key = keyOf(item);
      groups.set(key, [...(groups.get(key) ?? []), item]);
    }
    return [...groups.values()];
  }

  /// Where there is room, the first lines too.
  function withFirst(chosen) {
    const all = new Set(chosen);
    for (let number = 0; all.size < MOST; number += 1) {
      all.add(number);
    }
    return [...all].sort((a, b) => a - b);
  }

  /// These lines of an output, with what is left out between them marked.
  function shortened(lines, chosen) {
    const shown = chosen.filter((number) => number < lines.length);
    const parts = shown.flatMap((number, index) => {
      const isNext = index === 0 ? number === 0 : shown[index - 1] === number - 1;
      return isNext ? [lines[number]] : ["…", lines[number]];
    });
    const isToTheEnd = shown.at(-1) === lines.length - 1;
    return [...parts, ...(isToTheEnd ? [] : ["…"])].join(" ⏎ ");
  }

  window.interleaved.previews = previews;
})();
