// What is known of a program's outcomes, from the site or from the kernel, and
// what the page works out from it. The form is that of `Data` in the module
// `outcomes`; the kernel may leave out all but the `Answer`.

"use strict";

(() => {
  const { kernels, Graph, Story } = window.interleaved;
  const MIME = "application/vnd.interleaved.outcomes+json";

  /// Why there is no answer, in a sentence.
  class NoAnswer extends Error {}

  class Outcomes {
    constructor(answer) {
      this.answer = answer;
      this.isPrompt = answer.clock === "prompt";
      this.deadlockTraces = answer.deadlock_traces ?? [];
      this.graph = answer.graph ? new Graph(answer.graph) : null;
      this.count = toBigInt(answer.outputs);
      this.deadlocks = answer.deadlocks ?? [];
      this.endings = (answer.endings ?? []).map(({ ending, outputs }) => ({ ending, outputs: toBigInt(outputs) }));
      // Only what agrees with the engine's own count is used to number outputs.
      const outputs = this.graph?.outputs() ?? null;
      this.ordered = outputs && outputs.count === this.count ? outputs : null;
      this.recorded = this.findRecorded();
    }

    /// The recorded output, where this is about the listing as it stands in the
    /// book: its text, ending and story.
    findRecorded() {
      const known = this.answer.checked?.[0]?.known;
      if (known?.possible && this.graph) {
        const path = this.graph.follow(known.possible);
        return { path, text: this.graph.textOf(path), ending: this.graph.endingOf(path) };
      }
      if (known?.possible && this.answer.trace) {
        const text = this.answer.trace.events.map((event) => event.text).join("");
        return { path: null, text, ending: this.answer.trace.ending };
      }
      return null;
    }

    /// An execution to begin with: that of the recorded output, or any.
    first() {
      if (this.recorded?.path) {
        return this.recorded.path;
      }
      return this.graph ? this.graph.randomPath() : null;
    }

    /// The story of a path; or of a trace, where there is no graph.
    story(way) {
      if (Array.isArray(way)) {
        return new Story(this.graph.story(way));
      }
      return new Story(way ?? this.answer.trace);
    }

    /// The way into a deadlock, to step through; `null` if it isn't known.
    wayInto(number) {
      return this.graph
        ? this.graph.follow(this.deadlocks[number].schedule)
        : (this.deadlockTraces[number] ?? null);
    }

    /// A shortest path that prints this output.
    pathOf({ text, ending }) {
      const found = this.graph?.find(text, ending);
      return found?.possible ? found.path : null;
    }

    rank(text, ending) {
      return this.ordered ? this.ordered.rank(text, ending) : null;
    }

    /// Whether this text is possible: with or without the line break at its end.
    find(text) {
      const whole = this.graph.find(text === "" ? "" : `${text}\n`);
      if (whole.possible || text === "") {
        return whole;
      }
      const torn = this.graph.find(text);
      return torn.possible ? torn : whole;
    }
  }

  /// The answer made when the book was built.
  async function fromSite(address) {
    if (location.protocol === "file:") {
      throw new NoAnswer(
        "A browser doesn’t let a page that was opened as a file read other files. Serve the book’s folder, for example with “python3 -m http.server”, or read the book with “cargo run”.",
      );
    }
    let response;
    try {
      response = await fetch(address);
    } catch {
      throw new NoAnswer("The outcomes could not be loaded: the server doesn’t answer.");
    }
    if (!response.ok) {
      throw new NoAnswer(`The outcomes could not be loaded: the server answered ${response.status}.`);
    }
    return new Outcomes(parse(await response.text()));
  }

  /// The answer for an edited program, from the kernel.
  async function fromKernel(source, magic = "outcomes") {
    const kernel = await kernels.acquire();
    let answer = null;
    let words = null;
    try {
      await kernel.execute(`%%${magic}\n${source}`, ({ header, content }) => {
        answer = content.data?.[MIME] ?? answer;
        if (header.msg_type === "error") {
          words = { sentence: content.evalue, rustc: content.ename === "CompileError" ? content.traceback.join("\n") : null };
        }
      });
    } finally {
      kernel.release();
    }
    if (answer) {
      return new Outcomes(answer);
    }
    const error = new NoAnswer(words?.sentence ?? "The kernel gave no outcomes.");
    error.rustc = words?.rustc;
    throw error;
  }

  /// JSON whose whole numbers may be greater than a double holds exactly.
  function parse(text) {
    return JSON.parse(text.replace(/("outputs":\s*)(\d{16,})/g, '$1"$2"'));
  }

  function toBigInt(value) {
    return value === null || value === undefined ? null : BigInt(value);
  }

  function plural(count, one, many = `${one}s`) {
    return `${grouped(count)} ${BigInt(count) === 1n ? one : many}`;
  }

  /// 117,120
  function grouped(count) {
    return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
  }

  window.interleaved.outcomes = { fromSite, fromKernel, parse, plural, grouped, Outcomes, NoAnswer };
})();
