// Below an exercise: a check of what the reader made of the listing, against the
// answer's outcomes. Where these can't be explored, it is what one run prints, but
// for figures; where the answer must not compile, the compiler's error. A hint and
// the answer itself are in the page, to be opened.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { Outcomes, questionAbout, grouped } = window.interleaved.outcomes;
  const { explained, kernels, NoAnswer } = window.interleaved;

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
        this.say("is-open", `Change the program “${listing.title}” in this chapter, and then check it here.`);
        return;
      }
      const { error, unexplored } = this.place.dataset;
      if (error !== undefined || unexplored !== undefined) {
        await this.checkByRun(error);
        return;
      }
      this.question?.stop();
      const source = listing.source();
      const program = { source, clock: this.place.dataset.clock, edition: listing.edition(), recorded: null };
      const question = questionAbout(program);
      this.question = question;
      this.isOutdated = false;
      this.work.replaceChildren(question.element);
      try {
        const outcomes = new Outcomes(await question.answer(), program);
        if (this.question === question) {
          this.tell(outcomes);
        }
      } catch (error) {
        if (this.question === question) {
          this.work.replaceChildren(explained(error, listing));
        }
      }
    }

    tell(outcomes) {
      const { dataset } = this.place;
      const expected = dataset.outputs === undefined ? null : BigInt(dataset.outputs);
      const ends = new Set(outcomes.endings.map(({ ending }) => window.interleaved.endings.registered(ending)));
      const wanted = new Set(dataset.ends.split(","));
      const endsRight = ends.size === wanted.size && [...ends].every((end) => wanted.has(end));
      const countRight = outcomes.count === expected;
      const { count } = outcomes;
      const number = count === null ? "no end of possible outputs" : `${grouped(count)} possible ${count === 1n ? "output" : "outputs"}`;
      const yours = `Your program has ${number}, and it ${[...ends].join(" or ")}`;
      if (endsRight && countRight) {
        this.right(`Right. ${yours}, as the answer does.`);
      } else {
        const what = endsRight ? "in the number of its outputs" : countRight ? "in how it ends" : "in both";
        this.say("is-wrong", `Not yet. ${yours}. The answer differs ${what}.`);
      }
    }

    /// What was said is of the program before.
    programChanged() {
      if (this.work.hasChildNodes() && !this.isOutdated) {
        this.question?.stop();
        this.question = null;
        this.say("is-open", "You have changed the program since it was checked: check it again.");
        this.isOutdated = true;
      }
    }

    /// Checks by what one run comes to, or by the error that it must give.
    async checkByRun(error) {
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

    tellRejected({ rustc }, error) {
      if (rustc === null) {
        this.say("is-wrong", "Not yet. Your program compiles, and the answer doesn’t.");
      } else if (rustc.includes(error)) {
        this.right(`Right. The compiler says ${error}, as it does of the answer.`);
      } else {
        const [said] = /E\d{4}/.exec(rustc) ?? ["something else"];
        this.say("is-wrong", `Not yet. The compiler says ${said}, which isn’t what it says of the answer.`);
      }
    }

    tellRun({ text, ending }) {
      const { endings } = window.interleaved;
      const end = endings.registered(ending);
      const answer = this.place.querySelector(".exercise-answer figure");
      const recorded = window.interleaved.listings.find(({ figure }) => figure === answer).recordedText();
      if (!this.place.dataset.ends.split(",").includes(end)) {
        this.say("is-wrong", `Not yet. Your program ${end}, which the answer doesn’t.`);
      } else if (withoutFigures(text) === withoutFigures(recorded)) {
        this.right("Right. Your program prints the lines of the answer, but for figures.");
      } else {
        this.say("is-wrong", "Not yet. Your program prints other lines than the answer, and not only other figures.");
      }
    }

    right(sentence) {
      this.say("is-right", sentence);
      this.place.dispatchEvent(new CustomEvent("interleaved:right"));
    }

    say(kind, sentence) {
      this.isOutdated = false;
      this.work.replaceChildren(element("p", { className: `exercise-result ${kind}`, role: "status" }, sentence));
    }
  }

  /// What one run of a listing comes to: what it printed and how it ended, or what
  /// rustc says.
  async function runOnce(listing) {
    const kernel = await kernels.acquire();
    try {
      const run = { text: "", rustc: null, ending: null };
      const metadata = { interleaved: { edition: listing.edition() } };
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

  for (const place of document.querySelectorAll(".exercise")) {
    const { question } = place.dataset;
    const listing = window.interleaved.listings.find(({ name }) => name === question);
    if (listing?.editor) {
      new Exercise(place, listing);
    }
  }
})();
