// The panel that goes through one execution, step by step.

"use strict";

(() => {
  const { element, button, icon } = window.interleaved.elements;
  const { Diagram, OutputSoFar, standing, markLines, moveBy } = window.interleaved.diagram;
  const { asText, asSvg, copyText } = window.interleaved.executionCopy;
  const PACE = 800;

  class StepThrough {
    /// `title` says which execution it is; `row` is the step to begin with.
    constructor(listing, outcomes, path, title, row = 0) {
      this.listing = listing;
      this.tools = listing.outcomes;
      this.outcomes = outcomes;
      this.element = element("div", { className: "steps", keydown: (event) => this.key(event) });
      this.tell(path ?? outcomes.first(), title ?? this.firstTitle(path), row);
    }

    firstTitle(path) {
      return !path && this.outcomes.recorded ? "An execution that prints the recorded output." : "One of many executions.";
    }

    tell(path, title, row = 0) {
      this.pause();
      this.path = path;
      this.story = this.outcomes.story(path);
      this.last = this.story.rows.length - 1;
      this.diagram = this.draw();
      this.output = new OutputSoFar();
      this.title = element("p", { className: "panel-lead" }, title);
      this.now = element("p", { className: "steps-now", role: "status" });
      this.threads = element("ul", { className: "standings" });
      this.element.replaceChildren(
        this.title,
        this.controls(),
        this.now,
        element(
          "div",
          { className: "steps-columns" },
          this.diagram.element,
          element("div", { className: "steps-side" }, this.output.element, element("p", { className: "listing-label" }, "The threads"), this.threads),
        ),
        this.copies(),
      );
      this.row = -1;
      this.go(row);
    }

    draw() {
      return new Diagram(this.story, (row) => this.goByHand(row), this.tools.width());
    }

    controls() {
      const control = (label, shape, row) =>
        button(icon(shape), () => this.goByHand(row()), { className: "steps-control", "aria-label": label, title: label });
      this.slider = element("input", {
        type: "range",
        className: "steps-slider",
        min: 0,
        max: this.last,
        value: 0,
        "aria-label": "Step",
        input: () => this.goByHand(Number(this.slider.value)),
      });
      this.playing = button("Play", () => this.togglePlay(), { className: "steps-play" });
      const another = this.outcomes.hasAnother()
        ? button("Another", () => this.another(), { title: "Another execution, by chance" })
        : null;
      return element(
        "div",
        { className: "steps-controls" },
        control("First step", "M2 2v12M14 2 5 8l9 6z", () => 0),
        control("Step back", "M12 2 3 8l9 6z", () => this.row - 1),
        this.slider,
        control("Next step", "M4 2l9 6-9 6z", () => this.row + 1),
        control("Last step", "M14 2v12M2 2l9 6-9 6z", () => this.last),
        this.playing,
        another,
      );
    }

    /// The execution to take along. Without a graph there is no way to name it
    /// in a link.
    copies() {
      const { listing, outcomes, story } = this;
      const place = element("div");
      const title = `${listing.title}: an execution`;
      const copy = (label, text) =>
        button(label, async ({ currentTarget }) => copyText(await text(), currentTarget, place), { className: "steps-copy" });
      const canLink = listing.name && outcomes.graph && Array.isArray(this.path);
      return element(
        "div",
        { className: "steps-copies" },
        canLink ? copy("Copy link", () => window.interleaved.executionLink.addressOf(listing, outcomes, this.path, this.row)) : null,
        this.tools.compareWith && outcomes.hasAnother()
          ? button("Compare side by side", () => this.tools.compareWith(this.path), { className: "steps-copy steps-compare" })
          : null,
        copy("Copy as text", () => asText(story, title)),
        copy("Copy as SVG", () => asSvg(this.diagram, title)),
        place,
      );
    }

    another() {
      if (!this.outcomes.graph) {
        this.tools.stepThrough(this.outcomes.another(), "An execution by chance: each output as likely as the others.");
        return;
      }
      this.tell(this.outcomes.another(), "An execution by chance: each choice as likely as the others.");
      this.element.querySelector(".steps-controls > :last-child").focus();
    }

    key(event) {
      const move = moveBy(event);
      if (move !== null) {
        this.goByHand(this.row + move);
      }
    }

    goByHand(row) {
      this.pause();
      this.go(row);
    }

    go(row) {
      const to = Math.min(Math.max(row, 0), this.last);
      if (to === this.row) {
        return;
      }
      this.row = to;
      this.show();
    }

    show() {
      const { story, row } = this;
      const event = story.rows[row];
      const ended = row === this.last && story.ending;
      this.diagram.at(row);
      this.output.show(story.printedUpTo(row), story);
      this.slider.value = row;
      this.slider.setAttribute("aria-valuetext", `${row + 1} of ${this.last + 1}: ${story.told(event)}`);
      this.now.replaceChildren(
        element("span", { className: "steps-count" }, `${row + 1} of ${this.last + 1} `),
        `${story.told(event)}.`,
        ended ? ` Then ${window.interleaved.endings.clause(story.ending)}.` : "",
      );
      const positions = story.positionsAfter(row);
      const over = ended && story.ending.kind !== "deadlocked" ? [] : positions;
      this.threads.replaceChildren(
        ...(over.length > 0
          ? standing(story, over, this.listing.lines)
          : ended ? [element("li", {}, "The program has ended.")] : []),
      );
      markLines(story, over, this.listing.lines, row);
    }

    togglePlay() {
      if (this.timer) {
        this.pause();
        return;
      }
      if (this.row === this.last) {
        this.go(0);
      }
      this.playing.textContent = "Pause";
      this.timer = setInterval(() => {
        this.go(this.row + 1);
        if (this.row === this.last) {
          this.pause();
        }
      }, PACE);
    }

    pause() {
      clearInterval(this.timer);
      this.timer = null;
      if (this.playing) {
        this.playing.textContent = "Play";
      }
    }

    shown() {
      this.show();
    }

    /// There is more room, or less.
    redraw() {
      const old = this.diagram.element;
      this.diagram = this.draw();
      old.replaceWith(this.diagram.element);
      this.show();
    }

    close() {
      this.pause();
      this.listing.lines.clear();
    }
  }

  window.interleaved.StepThrough = StepThrough;
})();
