// Editing where the book doesn't bring mdBook's editor along: the code itself can
// be written in, where it stands. Looks to the rest like what it needs of ACE.

"use strict";

(() => {
  class PlainEditor {
    constructor(pre) {
      this.code = pre.querySelector("code");
      this.originalCode = this.getValue();
      this.original = [...this.code.childNodes];
      this.code.contentEditable = "plaintext-only";
      this.code.spellcheck = false;
      // Not every browser lets the focus into what can be written in as plain text.
      this.code.tabIndex = 0;
      this.code.setAttribute("role", "textbox");
      this.code.setAttribute("aria-multiline", "true");
      /// What listens to changes, and what keys do.
      this.listeners = [];
      this.given = [];
      this.session = { on: (_, listener) => this.listeners.push(listener) };
      this.commands = { addCommand: (command) => this.given.push(command) };
      this.textInput = { getElement: () => this.code };
      this.changed = () => this.listeners.forEach((listener) => listener());
      this.code.addEventListener("input", this.changed);
      this.keyed = (event) => {
        // The page turns with the arrow keys.
        event.stopPropagation();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          this.given.forEach(({ exec }) => exec(this));
        } else if (event.key === "Escape") {
          this.code.blur();
        }
      };
      this.code.addEventListener("keydown", this.keyed);
    }

    static isPossible() {
      const code = document.createElement("code");
      try {
        code.contentEditable = "plaintext-only";
      } catch {
        return false;
      }
      return code.contentEditable === "plaintext-only";
    }

    getValue() {
      return this.code.textContent;
    }

    setValue(text) {
      if (text === this.originalCode) {
        // With its colours, and with its lines hidden.
        this.code.replaceChildren(...this.original.map((node) => node.cloneNode(true)));
      } else {
        this.code.textContent = text;
      }
      this.changed();
    }

    resize() {}
  }

  window.interleaved.PlainEditor = PlainEditor;
})();
