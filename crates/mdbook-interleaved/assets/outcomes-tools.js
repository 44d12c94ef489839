// The buttons about a listing's outcomes, and the panel that they open.

"use strict";

(() => {
  const { element, button, reveal } = window.interleaved.elements;
  const { AllOutcomes, StepThrough, Scheduler, Possible, SourceLines, kernels } = window.interleaved;
  const { fromSite, fromKernel, NoAnswer } = window.interleaved.outcomes;

  const PANELS = {
    all: {
      title: "All outcomes",
      make: (listing, outcomes, tools) => new AllOutcomes(listing, outcomes, tools),
      can: () => null,
    },
    steps: {
      title: "Step through",
      make: (listing, outcomes) => new StepThrough(listing, outcomes),
      can: ({ graph, answer }) => (graph || answer.trace ? null : "There is no execution to show."),
    },
    scheduler: {
      title: "You are the scheduler",
      make: (listing, outcomes, tools) => new Scheduler(listing, outcomes, tools),
      can: ({ graph }) => (graph ? null : TOO_BIG),
    },
    possible: {
      title: "Can this happen?",
      make: (listing, outcomes, tools) => new Possible(listing, outcomes, tools),
      can: ({ graph }) => (graph ? null : TOO_BIG),
    },
  };
  const TOO_BIG =
    "This program is in too many states for the page to hold. On your own machine, “cargo run -- outcomes” answers for it.";

  class OutcomesTools {
    constructor(listing, address) {
      this.listing = listing;
      this.address = address;
      this.open = null;
      listing.lines = new SourceLines(listing);
      this.panel = element("section", { className: "listing-panel", hidden: true });
      this.panel.id = `outcomes-${listing.name}-${document.querySelectorAll(".listing-panel").length}`;
      this.buttons = new Map();
      for (const [name, { title }] of Object.entries(PANELS)) {
        if (this.isOffered(name)) {
          this.buttons.set(name, this.buttonFor(name, title));
        }
      }
      listing.manyButton.after(...this.buttons.values());
      listing.tools.after(this.panel);
      listing.figure.classList.add("has-outcomes");
      listing.editor?.session.on("change", () => this.programChanged());
    }

    /// What only a small program has is not offered for others.
    isOffered(name) {
      return name === "all" || name === "steps" || this.listing.figure.dataset.graph !== "none";
    }

    buttonFor(name, title) {
      return button(title, () => this.toggle(name), {
        className: `listing-tool listing-${name}`,
        "aria-expanded": "false",
        "aria-controls": this.panel.id,
      });
    }

    toggle(name) {
      if (this.open === name) {
        this.close();
      } else {
        this.show(name);
      }
    }

    close() {
      const name = this.open;
      this.view?.close();
      this.view = null;
      this.open = null;
      this.panel.hidden = true;
      this.panel.replaceChildren();
      this.listing.lines.clear();
      this.listing.lines.number(false);
      this.showPressed();
      this.buttons.get(name)?.focus();
    }

    showPressed() {
      for (const [name, made] of this.buttons) {
        made.setAttribute("aria-expanded", String(name === this.open));
      }
    }

    /// Opens a panel; `make` makes another view than its usual one.
    async show(name, make = PANELS[name].make) {
      this.view?.close();
      this.view = null;
      this.open = name;
      this.showPressed();
      this.panel.hidden = false;
      this.panel.setAttribute("aria-label", `${PANELS[name].title}: ${this.listing.title}`);
      const asked = {};
      this.asked = asked;
      const view = await this.viewOf(name, make);
      if (this.asked !== asked || this.open !== name) {
        view.close?.();
        return;
      }
      this.view = view.shown ? view : null;
      this.panel.replaceChildren(this.head(name), view.element);
      if (this.view) {
        this.listing.lines.number(true);
        this.view.shown();
      }
    }

    async viewOf(name, make) {
      try {
        const known = this.known();
        if (!known) {
          this.say("Looking at every schedule…");
        }
        const outcomes = known ?? (await this.load());
        const why = PANELS[name].can(outcomes);
        return why ? { element: element("p", { className: "panel-lead" }, why) } : make(this.listing, outcomes, this);
      } catch (error) {
        return { element: this.explain(error) };
      }
    }

    head(name) {
      return element(
        "div",
        { className: "panel-head" },
        element("p", { className: "panel-title" }, PANELS[name].title),
        button("×", () => this.close(), { className: "panel-close", "aria-label": `Close: ${PANELS[name].title}` }),
      );
    }

    say(text) {
      this.panel.replaceChildren(element("p", { className: "panel-lead", role: "status" }, text));
    }

    explain(error) {
      if (error instanceof NoAnswer) {
        const words = element("p", { className: "panel-lead" }, error.message);
        if (!error.rustc) {
          return words;
        }
        const samp = element("samp", {}, window.interleaved.ansi.toFragment(error.rustc.replace(/\n+$/, "")));
        return element("div", {}, words, element("pre", { className: "transcript rustc" }, samp));
      }
      if (error instanceof kernels.Unavailable) {
        return element(
          "div",
          {},
          element("p", { className: "panel-lead" }, "You have edited the program, so its outcomes have to be found anew."),
          window.interleaved.help(error.reason, error.message, this.listing.source()),
        );
      }
      throw error;
    }

    /// The panel's width inside, in pixels.
    width() {
      const { paddingLeft, paddingRight } = getComputedStyle(this.panel);
      return this.panel.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 4;
    }

    /// What is known of the program as it stands.
    known() {
      const source = this.listing.isEdited() ? this.listing.source() : null;
      return this.loaded && this.loaded.source === source ? this.loaded.outcomes : null;
    }

    async load() {
      const source = this.listing.isEdited() ? this.listing.source() : null;
      const outcomes = source === null ? await fromSite(this.address) : await fromKernel(source);
      this.loaded = { source, outcomes };
      return outcomes;
    }

    /// What the site knows of the listing; nothing for an edited one, or if it
    /// can't be had.
    async ofListing() {
      if (this.listing.isEdited() || location.protocol === "file:") {
        return null;
      }
      try {
        return this.known() ?? (await this.load());
      } catch (error) {
        if (error instanceof NoAnswer) {
          return null;
        }
        throw error;
      }
    }

    stepThrough(path, title) {
      this.show("steps", (listing, outcomes) => new StepThrough(listing, outcomes, path, title)).then(() => {
        this.panel.querySelector(".steps-scroll")?.focus({ preventScroll: true });
        reveal(this.panel, "nearest");
      });
    }

    /// What is shown is about the program as it was.
    programChanged() {
      if (this.open === null || this.known()) {
        return;
      }
      this.view?.close();
      this.view = null;
      const name = this.open;
      this.panel.replaceChildren(
        this.head(name),
        element("p", { className: "panel-lead" }, "You have changed the program."),
        element("div", { className: "scheduler-buttons" }, button("Find its outcomes", () => this.show(name))),
      );
    }
  }

  window.interleaved.OutcomesTools = OutcomesTools;
})();
