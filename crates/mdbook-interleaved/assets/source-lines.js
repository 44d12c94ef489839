// Marks lines of a listing's program: where each thread stands, and where
// something points to.

"use strict";

(() => {
  const { element, button, reveal, colour } = window.interleaved.elements;

  class SourceLines {
    constructor(listing) {
      this.listing = listing;
      this.layer = element("div", { className: "source-marks", "aria-hidden": "true" });
      this.positions = element("div", {});
      this.pointer = element("div", { className: "source-mark source-pointer" });
      this.pointer.hidden = true;
      this.layer.append(this.positions, this.pointer);
      const { editor } = listing;
      const home = editor ? editor.renderer.scroller : listing.pre.querySelector("code");
      home.classList.add("has-source-marks");
      home.prepend(this.layer);
    }

    /// Line numbers are there while something speaks of them.
    number(shown) {
      const { editor } = this.listing;
      if (editor && editor.getOption("showGutter") !== shown) {
        editor.setOptions({ showGutter: shown, showLineNumbers: shown, showFoldWidgets: false });
        editor.resize(true);
        editor.renderer.updateFull(true);
      }
    }

    lineHeight() {
      const { editor, pre } = this.listing;
      return editor ? editor.renderer.lineHeight : parseFloat(getComputedStyle(pre.querySelector("code")).lineHeight);
    }

    top() {
      const { editor, pre } = this.listing;
      return editor ? 0 : parseFloat(getComputedStyle(pre.querySelector("code")).paddingTop);
    }

    place(mark, line) {
      const height = this.lineHeight();
      mark.style.top = `${this.top() + (line - 1) * height}px`;
      mark.style.height = `${height}px`;
    }

    /// Shows where threads stand: `{ thread, name, line, blocked }`.
    show(standing) {
      const lines = new Map();
      for (const one of standing.filter(({ line }) => line !== null)) {
        lines.set(one.line, [...(lines.get(one.line) ?? []), one]);
      }
      this.positions.replaceChildren(
        ...[...lines].map(([line, threads]) => {
          const mark = element("div", { className: `source-mark ${colour(threads[0].thread)}` });
          const badges = threads.map(({ thread, name, blocked }) =>
            element("span", { className: `source-badge ${colour(thread)} ${blocked ? "is-blocked" : ""}` }, name),
          );
          mark.append(element("span", { className: "source-badges" }, ...badges));
          this.place(mark, line);
          return mark;
        }),
      );
    }

    clear() {
      this.positions.replaceChildren();
      this.point(null);
    }

    point(line) {
      this.pointer.hidden = line === null;
      if (line !== null) {
        this.place(this.pointer, line);
      }
    }

    /// A reference to a line, which shows it.
    link(line) {
      const point = () => this.point(line);
      const away = () => this.point(null);
      return button(
        `line ${line}`,
        () => {
          point();
          reveal(this.pointer, "center");
        },
        { className: "line-link", mouseenter: point, mouseleave: away, focus: point, blur: away },
      );
    }
  }

  window.interleaved.SourceLines = SourceLines;
})();
