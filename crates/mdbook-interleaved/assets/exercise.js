// Below an exercise: a check of what the reader made of the listing, against the
// answer's outcomes. A hint and the answer itself are in the page, to be opened.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { Outcomes, questionAbout, grouped } = window.interleaved.outcomes;
  const { explained } = window.interleaved;

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
        this.say("is-right", `Right. ${yours}, as the answer does.`);
        this.place.dispatchEvent(new CustomEvent("interleaved:right"));
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

    say(kind, sentence) {
      this.isOutdated = false;
      this.work.replaceChildren(element("p", { className: `exercise-result ${kind}`, role: "status" }, sentence));
    }
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
