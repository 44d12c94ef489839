// The buttons about a listing's outcomes, and the panel that they open.

"use strict";

(() => {
  const { element, button, reveal } = window.interleaved.elements;
  const { load } = window.interleaved;

  const PANELS = {
    all: {
      title: "All outcomes",
      make: (listing, outcomes, tools) => new window.interleaved.AllOutcomes(listing, outcomes, tools),
    },
    steps: {
      title: "Step through",
      isStepping: true,
      make: (listing, outcomes, tools) =>
        outcomes.graph || outcomes.answer.trace ? new window.interleaved.StepThrough(listing, outcomes) : tools.stepsOfRun(outcomes),
    },
    /// Opened from the others.
    compare: {
      title: "Two executions side by side",
      isWide: true,
      hasNoButton: true,
      make: (listing, outcomes, tools) =>
        outcomes.graph || outcomes.answer.trace ? tools.comparison(outcomes, outcomes.first()) : tools.stepsOfRun(outcomes),
    },
    scheduler: {
      title: "You are the scheduler",
      isStepping: true,
      make: (listing, outcomes, tools) => new window.interleaved.Scheduler(listing, outcomes, tools),
      cannot: ({ graph }) =>
        graph
          ? null
          : "This program is in too many states for the page to hold, so you can’t choose your way through them. “Step through” shows you one execution, and “Can this happen?” finds others.",
    },
    possible: {
      title: "Can this happen?",
      make: (listing, outcomes, tools) => new window.interleaved.Possible(listing, outcomes, tools),
      cannot: async ({ graph }) => (graph || (await hasKernel()) ? null : NEEDS_KERNEL),
    },
  };
  const NEEDS_KERNEL = "This program is in too many states for the page to hold, so a server has to answer, and this page has none.";

  const RUN_FIRST =
    "This program is in too many states to look at all of them. Run it, and this shows an execution that prints what your run has printed. “Can this happen?” finds a way to any other output.";

  /// Whether there is a server to ask.
  function hasKernel() {
    return window.interleaved.kernels.check().then(
      () => true,
      () => false,
    );
  }

  /// Why there is no answer about a listing, for its reader; `again` asks once
  /// more. Throws what is no such error.
  function explained(error, listing, again) {
    if (error instanceof load.NotLoaded) {
      return element("p", { className: "panel-lead" }, error.message);
    }
    const { NoAnswer, kernels } = window.interleaved;
    if (error instanceof NoAnswer) {
      const words = element("p", { className: "panel-lead" }, error.message);
      if (error.stopped && again) {
        return element("div", {}, words, element("div", { className: "scheduler-buttons" }, button("Explore it", again)));
      }
      if (!error.rustc) {
        return words;
      }
      // It says what the sentence would.
      const samp = element("samp", {}, window.interleaved.ansi.toFragment(error.rustc.replace(/\n+$/, "")));
      const pre = element("pre", { className: "transcript rustc" }, samp);
      requestAnimationFrame(() => window.interleaved.scrollable(pre, "What the compiler says"));
      return element("div", {}, pre);
    }
    if (error instanceof kernels.Unavailable) {
      const why = listing.isEdited()
        ? "You have edited the program, so its outcomes have to be found anew."
        : "This has to be found first, by a server.";
      return element(
        "div",
        {},
        element("p", { className: "panel-lead" }, why),
        window.interleaved.help(error.reason, error.message, listing, true),
      );
    }
    throw error;
  }

  class OutcomesTools {
    /// `address` is where the site keeps what is known of the listing; `null` if
    /// there is nothing to know, as it doesn't compile before the reader mends it.
    constructor(listing, address) {
      this.listing = listing;
      this.address = address;
      this.open = null;
      /// Whether the open panel was about the program before the reader changed it.
      this.isOutdated = false;
      this.panel = element("section", { className: "listing-panel", hidden: true });
      this.panel.id = `outcomes-${listing.name}-${document.querySelectorAll(".listing-panel").length}`;
      this.buttons = new Map();
      for (const [name, { title, hasNoButton }] of Object.entries(PANELS)) {
        if (!hasNoButton) {
          this.buttons.set(name, this.buttonFor(name, title));
        }
      }
      listing.manyButton.after(...this.buttons.values());
      listing.tools.after(this.panel);
      listing.figure.classList.add("has-outcomes");
      listing.editor?.session.on("change", () => this.programChanged());
    }

    /// Has all there that a panel needs.
    async prepare() {
      const { listing } = this;
      await load.tools();
      // Whose lines are numbered, and marked.
      await listing.editor?.upgrade?.().catch(() => {});
      listing.lines ??= new window.interleaved.SourceLines(listing);
      this.layout ??= new window.interleaved.SteppingLayout(listing, () => this.view?.redraw?.());
    }

    /// Whether there is a program to ask about.
    offer(isThere) {
      this.buttons.forEach((made) => (made.hidden = !isThere));
      if (!isThere && this.open !== null) {
        this.close(false);
      }
    }

    buttonFor(name, title) {
      return button(title, () => this.toggle(name), {
        className: `listing-tool listing-${name}`,
        "aria-expanded": "false",
        "aria-controls": this.panel.id,
      });
    }

    async toggle(name) {
      if (this.open === name) {
        this.close();
        return;
      }
      await this.show(name);
      if (this.open === name && this.layout?.isOn) {
        this.bring();
      }
    }

    /// Scrolls the page to where the panel can be seen; while the reader steps,
    /// with the code.
    bring() {
      if (!this.layout?.isOn) {
        reveal(this.panel, "nearest");
        return;
      }
      const boxes = [this.panel, this.listing.pre].map((it) => it.getBoundingClientRect());
      if (boxes.some(({ top, bottom }) => top < 0 || bottom > innerHeight)) {
        reveal(this.panel, "start");
      }
    }

    close(takesFocus = true) {
      const name = this.open;
      this.leave();
      this.stopLoading();
      this.asked = null;
      this.open = null;
      this.isOutdated = false;
      this.panel.hidden = true;
      this.panel.replaceChildren();
      this.listing.lines?.clear();
      this.listing.lines?.number(false);
      this.layout?.set(false);
      this.showPressed();
      if (takesFocus) {
        (this.buttons.get(name) ?? this.buttons.get("all")).focus();
      }
    }

    /// Ends what the panel shows.
    leave() {
      this.view?.close();
      this.view = null;
      this.stopAsking();
    }

    showPressed() {
      for (const [name, made] of this.buttons) {
        made.setAttribute("aria-expanded", String(name === this.open));
      }
    }

    /// Opens a panel; `make` makes another view than its usual one.
    async show(name, make) {
      this.begin(name);
      this.panel.setAttribute("aria-busy", "true");
      const asked = {};
      this.asked = asked;
      const view = await this.viewOf(name, make);
      if (this.asked !== asked || this.open !== name) {
        view.close?.();
        return;
      }
      this.view = view.shown ? view : null;
      this.panel.setAttribute("aria-busy", "false");
      this.panel.replaceChildren(this.head(name), view.element);
      if (this.view) {
        this.listing.lines.number(true);
        this.view.shown();
      }
    }

    begin(name) {
      this.leave();
      this.open = name;
      this.isOutdated = false;
      this.opened = performance.now();
      this.showPressed();
      this.panel.hidden = false;
      this.layOut();
      this.panel.setAttribute("aria-label", `${PANELS[name].title}: ${this.listing.title}`);
    }

    layOut() {
      const { isStepping = false, isWide = false } = PANELS[this.open] ?? {};
      this.layout?.set(isStepping, isWide);
    }

    /// Opens a panel with a sentence in it, and perhaps a button.
    say(name, sentence, ...buttons) {
      this.begin(name);
      this.stopLoading();
      this.asked = null;
      this.panel.setAttribute("aria-busy", "false");
      this.panel.replaceChildren(
        this.head(name),
        element("p", { className: "panel-lead" }, sentence),
        element("div", { className: "scheduler-buttons" }, ...buttons),
      );
    }

    async viewOf(name, make) {
      const panel = PANELS[name];
      try {
        await this.prepare();
        if (this.open === name) {
          this.layOut();
        }
        const outcomes = this.known() ?? (await this.load(name).catch((error) => this.without(error, name)));
        if (make) {
          return await make(this.listing, outcomes, this);
        }
        const why = await panel.cannot?.(outcomes);
        return why ? { element: element("p", { className: "panel-lead" }, why) } : panel.make(this.listing, outcomes, this);
      } catch (error) {
        return { element: this.explain(error, () => this.show(name, make)) };
      }
    }

    /// "Can this happen?" can do without all outcomes, if the reader doesn't want
    /// to wait for them.
    without(error, name) {
      if (!(error instanceof window.interleaved.NoAnswer && error.stopped && name === "possible")) {
        throw error;
      }
      return new window.interleaved.outcomes.Outcomes({}, this.program());
    }

    head(name) {
      return element(
        "div",
        { className: "panel-head" },
        element("p", { className: "panel-title" }, PANELS[name].title),
        button("×", () => this.close(), { className: "panel-close", "aria-label": `Close: ${PANELS[name].title}` }),
      );
    }

    explain(error, again) {
      return explained(error, this.listing, again);
    }

    /// The panel's width inside, in pixels.
    width() {
      const { paddingLeft, paddingRight } = getComputedStyle(this.panel);
      return this.panel.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 4;
    }

    /// The program as it stands.
    program() {
      const { listing } = this;
      return {
        source: listing.source(),
        clock: listing.figure.dataset.clock ?? "any",
        edition: listing.edition(),
        isListing: listing.name !== undefined,
        recorded: listing.isEdited() ? null : listing.recordedText(),
      };
    }

    /// What is known of the program as it stands.
    known() {
      return this.loaded?.program.source === this.listing.source() ? this.loaded : null;
    }

    /// Finds out what there is to know. A question to the kernel is asked once
    /// for all panels, and shown in the one that is open.
    async load(name) {
      const program = this.program();
      if (this.loading?.program.source !== program.source) {
        this.stopLoading();
        const question = window.interleaved.outcomes.questionAbout(program);
        const loading = { program, question, outcomes: this.find(program, question) };
        this.loading = loading;
        loading.outcomes.catch(() => {}).finally(() => {
          this.loading = this.loading === loading ? null : this.loading;
        });
      }
      if (name) {
        this.panel.replaceChildren(this.head(name), this.loading.question.element);
      }
      const { outcomes } = this.loading;
      this.loaded = await outcomes;
      this.listing.learn(this.loaded);
      return this.loaded;
    }

    async find(program, question) {
      const { fromSite, NotThereYet, Outcomes } = window.interleaved.outcomes;
      if (this.address !== null && !this.listing.isEdited()) {
        try {
          return await fromSite(this.address, program);
        } catch (error) {
          // The kernel can tell, if there is one.
          if (!(error instanceof NotThereYet) || !(await hasKernel())) {
            throw error;
          }
        }
      }
      const outcomes = new Outcomes(await question.answer(), program);
      outcomes.isLive = true;
      return outcomes;
    }

    stopLoading() {
      this.loading?.question.stop();
      this.loading = null;
    }

    /// What is known of a program without asking anyone but the site.
    async ofProgram(source) {
      if (this.loaded?.program.source === source) {
        return this.loaded;
      }
      if (this.address === null || source !== this.bookSource()) {
        return null;
      }
      try {
        return await this.ofBook();
      } catch (error) {
        if (error instanceof load.NotLoaded || error instanceof window.interleaved.NoAnswer) {
          return null;
        }
        throw error;
      }
    }

    /// Asks the kernel something more, and shows in `place` how far it is. A
    /// later question, or closing the panel, stops it.
    async ask(question, place) {
      this.stopAsking();
      this.asking = question;
      place.replaceChildren(question.element);
      try {
        return await question.answer();
      } finally {
        this.asking = this.asking === question ? null : this.asking;
      }
    }

    stopAsking() {
      this.asking?.stop();
      this.asking = null;
    }

    /// Steps through an execution: a way through the graph, a trace, a question
    /// that is answered by one, or what finds it among the outcomes. Begins at its first step, or at another
    /// (`row`), and takes the reader there.
    async stepThrough(way, title, row = 0) {
      await this.openSteps(way, title, row);
      this.panel.querySelector(".steps-scroll")?.focus({ preventScroll: true });
      this.bring();
    }

    /// The same, but the reader stays where he is.
    openSteps(way, title, row = 0) {
      const make = async (listing, outcomes) => {
        const found = await this.found(typeof way === "function" ? way(outcomes) : way);
        return new window.interleaved.StepThrough(listing, outcomes, found, title, row);
      };
      return this.show("steps", make);
    }

    /// Two outputs side by side, by their numbers.
    compareOutputs(one, other) {
      return this.showComparison(async (outcomes) => {
        const [left, right] = [one, other].map((number) => ({ number, ...outcomes.output(number) }));
        const first = await this.found(outcomes.wayTo(left, left.number));
        const second = outcomes.graph ? outcomes.nearest(right, first) : await this.found(outcomes.wayTo(right, right.number));
        return new window.interleaved.Compare(this.listing, outcomes, this, [first, second]);
      });
    }

    /// An execution beside another one.
    compareWith(way) {
      return this.showComparison((outcomes) => this.comparison(outcomes, way ?? outcomes.first()));
    }

    async showComparison(compare) {
      await this.show("compare", (_, outcomes) => compare(outcomes));
      this.panel.querySelector(".compare-part")?.focus({ preventScroll: true });
      reveal(this.panel, "start");
    }

    /// An execution beside one with another output: the recorded one, or the next.
    /// Where all print the same, beside any.
    async comparison(outcomes, way) {
      const story = outcomes.story(way);
      const text = story.rows.map((row) => row.text).join("");
      const number = outcomes.numberOf(text, story.ending);
      const total = outcomes.choosable();
      const recorded = outcomes.recorded && outcomes.recorded.text !== text ? outcomes.numberOf(outcomes.recorded.text, outcomes.recorded.ending) : null;
      const next = recorded ?? (((number ?? -1n) + 1n) % (total > 0n ? total : 1n));
      const isAlone = total < 2n && number !== null;
      const output = isAlone ? null : outcomes.output(next);
      const nearest = output && outcomes.graph ? outcomes.nearest(output, way) : null;
      const other = nearest ?? (await this.found(output ? outcomes.wayTo(output, next) : outcomes.another()));
      return new window.interleaved.Compare(this.listing, outcomes, this, [way ?? outcomes.answer.trace, other]);
    }

    /// A way, or what a question about one is answered by.
    found(way) {
      return way instanceof window.interleaved.Question ? this.traceBy(way) : way;
    }

    /// What the book knows of the listing as it stands there, whatever the reader
    /// has made of it.
    ofBook() {
      const { listing } = this;
      const source = this.bookSource();
      const program = { ...this.program(), source, recorded: listing.recordedText() };
      this.book ??= load.tools().then(() => window.interleaved.outcomes.fromSite(this.address, program));
      // It may be there later.
      this.book.catch(() => (this.book = null));
      return this.book;
    }

    bookSource() {
      return this.listing.editor?.originalCode ?? this.listing.source();
    }

    async traceBy(question) {
      const place = element("div");
      this.panel.replaceChildren(this.head(this.open), place);
      const { trace } = await this.ask(question.again(), place);
      return trace;
    }

    /// Steps through an execution that prints what the reader's last run did,
    /// where nothing else is known.
    async stepsOfRun(outcomes) {
      const printed = this.listing.printedNow();
      const trace = typeof printed === "string" ? await this.traceBy(outcomes.questionWhether(printed)) : null;
      return trace
        ? new window.interleaved.StepThrough(this.listing, outcomes, trace, "An execution that prints what your run has printed.")
        : { element: element("p", { className: "panel-lead" }, RUN_FIRST) };
    }

    /// What is shown is about the program as it was: at the first change it goes,
    /// and comes back where the change is taken back.
    programChanged() {
      if (this.open === null) {
        return;
      }
      if (this.known() && this.view) {
        return;
      }
      const name = this.open;
      if (this.known() || !this.listing.isEdited()) {
        this.show(name);
        return;
      }
      if (this.isOutdated) {
        return;
      }
      this.listing.lines?.clear();
      this.say(
        name,
        "You have changed the program. Run it, and this shows what can come of it now; or find that out without a run.",
        button("Find its outcomes", () => this.show(name)),
      );
      this.isOutdated = true;
    }

    /// Whoever runs a changed program wants to see what it does: the open panel
    /// follows, unless it has changed again or was no program at all.
    programRan(source, ending) {
      const isProgram = ending && !["rejected", "not-built"].includes(ending.kind);
      if (this.isOutdated && isProgram && source === this.listing.source()) {
        this.show(this.open);
      }
    }
  }

  window.interleaved.explained = explained;
  window.interleaved.OutcomesTools = OutcomesTools;
})();
