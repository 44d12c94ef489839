// Shows one run: lines as the program prints them, stdout apart from stderr,
// then how it ended.

"use strict";

(() => {
  const { scrollable } = window.interleaved;

  /// Endings after which the output is whole.
  const ENDED = new Set(["returned", "exited", "panicked", "deadlocked"]);

  /// Whether the reader was told what the server's machine doesn't bound.
  let saidWhatIsLacking = false;

  class OutputView {
    constructor(element) {
      this.element = element;
      this.label = document.createElement("p");
      this.label.className = "listing-label";
      this.label.textContent = "Your run";
      this.samp = document.createElement("samp");
      this.pre = document.createElement("pre");
      this.pre.className = "transcript";
      this.pre.append(this.samp);
      this.ending = document.createElement("p");
      this.ending.className = "ending";
      this.pending = [];
      this.timer = null;
      this.nextFlush = 0;
      this.lines = 0;
      element.replaceChildren(this.label, this.pre, this.ending);
      this.started = performance.now();
      this.tick();
    }

    // Seconds pass visibly, but aren't read out.
    tick() {
      const seconds = (performance.now() - this.started) / 1000;
      const time = seconds < 1 ? "" : ` ${Math.floor(seconds)} s`;
      this.ending.dataset.kind = "running";
      this.ending.textContent = `Running…${time}`;
      this.ticking = setTimeout(() => this.tick(), 1000);
    }

    handle(message) {
      switch (message.header.msg_type) {
        case "stream":
          return this.stream(message);
        case "error":
          return this.error(message.content);
      }
    }

    stream({ content, metadata }) {
      if (metadata?.interleaved?.from === "rustc") {
        this.warn(content.text);
        return;
      }
      this.lines += content.text.split("\n").length - 1;
      this.pending.push(content);
      const wait = this.nextFlush - performance.now();
      if (wait <= 0) {
        this.flush();
      } else {
        this.timer ??= setTimeout(() => this.flush(), wait);
      }
    }

    // The first line is shown at once. A flood isn't: the more there is to lay
    // out, the longer it takes, and the page must stay usable.
    flush() {
      clearTimeout(this.timer);
      this.timer = null;
      const started = performance.now();
      const atEnd = this.pre.scrollTop + this.pre.clientHeight >= this.pre.scrollHeight - 4;
      for (const { name, text } of this.pending) {
        this.append(name, text);
      }
      this.pending = [];
      if (atEnd) {
        this.pre.scrollTop = this.pre.scrollHeight;
      }
      scrollable(this.pre, "Output");
      const ended = performance.now();
      this.nextFlush = ended + Math.max(30, 5 * (ended - started));
    }

    append(stream, text) {
      // A panic message opens with an empty line.
      if (stream === "stderr" && !this.samp.hasChildNodes()) {
        text = text.replace(/^\n+/, "");
      }
      const last = this.samp.lastElementChild;
      const piece = last?.dataset.stream === stream ? last : this.piece(stream);
      piece.append(window.interleaved.ansi.toFragment(text));
    }

    piece(stream) {
      const piece = document.createElement("span");
      piece.className = stream;
      piece.dataset.stream = stream;
      // Not by its colour alone.
      const otherBefore = this.samp.hasChildNodes();
      if (stream === "stderr" || otherBefore) {
        const name = document.createElement("span");
        name.className = "visually-hidden";
        name.textContent = stream === "stderr" ? "Standard error: " : "Standard output: ";
        piece.append(name);
      }
      this.samp.append(piece);
      return piece;
    }

    warn(text) {
      this.note("The compiler warns", text);
    }

    note(heading, text) {
      const details = document.createElement("details");
      details.className = "listing-warnings";
      const summary = document.createElement("summary");
      summary.textContent = heading;
      details.append(summary, words(text));
      this.pre.before(details);
    }

    error({ ename, evalue, traceback }) {
      if (ename === "CompileError") {
        this.label.textContent = "What rustc says";
        const pre = words(traceback.join("\n"));
        this.pre.replaceWith(pre);
        this.pre = pre;
        scrollable(pre, "What rustc says");
      } else if (ename === "BuildError" || ename === "RunError") {
        this.sentence = evalue;
      }
    }

    /// `outcomes`, where they are known, say which of them this was.
    finish(reply, outcomes) {
      clearTimeout(this.ticking);
      if (this.pending.length > 0) {
        this.flush();
      }
      const { ending, seconds, build, lacks, on } = reply.metadata?.interleaved ?? {};
      if (lacks?.length > 0 && !saidWhatIsLacking) {
        saidWhatIsLacking = true;
        this.note("Not all of a program is bounded on this machine", lacks.join("\n"));
      }
      const text = this.sentence ?? window.interleaved.endings.withTime(ending, seconds, on);
      this.ending.dataset.kind = ending?.kind ?? "failed";
      this.ending.textContent = text;
      if (build && !build.cached && ending?.kind !== "rejected") {
        const note = document.createElement("span");
        note.className = "ending-note";
        note.textContent = ` · compiled in ${window.interleaved.endings.duration(build.seconds)}`;
        this.ending.append(note);
      }
      if (on && window.interleaved.playground.hasAgreed()) {
        const ask = window.interleaved.elements.button("Ask me again next time", () => {
          window.interleaved.playground.agree(false);
          ask.remove();
        });
        this.ending.append(" ", ask);
      }
      if (!this.samp.hasChildNodes() && this.pre.contains(this.samp)) {
        this.pre.remove();
        this.label.textContent = "Your run printed nothing";
      }
      this.ended = ending;
      this.learn(outcomes);
      const printed = this.lines === 1 ? "1 line" : `${this.lines} lines`;
      return ending?.kind === "rejected" ? text : `${text}. ${printed} printed.`;
    }

    /// Says of a program that must not compile whether it has the errors that it
    /// must have: these, or any if none are named.
    judge(reply, expected) {
      const { ending } = reply.metadata?.interleaved ?? {};
      const found = ending?.codes ?? [];
      const missing = expected.filter((code) => !found.includes(code));
      if (ending?.kind !== "rejected") {
        this.ending.append(" · but it should not compile");
      } else if (missing.length > 0) {
        this.ending.append(` · but not with the error that it should: ${missing.join(", ")}`);
      } else {
        this.ending.dataset.kind = "returned";
        this.ending.textContent = "Does not compile, as it should";
      }
    }

    /// What the program has written to standard output.
    printed() {
      return [...this.samp.querySelectorAll('[data-stream="stdout"]')]
        .map((piece) => [...piece.childNodes].filter((node) => !node.classList?.contains("visually-hidden")))
        .flatMap((nodes) => nodes.map((node) => node.textContent))
        .join("");
    }

    /// Says which of the possible outputs this was, once they are known.
    learn(outcomes) {
      const printed = this.printed();
      const rank = outcomes && ENDED.has(this.ended?.kind) ? outcomes.rank(printed) : null;
      if (rank !== null && !this.isPlaced) {
        this.isPlaced = true;
        const { grouped } = window.interleaved.outcomes;
        const note = document.createElement("span");
        note.className = "ending-note";
        note.textContent =
          outcomes.count === 1n
            ? " · the only possible output"
            : ` · output ${grouped(rank + 1n)} of ${grouped(outcomes.count)} possible`;
        this.ending.append(note);
      }
    }

    abandon() {
      clearTimeout(this.ticking);
      if (this.pending.length > 0) {
        this.flush();
      }
    }
  }

  function words(text) {
    const pre = document.createElement("pre");
    pre.className = "transcript rustc";
    const samp = document.createElement("samp");
    samp.append(window.interleaved.ansi.toFragment(text.replace(/\n+$/, "")));
    pre.append(samp);
    return pre;
  }

  window.interleaved.OutputView = OutputView;
})();
