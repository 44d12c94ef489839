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
      this.moved = element("div", {}, this.positions, this.pointer);
      this.layer.append(this.moved);
      /// mdBook's editor, where the book has it.
      this.ace = listing.editor?.renderer ? listing.editor : null;
      // The editor moves its lines itself where it shows only some of them.
      this.ace?.renderer.on("afterRender", () => this.follow());
      // Not in the code, whose text is the program's.
      const home = this.ace ? this.ace.renderer.scroller : listing.pre;
      home.classList.add("has-source-marks");
      home.prepend(this.layer);
    }

    /// Line numbers are there while something speaks of them.
    number(shown) {
      const editor = this.ace;
      if (!editor && shown) {
        // Lines that are hidden have numbers, too.
        this.listing.pre.querySelector("code").classList.remove("hide-boring");
      }
      if (editor && editor.getOption("showGutter") !== shown) {
        editor.setOptions({ showGutter: shown, showLineNumbers: shown, showFoldWidgets: false });
        editor.resize(true);
        editor.renderer.updateFull(true);
      }
    }

    lineHeight() {
      const code = this.listing.pre.querySelector("code");
      return this.ace ? this.ace.renderer.lineHeight : parseFloat(getComputedStyle(code).lineHeight);
    }

    top() {
      const code = this.listing.pre.querySelector("code");
      return this.ace ? 0 : code.offsetTop + parseFloat(getComputedStyle(code).paddingTop);
    }

    place(mark, line) {
      const height = this.lineHeight();
      mark.style.top = `${this.top() + (line - 1 + (this.listing.linesAbove?.() ?? 0)) * height}px`;
      mark.style.height = `${height}px`;
    }

    follow() {
      this.moved.style.transform = `translateY(${-this.ace.renderer.scrollTop}px)`;
    }

    /// Scrolls the code, and only the code, to where lines can be seen: to the
    /// first, and to as many of the others as there is room for.
    reveal(lines) {
      const editor = this.ace;
      const { pre } = this.listing;
      const height = this.lineHeight();
      const scroll = editor ? editor.session.getScrollTop() : pre.scrollTop;
      const room = editor ? editor.renderer.$size.scrollerHeight : pre.clientHeight;
      let [top, bottom] = [Infinity, -Infinity];
      for (const line of lines) {
        const [from, to] = [(line - 2) * height, (line + 1) * height];
        if (Math.max(bottom, to) - Math.min(top, from) <= room || top === Infinity) {
          [top, bottom] = [Math.min(top, from), Math.max(bottom, to)];
        }
      }
      const to = top < scroll ? Math.max(0, top) : bottom > scroll + room ? bottom - room : null;
      if (to !== null && Number.isFinite(to) && editor) {
        editor.session.setScrollTop(to);
      } else if (to !== null && Number.isFinite(to)) {
        pre.scrollTop = to;
      }
    }

    /// Shows where threads stand: `{ thread, name, line, blocked }`; first of all,
    /// where `acting` does.
    show(standing, acting) {
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
      const first = standing.find(({ thread }) => thread === acting)?.line;
      this.reveal([...(first ? [first] : []), ...lines.keys()]);
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

    /// Scrolls the page to where the pointer is. Not by the pointer itself in an
    /// editor, which does not expect anyone to move its lines.
    revealOnPage() {
      const editor = this.ace;
      const { pre } = this.listing;
      if (!editor) {
        reveal(this.pointer, "center");
      } else if (editor.renderer.$size.scrollerHeight < editor.session.getLength() * this.lineHeight()) {
        reveal(pre, "nearest");
      } else {
        const { top, height } = this.pointer.getBoundingClientRect();
        const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
        scrollBy({ top: top + (height - innerHeight) / 2, behavior: still ? "auto" : "smooth" });
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
          this.reveal([line]);
          this.revealOnPage();
        },
        { className: "line-link", mouseenter: point, mouseleave: away, focus: point, blur: away },
      );
    }
  }

  window.interleaved.SourceLines = SourceLines;
})();
