// What is known of a program's outcomes, from the site or from the kernel, and
// what the page works out from it. The form is that of `Data` in the module
// `outcomes`; the kernel gives no more than the `Answer`.

"use strict";

(() => {
  const { Graph, Story, NoAnswer, Question, quotedForMagic, direction, load } = window.interleaved;

  /// How many outputs the kernel is to list.
  const LISTED = 1000;

  /// There is nothing yet about the listing as it stands in the book.
  class NotThereYet extends NoAnswer {}

  class Outcomes {
    /// `program` is what the answer is about: `{ source, clock, recorded }`.
    constructor(answer, program) {
      this.answer = answer;
      this.program = program;
      /// Whether the kernel answered, and so can be asked more.
      this.isLive = false;
      this.isPrompt = program.clock === "prompt";
      this.graph = answer.graph ? new Graph(answer.graph) : null;
      this.count = toBigInt(answer.outputs);
      this.deadlocks = answer.deadlocks ?? [];
      this.leaks = answer.leaks ?? [];
      this.panics = answer.panics ?? [];
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
        return { path: null, text: textOf(this.answer.trace), ending: this.answer.trace.ending };
      }
      const { recorded } = this.program;
      const found = typeof recorded === "string" && this.graph ? this.find(recorded) : null;
      return found?.possible ? { path: found.path, text: found.text, ending: found.ending } : null;
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
        return new Story(this.graph.story(way), this.isPrompt);
      }
      return new Story(way ?? this.answer.trace, this.isPrompt);
    }

    /// The way into a "deadlock", a "leak" or a "panic", to step through: known,
    /// or the kernel's to find.
    wayInto(kind, number) {
      const { answer, graph } = this;
      const { schedule } = answer[`${kind}s`][number];
      if (graph) {
        return graph.follow(schedule);
      }
      return answer[`${kind}_traces`]?.[number] ?? this.question(`trace --schedule ${quotedForMagic(schedule)}`);
    }

    /// The way to the output with this number, from 0, if it is known; as `wayInto`.
    wayTo({ text, ending }, number) {
      const path = this.pathOf({ text, ending });
      if (path) {
        return path;
      }
      // To look for a text takes much less than to number all outputs. But one
      // that was cut off is looked for with its line's end, too.
      const isWhole = text === "" || text.endsWith("\n") || number === undefined;
      return this.question(
        isWhole ? `trace --possible ${quotedForMagic(text)}` : `trace --output ${number + 1n}`,
      );
    }

    /// An execution by chance; where there is no graph, a question.
    another() {
      if (this.graph) {
        return this.graph.randomPath();
      }
      const numbers = this.count < BigInt(Number.MAX_SAFE_INTEGER) ? Number(this.count) : Number.MAX_SAFE_INTEGER;
      return this.question(`trace --output ${Math.floor(Math.random() * numbers) + 1}`);
    }

    hasAnother() {
      return this.graph !== null || (this.isLive && this.count > 1n);
    }

    /// What the kernel is asked about this program.
    question(magic) {
      return new Question(this.program, magic);
    }

    /// A shortest path that prints this output.
    pathOf({ text, ending }) {
      const found = this.graph?.find(text, ending);
      return found?.possible ? found.path : null;
    }

    /// A path that prints this output, and parts from another path as late as can
    /// be; `null` if nothing prints it.
    nearest({ text, ending }, other) {
      let best = this.pathOf({ text, ending });
      if (!best || !Array.isArray(other)) {
        return best;
      }
      // What can still be printed after more steps can be after fewer.
      let [least, most] = [0, other.length];
      while (least < most) {
        const steps = Math.ceil((least + most) / 2);
        const prefix = other.slice(0, steps);
        const found = text.startsWith(this.graph.textOf(prefix)) ? this.graph.find(text, ending, prefix) : null;
        if (found?.possible) {
          least = steps;
          best = found.path;
        } else {
          most = steps - 1;
        }
      }
      return best;
    }

    /// How many outputs there are to choose from by number: all, or those that
    /// are listed.
    choosable() {
      return this.ordered ? this.count : BigInt((this.answer.listed ?? []).length);
    }

    /// The output with a number, from 0.
    output(number) {
      return this.ordered ? this.ordered.nth(number) : this.answer.listed[Number(number)];
    }

    /// The number of an output, from 0; `null` where it has none.
    numberOf(text, ending) {
      if (this.ordered) {
        return this.rank(text, ending);
      }
      const index = (this.answer.listed ?? []).findIndex((one) => one.text === text && (!ending || one.ending.kind === ending.kind));
      return index === -1 ? null : BigInt(index);
    }

    rank(text, ending) {
      return this.ordered ? this.ordered.rank(text, ending) : null;
    }

    /// Whether this text is possible: with or without the line break at its end.
    find(text) {
      const whole = this.graph.find(text === "" ? "" : `${text}\n`);
      if (whole.possible || text === "") {
        return this.withText(whole);
      }
      const torn = this.graph.find(text);
      return torn.possible ? this.withText(torn) : whole;
    }

    withText(found) {
      return found.possible ? { ...found, text: this.graph.textOf(found.path) } : found;
    }

    /// The same of a whole text, for the kernel to answer: see `foundBy`. It tries
    /// a line break at the end if there is none.
    questionWhether(text) {
      return this.question(`outcomes --possible ${quotedForMagic(text)}`);
    }
  }

  /// What the kernel found of a text, as `find` has it; `unknown` says why it
  /// didn't.
  function foundBy({ checked, trace }) {
    const { known, unknown } = checked[0];
    if (known?.possible) {
      return { possible: true, path: trace, text: textOf(trace), ending: trace.ending };
    }
    if (!known) {
      return { possible: false, unknown };
    }
    const { prefix, instead } = known["not-possible"];
    // An ending comes in brackets, and a line with its break.
    const items = instead.map((text) => (/^\[.*\]$/.test(text) ? { text: "", clause: direction.named(text.slice(1, -1)) } : { text }));
    return { possible: false, prefix, instead: items };
  }

  /// Why there is no telling: which limit was reached.
  function reached(limit) {
    return (
      {
        states: "it has more states than were allowed",
        time: "it took longer than was allowed",
        memory: "it needed more memory than was allowed",
      }[limit] ?? "it was not explored to the end"
    );
  }

  /// Who was still computing when time was up.
  function stillComputing({ thread, name, spawned, at }) {
    const started = spawned ? `The thread started in line ${spawned.line}` : `Thread ${thread}`;
    const who = thread === 0 ? "main" : (name ?? started);
    const since = at ? `without another step since line ${at.line}` : "without a first step";
    return `${who} was still computing, ${since}.`;
  }

  function textOf(trace) {
    return trace.events.map((event) => event.text).join("");
  }

  /// The answer made when the book was built.
  async function fromSite(address, program) {
    if (address === null) {
      throw new NotThereYet("What can come of this program isn’t a part of this site.");
    }
    let text;
    try {
      text = await load.text(address);
    } catch (error) {
      if (error instanceof load.NotThere && error.status === 404) {
        throw new NotThereYet("This listing has not been explored yet.");
      }
      if (error instanceof load.NotLoaded && location.protocol === "file:") {
        throw new NoAnswer("A browser doesn’t let a page that was opened as a file read other files. Put the book’s folder on a host of pages, and read it there.");
      }
      throw new NoAnswer(
        error instanceof load.NotThere
          ? `The outcomes could not be loaded: the server answered ${error.status}.`
          : "The outcomes could not be loaded: the server doesn’t answer.",
      );
    }
    const answer = parse(text);
    const [, version] = address.split("?");
    if (answer.version !== version) {
      throw new NotThereYet("This listing has not been explored since it was changed.");
    }
    if (answer.refused) {
      throw new NoAnswer(answer.refused);
    }
    return new Outcomes(answer, program);
  }

  /// What to ask the kernel for the answer.
  function questionAbout(program) {
    return new Question(program, `outcomes --first ${LISTED}`);
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

  window.interleaved.outcomes = {
    fromSite,
    questionAbout,
    foundBy,
    reached,
    stillComputing,
    parse,
    plural,
    grouped,
    Outcomes,
    NotThereYet,
  };
})();
