// Steps through an execution in JupyterLab: a renderer of what `%%trace` shows.
// And formats a cell, which the kernel does: `%%fmt`.
//
// A prebuilt extension of JupyterLab that no bundler has built: a module
// federation container by hand, of one module. It takes Lumino from JupyterLab
// and everything that it draws from the book's page: the scripts above this one,
// and the styles. All of it lives in a shadow tree, where JupyterLab's own styles
// don't reach.
// https://jupyterlab.readthedocs.io/en/stable/extension/extension_dev.html

"use strict";

const MIME = "application/vnd.interleaved.trace+json";

/// The page's styles count on mdBook's 10 px a rem.
const STYLES = __STYLES__.replace(/(\d*\.?\d+)rem\b/g, (_, number) => `${number * 10}px`);

const OWN_STYLES = `
  :host { display: block; }
  .content { --mono-font: var(--jp-code-font-family); --il-sans: var(--jp-ui-font-family); --code-font-size: 13px;
    --il-radius: 0; --bg: var(--jp-layout-color0, #fff); color: var(--fg); font-family: var(--jp-content-font-family);
    padding: 0; overflow: visible; }
  main { max-width: 960px; margin: 0; }
  .listing-panel:not([hidden]) { border: 1px solid var(--il-border); border-radius: 8px; padding-block-start: 12px; }
  .steps-source { margin: 0 0 12px; max-height: 400px; overflow: auto; border: 1px solid var(--il-border);
    border-radius: 6px; background: var(--il-code); }
  .steps-source code { display: block; padding: 6px 10px; min-width: max-content; background: none;
    font: 13px/1.5 var(--mono-font); white-space: pre; }
`;

/// Whoever reads a dark JupyterLab reads the page's dark theme.
function theme() {
  return document.body.dataset.jpThemeLight === "false" ? "coal" : "light";
}

function sheets() {
  return [STYLES, OWN_STYLES].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}

/// What the page's panel asks of the listing that it belongs to, and below, of
/// the outcomes: here there is one execution and no other.
class Listing {
  constructor(panel, source) {
    const { element } = window.interleaved.elements;
    this.panel = panel;
    this.code = element("code", {}, source);
    this.pre = element("pre", { className: "steps-source", tabIndex: 0, role: "region", "aria-label": "The program" }, this.code);
    this.title = "A program";
    this.editor = null;
    this.outcomes = { width: () => this.width() };
  }

  /// Once the program is on the page: its lines are measured.
  placed() {
    this.lines = new window.interleaved.SourceLines(this);
  }

  width() {
    const { paddingLeft, paddingRight } = getComputedStyle(this.panel);
    return this.panel.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 4;
  }
}

function rendererOf(Widget) {
  return class extends Widget {
    renderModel(model) {
      this.data = model.data[MIME];
      this.show();
      return Promise.resolve();
    }

    onAfterAttach() {
      this.show();
    }

    onBeforeDetach() {
      this.steps?.pause();
    }

    onResize() {
      this.show();
    }

    /// Draws as soon as there is something, and room for it.
    show() {
      if (!this.data || !this.node.isConnected || this.node.clientWidth === 0 || this.drawn === this.data) {
        return;
      }
      this.drawn = this.data;
      this.steps?.pause();
      draw(this, this.data);
    }
  };
}

function draw(widget, { trace, source }) {
  const { elements, Story, StepThrough } = window.interleaved;
  const { element } = elements;
  const root = widget.node.shadowRoot ?? widget.node.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = sheets();
  const panel = element("div", { className: "listing-panel" });
  root.replaceChildren(element("div", { className: `content ${theme()}` }, element("main", {}, panel)));
  const listing = new Listing(panel, source);
  panel.append(listing.pre);
  listing.placed();
  const outcomes = { first: () => null, recorded: null, graph: null, story: () => new Story(trace), hasAnother: () => false };
  widget.steps = new StepThrough(listing, outcomes, null, "One execution. Step with the arrow keys, or click a row.");
  panel.prepend(widget.steps.title);
  panel.append(widget.steps.element);
  widget.steps.shown();
}

function extension(Widget) {
  const Renderer = rendererOf(Widget);
  return {
    id: "@interleaved/trace:plugin",
    description: "Steps through an execution of a Rust program.",
    dataType: "json",
    rank: 0,
    // Builds elements of its own, and takes nothing from the output but text.
    rendererFactory: { safe: true, mimeTypes: [MIME], createRenderer: () => new Renderer() },
  };
}

const FORMAT = "interleaved:format-cell";

/// Has the kernel format the active cell, and puts the answer in its place.
async function format(tracker, Notification) {
  const kernel = tracker.currentWidget?.sessionContext.session?.kernel;
  const model = tracker.activeCell?.model.sharedModel;
  const source = model?.getSource() ?? "";
  // A magic stays above what it is for.
  const magic = /^%%.*\n/.exec(source)?.[0] ?? "";
  const code = `%%fmt\n${source.slice(magic.length)}`;
  const future = kernel.requestExecute({ code, silent: true, store_history: false, stop_on_error: false });
  const { content } = await future.done;
  const next = content.payload?.find((payload) => payload.source === "set_next_input");
  if (!next) {
    Notification.error(content.evalue ?? "The cell was not formatted.");
  } else if (model.getSource() === source && magic + next.text !== source) {
    model.setSource(magic + next.text);
  }
}

function formatter({ INotebookTracker }, { ICommandPalette, Notification }) {
  return {
    id: "@interleaved/trace:format",
    description: "Formats a cell of Rust.",
    autoStart: true,
    requires: [INotebookTracker],
    optional: [ICommandPalette],
    activate: ({ commands }, tracker, palette) => {
      const isRust = () =>
        tracker.activeCell?.model.type === "code" &&
        tracker.currentWidget?.sessionContext.session?.kernel?.name === "interleaved";
      commands.addCommand(FORMAT, {
        label: "Format Cell with rustfmt",
        isEnabled: isRust,
        execute: () => format(tracker, Notification),
      });
      commands.addKeyBinding({ command: FORMAT, keys: ["Alt Shift F"], selector: ".jp-Notebook" });
      palette?.addItem({ command: FORMAT, category: "Notebook Cell Operations" });
    },
  };
}

/// A module that JupyterLab shares, in the version that it has loaded.
async function shared(scope, name) {
  const versions = Object.values(scope[name] ?? {});
  const version = versions.find(({ loaded }) => loaded) ?? versions[0];
  return (await version.get())();
}

let scope = {};

lab._JUPYTERLAB ??= {};
lab._JUPYTERLAB["@interleaved/trace"] = {
  init: (shareScope) => {
    scope = shareScope;
  },
  get: async (name) => {
    const modules = name === "./extension" ? ["@jupyterlab/notebook", "@jupyterlab/apputils"] : ["@lumino/widgets"];
    const found = await Promise.all(modules.map((module) => shared(scope, module)));
    const plugin = name === "./extension" ? formatter(...found) : extension(found[0].Widget);
    const module = { __esModule: true, default: plugin };
    return () => module;
  },
};
