// The panel that answers "can this happen?": an output to edit, line by line, and
// the answer while it is edited.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { direction } = window.interleaved;
  const { grouped, foundBy, reached } = window.interleaved.outcomes;
  const { linesOf, possibleLines, whyNot } = window.interleaved.whyNot;

  class Possible {
    constructor(listing, outcomes, tools) {
      this.outcomes = outcomes;
      this.tools = tools;
      /// Without the graph it is the kernel that answers, when it is asked.
      this.isAsked = outcomes.graph === null;
      this.start = outcomes.recorded?.text ?? this.anOutput(listing);
      this.list = element("ol", { className: "lines", "aria-label": "The output to ask about" });
      this.answer = element("div", { className: "answer", role: "status" });
      this.showButton = button("Show me", () => this.showMe());
      this.askButton = button("Ask", () => this.askKernel(), { className: "possible-ask" });
      this.place = element("div");
      this.element = element(
        "div",
        { className: "possible", keydown: (event) => this.key(event) },
        element(
          "p",
          { className: "panel-lead" },
          "Could the program print this? Move lines, edit them, add some, take some away.",
        ),
        element(
          "div",
          { className: "possible-columns" },
          element(
            "div",
            {},
            this.list,
            element(
              "div",
              { className: "scheduler-buttons" },
              button("Add a line", () => this.add(this.list.children.length, "")),
              button("Shuffle", () => this.shuffle()),
              button("Start again", () => this.reset()),
            ),
          ),
          element("div", { className: "possible-answer" }, this.askButton, this.place, this.answer, this.showButton),
        ),
      );
      this.fill(linesOf(this.start));
    }

    /// An output to begin with.
    anOutput(listing) {
      const { graph, answer } = this.outcomes;
      return graph ? graph.textOf(this.outcomes.first()) : (listing.shownText() ?? answer.listed?.[0]?.text ?? "");
    }

    fill(lines) {
      this.list.replaceChildren(...lines.map((line) => this.row(line)));
      this.ask();
    }

    reset() {
      this.fill(linesOf(this.start));
    }

    shuffle() {
      const lines = this.lines();
      for (let index = lines.length - 1; index > 0; index -= 1) {
        const other = Math.floor(Math.random() * (index + 1));
        [lines[index], lines[other]] = [lines[other], lines[index]];
      }
      this.fill(lines);
    }

    lines() {
      return [...this.list.querySelectorAll("input")].map((input) => input.value);
    }

    row(text) {
      const handle = element(
        "span",
        { className: "line-handle", "aria-hidden": "true", title: "Drag to move", pointerdown: (event) => this.drag(event, row) },
        "⠿",
      );
      const input = element("input", { type: "text", value: text, spellcheck: false, autocomplete: "off", input: () => this.ask(), paste: (event) => this.paste(event, row) });
      const act = (label, sign, click) => button(sign, click, { className: "line-act", "aria-label": label, title: label });
      const row = element(
        "li",
        {},
        handle,
        input,
        element("span", { className: "line-named" }),
        act("Move up", "↑", () => this.move(row, -1)),
        act("Move down", "↓", () => this.move(row, 1)),
        act("Remove", "×", () => this.remove(row)),
      );
      return row;
    }

    add(index, text) {
      const row = this.row(text);
      this.list.insertBefore(row, this.list.children[index] ?? null);
      row.querySelector("input").focus();
      this.ask();
    }

    /// Several lines at once, in place of this one.
    paste(event, row) {
      const lines = event.clipboardData.getData("text").replace(/\n$/, "").split(/\r?\n/);
      if (lines.length > 1) {
        event.preventDefault();
        const rows = lines.map((line) => this.row(line));
        row.replaceWith(...rows);
        rows.at(-1).querySelector("input").focus();
        this.ask();
      }
    }

    remove(row) {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (next?.querySelector("input") ?? this.element.querySelector(".scheduler-buttons button")).focus();
      this.ask();
    }

    move(row, by) {
      const focused = document.activeElement;
      const rows = [...this.list.children];
      const to = Math.min(Math.max(rows.indexOf(row) + by, 0), rows.length - 1);
      if (to === rows.indexOf(row)) {
        return;
      }
      row.remove();
      this.list.insertBefore(row, this.list.children[to] ?? null);
      if (row.contains(focused)) {
        focused.focus();
      }
      this.ask();
    }

    /// In a line: Alt with ↑ or ↓ moves it, Enter begins another.
    key(event) {
      if (event.key.startsWith("Arrow")) {
        event.stopPropagation();
      }
      const row = event.target.closest("li");
      if (!row || event.target.tagName !== "INPUT") {
        return;
      }
      const rows = [...this.list.children];
      const goTo = (index) => rows[index]?.querySelector("input").focus();
      const at = rows.indexOf(row);
      if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        event.preventDefault();
        const by = event.key === "ArrowUp" ? -1 : 1;
        if (event.altKey) {
          this.move(row, by);
        } else {
          goTo(at + by);
        }
      } else if (event.key === "Enter") {
        event.preventDefault();
        this.add(at + 1, "");
      } else if (event.key === "Backspace" && event.target.value === "") {
        event.preventDefault();
        this.remove(row);
      }
    }

    drag(event, row) {
      event.preventDefault();
      const handle = event.currentTarget;
      handle.setPointerCapture(event.pointerId);
      row.classList.add("is-dragged");
      const move = ({ clientY }) => {
        const others = [...this.list.children].filter((other) => other !== row);
        const after = others.find((other) => {
          const { top, height } = other.getBoundingClientRect();
          return clientY < top + height / 2;
        });
        if (row.nextElementSibling !== (after ?? null)) {
          // Moving the row itself would lose the pointer: the others move around it.
          this.moveAround(row, after ?? null);
        }
      };
      const drop = () => {
        row.classList.remove("is-dragged");
        handle.removeEventListener("pointermove", move);
        this.ask();
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("lostpointercapture", drop, { once: true });
    }

    moveAround(row, after) {
      const rows = [...this.list.children];
      const to = after ? rows.indexOf(after) : rows.length;
      const from = rows.indexOf(row);
      if (to > from) {
        rows.slice(from + 1, to).forEach((other) => row.before(other));
      } else {
        rows
          .slice(to, from)
          .reverse()
          .forEach((other) => row.after(other));
      }
      this.ask();
    }

    ask() {
      const rows = [...this.list.children];
      rows.forEach((row, index) => {
        const input = row.querySelector("input");
        input.setAttribute("aria-label", `Line ${index + 1}`);
        // A field shows no character by name, so it stands beside.
        const named = direction.named(input.value);
        row.querySelector(".line-named").textContent = named === input.value ? "" : named;
      });
      this.askButton.hidden = !this.isAsked;
      if (this.isAsked) {
        this.forget();
      } else {
        this.tell(this.outcomes.find(this.text()));
      }
    }

    text() {
      return this.lines().join("\n");
    }

    /// Nothing is known of the text as it is now.
    forget() {
      this.tools.stopAsking();
      this.found = null;
      this.showButton.hidden = true;
      this.answer.replaceChildren();
      delete this.element.dataset.possible;
      for (const row of this.list.children) {
        row.classList.remove("is-possible", "is-impossible");
      }
    }

    async askKernel() {
      this.forget();
      const text = this.text();
      const question = this.outcomes.questionWhether(text.endsWith("\n") ? `${text}\n` : text);
      this.askButton.hidden = true;
      try {
        const found = foundBy(await this.tools.ask(question, this.place));
        if (this.text() === text) {
          this.tell(found);
        }
      } catch (error) {
        if (this.text() === text) {
          this.answer.replaceChildren(this.tools.explain(error));
        }
      } finally {
        question.element.remove();
        this.askButton.hidden = false;
      }
    }

    tell(found) {
      const rows = [...this.list.children];
      const lines = this.lines();
      this.found = found;
      if (found.unknown) {
        this.answer.replaceChildren(
          element("p", { className: "answer-word" }, "There is no telling."),
          element("p", {}, `Whether the program can print this is not known: ${reached(found.unknown)}.`),
          element("p", {}, "What to try: smaller numbers, that is fewer threads, messages or rounds."),
        );
        return;
      }
      this.showButton.hidden = !found.possible;
      this.element.dataset.possible = String(found.possible);
      const good = found.possible ? rows.length : possibleLines(found);
      rows.forEach((row, index) => {
        row.classList.toggle("is-possible", index < good);
        row.classList.toggle("is-impossible", index === good);
      });
      this.answer.replaceChildren(...(found.possible ? this.yes(found, lines) : this.no(found, lines)));
    }

    yes(found) {
      const { text } = found;
      const rank = this.outcomes.rank(text, found.ending);
      const { count, recorded } = this.outcomes;
      const number = rank === null ? "" : ` It is output ${grouped(rank + 1n)} of ${grouped(count)}.`;
      const same = recorded?.text === text ? " It is the recorded one." : "";
      return [
        element("p", { className: "answer-word is-yes" }, "Yes, this can happen."),
        element("p", {}, `Then ${window.interleaved.endings.clause(found.ending)}.${number}${same}`),
      ];
    }

    no(found, lines) {
      return [element("p", { className: "answer-word is-no" }, "No, this can’t happen."), ...whyNot(found, lines, (thread) => this.name(thread))];
    }

    name(thread) {
      this.story ??= this.outcomes.story([]);
      return this.story.name(thread);
    }

    showMe() {
      this.tools.stepThrough(this.found.path, "An execution that prints the output you asked about.");
    }

    shown() {}

    close() {}
  }

  window.interleaved.Possible = Possible;
})();
