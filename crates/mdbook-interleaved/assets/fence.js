// What a fence says of its program where that is no listing of the book's: read as
// rustdoc reads it, from the words after the backticks, which mdBook makes the
// code's classes.

"use strict";

(() => {
  /// What mdBook puts around code without a main, and hides. The server does the
  /// same to what it gets without one, as rustdoc does.
  const WRAPPED = /^#!\[allow\(unused\)\]\n((?:[ \t]*#!\[.*\n|[ \t]*\n)*)fn main\(\) \{\n([^]*?)\n?\}\s*$/;

  function unwrapped(text) {
    const found = WRAPPED.exec(text);
    return found ? `${found[1]}${found[2]}\n` : text;
  }

  class Fence {
    constructor(pre) {
      this.words = new Set(pre.querySelector("code").classList);
      const source = unwrapped(window.playground_text(pre));
      /// The errors that it must have, as codes; `null` if it must compile.
      this.errors = this.words.has("compile_fail") ? [...this.words].filter((word) => /^E\d{4}$/.test(word)) : null;
      this.edition = [...this.words].find((word) => /^edition\d{4}$/.test(word))?.slice("edition".length);
      /// By what the site knows of its outcomes, if the book was explored as it was built.
      this.outcomes = [...this.words].find((word) => word.startsWith("outcomes-"))?.slice("outcomes-".length);
      this.usesThreads = this.errors === null && /\bthread\b|\bcrossbeam/.test(source);
      this.runs = !this.words.has("no_run") && !this.words.has("ignore") && (this.errors !== null || !onlyDeclares(source));
    }
  }

  /// Whether code has neither a main nor a test nor a statement: then there is
  /// nothing to run. Found without a parser: a line that begins at the margin
  /// begins an item, goes on with one, or is a comment.
  function onlyDeclares(source) {
    if (/\bfn\s+main\b|quick_main!|#\[(?:\w+::)*test\b/.test(source)) {
      return false;
    }
    const plain = source.replace(/\/\*[^]*?\*\//g, "").replace(/"(?:\\[^]|[^"\\])*"/g, '""');
    const lines = plain.split("\n").filter((line) => /^[^\s]/.test(line));
    return lines.every((line) => ITEM.test(line));
  }

  const ITEM = new RegExp(
    [
      "^(?:pub(?:\\([^)]*\\))?\\s+)?(?:default\\s+|const\\s+|async\\s+|unsafe\\s+|safe\\s+|auto\\s+|extern\\s+(?:\"\"\\s*)?)*",
      "(?:fn|struct|enum|union|trait|impl|mod|use|type|static|macro_rules!|crate)(?:\\b|\\s|<|$)",
      "|^(?:pub(?:\\([^)]*\\))?\\s+)?const\\s+\\w+\\s*:|^extern\\b|^where\\b|^#!?\\[|^//|^[\\])}>+]",
    ].join(""),
  );

  window.interleaved.Fence = Fence;
  window.interleaved.unwrapped = unwrapped;
})();
