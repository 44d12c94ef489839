// The panel that shows two executions of a program side by side: the same up to a
// step, which is marked and told, and each on its own from there.

"use strict";

(() => {
  const { element, button, icon } = window.interleaved.elements;
  const { Diagram, OutputSoFar, moveBy } = window.interleaved.diagram;
  const { grouped } = window.interleaved.outcomes;
  const SIDES = ["left", "right"];

  /// One of the two.
  class Side {
    /// `chosen` is told the number of another output, from 0.
    constructor(name, outcomes, chosen) {
      this.name = name;
      this.outcomes = outcomes;
      this.now = element("p", { className: "compare-now" });
      this.diagramPlace = element("div", {});
      this.output = new OutputSoFar();
      this.title = element("p", { className: "compare-title" });
      this.field = element("input", {
        type: "number",
        className: "compare-number",
        min: 1,
        max: Number(outcomes.choosable()),
        "aria-label": `The output on the ${name}: its number`,
        change: () => {
          const wanted = Math.trunc(Number(this.field.value));
          if (wanted >= 1 && wanted <= Number(outcomes.choosable())) {
            chosen(BigInt(wanted) - 1n);
          } else {
            this.showNumber();
          }
        },
      });
      const turn = (label, by, shape) =>
        button(icon(shape), () => chosen((this.number ?? -1n) + by), { className: "compare-turn", "aria-label": `${label} output on the ${name}`, title: `${label} output` });
      const total = outcomes.choosable();
      const choice =
        total > 1n
          ? element("div", { className: "compare-choice" }, turn("Previous", -1n, "M12 2 3 8l9 6z"), this.field, element("span", {}, `of ${grouped(total)}`), turn("Next", 1n, "M4 2l9 6-9 6z"))
          : null;
      this.element = element(
        "section",
        { className: "compare-side", "aria-label": `The execution on the ${name}` },
        element("div", { className: "compare-head" }, this.title, choice),
        this.now,
        this.diagramPlace,
        this.output.element,
      );
    }

    /// The execution that it shows from now on, and which output that has.
    set(way) {
      const { outcomes } = this;
      this.way = way;
      this.story = outcomes.story(way);
      this.last = this.story.rows.length - 1;
      const text = this.story.rows.map((row) => row.text).join("");
      this.number = outcomes.numberOf(text, this.story.ending);
      this.showNumber();
      const isRecorded = outcomes.recorded !== null && outcomes.recorded.text === text;
      const side = this.name === "left" ? "Left" : "Right";
      const which = this.number === null ? "an execution" : `output ${grouped(this.number + 1n)}`;
      this.title.textContent = `${side}: ${which}${isRecorded ? ", the recorded one" : ""}`;
    }

    showNumber() {
      this.field.value = this.number === null ? "" : String(this.number + 1n);
    }

    draw(other, parting, select, available) {
      this.diagram = new Diagram(this.story, select, available, other.story);
      this.diagram.element.setAttribute("aria-label", `The execution on the ${this.name}, step by step`);
      if (parting !== null) {
        this.diagram.part(parting);
      }
      this.diagramPlace.replaceChildren(this.diagram.element);
    }

    at(row) {
      const { story, last } = this;
      const here = Math.min(row, last);
      const isOver = here === last && story.ending;
      this.diagram.at(here);
      this.output.show(story.printedUpTo(here), story);
      this.now.replaceChildren(
        element("span", { className: "steps-count" }, `${here + 1} of ${last + 1} `),
        `${story.told(story.rows[here])}.`,
        isOver ? ` Then ${window.interleaved.endings.clause(story.ending)}.` : "",
      );
    }
  }

  class Compare {
    /// `ways` are two executions: a way through the graph or a trace each. The
    /// page may begin at a step; without one, where they part.
    constructor(listing, outcomes, tools, ways, row = null) {
      this.listing = listing;
      this.outcomes = outcomes;
      this.tools = tools;
      this.sides = SIDES.map((name, index) => new Side(name, outcomes, (number) => this.choose(index, number)));
      this.told = element("div", { className: "compare-told", role: "status" });
      this.place = element("div", {});
      this.copied = element("div", {});
      const control = (label, shape, to) => button(icon(shape), () => this.go(to()), { className: "steps-control", "aria-label": label, title: label });
      this.slider = element("input", { type: "range", className: "steps-slider", min: 0, "aria-label": "Step of both", input: () => this.go(Number(this.slider.value)) });
      this.partButton = button("Where they part", () => this.go(this.parting), { className: "compare-part" });
      const canLink = listing.name && outcomes.graph && ways.every(Array.isArray);
      this.element = element(
        "div",
        { className: "compare", keydown: (event) => this.key(event) },
        this.told,
        element(
          "div",
          { className: "steps-controls" },
          control("First step", "M2 2v12M14 2 5 8l9 6z", () => 0),
          control("Step back", "M12 2 3 8l9 6z", () => this.row - 1),
          this.slider,
          control("Next step", "M4 2l9 6-9 6z", () => this.row + 1),
          control("Last step", "M14 2v12M2 2l9 6-9 6z", () => this.last),
          this.partButton,
        ),
        this.place,
        element("div", { className: "compare-sides" }, ...this.sides.map((side) => side.element)),
        element("div", { className: "steps-copies" }, canLink ? button("Copy link", (event) => this.copyLink(event.currentTarget), { className: "steps-copy" }) : null, this.copied),
      );
      this.sides.forEach((side, index) => side.set(ways[index]));
      this.start = row;
    }

    /// Both are known, and there is room to draw them.
    shown() {
      this.compare();
      this.row = -1;
      this.go(this.start ?? this.parting ?? 0);
    }

    redraw() {
      this.draw();
      this.show();
    }

    compare() {
      const [left, right] = this.sides;
      this.last = Math.max(left.last, right.last);
      this.parting = partingOf(left.story, right.story);
      this.slider.max = this.last;
      this.partButton.disabled = this.parting === null;
      this.told.replaceChildren(...inWords(left.story, right.story, this.parting));
      this.draw();
    }

    draw() {
      const [left, right] = this.sides;
      const available = left.element.clientWidth - 4;
      left.draw(right, this.parting, (row) => this.go(row), available);
      right.draw(left, this.parting, (row) => this.go(row), available);
      const scrolls = this.sides.map((side) => side.diagram.element);
      scrolls.forEach((scroll, index) => {
        const other = scrolls[1 - index];
        scroll.addEventListener("scroll", () => {
          other.scrollTop = scroll.scrollTop;
          other.scrollLeft = scroll.scrollLeft;
        });
      });
    }

    /// Another output on one side: an execution that parts from the other side's
    /// as late as can be.
    async choose(index, number) {
      const { outcomes } = this;
      const total = outcomes.choosable();
      const side = this.sides[index];
      const wanted = ((number % total) + total) % total;
      const { text, ending } = outcomes.output(wanted);
      const other = this.sides[1 - index].way;
      let way = outcomes.graph ? outcomes.nearest({ text, ending }, other) : outcomes.wayTo({ text, ending }, wanted);
      // Whoever chooses again, or closes the panel, waits for no earlier answer.
      const asked = {};
      this.asked = asked;
      if (way instanceof window.interleaved.Question) {
        try {
          way = (await this.tools.ask(way, this.place)).trace;
        } catch (error) {
          if (this.asked === asked) {
            this.place.replaceChildren(this.tools.explain(error));
          }
          return;
        }
        if (this.asked !== asked) {
          return;
        }
        this.place.replaceChildren();
      }
      side.set(way);
      this.compare();
      this.row = -1;
      this.go(this.parting ?? 0);
    }

    /// Both go at once.
    key(event) {
      const move = moveBy(event);
      if (move !== null) {
        this.go(this.row + move);
      }
    }

    go(row) {
      const to = Math.min(Math.max(row, 0), this.last);
      if (to !== this.row) {
        this.row = to;
        this.show();
      }
    }

    show() {
      const { row } = this;
      this.sides.forEach((side) => side.at(row));
      this.slider.value = row;
      this.slider.setAttribute("aria-valuetext", this.sides.map((side) => `${side.name}: ${side.now.textContent}`).join(" "));
      this.listing.lines.show(this.marks());
    }

    /// The lines of what happens at this step: once, as long as it is the same.
    marks() {
      const isSame = this.parting === null || this.row < this.parting;
      const sides = isSame ? this.sides.slice(0, 1) : this.sides;
      return sides
        .filter(({ last }) => this.row <= last)
        .map(({ story, name }) => {
          const { thread, line } = story.rows[this.row];
          return { thread, name: isSame ? story.name(thread) : `${name}: ${story.name(thread)}`, line, blocked: false };
        });
    }

    async copyLink(pressed) {
      const { addressOf } = window.interleaved.executionLink;
      const [left, right] = this.sides;
      const address = await addressOf(this.listing, this.outcomes, left.way, this.row, right.way);
      await window.interleaved.executionCopy.copyText(address, pressed, this.copied);
    }

    close() {
      this.asked = null;
      this.listing.lines.clear();
    }
  }

  /// The first row in which two stories differ; `null` if they don't.
  function partingOf(left, right) {
    const length = Math.max(left.rows.length, right.rows.length);
    for (let row = 0; row < length; row += 1) {
      const [a, b] = [left.rows[row], right.rows[row]];
      if (!a || !b || a.thread !== b.thread || left.told(a) !== right.told(b)) {
        return row;
      }
    }
    return null;
  }

  function inWords(left, right, parting) {
    if (parting === null) {
      return [element("p", { className: "compare-lead" }, "These two are the same execution.")];
    }
    const before = parting === 0 ? "They part at the first step:" : `They are the same up to step ${parting}, and part at step ${parting + 1}:`;
    const step = (story, name) => {
      const row = story.rows[parting];
      const words = row ? `${story.told(row)}.` : "It is over.";
      return element("li", {}, element("span", { className: "compare-which" }, `on the ${name}:`), " ", words);
    };
    return [element("p", { className: "compare-lead" }, before), element("ul", { className: "compare-steps" }, step(left, "left"), step(right, "right"))];
  }

  window.interleaved.Compare = Compare;
})();
