// The panel in which the reader decides which thread goes next.

"use strict";

(() => {
  const { element, button, sentence, colour, dot, hidden } = window.interleaved.elements;
  const { Diagram, OutputSoFar, waiting, markLines } = window.interleaved.diagram;
  const { grouped } = window.interleaved.outcomes;

  class Scheduler {
    constructor(listing, outcomes, tools) {
      this.listing = listing;
      this.outcomes = outcomes;
      this.graph = outcomes.graph;
      this.tools = tools;
      this.path = [];
      this.announcement = element("p", { className: "visually-hidden", role: "status" });
      this.choices = element("ul", { className: "choices" });
      this.heading = element("p", { className: "listing-label" });
      this.output = new OutputSoFar();
      this.diagramPlace = element("div", { className: "scheduler-diagram" });
      // What the chapter asks is about the program as it stands there.
      this.goals = listing.isEdited() ? null : listing.goals;
      this.undoButton = button("Undo", () => this.undo());
      this.restartButton = button("Start again", () => this.restart());
      this.randomButton = button("Let chance choose", () => this.chance());
      this.restButton = button("… to the end", () => this.chanceToTheEnd(), { "aria-label": "Let chance choose to the end" });
      this.element = element(
        "div",
        { className: "scheduler", keydown: (event) => this.key(event) },
        element(
          "p",
          { className: "panel-lead" },
          "Whoever you choose does what it is about to do. A hollow dot is a thread that has to wait.",
        ),
        this.goals?.list(),
        this.heading,
        this.choices,
        element("div", { className: "scheduler-buttons" }, this.randomButton, this.restButton, this.undoButton, this.restartButton),
        this.announcement,
        element("div", { className: "steps-columns" }, this.diagramPlace, element("div", { className: "steps-side" }, this.output.element)),
      );
      this.show();
    }

    edges() {
      const state = this.graph.endOf(this.path);
      return state === null ? [] : this.graph.edgesOf(state).filter((edge) => edge.choice !== null);
    }

    take(edge) {
      const before = this.outcomes.story(this.path).rows.length;
      this.path = this.graph.settled([...this.path, edge]);
      this.show();
      const said = edge.thread === null ? ["Time passes"] : this.story.rows.slice(before).map((row) => this.story.sentence(row));
      this.announcement.textContent = `${said.join(". ")}. ${this.heading.textContent}`;
      this.focusFirst();
    }

    undo() {
      const last = this.path.findLastIndex((edge) => edge.choice !== null);
      this.path = this.path.slice(0, Math.max(last, 0));
      this.show();
      this.announcement.textContent = `Undone. ${this.heading.textContent}`;
      (this.undoButton.disabled ? this.choices.querySelector("button") : this.undoButton)?.focus();
    }

    restart() {
      this.path = [];
      this.show();
      this.announcement.textContent = `From the start. ${this.heading.textContent}`;
      this.focusFirst();
    }

    chance() {
      const edges = this.edges();
      this.take(edges[Math.floor(Math.random() * edges.length)]);
      (this.randomButton.disabled ? this.restartButton : this.randomButton).focus();
    }

    chanceToTheEnd() {
      for (let steps = 0; steps < 1000 && this.edges().length > 0; steps += 1) {
        const edges = this.edges();
        this.path = this.graph.settled([...this.path, edges[Math.floor(Math.random() * edges.length)]]);
      }
      this.show();
      this.announcement.textContent = this.heading.textContent;
      this.restartButton.focus();
    }

    focusFirst() {
      (this.choices.querySelector("button.choice") ?? this.restartButton).focus();
    }

    /// The digits choose; arrows go from choice to choice.
    key(event) {
      if (event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      const buttons = [...this.choices.querySelectorAll("button.choice")];
      if (/^[1-9]$/.test(event.key) && buttons[Number(event.key) - 1]) {
        event.preventDefault();
        event.stopPropagation();
        buttons[Number(event.key) - 1].click();
        return;
      }
      if (!event.key.startsWith("Arrow")) {
        return;
      }
      event.stopPropagation();
      const at = buttons.indexOf(document.activeElement);
      if (at !== -1) {
        event.preventDefault();
        const move = event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : buttons.length - 1;
        buttons[(at + move) % buttons.length].focus();
      }
    }

    show() {
      this.story = this.outcomes.story(this.path);
      const { story } = this;
      const last = story.rows.length - 1;
      const edges = this.edges();
      const over = edges.length === 0;
      this.heading.textContent = over ? `${this.verdict()}${this.reached()}` : "Who goes next?";
      this.heading.classList.toggle("scheduler-verdict", over);
      const positions = over && story.ending?.kind !== "deadlocked" ? [] : story.positionsAfter(last);
      const passing = edges.filter((edge) => edge.thread === null);
      this.choices.replaceChildren(
        ...positions.flatMap((position) => this.choicesOf(position, edges)),
        ...passing.map((edge) => element("li", {}, this.passing(edge, edges.indexOf(edge)))),
      );
      for (const control of [this.randomButton, this.restButton]) {
        control.disabled = over;
      }
      this.undoButton.disabled = this.path.length === 0;
      this.restartButton.disabled = this.path.length === 0;
      this.output.show(story.printedUpTo(last), story);
      const diagram = new Diagram(story, () => {}, this.tools.width());
      this.diagramPlace.replaceChildren(diagram.element);
      diagram.at(last);
      markLines(story, positions, this.listing.lines, last);
    }

    choicesOf(position, edges) {
      const { thread } = position;
      const own = edges.filter((edge) => edge.thread === thread);
      if (own.length > 0) {
        return own.map((edge) => element("li", {}, this.choice(position, edge, edges.indexOf(edge))));
      }
      const name = element("strong", {}, this.story.name(thread));
      const partner = edges.find((edge) => edge.with === thread);
      const words = partner
        ? [`goes on when ${this.story.name(partner.thread)} does`]
        : waiting(position, this.listing.lines);
      const kind = partner ? "is-met" : "is-blocked";
      return [element("li", { className: `standing ${kind} ${colour(thread)}` }, dot(thread, kind), name, " ", ...sentence(words))];
    }

    /// What a thread would do if it went next.
    choice({ thread, at }, edge, number) {
      const { listing } = this;
      const next = this.outcomes.story([...this.path, edge]);
      const rows = next.rows.slice(this.story.rows.length);
      const first = rows.find((row) => row.thread === thread) ?? rows[0];
      const met = rows.find((row) => row.thread === edge.with);
      const to = met ? ` to ${next.name(edge.with)}` : "";
      const line = first?.line ?? at?.line ?? null;
      const words = `${first ? next.words(first) : "goes on"}${to}`;
      const point = () => listing.lines.point(line);
      const away = () => listing.lines.point(null);
      const made = button("", () => this.take(edge), {
        className: `choice ${colour(thread)}`,
        mouseenter: point,
        mouseleave: away,
        focus: point,
        blur: away,
      });
      made.append(
        dot(thread),
        element("strong", {}, next.name(thread)),
        hidden(" "),
        element("span", { className: "choice-words" }, words),
        element("span", { className: "choice-line" }, line === null ? "" : `line ${line}`),
        shortcut(number),
      );
      return made;
    }

    /// On the prompt clock, where all who could go on have let others go first.
    passing(edge, number) {
      const made = button("", () => this.take(edge), { className: "choice is-time" });
      made.append(element("span", { className: "choice-words" }, "Time passes until the next sleep or timeout is over"), shortcut(number));
      return made;
    }

    /// Which goals this execution has reached, which is kept.
    reached() {
      const goals = this.goals?.reach(this.graph.textOf(this.path), this.story.ending) ?? [];
      return goals.map((goal) => ` Goal reached: ${goal}`).join("");
    }

    verdict() {
      const ending = this.story.ending;
      const how = ending ? `Then ${window.interleaved.endings.clause(ending)}.` : "Nothing more can happen.";
      const rank = this.outcomes.rank(this.graph.textOf(this.path), ending);
      if (rank === null) {
        return how;
      }
      const { recorded, count } = this.outcomes;
      const same = recorded && recorded.text === this.graph.textOf(this.path) ? ": the recorded one" : "";
      return count === 1n
        ? `${how} This is the only output there is.`
        : `${how} This is output ${grouped(rank + 1n)} of ${grouped(count)}${same}.`;
    }

    shown() {
      this.show();
    }

    redraw() {
      this.show();
    }

    close() {
      this.listing.lines.clear();
    }
  }

  /// The key that takes this choice.
  function shortcut(number) {
    return number < 9 ? element("kbd", { "aria-hidden": "true" }, String(number + 1)) : "";
  }

  window.interleaved.Scheduler = Scheduler;
})();
