// A listing on the page: its editor, its buttons, and what stands below it.

"use strict";

(() => {
  const { load, tabStore, OutcomesTools, scrollable, Fence, PlainEditor, DeferredEditor, unwrapped } = window.interleaved;
  const MANY = 100;

  class Listing {
    constructor(pre) {
      this.pre = pre;
      /// For a program that is no listing of the book's.
      this.fence = pre.closest("figure.listing") ? null : new Fence(pre);
      this.figure = pre.closest("figure.listing") ?? bareFigure(pre, this.fence);
      this.name = this.figure.dataset.listing;
      this.title = titleOf(this.figure);
      this.output = this.figure.querySelector(".listing-output");
      this.recorded = [...this.output.childNodes];
      this.editor = editorOf(pre, (editor) => this.becameAce(editor));
      /// The address of what this page can run by itself, if it can.
      this.program = location.protocol === "file:" ? undefined : this.figure.dataset.program;
      this.run = null;
      /// The last run that has come to its end: `{ source, printed }`.
      this.ran = null;
      this.view = null;
      this.addTools();
      this.prepareEditor();
      this.preparePlayButton();
      this.addOutcomes();
      for (const transcript of this.output.querySelectorAll("pre")) {
        scrollable(transcript, "Output, as recorded");
      }
    }

    addTools() {
      this.tools = this.figure.querySelector(".listing-tools");
      this.runButton = button("listing-run", "Run");
      this.manyButton = button("listing-run-many", `Run ×${MANY}`);
      this.recordedButton = button("listing-recorded", "Show the recorded output");
      this.recordedButton.hidden = true;
      this.status = document.createElement("span");
      this.status.className = "visually-hidden";
      this.status.setAttribute("role", "status");
      this.tools.append(this.runButton, this.manyButton, this.recordedButton, this.status);
      this.tools.setAttribute("role", "group");
      this.tools.setAttribute("aria-label", `Tools: ${this.title}`);
      this.tools.hidden = false;
      /// A program that doesn't compile, as it stands in the book.
      this.isBroken = this.figure.dataset.error !== undefined;
      this.runButton.addEventListener("click", () => this.toggle(1));
      this.manyButton.addEventListener("click", () => this.toggle(MANY));
      for (const each of [this.runButton, this.manyButton]) {
        each.addEventListener("pointerenter", () => this.warm());
        each.addEventListener("focus", () => this.warm());
      }
      this.recordedButton.addEventListener("click", () => this.showRecorded());
    }

    async warm() {
      try {
        await load.tools();
      } catch {
        // Run will say why.
        return;
      }
      const { here, kernels } = window.interleaved;
      if (this.program) {
        here.warm(this.program);
      } else {
        kernels.warm();
      }
    }

    /// Where the book knows the program's outcomes, there are tools about them; where
    /// the reader may make one of it that compiles; and where the book wants any
    /// program with threads explored, by whoever serves it.
    addOutcomes() {
      const { outcomes } = this.figure.dataset;
      const isRepairable = this.isBroken && this.editor !== null && this.fence === null;
      const isWanted = window.interleaved.exploresFences && this.fence?.usesThreads;
      this.outcomes = outcomes || isRepairable || isWanted ? new OutcomesTools(this, outcomes ?? null) : null;
      this.showTools();
    }

    /// How many lines mdBook has put above the program's first.
    linesAbove() {
      const text = this.text();
      return this.fence && unwrapped(text) !== text ? 2 : 0;
    }

    /// What doesn't compile has one outcome, which Run shows.
    showTools() {
      const hasTools = !this.isBroken || this.isEdited();
      this.manyButton.hidden = !hasTools;
      this.outcomes?.offer(hasTools);
    }

    prepareEditor() {
      if (!this.editor) {
        return;
      }
      const editor = this.editor;
      const run = () => this.start(1);
      editor.commands.addCommand({
        name: "run",
        bindKey: { win: "Ctrl-Enter", mac: "Ctrl-Enter|Command-Enter" },
        exec: run,
      });
      this.nameEditor();
      if (!(editor instanceof PlainEditor)) {
        leaveWithTab(editor);
        printSource(this);
      }
      keepEdits(this);
      editor.session.on("change", () => this.showEdited());
      this.showEdited();
    }

    nameEditor() {
      const input = this.editor.textInput.getElement();
      input.setAttribute("aria-label", `${this.title}: the program, to edit. Ctrl-Enter runs it.`);
    }

    /// The code that could be written in where it stands is in mdBook's editor now.
    becameAce(editor) {
      this.editor = editor;
      this.nameEditor();
      leaveWithTab(editor);
      printSource(this);
      document.dispatchEvent(new CustomEvent("interleaved:editor", { detail: this }));
    }

    preparePlayButton() {
      this.playButton = this.pre.querySelector(".play-button");
      if (this.playButton) {
        this.playButton.hidden = false;
        this.playButton.classList.remove("hidden");
        // Before mdBook's own listener, which would send it to the Playground.
        this.pre.addEventListener("click", (event) => this.play(event), { capture: true });
      }
    }

    play(event) {
      if (this.playButton.contains(event.target)) {
        event.stopImmediatePropagation();
        this.toggle(1);
      }
    }

    text() {
      return this.editor ? this.editor.getValue() : window.playground_text(this.pre);
    }

    source() {
      const text = this.text();
      return this.fence ? unwrapped(text) : text;
    }

    /// The edition that the book gives the program; `undefined` if it gives none.
    edition() {
      return this.figure.dataset.edition;
    }

    /// What the program printed when it was recorded; `null` if it wasn't.
    recordedText() {
      const samp = this.recorded.find((node) => node.matches?.("pre.stdout"));
      return samp ? samp.textContent : null;
    }

    /// What the program as it stands printed when it last ran; `null` if it
    /// wasn't run.
    printedNow() {
      return this.ran?.source === this.source() ? this.ran.printed : null;
    }

    /// The same; or else what was recorded, be it of another program.
    shownText() {
      return this.printedNow() ?? this.recordedText();
    }

    isEdited() {
      return this.editor !== null && this.editor.getValue() !== this.editor.originalCode;
    }

    showEdited() {
      this.figure.classList.toggle("is-edited", this.isEdited());
      this.showTools();
      this.showStale();
    }

    /// Whether what stands below is of the program as it is now.
    showStale() {
      const shown = this.shownSource ?? this.editor?.originalCode;
      this.output.classList.toggle("is-stale", this.editor !== null && this.editor.getValue() !== shown);
    }

    toggle(runs) {
      if (this.run) {
        this.stop();
      } else {
        this.start(runs);
      }
    }

    /// Runs it so often; on the Playground if the reader has just agreed to that.
    async start(runs, { onPlayground = false } = {}) {
      if (this.run) {
        return;
      }
      const run = { runs, kernel: null, stopped: false };
      this.run = run;
      this.outcomes?.layout?.fold.show();
      this.showRunning(runs);
      let view = null;
      try {
        await load.tools();
        const View = runs === 1 ? window.interleaved.OutputView : window.interleaved.RunsView;
        view = new View(this.output, this);
        this.view = null;
        run.kernel = await this.kernelFor(runs, onPlayground);
        if (run.stopped) {
          run.kernel.release();
          this.showRecorded();
          return;
        }
        const source = this.source();
        this.shownSource = source;
        this.showStale();
        const handle = (message) => view.handle(message);
        const reply = await this.executeOn(run.kernel, source, runs, handle);
        run.kernel.release();
        this.announce(view.finish(reply, await this.outcomes?.ofProgram(source)));
        this.view = view;
        this.ran = { source, printed: view.printed?.() ?? null };
        this.outcomes?.programRan(source, reply.metadata?.interleaved?.ending);
        if (this.fence?.errors && !this.isEdited()) {
          view.judge?.(reply, this.fence.errors);
        }
      } catch (error) {
        view?.abandon();
        if (error instanceof load.NotLoaded) {
          this.output.replaceChildren(window.interleaved.explained(error, this));
          this.announce(error.message);
          return;
        }
        if (!(error instanceof window.interleaved.kernels.Unavailable)) {
          throw error;
        }
        this.explain(error);
      } finally {
        this.run = null;
        this.showIdle();
      }
    }

    /// What runs the program: this page itself, as long as it is the book's, or
    /// a server's kernel.
    async kernelFor(runs, onPlayground) {
      const { needs } = this.figure.dataset;
      const { here, kernels, playground, isServed } = window.interleaved;
      if (onPlayground) {
        return new playground.Playground();
      }
      if (this.program && !this.isEdited()) {
        await here.isolate({ listing: this.index(), runs });
        return new here.Here(this.program);
      }
      if (!kernels.isNowhere()) {
        return kernels.acquire();
      }
      if (!isServed() && runs === 1 && playground.hasAgreed()) {
        return new playground.Playground();
      }
      if (this.program && this.isEdited()) {
        throw new kernels.Unavailable("edited", "");
      }
      if (needs) {
        throw new kernels.Unavailable("needs", `It needs ${needs}.`);
      }
      return kernels.acquire();
    }

    /// Runs it on the Playground: the reader has just agreed.
    startOnPlayground(isForGood) {
      window.interleaved.playground.agree(isForGood);
      this.start(1, { onPlayground: true });
    }

    executeOn(kernel, source, runs, handle) {
      if (kernel instanceof window.interleaved.here.Here) {
        return kernel.execute(runs, handle);
      }
      if (kernel instanceof window.interleaved.playground.Playground) {
        return kernel.execute(source, this.edition(), handle);
      }
      const code = runs === 1 ? source : `%%run ${runs}\n${source}`;
      return kernel.execute(code, handle, { interleaved: { edition: this.edition(), rustdoc: true, program: this.name !== undefined } });
    }

    /// Its place among the page's listings: one may be there twice.
    index() {
      return window.interleaved.listings.indexOf(this);
    }

    async stop() {
      const run = this.run;
      run.stopped = true;
      this.announce("Stopping");
      try {
        await run.kernel?.interrupt();
      } catch {
        // The server is gone, and with it the program: the connection's end
        // says so.
      }
    }

    showRunning(runs) {
      // What is below doesn't jump while the output begins anew.
      this.output.style.minHeight = `${this.output.offsetHeight}px`;
      const [active, other] =
        runs === 1 ? [this.runButton, this.manyButton] : [this.manyButton, this.runButton];
      active.textContent = "Stop";
      active.classList.add("is-running");
      other.disabled = true;
      this.recordedButton.hidden = true;
      this.playButton?.classList.add("is-running");
      this.namePlayButton("Stop");
      this.announce("Running");
    }

    showIdle() {
      this.output.style.minHeight = "";
      this.runButton.textContent = "Run";
      this.manyButton.textContent = `Run ×${MANY}`;
      for (const each of [this.runButton, this.manyButton]) {
        each.classList.remove("is-running");
        each.disabled = false;
      }
      this.recordedButton.hidden = this.output.contains(this.recorded[0]) || this.recorded.length === 0;
      this.playButton?.classList.remove("is-running");
      this.namePlayButton("Run this code");
    }

    namePlayButton(name) {
      this.playButton?.setAttribute("aria-label", name);
      this.playButton?.setAttribute("title", name);
    }

    showRecorded() {
      const hadFocus = document.activeElement === this.recordedButton;
      this.output.replaceChildren(...this.recorded);
      this.shownSource = null;
      this.view = null;
      this.showStale();
      this.recordedButton.hidden = true;
      if (hadFocus) {
        this.runButton.focus();
      }
    }

    /// What can come of the program is known now, and so what its run was of it.
    learn(outcomes) {
      if (this.shownSource === outcomes.program.source) {
        this.view?.learn(outcomes);
      }
    }

    announce(text) {
      this.status.textContent = text;
    }

    explain(error) {
      const help = window.interleaved.help(error.reason, error.message, this);
      this.output.replaceChildren(help);
      this.announce(help.querySelector(".help-title").textContent);
    }
  }

  /// How often each title is on this page.
  const titles = new Map();

  /// What a listing is called: no other on the page is, so that its panels have names of
  /// their own.
  function titleOf(figure) {
    const title = figure.querySelector(".listing-title")?.textContent ?? "Program";
    const number = (titles.get(title) ?? 0) + 1;
    titles.set(title, number);
    return number === 1 ? title : `${title} (${number})`;
  }

  function editorOf(pre, becameAce) {
    const code = pre.querySelector("code");
    if (DeferredEditor.isFor(code)) {
      return new DeferredEditor(pre, becameAce);
    }
    if (window.ace && code.classList.contains("editable")) {
      return window.ace.edit(code);
    }
    return PlainEditor.isPossible() ? new PlainEditor(pre) : null;
  }

  /// For a program that is no listing of the book: only a place for its output.
  function bareFigure(pre, fence) {
    const figure = document.createElement("figure");
    figure.className = "listing is-bare";
    if (fence.edition) {
      figure.dataset.edition = fence.edition;
    }
    if (fence.errors) {
      figure.dataset.error = fence.errors.join(" ");
    }
    if (fence.outcomes) {
      figure.dataset.outcomes = `${window.interleaved.outcomesFolder}/fences/${fence.outcomes}.json?${fence.outcomes}`;
    }
    pre.replaceWith(figure);
    const output = document.createElement("div");
    output.className = "listing-output";
    const tools = document.createElement("div");
    tools.className = "listing-tools";
    figure.append(pre, output, tools);
    return figure;
  }

  /// An editor that keeps the Tab key would keep who reads with the keyboard.
  /// Tab indents only after something was typed; Escape lets go again.
  function leaveWithTab(editor) {
    const indent = editor.commands.commands.indent;
    const outdent = editor.commands.commands.outdent;
    const take = (taken) => {
      editor.commands.bindKey("Tab", taken ? indent : null);
      editor.commands.bindKey("Shift-Tab", taken ? outdent : null);
    };
    take(false);
    editor.on("focus", () => take(false));
    editor.session.on("change", () => take(true));
    editor.commands.addCommand({
      name: "letGo",
      bindKey: "Esc",
      exec: () => {
        editor.exitMultiSelectMode?.();
        take(false);
      },
    });
  }

  /// ACE shows what fits the window; paper gets all of every line.
  function printSource(listing) {
    const copy = document.createElement("pre");
    copy.className = "listing-source";
    matchMedia("print").addEventListener("change", ({ matches }) => {
      if (matches) {
        copy.textContent = listing.source();
        listing.pre.before(copy);
      } else {
        copy.remove();
      }
    });
  }

  /// An edited listing survives a reload, as long as the listing itself is the
  /// same as when it was edited.
  function keepEdits(listing) {
    const { editor } = listing;
    const index = [...document.querySelectorAll(".playground")].indexOf(listing.pre);
    const key = `interleaved-edit:${location.pathname}:${listing.name ?? index}`;
    try {
      const kept = JSON.parse(sessionStorage.getItem(key));
      if (kept && kept.original === editor.originalCode) {
        editor.setValue(kept.text, -1);
      }
      editor.session.on("change", () => {
        if (listing.isEdited()) {
          const edit = { original: editor.originalCode, text: editor.getValue() };
          sessionStorage.setItem(key, JSON.stringify(edit));
        } else {
          sessionStorage.removeItem(key);
        }
      });
    } catch {
      // No store, no keeping.
    }
  }

  function button(className, text) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = `listing-button ${className}`;
    element.textContent = text;
    return element;
  }

  const isListing = (pre) => pre.closest("figure.listing") || new Fence(pre).runs;
  window.interleaved.listings = [...document.querySelectorAll("pre.playground")]
    .filter(isListing)
    .map((pre) => new Listing(pre));

  // What this page was loaded again for: see `run-here.js`.
  if (tabStore.get("interleaved-reloaded-for") !== null) {
    load.tools().then(
      () => {
        const again = window.interleaved.here.reloadedFor();
        if (again) {
          window.interleaved.listings[again.listing]?.start(again.runs);
        }
      },
      () => {},
    );
  }
})();
