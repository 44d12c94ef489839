// The panel that lists every outcome of a program: how many, how they end, the
// deadlocks, and the outputs themselves to browse.

"use strict";

(() => {
  const { element, button, sentence, dot } = window.interleaved.elements;
  const { printed } = window.interleaved.diagram;
  const { standstill, deadlockTitle, leakTitle, calledWithPlace } = window.interleaved.standstills;
  const { quoted } = window.interleaved.words;
  const { direction, outputStrip, previews } = window.interleaved;
  const { grouped, plural, reached, stillComputing } = window.interleaved.outcomes;
  const PAGE = 10;
  /// Outputs that are looked at for a filter; more take too long.
  const FILTER_LIMIT = 50_000;

  class AllOutcomes {
    constructor(listing, outcomes, tools) {
      this.listing = listing;
      this.outcomes = outcomes;
      this.tools = tools;
      this.page = 0n;
      this.filter = "";
      this.element = element("div", { className: "all-outcomes" }, ...this.summary(), ...this.reports(), ...this.browser());
      if (this.list) {
        this.show();
      }
    }

    summary() {
      const { answer, count, endings, recorded } = this.outcomes;
      const known = count === null ? "is-unknown" : "";
      const parts = [element("p", { className: `outcomes-count ${known}` }, ...countWords(this.outcomes))];
      if (endings.length > 1) {
        parts.push(
          element(
            "ul",
            { className: "outcomes-endings" },
            ...endings.map(({ ending, outputs }) => {
              const item = element("li", { className: "ending" }, `${grouped(outputs)} × ${window.interleaved.endings.clause(ending)}`);
              item.dataset.kind = ending.kind;
              return item;
            }),
          ),
        );
      }
      if (recorded) {
        parts.push(this.whereIs(recorded, count));
      }
      parts.push(element("p", { className: "outcomes-how" }, this.how(answer)));
      return parts;
    }

    how({ complete, states, executions, seconds, alike_threads: alike, computing }) {
      const taken = alike ? ", with threads that are alike taken for one another" : "";
      const work = `${plural(states, "state")}, ${plural(executions, "execution")}, ${window.interleaved.endings.duration(seconds)}${taken}`;
      if (computing) {
        return `So far: ${work}. ${stillComputing(computing)} What to try: less to compute between two steps.`;
      }
      if (!complete) {
        return (
          `So far: ${work}. There are more. What to try: “Can this happen?”, which still answers for any one output; ` +
          `or smaller numbers, that is fewer threads, messages or rounds.`
        );
      }
      const machine = this.outcomes.isPrompt ? " of a machine that is never late" : "";
      return `Found by running the program under every schedule${machine}: ${work}.`;
    }

    whereIs(recorded, count) {
      const rank = this.outcomes.rank(recorded.text, recorded.ending);
      if (rank === null) {
        return element("p", {}, "The recorded output is one of them.");
      }
      if (count === 1n) {
        return element("p", {}, "It is the recorded one.");
      }
      const text = `The recorded output is one of ${grouped(count)}: number ${grouped(rank + 1n)}. `;
      return element("p", {}, text, button("Show it in the list", () => this.goTo(rank), { className: "is-link" }));
    }

    /// What can go wrong, each with a way there.
    reports() {
      const { deadlocks, leaks, panics } = this.outcomes;
      const of = (index, all) => (all.length === 1 ? "" : ` ${index + 1} of ${all.length}`);
      return [
        ...deadlocks.map((deadlock, index) => {
          const title = `${index === 0 && deadlocks.length === 1 ? "A deadlock" : `Deadlock${of(index, deadlocks)}`}: ${deadlockTitle(deadlock)}.`;
          const step = this.stepThere("deadlock", index, "An execution that ends in this deadlock.");
          return this.card(title, standstill(deadlock, this.listing.lines), step);
        }),
        ...leaks.map((leak, index) =>
          this.card(`${leakTitle(leak)}.`, standstill(leak, this.listing.lines), this.stepThere("leak", index, "An execution in which this comes about.")),
        ),
        ...this.panics(panics),
      ];
    }

    panics(panics) {
      if (panics.length === 0) {
        return [];
      }
      const { lines } = this.listing;
      const items = panics.map((panic, index) => {
        const place = panic.at ? [" on ", lines.link(panic.at.line)] : [];
        const step = this.stepThere("panic", index, "An execution with this panic.");
        return element("li", { className: "report-panic" }, element("span", { className: "standing" }, ...sentence([dot(panic.thread), ...calledWithPlace(panic, lines), ...place, ": ", quoted(panic.message)])), step);
      });
      return [this.card(panics.length === 1 ? "A panic that can happen:" : "Panics that can happen:", element("ul", { className: "standings" }, ...items))];
    }

    card(title, ...content) {
      return element("div", { className: "outcomes-report" }, element("p", { className: "report-title" }, title), ...content);
    }

    stepThere(kind, index, title) {
      return button("Step there", () => this.tools.stepThrough(this.outcomes.wayInto(kind, index), title));
    }

    browser() {
      const { count } = this.outcomes;
      this.total = this.outcomes.choosable();
      if (this.total === 0n) {
        return [];
      }
      this.list = element("ol", { className: "outputs" });
      this.where = element("p", { className: "outputs-where", role: "status" });
      this.previous = button("Previous", () => this.turn(-1n));
      this.next = button("Next", () => this.turn(1n));
      const field = element("input", {
        type: "search",
        className: "outputs-filter",
        placeholder: "Filter: a line, or a part of one",
        "aria-label": "Show only outputs that contain this",
        input: () => this.setFilter(field.value),
        keydown: (event) => event.key.startsWith("Arrow") && event.stopPropagation(),
      });
      this.chosen = null;
      this.chosenNote = element("p", { className: "outputs-chosen", role: "status" });
      const isAll = this.total === count;
      const first = isAll ? [] : [element("p", {}, `Here are the first ${grouped(this.total)}:`)];
      if (this.total === 1n) {
        return [...first, this.list];
      }
      return [
        ...first,
        element("div", { className: "outputs-bar" }, field, this.where, this.previous, this.next),
        this.chosenNote,
        this.list,
      ];
    }

    /// The numbers of the outputs that contain the filter's text; `null` for
    /// all of them.
    matching() {
      if (this.filter === "") {
        return null;
      }
      const found = [];
      const limit = this.total < BigInt(FILTER_LIMIT) ? this.total : BigInt(FILTER_LIMIT);
      for (let number = 0n; number < limit; number += 1n) {
        if (this.outcomes.output(number).text.includes(this.filter)) {
          found.push(number);
        }
      }
      return found;
    }

    setFilter(text) {
      this.filter = text;
      this.page = 0n;
      this.matches = this.matching();
      this.show();
    }

    turn(by) {
      this.page += by;
      this.show();
    }

    goTo(rank) {
      this.filter = "";
      this.element.querySelector(".outputs-filter").value = "";
      this.matches = null;
      this.page = rank / BigInt(PAGE);
      this.show();
      const row = this.list.children[Number(rank % BigInt(PAGE))];
      const details = row.querySelector("details");
      details.open = true;
      details.querySelector("summary").focus();
    }

    show() {
      const count = this.matches ? BigInt(this.matches.length) : this.total;
      const first = this.page * BigInt(PAGE);
      const last = first + BigInt(PAGE) < count ? first + BigInt(PAGE) : count;
      const numbers = [];
      for (let index = first; index < last; index += 1n) {
        numbers.push(this.matches ? this.matches[Number(index)] : index);
      }
      const outputs = numbers.map((number) => ({ number, ...this.outcomes.output(number) }));
      const texts = previews(outputs.map(({ text }) => linesOf(text)));
      this.list.replaceChildren(...outputs.map((output, index) => this.row(output, texts[index])));
      this.showChosen();
      this.list.start = Number(first) + 1;
      const limited = this.matches && this.total > BigInt(FILTER_LIMIT) ? ` of the first ${grouped(FILTER_LIMIT)}` : "";
      const of = this.matches ? `${grouped(count)} found${limited}` : grouped(count);
      this.where.textContent = count === 0n ? `None contains that${limited && `, ${limited}`}.` : `${grouped(first + 1n)}–${grouped(last)} of ${of}`;
      this.previous.disabled = first === 0n;
      this.next.disabled = last >= count;
    }

    row({ number, text, ending }, shown) {
      const { outcomes } = this;
      const path = outcomes.pathOf({ text, ending });
      const isRecorded = outcomes.recorded?.text === text;
      const summary = element(
        "summary",
        {},
        element("span", { className: "output-number" }, grouped(number + 1n)),
        outputStrip(path, outcomes),
        element("span", { className: "runs-preview" }, preview(text, shown, ending)),
        isRecorded ? element("span", { className: "output-recorded" }, "recorded") : null,
      );
      const details = element("details", {}, summary);
      details.addEventListener("toggle", () => {
        if (details.open && details.childElementCount === 1) {
          details.append(...this.body(number, text, ending, path));
        }
      });
      const compare = this.total === 1n ? null : button("Compare", () => this.choose(number), { className: "outputs-compare" });
      const row = element("li", { className: isRecorded ? "is-recorded" : "" }, details, compare);
      row.dataset.number = String(number);
      return row;
    }

    /// The first of two outputs, or the second: then they are compared.
    choose(number) {
      if (this.chosen === null || this.chosen === number) {
        this.chosen = this.chosen === number ? null : number;
        this.showChosen();
        return;
      }
      this.tools.compareOutputs(this.chosen, number);
    }

    showChosen() {
      const { chosen } = this;
      for (const row of this.list.children) {
        const number = BigInt(row.dataset.number);
        const made = row.querySelector(".outputs-compare");
        if (made) {
          const [own, other] = [grouped(number + 1n), chosen === null ? null : grouped(chosen + 1n)];
          made.textContent = chosen === null ? "Compare" : number === chosen ? "Chosen" : `with ${other}`;
          made.setAttribute("aria-pressed", String(number === chosen));
          made.setAttribute("aria-label", chosen === null ? `Compare output ${own}` : number === chosen ? `Chosen: output ${own}` : `Compare output ${own} with ${other}`);
        }
      }
      this.chosenNote.textContent = chosen === null ? "" : `Output ${grouped(chosen + 1n)} is chosen: choose another, and see both side by side.`;
    }

    body(number, text, ending, path) {
      const { outcomes } = this;
      const samp = element("samp");
      if (path) {
        const story = outcomes.story(path);
        const pieces = story.printedUpTo(story.rows.length - 1);
        samp.append(...printed(pieces, story));
      } else {
        samp.append(...direction.nodes(text.replace(/\n$/, "")));
      }
      if (text === "") {
        samp.append("(nothing)");
      }
      const end = element("p", { className: "ending" }, `Then ${window.interleaved.endings.clause(ending)}.`);
      end.dataset.kind = ending.kind;
      const step = button("Step through it", () =>
        this.tools.stepThrough(outcomes.wayTo({ text, ending }, number), "An execution that prints this output."),
      );
      return [element("pre", { className: "transcript steps-output" }, samp), end, step];
    }

    shown() {
      this.listing.lines.clear();
    }

    close() {
      this.listing.lines.clear();
    }
  }

  function countWords({ answer, count, endings }) {
    if (count === null) {
      const soFar = BigInt(answer.so_far?.outputs ?? 0);
      const least = soFar > 0n ? ` At least ${grouped(soFar)}: so many were found until then.` : "";
      return [element("strong", {}, "The number of outcomes is not known"), `: ${whyNot(answer.not_counted)}.${least}`];
    }
    if (count === 1n) {
      return [element("strong", {}, "1 possible outcome"), `: whoever goes first, the program prints the same${then(endings)}.`];
    }
    return [element("strong", {}, `${grouped(count)} possible outcomes`), `${then(endings)}.`];
  }

  /// How it ends, if there is one way only.
  function then(endings) {
    return endings.length === 1 ? `, and then ${window.interleaved.endings.clause(endings[0].ending)}` : "";
  }

  function whyNot(reason) {
    if (reason === "unbounded") {
      return "the program can print without end";
    }
    return reached(reason?.incomplete ?? reason?.["too-big"]);
  }

  /// The lines of an output. That it was cut off within one is told with it.
  function linesOf(output) {
    const isTorn = output !== "" && !output.endsWith("\n");
    const lines = output.replace(/\n$/, "").split("\n");
    return isTorn ? [...lines.slice(0, -1), `${lines.at(-1)} (and no end of the line)`] : lines;
  }

  /// What a row shows, and how the output ends if not as it should.
  function preview(output, shown, ending) {
    const text = output.trim() === "" ? "(nothing)" : shown;
    return ending.kind === "returned" ? text : `${text} — ${window.interleaved.endings.clause(ending)}`;
  }

  window.interleaved.AllOutcomes = AllOutcomes;
})();
