// What the reader is to bring about as a listing's scheduler. The goals stand in
// the chapter and in the scheduler's panel, which asks here when an execution
// is over.

"use strict";

(() => {
  const { element, button, hidden } = window.interleaved.elements;
  const { progress } = window.interleaved;

  class Goals {
    constructor(place, listing) {
      this.listing = listing;
      this.goals = [...place.querySelectorAll(".goal")].map((item) => this.goalOf(item));
      place.append(button("Play the scheduler", () => this.play(), { className: "goals-play" }));
      this.show();
    }

    goalOf(item) {
      const words = item.querySelector(".goal-words").textContent;
      const goal = {
        words,
        name: `goal ${this.listing.name}: ${words}`,
        condition: JSON.parse(item.dataset.condition),
        way: item.dataset.way,
        marks: [mark()],
      };
      item.prepend(...goal.marks);
      const step = button("Step through it", () => this.stepThrough(goal), { className: "goal-way" });
      item.querySelector("details").append(step);
      return goal;
    }

    async play() {
      await this.listing.outcomes.show("scheduler");
      const { panel } = this.listing.outcomes;
      window.interleaved.elements.reveal(panel, "start");
      panel.querySelector("button.choice")?.focus({ preventScroll: true });
    }

    /// A way to reach a goal.
    async stepThrough({ way, condition, words }) {
      const tools = this.listing.outcomes;
      const ending = condition.ends ? window.interleaved.endings.fromRegistry(condition.ends) : undefined;
      let why = "You have edited the program: this is about the one in the book.";
      if (!this.listing.isEdited()) {
        try {
          const found = (await tools.ofBook()).graph?.find(way, ending);
          if (found?.possible) {
            await tools.stepThrough(found.path, `One way: ${words}`);
            return;
          }
          why = "This program is in too many states for the page to hold.";
        } catch (error) {
          if (!(error instanceof window.interleaved.load.NotLoaded || error instanceof window.interleaved.NoAnswer)) {
            throw error;
          }
          why = error.message;
        }
      }
      tools.say("steps", why);
      window.interleaved.elements.reveal(tools.panel, "nearest");
    }

    /// The goals, for the scheduler's panel.
    list() {
      const items = this.goals.map((goal) => {
        const [first] = goal.marks;
        const made = mark();
        goal.marks = [first, made];
        return element("li", { className: "goal" }, made, goal.words);
      });
      this.show();
      return element("ul", { className: "goals-list", "aria-label": "Goals" }, ...items);
    }

    /// The goals that an execution reaches, in words. They are kept as reached.
    reach(text, ending) {
      const reached = this.goals.filter(({ condition }) => holds(condition, text, ending));
      reached.forEach(({ name }) => progress.set(name, true));
      this.show();
      return reached.map(({ words }) => words);
    }

    show() {
      for (const { name, marks } of this.goals) {
        const isReached = progress.isDone(name);
        for (const one of marks) {
          one.classList.toggle("is-reached", isReached);
          one.replaceChildren(hidden(isReached ? "Reached: " : "Not reached yet: "));
        }
      }
    }
  }

  function mark() {
    return element("span", { className: "goal-mark" });
  }

  /// Whether an execution that is over is what was asked for. As `Goal::holds`.
  function holds({ ends, has = [], lacks = [] }, text, ending) {
    let from = 0;
    const hasAll = has.every((piece) => {
      const at = text.indexOf(piece, from);
      from = at + piece.length;
      return at !== -1;
    });
    return (
      hasAll &&
      lacks.every((piece) => !text.includes(piece)) &&
      (ends === undefined || (ending !== null && window.interleaved.endings.registered(ending) === ends))
    );
  }

  for (const place of document.querySelectorAll(".goals[data-listing]")) {
    const listing = window.interleaved.listings.find(({ name }) => name === place.dataset.listing);
    if (listing?.outcomes) {
      listing.goals = new Goals(place, listing);
    }
  }
})();
