// Below an exercise: a check of what the reader made of the listing, against the
// answer's outcomes: how many outputs it has and how it ends, and, where the exercise
// says so, the outputs themselves, and words that the program must have or lack.
// Where outcomes can't be explored, it is what one run prints, but for figures; where
// the answer must not compile, the compiler's error. A hint and the answer itself are
// in the page, to be opened.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { explained, load } = window.interleaved;

  const { lackedBy, unwantedIn } = window.interleaved.programWords;
  const { clause, registered } = window.interleaved.endings;

  class Exercise {
    constructor(place, listing) {
      this.place = place;
      this.listing = listing;
      this.question = null;
      this.work = element("div", { className: "exercise-work" });
      this.checkButton = button("Check my program", () => this.check());
      place.prepend(element("div", { className: "exercise-tools" }, this.checkButton), this.work);
      listing.editor.session.on("change", () => this.programChanged());
      for (const details of place.querySelectorAll("details")) {
        // An editor that was hidden doesn't know how large it is.
        details.addEventListener("toggle", () => resizeEditors(details));
      }
    }

    async check() {
      const { listing } = this;
      if (!listing.isEdited()) {
        this.ask(`Change the program “${listing.title}” in this chapter, and then check it here.`);
        return;
      }
      if (!(await this.loaded())) {
        return;
      }
      const { error, unexplored } = this.place.dataset;
      if (error !== undefined || unexplored !== undefined) {
        await this.checkByRun(error);
        return;
      }
      this.question?.stop();
      const { Outcomes, questionAbout } = window.interleaved.outcomes;
      const source = listing.source();
      const program = { source, clock: this.place.dataset.clock, edition: listing.edition(), isListing: true, recorded: null };
      const question = questionAbout(program);
      this.question = question;
      this.isOutdated = false;
      this.work.replaceChildren(question.element);
      try {
        const outcomes = new Outcomes(await question.answer(), program);
        const answers = this.place.dataset.sameText === undefined ? null : await this.outcomesOfAnswer();
        if (this.question === question) {
          this.tell(outcomes, answers);
        }
      } catch (error) {
        if (this.question === question) {
          this.work.replaceChildren(explained(error, listing));
        }
      }
    }

    /// Whether what checks is there; if not, says so.
    async loaded() {
      try {
        await load.tools();
        return true;
      } catch (error) {
        this.work.replaceChildren(explained(error, this.listing));
        return false;
      }
    }

    /// What the answer can print: the book knows it.
    outcomesOfAnswer() {
      const { figure } = this.answer();
      return window.interleaved.outcomes.fromSite(figure.dataset.outcomes, { source: "", clock: this.place.dataset.clock, recorded: null });
    }

    answer() {
      const figure = this.place.querySelector(".exercise-answer figure");
      return window.interleaved.listings.find((listing) => listing.figure === figure);
    }

    tell(outcomes, answers) {
      const { dataset } = this.place;
      const { count, answer } = outcomes;
      const { grouped } = window.interleaved.outcomes;
      if (!answer.complete || (count === null && answer.not_counted !== "unbounded")) {
        this.say(
          "is-open",
          "Can’t say: your program has too many states to be explored to the end. Try smaller numbers, or a loop in place of a recursion.",
        );
        return;
      }
      const expected = dataset.outputs === undefined ? null : BigInt(dataset.outputs);
      const ends = new Set(outcomes.endings.map(({ ending }) => registered(ending)));
      const wanted = new Set(dataset.ends.split(","));
      const endsRight = ends.size === wanted.size && [...ends].every((end) => wanted.has(end));
      const countRight = count === expected;
      const number = count === null ? "no end of possible outputs" : `${grouped(count)} possible ${count === 1n ? "output" : "outputs"}`;
      const ending = [...ends].join(" or ");
      const yours = `Your program has ${number}${ending === "" ? "" : `, and it ${ending}`}`;
      if (!endsRight || !countRight) {
        const what = endsRight ? "in the number of its outputs" : countRight ? "in how it ends" : "in both";
        this.say("is-wrong", `Not yet. ${yours}. The answer differs ${what}.`);
        return;
      }
      if (answers !== null && !this.hasSameText(outcomes, answers)) {
        return;
      }
      this.rightIfWordsAre(
        answers === null
          ? `Right. As many outputs as the answer’s, and the same endings. ${yours}.`
          : `Right. ${yours}. It prints what the answer prints.`,
      );
    }

    /// Whether the program prints what the answer does; if not, says so.
    hasSameText(outcomes, answers) {
      if (!outcomes.ordered || !answers.ordered) {
        this.say("is-open", "Can’t say: your program has too many states to compare its outputs with the answer’s. Try smaller numbers.");
        return false;
      }
      const { Graph } = window.interleaved;
      const only = Graph.missingFrom(outcomes.ordered, answers.ordered, registered);
      const lacks = Graph.missingFrom(answers.ordered, outcomes.ordered, registered);
      if (only === null && lacks === null) {
        return true;
      }
      this.say("is-wrong", "Not yet. The number is right, but your program prints something else.");
      this.work.append(
        ...(only ? [outputOf("Only your program can print", only)] : []),
        ...(lacks ? [outputOf("Only the answer can print", lacks)] : []),
      );
      return false;
    }

    /// The last thing that is asked: the words of the program's code.
    rightIfWordsAre(sentence) {
      const { needs, without } = this.place.dataset;
      const source = this.listing.source();
      const lacked = needs === undefined ? null : lackedBy(source, needs);
      const unwanted = without === undefined ? null : unwantedIn(source, without);
      if (lacked !== null) {
        const words = lacked.map(({ times, text }) => `“${text}”${times === 1 ? "" : `, ${times} times`}`).join(" or ");
        this.say("is-wrong", `Not yet. It prints and ends as it should, but the exercise asks for more: your program needs ${words}.`);
      } else if (unwanted !== null) {
        this.say("is-wrong", `Not yet. It prints and ends as it should, but the exercise asks for more: your program has to do without “${unwanted}”.`);
      } else {
        this.right(sentence);
      }
    }

    /// What was said is of the program before.
    programChanged() {
      if (this.isOnlyAsked) {
        this.isOnlyAsked = false;
        this.work.replaceChildren();
      } else if (this.work.hasChildNodes() && !this.isOutdated) {
        this.question?.stop();
        this.question = null;
        this.say("is-open", "You have changed the program since it was checked: check it again.");
        this.isOutdated = true;
      }
    }

    /// Checks by what one run comes to, or by the error that it must give.
    async checkByRun(error) {
      const { NoAnswer } = window.interleaved;
      this.checkButton.disabled = true;
      this.say("is-open", "Running your program…");
      const source = this.listing.source();
      const isOutdated = () => this.listing.source() !== source;
      try {
        const run = await runOnce(this.listing);
        if (isOutdated()) {
          // The reader was told to check it again.
          return;
        }
        if (error !== undefined) {
          this.tellRejected(run, error);
        } else if (run.rustc !== null) {
          throw new NoAnswer("Your program doesn’t compile.", { rustc: run.rustc });
        } else {
          this.tellRun(run);
        }
      } catch (failure) {
        if (!isOutdated()) {
          this.work.replaceChildren(explained(failure, this.listing));
        }
      } finally {
        this.checkButton.disabled = false;
      }
    }

    tellRejected({ rustc, ending }, error) {
      // Not rustc's words, which quote the program.
      const codes = ending.codes ?? [];
      if (rustc === null) {
        this.say("is-wrong", "Not yet. Your program compiles, and the answer doesn’t.");
      } else if (codes.includes(error)) {
        this.rightIfWordsAre(`Right. The compiler says ${error}, as it does of the answer.`);
      } else {
        const said = codes[0] ?? "something else";
        this.say("is-wrong", `Not yet. The compiler says ${said}, which isn’t what it says of the answer.`);
      }
    }

    tellRun({ text, ending }) {
      const end = registered(ending);
      const recorded = this.answer().recordedText();
      if (!this.place.dataset.ends.split(",").includes(end)) {
        this.say("is-wrong", `Not yet. Your program ${end}, which the answer doesn’t.`);
      } else if (withoutFigures(text) === withoutFigures(recorded)) {
        this.rightIfWordsAre("Right. Your program prints the lines of the answer, but for figures.");
      } else {
        this.say("is-wrong", "Not yet. Your program prints other lines than the answer, and not only other figures.");
      }
    }

    right(sentence) {
      this.say("is-right", sentence);
      this.place.dispatchEvent(new CustomEvent("interleaved:right"));
    }

    /// What isn't said of any program, and goes with the first change.
    ask(sentence) {
      this.say("is-open", sentence);
      this.isOnlyAsked = true;
    }

    say(kind, sentence) {
      this.isOutdated = false;
      this.isOnlyAsked = false;
      this.work.replaceChildren(element("p", { className: `exercise-result ${kind}`, role: "status" }, sentence));
    }
  }

  /// What one run of a listing comes to: what it printed and how it ended, or what
  /// rustc says.
  async function runOnce(listing) {
    const { kernels, NoAnswer } = window.interleaved;
    const kernel = await kernels.acquire();
    try {
      const run = { text: "", rustc: null, ending: null };
      const metadata = { interleaved: { edition: listing.edition(), program: true } };
      let failure = null;
      const reply = await kernel.execute(
        listing.source(),
        ({ header, content }) => {
          if (header.msg_type === "stream" && content.name === "stdout") {
            run.text += content.text;
          } else if (header.msg_type === "error" && content.ename === "CompileError") {
            run.rustc = content.traceback.join("\n");
          } else if (header.msg_type === "error" && ["BuildError", "RunError"].includes(content.ename)) {
            failure = content.evalue;
          }
        },
        metadata,
      );
      if (failure !== null) {
        throw new NoAnswer(failure);
      }
      run.ending = reply.metadata?.interleaved?.ending ?? { kind: "aborted" };
      return run;
    } finally {
      kernel.release();
    }
  }

  function outputOf(label, { text, ending }) {
    const lines = element("pre", {}, text === "" ? "(nothing)" : text);
    return element("div", { className: "exercise-output" }, `${label}, and then ${clause(ending)}:`, lines);
  }

  /// Lines in which `#` stands for each number. As the book's own tests compare
  /// what is measured.
  function withoutFigures(text) {
    const lines = text.trim().split("\n");
    return lines.map((line) => line.replace(/\d(?:[\d.,_]*\d)?/g, "#").replace(/ +/g, " ").trim()).join("\n");
  }

  function resizeEditors(details) {
    for (const listing of window.interleaved.listings) {
      if (details.contains(listing.pre)) {
        listing.editor?.resize(true);
      }
    }
  }

  for (const place of document.querySelectorAll(".exercise[data-question]")) {
    const { question } = place.dataset;
    const listing = window.interleaved.listings.find(({ name }) => name === question);
    if (listing?.editor) {
      new Exercise(place, listing);
    }
  }
})();
