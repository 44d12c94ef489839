// Draws each execution of the page when it is opened, with the scripts of the book's
// page, which are above this one.

"use strict";

(() => {
  const { elements, SourceLines, Story, StepThrough } = window.interleaved;
  const { element } = elements;

  /// What a panel asks of the listing that it belongs to, and below, of the outcomes:
  /// here there is one execution and no other.
  class Program {
    constructor(panel, { title, source }) {
      this.panel = panel;
      this.title = title;
      this.code = element("code", {}, source);
      this.pre = element(
        "pre",
        { className: "steps-source", tabIndex: 0, role: "region", "aria-label": `The program: ${title}` },
        this.code,
      );
      this.editor = null;
      this.outcomes = { width: () => this.width() };
    }

    /// Once the program is on the page: its lines are measured.
    placed() {
      this.lines = new SourceLines(this);
    }

    width() {
      const { paddingLeft, paddingRight } = getComputedStyle(this.panel);
      return this.panel.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 4;
    }
  }

  function draw(details) {
    const execution = JSON.parse(details.querySelector("script").textContent);
    const panel = element("div", { className: "listing-panel" });
    details.append(panel);
    const program = new Program(panel, execution);
    panel.append(element("p", { className: "of-file" }, execution.file), program.pre);
    program.placed();
    const outcomes = {
      first: () => null,
      recorded: null,
      graph: null,
      story: () => new Story(execution.trace),
      hasAnother: () => false,
    };
    const steps = new StepThrough(program, outcomes, null, "Step with the arrow keys, or click a row.");
    panel.prepend(steps.title);
    panel.append(steps.element);
    steps.shown();
    return steps;
  }

  for (const details of document.querySelectorAll("details.execution")) {
    let steps = null;
    let width = 0;
    const show = () => {
      if (!details.open) {
        steps?.pause();
      } else if (!steps) {
        steps = draw(details);
      } else if (width !== details.clientWidth) {
        steps.redraw();
      }
      width = details.clientWidth;
    };
    details.addEventListener("toggle", show);
    window.addEventListener("resize", show);
    show();
  }
})();
