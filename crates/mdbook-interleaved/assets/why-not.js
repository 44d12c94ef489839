// Why an output is not possible: how much of it is, and what could have come
// then. From what `Graph.find` or the kernel found.

"use strict";

(() => {
  const { element } = window.interleaved.elements;
  const { and, quoted } = window.interleaved.words;
  const INSTEAD = 6;

  function linesOf(text) {
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
  }

  /// How many lines of an impossible output are possible.
  function possibleLines(found) {
    return found.prefix.split("\n").length - 1;
  }

  /// Where the lines stop to be possible, and what could have come instead;
  /// `name` tells a thread's name.
  function whyNot(found, lines, name) {
    const good = possibleLines(found);
    const where =
      good >= lines.length
        ? found.instead.every((item) => item.text)
          ? "The program would not end here."
          : "The program can end here, but not so."
        : good === 0
          ? "The first line can’t be that."
          : `The first ${good === 1 ? "line is" : `${good} lines are`} possible. Then ${quoted(lines[good])} can’t come.`;
    const could = found.instead.slice(0, INSTEAD).map((item) =>
      element(
        "li",
        {},
        item.text ? element("span", { className: "answer-text" }, quoted(item.text)) : `the end: ${item.clause ?? window.interleaved.endings.clause(item.ending)}`,
        item.text && item.threads?.size > 0 ? `, by ${and([...item.threads].map(name))}` : "",
      ),
    );
    const more = found.instead.length - could.length;
    if (more > 0) {
      could.push(element("li", {}, `and ${more} more`));
    }
    return [
      element("p", {}, where),
      could.length > 0 ? element("p", {}, found.instead.length === 1 ? "Only this could have come:" : "What could have come instead:") : null,
      could.length > 0 ? element("ul", { className: "answer-instead" }, ...could) : null,
    ].filter(Boolean);
  }

  window.interleaved.whyNot = { linesOf, possibleLines, whyNot };
})();
