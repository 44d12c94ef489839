// Draws a story: one lane per thread, time downward, one row per event. The rows'
// words are an ordered list, which is also what a screen reader gets; lines,
// arrows and dots lie under it.

"use strict";

(() => {
  const { element, sentence, hidden, svg, colour, dot } = window.interleaved.elements;
  const { direction } = window.interleaved;

  const ROW = 30;
  const DOT = 5;
  const INDENT = 18;
  const LANE_LEAST = 108;
  const LANE_MIN = 132;
  const LANE_MAX = 250;
  const CHARACTER = 7.4;
  /// The time's column, where there is a clock; as wide as `.steps-gutter`.
  const GUTTER = 56;
  /// What "here they part" takes.
  const PART_WIDTH = 120;

  class Diagram {
    /// `select` is told which row was clicked. The lanes share `available`
    /// pixels, if they can. Next to another story, each has its lanes where the
    /// other has them.
    constructor(story, select, available, beside = null) {
      this.story = story;
      const others = beside ? beside.lanes.filter((lane) => story.lanes.every(({ thread }) => thread !== lane.thread)) : [];
      /// The threads that have a place, whether they take part or not.
      this.threads = [...story.lanes, ...others].map(({ thread }) => thread).sort((a, b) => a - b);
      this.places = new Map();
      this.times = story.times();
      const gutter = this.times.length > 0 ? GUTTER : 0;
      let x = gutter;
      const wanted = this.threads.map((thread) => Math.max(laneWidth(thread, story), beside ? laneWidth(thread, beside) : 0));
      const total = wanted.reduce((sum, width) => sum + width, 0);
      const shrink = Math.min(1, (available - gutter) / total);
      for (const [index, thread] of this.threads.entries()) {
        const width = Math.max(LANE_LEAST, Math.floor(wanted[index] * shrink));
        this.places.set(thread, { x: x + INDENT, width });
        x += width;
      }
      this.width = x;
      this.height = (story.rows.length + 0.6) * ROW;
      this.rows = story.rows.map((row, index) => this.rowOf(row, index, select));
      this.list = element("ol", { className: "steps-rows", "aria-label": "What happens, in order" }, ...this.rows);
      this.list.style.height = `${this.height}px`;
      this.band = element("div", { className: "steps-band", "aria-hidden": "true" });
      this.element = element(
        "div",
        { className: "steps-scroll", tabIndex: 0, role: "group", "aria-label": "The execution, step by step" },
        this.head(),
        element("div", { className: "steps-body" }, this.band, this.draw(), ...this.clock(), this.list),
      );
      // As high as the other one: both scroll together.
      const height = Math.max(this.height, ((beside?.rows.length ?? 0) + 0.6) * ROW);
      this.element.querySelector(".steps-body").style.cssText = `width:${this.width}px;height:${height}px`;
    }

    head() {
      const names = this.threads.map((thread) => {
        const called = this.story.name(thread);
        const name = element("span", { className: `steps-lane ${colour(thread)}`, title: called }, dot(thread), called);
        name.style.width = `${this.places.get(thread).width}px`;
        return name;
      });
      const clock = this.times.length > 0 ? element("span", { className: "steps-lane steps-gutter" }, "Time") : null;
      const head = element("div", { className: "steps-head", "aria-hidden": "true" }, clock, ...names);
      head.style.width = `${this.width}px`;
      return head;
    }

    /// The prompt clock's time, where it has moved. A row's own words tell it to
    /// a screen reader.
    clock() {
      if (this.times.length === 0) {
        return [];
      }
      const labels = this.times.map(({ row, words }) => {
        const label = element("span", { className: "steps-time" }, words);
        label.style.cssText = `top:${row * ROW}px;height:${ROW}px`;
        return label;
      });
      const back = element("div", { className: "steps-gutter-back" });
      back.style.height = `${this.height}px`;
      const rules = this.times.slice(1).map(({ row }) => {
        const rule = element("div", { className: "steps-moved", "aria-hidden": "true" });
        rule.style.top = `${row * ROW}px`;
        return rule;
      });
      return [...rules, element("div", { className: "steps-times", "aria-hidden": "true" }, back, ...labels)];
    }

    rowOf(row, index, select) {
      const { story } = this;
      const place = this.places.get(row.thread);
      const sentence = story.told(row);
      const short = shortWords(row, story);
      const words = element("span", { className: "steps-words", "aria-hidden": "true" }, short);
      if (row.text || row.stderr) {
        words.classList.add("is-printed");
      }
      const item = element("li", { className: "steps-row", title: sentence, click: () => select(index) }, words, hidden(sentence));
      item.style.cssText = `top:${index * ROW}px;height:${ROW}px;left:${place.x + DOT + 7}px;width:${place.width - INDENT - 10}px`;
      return item;
    }

    /// Where a row's words begin.
    wordsAt(row) {
      return this.places.get(this.story.rows[row].thread).x + DOT + 9;
    }

    /// Where each row's words end, if none are cut off.
    rowEnds() {
      return this.rows.map((row, index) => this.wordsAt(index) + row.querySelector(".steps-words").textContent.length * CHARACTER);
    }

    y(row) {
      return (row + 0.5) * ROW;
    }

    draw() {
      const drawing = svg("svg", {
        class: "steps-drawing",
        width: this.width,
        height: this.height,
        viewBox: `0 0 ${this.width} ${this.height}`,
        "aria-hidden": "true",
        focusable: "false",
      });
      drawing.append(...this.story.lanes.map((lane) => this.drawLane(lane)));
      drawing.append(...this.story.waits.map((wait) => this.drawWait(wait)));
      drawing.append(...this.story.arrows.map((arrow) => this.drawArrow(arrow)));
      this.dots = this.story.rows.map((row, index) => {
        const { x } = this.places.get(row.thread);
        return svg("circle", { class: `steps-dot ${colour(row.thread)}`, cx: x, cy: this.y(index), r: DOT });
      });
      drawing.append(...this.dots);
      return drawing;
    }

    /// From its first row to its last: a bar at the end of a thread that
    /// finished, an open end on one that did not.
    drawLane({ thread, own, last }) {
      const { x } = this.places.get(thread);
      const first = this.story.rows.findIndex((row) => row.thread === thread);
      const from = this.y(Math.max(first, 0));
      const waitsOn = this.story.waits.some((wait) => wait.thread === thread && wait.to === null);
      const to = last === null && waitsOn ? this.height : this.y(own);
      const group = svg("g", { class: colour(thread) });
      group.append(svg("path", { class: "steps-line", d: `M${x} ${from}V${to}` }));
      return group;
    }

    /// A wait is a dashed part of the lane, with a hollow dot where it begins.
    drawWait({ thread, from, to }) {
      const { x } = this.places.get(thread);
      const start = this.story.rows[from].thread === thread ? this.y(from) + ROW * 0.5 : this.y(from);
      const end = to === null ? this.height : this.y(to) - (this.story.rows[to].thread === thread ? 0 : ROW * 0.5);
      const group = svg("g", { class: `steps-wait ${colour(thread)}` });
      const from0 = this.story.rows[from].thread === thread ? this.y(from) : start;
      group.append(
        svg("path", { class: "steps-gap", d: `M${x} ${from0}V${end}` }),
        svg("path", { class: "steps-dashes", d: `M${x} ${from0}V${end}` }),
        svg("circle", { class: "steps-hollow", cx: x, cy: start, r: DOT }),
      );
      return group;
    }

    drawArrow({ kind, from, to }) {
      const [a, b] = [this.story.rows[from], this.story.rows[to]];
      const [x1, x2] = [this.places.get(a.thread).x, this.places.get(b.thread).x];
      const [y1, y2] = [this.y(from), this.y(to)];
      const group = svg("g", { class: `steps-arrow is-${kind} ${colour(a.thread)}` });
      if (x1 === x2) {
        return group;
      }
      group.append(...(x1 < x2 ? toTheRight(x1, y1, x2, y2) : toTheLeft(x1, y1, x2, y2)));
      return group;
    }

    /// Marks the row from which on this story is another than the one beside it.
    part(row) {
      const mark = element("div", { className: "steps-part", "aria-hidden": "true" }, element("span", {}, "here they part"));
      mark.style.top = `${row * ROW}px`;
      // Its words stand where the row above has none.
      const above = this.places.get(this.story.rows[row - 1]?.thread);
      mark.classList.toggle("is-left", above !== undefined && above.x + above.width > this.width - PART_WIDTH);
      this.element.querySelector(".steps-body").append(mark);
    }

    /// Shows that the story has come to this row.
    at(row) {
      this.band.style.transform = `translateY(${row * ROW}px)`;
      this.rows.forEach((item, index) => {
        item.classList.toggle("is-to-come", index > row);
        item.classList.toggle("is-now", index === row);
        if (index === row) {
          item.setAttribute("aria-current", "step");
        } else {
          item.removeAttribute("aria-current");
        }
        this.dots[index].classList.toggle("is-to-come", index > row);
      });
      [...this.element.querySelectorAll(".steps-arrow")].forEach((arrow, index) => {
        arrow.classList.toggle("is-to-come", this.story.arrows[index].to > row);
      });
      [...this.element.querySelectorAll(".steps-wait")].forEach((wait, index) => {
        wait.classList.toggle("is-to-come", this.story.waits[index].from > row);
      });
      this.reveal(row);
    }

    /// Scrolls the diagram, and only the diagram, to where the row can be seen.
    reveal(row) {
      const { element: scroll } = this;
      const head = scroll.querySelector(".steps-head").offsetHeight;
      const top = row * ROW;
      const bottom = top + 2.5 * ROW;
      if (top - ROW < scroll.scrollTop) {
        scroll.scrollTop = Math.max(0, top - ROW);
      } else if (bottom > scroll.scrollTop + scroll.clientHeight - head) {
        scroll.scrollTop = bottom - scroll.clientHeight + head;
      }
      const thread = this.story.rows[row]?.thread;
      const { x, width } = this.places.get(thread) ?? { x: 0, width: 0 };
      const gutter = this.times.length > 0 ? GUTTER : 0;
      if (x - INDENT - gutter < scroll.scrollLeft) {
        scroll.scrollLeft = x - INDENT - gutter;
      } else if (x - INDENT + width > scroll.scrollLeft + scroll.clientWidth) {
        scroll.scrollLeft = x - INDENT + Math.min(width, scroll.clientWidth) - scroll.clientWidth;
      }
    }
  }

  /// Words stand to the right of their dots. So an arrow to the right runs along
  /// its target's row, where nothing is before the dot.
  function toTheRight(x1, y1, x2, y2) {
    const x = x1 + DOT + 2;
    const end = x2 - DOT - 2;
    return [
      svg("path", { class: "steps-arrow-line", d: `M${x1} ${y1}Q${x} ${y1} ${x} ${y1 + 7}V${y2 - 7}Q${x} ${y2} ${x + 7} ${y2}H${end - 5}` }),
      svg("path", { class: "steps-arrow-head", d: `M${end} ${y2}l-8 -4.5v9z` }),
    ];
  }

  /// An arrow to the left runs between two rows, and comes in from above.
  function toTheLeft(x1, y1, x2, y2) {
    const x = x1 - DOT - 2;
    const y = y2 - ROW / 2;
    const end = y2 - DOT - 1;
    return [
      svg("path", { class: "steps-arrow-line", d: `M${x1} ${y1}Q${x} ${y1} ${x} ${y1 + 7}V${y - 6}Q${x} ${y} ${x - 6} ${y}H${x2 + 6}Q${x2} ${y} ${x2} ${y + 5}` }),
      svg("path", { class: "steps-arrow-head", d: `M${x2} ${end}l-4.5 -7h9z` }),
    ];
  }

  function laneWidth(thread, story) {
    const lengths = story.rows.filter((row) => row.thread === thread).map((row) => shortWords(row, story).length);
    const longest = Math.max(story.name(thread).length + 2, ...lengths);
    return Math.min(LANE_MAX, Math.max(LANE_MIN, longest * CHARACTER + INDENT + 26));
  }

  /// What stands next to the dot: only the text, where one is printed.
  function shortWords(row, story) {
    const text = row.text || row.stderr;
    const own = text && /print/.test(row.action);
    if (row.action === "start") {
      return "starts";
    }
    return own ? direction.named(text.replace(/\n$/, "").replaceAll("\n", " ⏎ ")) : story.words(row);
  }

  /// What was printed, line by line, each in the colour of the thread that began
  /// it.
  function printed(pieces, story) {
    const lines = [];
    let line = null;
    for (const { thread, text } of pieces) {
      text.split("\n").forEach((part, index) => {
        line = index > 0 ? null : line;
        const isRest = index > 0 && index === text.split("\n").length - 1 && part === "";
        if (!isRest) {
          if (!line) {
            line = element("span", { className: `steps-piece ${colour(thread)}`, title: story.name(thread) });
            lines.push(line);
          }
          line.append(...direction.nodes(part));
        }
      });
    }
    return lines;
  }

  /// The output up to a row, each line in its thread's colour.
  class OutputSoFar {
    constructor() {
      this.samp = element("samp");
      this.pre = element("pre", { className: "transcript steps-output" }, this.samp);
      this.element = element("div", {}, element("p", { className: "listing-label" }, "Output so far"), this.pre);
    }

    show(pieces, story) {
      const lines = printed(pieces, story);
      this.samp.replaceChildren(...(lines.length > 0 ? lines : [element("span", { className: "steps-nothing" }, "(nothing yet)")]));
      this.pre.scrollTop = this.pre.scrollHeight;
      window.interleaved.scrollable(this.pre, "Output so far");
    }
  }

  /// The threads as they stand: a hollow dot for who is blocked, and why.
  function standing(story, positions, lines) {
    return positions.map((position) => {
      const { thread, blocked } = position;
      return element(
        "li",
        { className: `standing ${colour(thread)}` },
        dot(thread, blocked ? "is-blocked" : ""),
        element("strong", {}, story.name(thread)),
        " ",
        ...sentence(blocked ? waiting(position, lines) : ready(position, lines)),
      );
    });
  }

  function ready({ next, at }, lines) {
    const wakes = ["sleep", "wait to be notified"].includes(next[0]?.action);
    const passes = /^(park$|wait )/.test(next[0]?.action ?? "");
    const deed = !next[0] || (passes && !wakes) ? "can go on" : `can ${wakes ? "wake up" : next[0].action}`;
    return at ? [`${deed}, `, lines.link(at.line)] : [deed];
  }

  /// "waits to receive from the channel made on line 5, at line 27"; or "sleeps,
  /// at line 10"; or "is parked at line 27".
  function waiting({ next, at, waits }, lines, areSeveral = false) {
    const { waitWords, isParked } = window.interleaved.words;
    const all = different(next ?? waits);
    if (all.length > 0 && all.every(isParked)) {
      const parked = areSeveral ? "are parked" : "is parked";
      return at ? [parked, " at ", lines.link(at.line)] : [parked];
    }
    const sleeps = all.length === 1 && all[0].action === "sleep";
    const verb = sleeps ? "sleep" : "wait";
    const parts = [areSeveral ? verb : `${verb}s`, sleeps ? "" : " "];
    (sleeps ? [] : all).forEach((wait, index) => {
      const { text, name, line, after } = waitWords(wait);
      parts.push(index > 0 ? " or " : "", text);
      if (name !== null) {
        parts.push(" ", element("code", {}, name), ...(line === null ? [] : [" of ", lines.link(line)]));
      } else if (line !== null) {
        parts.push(" on ", lines.link(line));
      }
      parts.push(after);
    });
    return at ? [...parts, ", at ", lines.link(at.line)] : parts;
  }

  /// The same is waited for in two ways where either may come of it.
  function different(waits) {
    const known = new Map(waits.map((wait) => [JSON.stringify(wait), wait]));
    return [...known.values()];
  }

  /// Marks the listing's lines where threads stand after a row.
  function markLines(story, positions, lines, row) {
    lines.show(
      positions.map(({ thread, at, blocked }) => ({ thread, name: story.name(thread), line: at?.line ?? null, blocked })),
      story.rows[row]?.thread,
    );
  }

  const MOVES = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };

  /// By how many steps a key moves, and `null` if it is for something else. mdBook
  /// turns the page with the arrows, which is not to hear of it.
  function moveBy(event) {
    const { target } = event;
    const isText = target.type === "number" || target.tagName === "TEXTAREA";
    if (isText && event.key.startsWith("Arrow")) {
      event.stopPropagation();
    }
    const move = MOVES[event.key];
    if (move === undefined || isText || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
      return null;
    }
    event.preventDefault();
    event.stopPropagation();
    return move;
  }

  window.interleaved.diagram = { moveBy, Diagram, OutputSoFar, printed, standing, waiting, markLines };
})();
