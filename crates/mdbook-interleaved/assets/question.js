// A question to the kernel about a program's outcomes. It may take a while: its
// element says how far the kernel is, and stops it.

"use strict";

(() => {
  const { kernels } = window.interleaved;
  const { element, button } = window.interleaved.elements;
  const ANSWER = "application/vnd.interleaved.outcomes+json";
  const PROGRESS = "application/vnd.interleaved.progress+json";

  /// The most edges of a graph that a page takes: as many as in the book's own
  /// data.
  const GRAPH = 40_000;

  /// Why there is no answer, in a sentence.
  class NoAnswer extends Error {
    constructor(sentence, { rustc = null, stopped = false } = {}) {
      super(sentence);
      this.rustc = rustc;
      this.stopped = stopped;
    }
  }

  class Question {
    /// `program` is `{ source, clock, edition }`; `magic` is what is asked, as in a cell.
    constructor(program, magic) {
      const isSearch = /--(possible|schedule)/.test(magic);
      this.program = program;
      this.magic = magic;
      this.cell = `%%${magic} --clock ${program.clock}\n${program.source}`;
      this.kernel = null;
      this.stopped = false;
      this.words = element("p", { className: "panel-lead", role: "status" }, isSearch ? "Looking for a way there…" : "Looking at every schedule…");
      // Numbers pass visibly, but aren't read out.
      this.far = element("p", { className: "question-far", "aria-live": "off" });
      this.stopButton = button("Stop", () => this.stop(), { className: "question-stop" });
      this.element = element("div", { className: "question" }, element("div", {}, this.words, this.far), this.stopButton);
      // Until it is asked.
      this.element.hidden = true;
    }

    /// The same question, to ask again.
    again() {
      return new Question(this.program, this.magic);
    }

    /// The answer, as the kernel gives it; a question is asked once.
    ///
    /// Throws `NoAnswer`, or the kernels' `Unavailable`.
    async answer() {
      this.element.hidden = false;
      this.began = performance.now();
      this.tick();
      try {
        const kernel = await kernels.acquire();
        try {
          this.kernel = kernel;
          return await this.askOf(kernel);
        } finally {
          this.kernel = null;
          kernel.release();
        }
      } finally {
        clearInterval(this.ticking);
      }
    }

    async askOf(kernel) {
      if (this.stopped) {
        throw new NoAnswer("Exploring was stopped.", { stopped: true });
      }
      let answer = null;
      let error = null;
      const metadata = { interleaved: { graph: GRAPH, edition: this.program.edition, rustdoc: true, program: this.program.isListing ?? false } };
      await kernel.execute(
        this.cell,
        ({ header, content }) => {
          answer = content.data?.[ANSWER] ?? answer;
          if (header.msg_type === "error") {
            error = content;
          } else if (header.msg_type === "execute_input" && this.stopped) {
            // Stopped before the kernel knew of it: it does now.
            this.stop();
          } else if (content.data && !answer) {
            this.tell(content.data);
          }
        },
        metadata,
      );
      if (answer) {
        return answer;
      }
      throw new NoAnswer(error?.evalue ?? "The kernel gave no outcomes.", {
        rustc: error?.ename === "CompileError" ? error.traceback.join("\n") : null,
        stopped: error?.ename === "Interrupted",
      });
    }

    /// How far the kernel is: with numbers while it explores, with a sentence
    /// before that.
    tell(data) {
      const { grouped, plural } = window.interleaved.outcomes;
      const progress = data[PROGRESS];
      this.sentence = progress
        ? `${plural(progress.states, "state")}, ${plural(progress.executions, "execution")}, ${grouped(Math.round(progress.memory / (1 << 20)))} MiB`
        : data["text/plain"];
      this.show();
    }

    tick() {
      this.ticking = setInterval(() => this.show(), 1000);
    }

    show() {
      const seconds = Math.floor((performance.now() - this.began) / 1000);
      const time = seconds < 1 ? [] : [`${seconds} s`];
      this.far.textContent = [...(this.sentence ? [this.sentence] : []), ...time].join(" · ");
    }

    async stop() {
      this.stopped = true;
      this.stopButton.disabled = true;
      this.words.textContent = "Stopping…";
      try {
        await this.kernel?.interrupt();
      } catch {
        // The server is gone: the connection's end says so.
      }
    }
  }

  /// Text as a magic's option: `"a\nb\n"`.
  function quotedForMagic(text) {
    const escapes = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t" };
    return `"${text.replace(/[\\"\n\t]/g, (letter) => escapes[letter])}"`;
  }

  window.interleaved.Question = Question;
  window.interleaved.NoAnswer = NoAnswer;
  window.interleaved.quotedForMagic = quotedForMagic;
})();
