// Below a listing: outputs of it that the reader judges, "possible" or
// "impossible". Whatever he says, the proof opens: an execution that prints the
// output, or the longest beginning of it that is possible.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { progress, load } = window.interleaved;

  /// One output.
  class Candidate {
    constructor(item, quiz) {
      this.quiz = quiz;
      this.item = item;
      this.text = item.dataset.text;
      this.isPossible = item.dataset.possible === "true";
      this.ending = item.dataset.ends ? window.interleaved.endings.fromRegistry(item.dataset.ends) : undefined;
      const answer = item.querySelector(".quiz-answer");
      // "Possible. Why …": the first word is said by the page itself.
      this.why = answer.querySelector("p").textContent.replace(/^\S+\s*/, "");
      const choice = (says, words) => button(words, () => this.judge(says), { className: "quiz-choice", "aria-pressed": "false" });
      this.choices = new Map([
        [true, choice(true, "Possible")],
        [false, choice(false, "Impossible")],
      ]);
      this.verdict = element("div", { className: "quiz-verdict", role: "status" });
      const number = quiz.items.indexOf(item) + 1;
      const group = element("div", { className: "quiz-choices", role: "group", "aria-label": `Output ${number}: possible, or not?` }, ...this.choices.values());
      // Paper can't be asked, so it keeps the answer.
      answer.classList.add("is-for-paper");
      answer.before(group, this.verdict);
    }

    async judge(says) {
      // The reader may think again before the proof is there.
      const judgement = (this.judgement = {});
      for (const [word, made] of this.choices) {
        made.setAttribute("aria-pressed", String(word === says));
      }
      const isRight = says === this.isPossible;
      this.item.classList.toggle("is-right", isRight);
      this.item.classList.toggle("is-wrong", !isRight);
      const is = this.isPossible ? "possible" : "impossible";
      const word = element("p", { className: "quiz-word" }, element("strong", {}, isRight ? `Right, it is ${is}. ` : `No, it is ${is}. `), this.why);
      this.verdict.replaceChildren(word);
      this.quiz.judged(this);
      const proof = await this.prove();
      if (proof && this.judgement === judgement) {
        this.verdict.append(...proof.words);
        await this.open(proof, isRight);
      }
    }

    /// What the graph says; nothing where there is none, and the book's word has
    /// to do.
    async prove() {
      const tools = this.quiz.listing.outcomes;
      try {
        const outcomes = await tools.ofBook();
        const found = outcomes.graph?.find(this.text, this.ending);
        if (!found) {
          return null;
        }
        if (found.possible) {
          return { found, outcomes, words: [], title: "Possible: this execution prints it." };
        }
        const { linesOf, possibleLines, whyNot } = window.interleaved.whyNot;
        const lines = linesOf(this.text);
        this.mark(lines, possibleLines(found));
        const story = outcomes.story([]);
        return {
          found,
          outcomes,
          words: whyNot(found, lines, (thread) => story.name(thread)),
          title: "Impossible: this is the longest beginning of it that can happen.",
        };
      } catch (error) {
        if (error instanceof load.NotLoaded || error instanceof window.interleaved.NoAnswer) {
          return null;
        }
        throw error;
      }
    }

    /// Shows which lines are possible.
    mark(lines, good) {
      const marked = lines.map((line, index) => {
        const kind = index < good ? "is-possible" : index === good ? "is-impossible" : "";
        return element("span", { className: `quiz-line ${kind}` }, ...window.interleaved.direction.nodes(line));
      });
      if (marked.length > 0) {
        this.item.querySelector("samp").replaceChildren(...marked);
      }
    }

    /// Opens the proof in the listing's panel. Who was wrong is taken there; who
    /// was right may go.
    async open({ found, outcomes, title }, isRight) {
      const { listing, place } = this.quiz;
      if (listing.isEdited()) {
        this.noteEdited();
        return;
      }
      const row = found.possible ? 0 : Math.max(outcomes.story(found.path).rows.length - 1, 0);
      const go = () => (listing.isEdited() ? this.noteEdited() : listing.outcomes.stepThrough(found.path, title, row));
      const label = found.possible ? "See it, step by step" : "See where it stops";
      this.verdict.append(button(label, go, { className: "quiz-show" }));
      if (!isRight) {
        await go();
        return;
      }
      const before = place.getBoundingClientRect().top;
      await listing.outcomes.openSteps(found.path, title, row);
      // The panel stands above: the question stays where it was.
      scrollBy({ top: place.getBoundingClientRect().top - before, behavior: "instant" });
    }

    /// The steps would not be those of the program that stands there.
    noteEdited() {
      this.verdict.querySelector(".quiz-note")?.remove();
      this.verdict.append(element("p", { className: "quiz-note" }, "You have edited the program: this is about the one in the book."));
    }
  }

  class Quiz {
    constructor(place, listing) {
      this.place = place;
      this.listing = listing;
      this.name = `quiz ${listing.name}`;
      this.items = [...place.querySelectorAll(".quiz-output")];
      this.counts = [];
      this.open = new Set(this.items.map((item) => new Candidate(item, this)));
      if (!progress.isDone(this.name)) {
        this.hideCount();
      }
    }

    /// How many outputs there are is told when these were judged, or when the
    /// reader wants to know: below the listing, and in the prose that follows.
    hideCount() {
      const isBelow = (it) => this.place.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_FOLLOWING;
      this.counts = [...document.querySelectorAll(".count")]
        .filter((it) => it.dataset.listing === this.listing.name && isBelow(it))
        .map((place) => this.hide(place));
      const among = this.listing.output.querySelector(".listing-among");
      if (among) {
        const words = element("span", { className: "among-words" }, ...among.childNodes);
        const ask = button("How many outputs can it have?", () => this.showCount(), { className: "is-link" });
        this.among = { place: among, words, ask };
        among.replaceChildren(words, ask);
        among.classList.add("is-asked");
      }
    }

    hide(place) {
      const figure = element("span", { className: "count-figure" }, ...place.childNodes);
      const ask = button("?", () => this.showCount(), {
        className: "count-ask",
        title: "Judge the outputs above first, or press to see",
        "aria-label": `How many outputs “${this.listing.title}” can have: not told before you have judged some. Show it.`,
      });
      place.replaceChildren(figure, ask);
      place.classList.add("is-asked");
      return { place, figure, ask };
    }

    showCount() {
      for (const { place, figure, ask } of this.counts) {
        const hadFocus = document.activeElement === ask;
        place.classList.remove("is-asked");
        place.replaceChildren(...figure.childNodes);
        if (hadFocus) {
          place.tabIndex = -1;
          place.focus();
        }
      }
      this.counts = [];
      if (this.among) {
        const { place, words, ask } = this.among;
        const hadFocus = document.activeElement === ask;
        this.among = null;
        place.classList.remove("is-asked");
        place.replaceChildren(...words.childNodes);
        if (hadFocus) {
          place.tabIndex = -1;
          place.focus();
        }
      }
    }

    judged(candidate) {
      this.open.delete(candidate);
      if (this.open.size === 0) {
        this.showCount();
        progress.set(this.name, true);
      }
    }
  }

  for (const place of document.querySelectorAll(".quiz[data-listing]")) {
    const listing = window.interleaved.listings.find(({ name }) => name === place.dataset.listing);
    if (listing?.outcomes) {
      new Quiz(place, listing);
    }
  }
})();
