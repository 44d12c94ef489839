// The address of one execution: `#execution=two-locks&by=1*3 2&step=4`, with
// the program, packed, if the reader has changed it (`&edit=…`), and the one that
// it is compared with, if there is one (`&with=…`). Opens where it
// leads. A program that comes with an address is shown before anything is asked
// about it: to explore is to run it, and whoever made the link is not known.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const START = "#execution=";
  const TITLE = "The execution of the link.";
  /// The longest program that an address may bring, unpacked.
  const LONGEST = 100_000;
  /// Whether it is this script that changes a program, and not the reader.
  let isOpening = false;

  /// The address of an execution at one of its steps, perhaps beside another.
  async function addressOf(listing, outcomes, path, row, other = null) {
    const fields = new URLSearchParams({ execution: listing.name, by: outcomes.graph.scheduleOf(path), step: row + 1 });
    if (other) {
      fields.set("with", outcomes.graph.scheduleOf(other));
    }
    const { source } = outcomes.program;
    if (listing.editor && source !== listing.editor.originalCode) {
      fields.set("edit", await pack(source));
    }
    // What stands in a query is the reader's own: a token, what he searched for.
    return `${location.href.split(/[?#]/)[0]}#${fields}`;
  }

  async function through(bytes, stream) {
    return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
  }

  /// Text, compressed, in letters that an address takes as they are.
  async function pack(text) {
    const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
    const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  /// The text; `null` if it is none, or too long.
  async function unpack(packed) {
    try {
      const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
      const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
      let length = 0;
      const pieces = [];
      for (const reader = stream.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) {
          break;
        }
        length += value.length;
        if (length > LONGEST) {
          await reader.cancel();
          return null;
        }
        pieces.push(value);
      }
      return await new Blob(pieces).text();
    } catch {
      return null;
    }
  }

  /// Opens what the page's address names.
  async function open() {
    if (!location.hash.startsWith(START)) {
      return;
    }
    const fields = new URLSearchParams(location.hash.slice(1));
    const listing = window.interleaved.listings.find(({ name }) => name === fields.get("execution"));
    const tools = listing?.outcomes;
    if (!tools) {
      return;
    }
    for (let around = listing.figure.closest("details"); around; around = around.parentElement.closest("details")) {
      around.open = true;
    }
    const packed = fields.get("edit");
    const { hash } = location;
    const source = packed === null ? (listing.editor?.originalCode ?? null) : await unpack(packed);
    if (location.hash !== hash) {
      // Another link was followed meanwhile.
      return;
    }
    if (packed !== null && !listing.editor) {
      tools.say("steps", "This link brings a program of its own, and programs can’t be edited here.");
      return;
    }
    if (packed !== null && source === null) {
      tools.say("steps", "The link’s program can’t be read: a part of the link is missing.");
      return;
    }
    if (listing.editor && listing.source() !== source) {
      isOpening = true;
      listing.editor.setValue(source, -1);
      isOpening = false;
    }
    const by = fields.get("by") ?? "";
    const row = Math.max(Number(fields.get("step")) - 1 || 0, 0);
    const beside = fields.get("with");
    const make = (it, outcomes) => {
      const path = outcomes.graph?.follow(by) ?? null;
      const other = beside === null ? null : (outcomes.graph?.follow(beside) ?? null);
      if (path && other) {
        return new window.interleaved.Compare(it, outcomes, tools, [path, other], row);
      }
      return path && beside === null
        ? new window.interleaved.StepThrough(it, outcomes, path, TITLE, row)
        : { element: element("p", { className: "panel-lead" }, "The link’s execution is none of this program: it may have been another when the link was made.") };
    };
    const panel = beside === null ? "steps" : "compare";
    const go = () => tools.show(panel, make);
    if (packed === null) {
      await go();
    } else {
      tools.say(panel, "This link brings a program that somebody has changed. Read it. Then this page runs it, to find the execution.", button("Find the execution", go));
    }
    window.interleaved.elements.reveal(tools.panel, "nearest");
  }

  /// Once the reader changes the program, the address is no longer about it: a
  /// reload must not take the change away.
  function leaveLink(listing) {
    const fields = new URLSearchParams(location.hash.slice(1));
    if (!isOpening && location.hash.startsWith(START) && fields.get("execution") === listing.name) {
      history.replaceState(history.state, "", location.pathname + location.search);
    }
  }

  addEventListener("hashchange", open);
  // When all listings are there.
  document.addEventListener(
    "DOMContentLoaded",
    async () => {
      await open();
      for (const listing of window.interleaved.listings) {
        listing.editor?.session.on("change", () => leaveLink(listing));
      }
    },
    { once: true },
  );

  window.interleaved.executionLink = { addressOf };
})();
