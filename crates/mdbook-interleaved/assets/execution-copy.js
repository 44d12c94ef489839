// One execution to take along: as text, in columns, or as a drawing that needs
// no style sheet.

"use strict";

(() => {
  const { element, svg } = window.interleaved.elements;
  const { timeInWords } = window.interleaved.words;
  const HEAD = 36;
  const PAD = 8;
  const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap"];

  /// The story as text: a step a line, then the output and the end.
  function asText(story, title) {
    const names = story.rows.map(({ thread }) => story.name(thread));
    const width = Math.max(...names.map((name) => name.length));
    const digits = String(story.rows.length).length;
    const steps = story.rows.map((row, index) => {
      const time = story.isPrompt ? `  at ${timeInWords(row.time)}` : "";
      const line = row.line === null ? "" : `  (line ${row.line})`;
      return `${String(index + 1).padStart(digits)}  ${names[index].padEnd(width)}  ${story.words(row)}${line}${time}`;
    });
    const printed = story.rows.map(({ text }) => text).join("");
    const end = story.ending ? [`Then ${window.interleaved.endings.clause(story.ending)}.`] : [];
    return `${[title, "", ...steps, ...end, "", "Output:", printed.replace(/\n$/, "") || "(nothing)"].join("\n")}\n`;
  }

  /// A diagram as an SVG of its own, in the colours that it has on the page.
  function asSvg(diagram, title) {
    const drawn = diagram.element.querySelector(".steps-drawing");
    const copy = drawn.cloneNode(true);
    const originals = [...drawn.querySelectorAll("*")];
    [...copy.querySelectorAll("*")].forEach((made, index) => {
      const style = getComputedStyle(originals[index]);
      made.removeAttribute("class");
      if (made.tagName !== "g") {
        made.setAttribute("style", STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
      }
    });
    const width = Math.max(...diagram.rowEnds()) + PAD;
    const height = diagram.height + HEAD + PAD;
    const page = getComputedStyle(diagram.element);
    // Lines pass under the words.
    const halo = `paint-order:stroke;stroke:${page.backgroundColor};stroke-width:4px;stroke-linejoin:round`;
    const words = (text, x, y, style) => svg("text", { x, y, style: `font:${style.weight} 13px ${style.family};fill:${style.colour};${halo}` }, text);
    const sans = "system-ui, sans-serif";
    const heads = diagram.threads.map((thread) => {
      const { x } = diagram.places.get(thread);
      const colour = getComputedStyle(diagram.element.querySelector(`.steps-lane.thread-${thread % 6}`)).color;
      return words(diagram.story.name(thread), x - 5, 22, { weight: 600, family: sans, colour });
    });
    const rows = diagram.rows.map((row, index) => {
      const shown = row.querySelector(".steps-words");
      const family = shown.classList.contains("is-printed") ? "monospace" : sans;
      return words(shown.textContent, diagram.wordsAt(index), HEAD + diagram.y(index) + 4, { weight: 400, family, colour: page.color });
    });
    const clock = diagram.times.map(({ row, words: time }) => words(time, 9, HEAD + diagram.y(row) + 4, { weight: 400, family: sans, colour: page.color }));
    const body = svg("g", { transform: `translate(0 ${HEAD})` }, ...copy.childNodes);
    const made = svg(
      "svg",
      { width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
      svg("title", {}, title),
      svg("rect", { width, height, style: `fill:${page.backgroundColor}` }),
      ...heads,
      body,
      ...clock,
      ...rows,
    );
    return new XMLSerializer().serializeToString(made);
  }

  /// Into the clipboard; or, where the browser doesn't let us, into a field to
  /// copy from.
  async function copyText(text, pressed, place) {
    try {
      await navigator.clipboard.writeText(text);
      place.replaceChildren(element("p", { className: "steps-copied", role: "status" }, `${pressed.textContent.replace("Copy", "Copied")}.`));
    } catch {
      const field = element("textarea", { className: "steps-field", readOnly: true, rows: 4, value: text, "aria-label": pressed.textContent });
      place.replaceChildren(field);
      field.select();
    }
  }

  window.interleaved.executionCopy = { asText, asSvg, copyText };
})();
