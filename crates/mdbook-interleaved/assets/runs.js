// Shows what many runs of one program came to: every different outcome, how
// often it was seen, and its output.

"use strict";

(() => {
  const { outputStrip, endings, previews } = window.interleaved;
  const { element, button } = window.interleaved.elements;
  const MIME = "application/vnd.interleaved.runs+json";

  /// The list of outcomes, kept up to date while the runs go on.
  class RunsView {
    constructor(element, listing) {
      this.element = element;
      this.listing = listing;
      this.heading = document.createElement("p");
      this.heading.className = "listing-label";
      this.list = document.createElement("ol");
      this.list.className = "runs";
      this.rows = new Map();
      this.heading.textContent = "Running…";
      element.replaceChildren(this.heading, this.list);
    }

    handle(message) {
      const data = message.content.data?.[MIME];
      if (data) {
        this.show(data);
      }
      // There was not even one run: rustc's words stand here instead.
      if (message.header.msg_type === "error" && message.content.ename !== "Interrupted") {
        this.instead = new window.interleaved.OutputView(this.element);
        this.instead.handle(message);
      }
    }

    /// `outcomes`, where they are known, say how many there could have been.
    finish(reply, outcomes) {
      if (this.instead) {
        return this.instead.finish(reply);
      }
      const { seconds } = reply.metadata?.interleaved ?? {};
      this.time = seconds === undefined ? "" : `, in ${window.interleaved.endings.duration(seconds)}`;
      this.heading.textContent += this.time;
      this.learn(outcomes);
      return this.heading.textContent;
    }

    /// Says how many outputs there could have been, once they are known.
    /// Each row then has its picture.
    learn(outcomes) {
      if (outcomes && !this.instead) {
        this.rows.forEach((row) => row.learn(outcomes));
      }
      if (this.instead || this.isLearned || !outcomes?.count || !(this.data?.done > 0)) {
        return;
      }
      this.isLearned = true;
      const possible = window.interleaved.outcomes.grouped(outcomes.count);
      this.heading.textContent = `${headingOf(this.data)}, of ${possible} possible${this.time}`;
      this.heading.after(coverage(BigInt(this.data.outcomes.length), outcomes.count));
    }

    abandon() {}

    show(data) {
      this.data = data;
      this.heading.textContent = headingOf(data);
      const texts = previews(linesToTell(data.outcomes));
      const most = data.outcomes[0]?.count ?? 0;
      const focused = document.activeElement;
      data.outcomes.forEach((outcome, index) => {
        const key = JSON.stringify([outcome.stdout, outcome.stderr, outcome.ending]);
        const row = this.rows.get(key) ?? this.add(key, outcome);
        row.update(outcome.count, most, texts[index]);
        // Only rows out of their place are moved: moving loses the focus.
        if (this.list.children[index] !== row.element) {
          this.list.insertBefore(row.element, this.list.children[index] ?? null);
        }
      });
      if (focused !== document.activeElement && this.list.contains(focused)) {
        focused.focus({ preventScroll: true });
      }
    }

    add(key, outcome) {
      const row = new Row(outcome, this.listing);
      this.rows.set(key, row);
      return row;
    }
  }

  class Row {
    constructor(outcome, listing) {
      this.text = outcome.stdout;
      this.ending = outcome.ending;
      this.known = endings.ofEngine(outcome.ending);
      this.element = document.createElement("li");
      this.element.innerHTML =
        '<details><summary><span class="runs-count"></span>' +
        '<span class="runs-bar" aria-hidden="true"></span>' +
        '<span class="output-strip" aria-hidden="true"></span>' +
        '<span class="runs-preview"></span></summary></details>';
      const details = this.element.firstChild;
      this.count = details.querySelector(".runs-count");
      this.bar = details.querySelector(".runs-bar");
      this.preview = details.querySelector(".runs-preview");
      details.append(transcript(outcome.stdout, "stdout"));
      if (outcome.stderr) {
        details.append(transcript(outcome.stderr, "stderr"));
      }
      const ending = document.createElement("p");
      ending.className = "ending";
      ending.dataset.kind = outcome.ending.kind;
      ending.textContent = window.interleaved.endings.sentence(outcome.ending);
      details.append(ending);
      const tools = listing?.outcomes;
      if (tools && this.known) {
        this.step = button("Step through it", () => this.walk(tools), { className: "runs-step" });
        details.append(this.step);
      }
    }

    /// Steps through an execution that prints this, once there are outcomes to
    /// find one in.
    walk(tools) {
      const { text, known } = this;
      tools.stepThrough((outcomes) => outcomes.wayTo({ text, ending: known }), "An execution that prints what your run has printed.");
    }

    /// What can come of the program is known: then so is who printed what.
    learn(outcomes) {
      const path = this.known && outcomes.pathOf({ text: this.text, ending: this.known });
      if (path) {
        this.element.querySelector(".output-strip").replaceWith(outputStrip(path, outcomes));
      } else if (outcomes.graph && this.step) {
        const why = outcomes.isPrompt ? "No execution on a machine that is never late comes out so." : "The engine finds no execution that comes out so.";
        this.step.replaceWith(element("p", { className: "runs-beyond" }, why));
        this.step = null;
      }
    }

    update(count, most, shown) {
      const times = `${count}×`;
      if (this.count.textContent !== times) {
        this.count.textContent = times;
      }
      this.bar.style.setProperty("--share", String(count / most));
      const preview = this.previewFrom(shown);
      if (this.preview.textContent !== preview) {
        this.preview.textContent = preview;
      }
    }

    /// How it ended is told too, if not as it should.
    previewFrom(shown) {
      const text = shown.trim() === "" ? "no output" : shown;
      const endsWell = this.ending.kind === "returned";
      return endsWell ? text : `${text} — ${window.interleaved.endings.sentence(this.ending)}`;
    }
  }

  function transcript(text, stream) {
    const pre = document.createElement("pre");
    pre.className = `transcript ${stream}`;
    const samp = document.createElement("samp");
    samp.append(window.interleaved.ansi.toFragment(text.replace(/\n$/, "") || "(nothing)"));
    pre.append(samp);
    return pre;
  }

  /// How much of what is possible was seen, as a bar.
  function coverage(seen, possible) {
    const bar = document.createElement("div");
    bar.className = "runs-coverage";
    bar.setAttribute("aria-hidden", "true");
    bar.style.setProperty("--share", String(Number((seen * 10_000n) / possible) / 10_000));
    return bar;
  }

  function headingOf(data) {
    const of = data.done < data.runs ? `${data.done} of ${data.runs}` : String(data.runs);
    const runs = data.runs === 1 ? "run" : "runs";
    const different =
      data.outcomes.length === 1
        ? "always the same output"
        : `${data.outcomes.length} different outputs`;
    const rest = data.not_kept ? `, and ${data.not_kept} runs that printed too much to keep` : "";
    return data.done === 0 ? `0 of ${data.runs} runs` : `${of} ${runs}: ${different}${rest}`;
  }

  /// By outcome, the lines to tell it by: those of its output, and what it wrote
  /// to stderr where another has the same output and end.
  function linesToTell(outcomes) {
    const keys = outcomes.map(({ stdout, ending }) => JSON.stringify([stdout, ending]));
    const counts = new Map();
    keys.forEach((key) => counts.set(key, (counts.get(key) ?? 0) + 1));
    return outcomes.map(({ stdout, stderr }, index) => {
      const isAlone = counts.get(keys[index]) === 1;
      return isAlone || !stderr ? linesOf(stdout) : [...linesOf(stdout), ...linesOf(stderr.trim())];
    });
  }

  function linesOf(text) {
    return text.replace(/\n$/, "").split("\n");
  }

  window.interleaved.RunsView = RunsView;
})();
