// Editing where mdBook's editor, ACE, is loaded only once a reader turns to a listing:
// it is large. Until then the code stands there in its colours, and can be written in,
// too, should the editor take its time or never come. Where nothing was deferred, this
// has nothing to do.

"use strict";

(() => {
  const { PlainEditor, load, deferred } = window.interleaved;

  /// How long a mouse rests on code that its reader turns to, in milliseconds.
  const REST = 150;

  class DeferredEditor extends PlainEditor {
    /// `became` gets ACE when it has taken this editor's place.
    constructor(pre, became) {
      super(pre);
      this.pre = pre;
      this.became = became;
      this.ace = null;
      this.isPressed = false;
      // By a method of input, which ends where its element stops to be edited.
      this.isComposing = false;
      this.addUndo();
      const turnTo = () => this.upgrade().catch(() => {});
      let resting = null;
      this.events = {
        focus: turnTo,
        pointerdown: () => {
          this.isPressed = true;
          turnTo();
        },
        compositionstart: () => (this.isComposing = true),
        compositionend: () => (this.isComposing = false),
        pointermove: ({ pointerType }) => {
          clearTimeout(resting);
          resting = pointerType === "mouse" ? setTimeout(turnTo, REST) : null;
        },
        pointerleave: () => clearTimeout(resting),
        input: turnTo,
      };
      for (const [name, listener] of Object.entries(this.events)) {
        this.code.addEventListener(name, listener);
      }
      addEventListener("pointerup", () => (this.isPressed = false));
      addEventListener("pointercancel", () => (this.isPressed = false));
    }

    static isFor(code) {
      return deferred.editor !== null && code.classList.contains("editable") && PlainEditor.isPossible();
    }

    /// As mdBook's, whose script takes this for code that nobody edits.
    addUndo() {
      const icon = document.getElementById("fa-clock-rotate-left");
      const buttons = this.pre.querySelector(".buttons");
      if (!icon || !buttons) {
        return;
      }
      const undo = document.createElement("button");
      undo.className = "reset-button";
      undo.title = "Undo changes";
      undo.setAttribute("aria-label", undo.title);
      undo.append(icon.content?.cloneNode(true) ?? "");
      undo.addEventListener("click", () => {
        this.setValue(this.originalCode);
        this.ace?.clearSelection();
      });
      buttons.prepend(undo);
    }

    getValue() {
      return this.ace ? this.ace.getValue() : super.getValue();
    }

    setValue(text, cursor) {
      if (this.ace) {
        this.ace.setValue(text, cursor);
        return;
      }
      super.setValue(text);
      if (text !== this.originalCode) {
        this.upgrade().catch(() => {});
      }
    }

    resize(isForced) {
      this.ace?.resize(isForced);
    }

    /// Has ACE take this editor's place. Throws `NotLoaded` where it doesn't come.
    upgrade() {
      this.upgrading ??= this.become();
      this.upgrading.catch(() => (this.upgrading = null));
      return this.upgrading;
    }

    async become() {
      await load.scripts(deferred.editor);
      // Whoever selects something goes on where he is.
      while (this.isPressed || this.isComposing) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const { code, originalCode } = this;
      const text = super.getValue();
      const selected = this.selection();
      for (const [name, listener] of [...Object.entries(this.events), ["input", this.changed], ["keydown", this.keyed]]) {
        code.removeEventListener(name, listener);
      }
      for (const name of ["contenteditable", "spellcheck", "tabindex", "role", "aria-multiline", "aria-label"]) {
        code.removeAttribute(name);
      }
      // Its height stays while the editor finds out its own.
      code.style.minHeight = `${code.offsetHeight}px`;
      code.classList.remove("is-coloured");
      code.textContent = originalCode;
      const editor = (this.ace = newAce(code, originalCode));
      if (text !== originalCode) {
        // To be undone, like any edit.
        editor.setValue(text, -1);
      }
      this.listeners.forEach((listener) => editor.session.on("change", listener));
      this.given.forEach((command) => editor.commands.addCommand(command));
      this.session = editor.session;
      this.commands = editor.commands;
      this.textInput = editor.textInput;
      this.became(editor);
      editor.resize(true);
      editor.renderer.updateFull(true);
      code.style.minHeight = "";
      if (selected) {
        const [start, end] = selected.map((at) => editor.session.doc.indexToPosition(at));
        editor.selection.setRange({ start, end });
        editor.focus();
      }
    }

    /// Where the reader has his cursor in the code, from and to; `null` if he has not.
    selection() {
      if (document.activeElement !== this.code) {
        return null;
      }
      const selection = getSelection();
      if (selection.rangeCount === 0) {
        return [0, 0];
      }
      const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
      const lengthTo = (container, offset) => {
        const range = document.createRange();
        range.selectNodeContents(this.code);
        range.setEnd(container, offset);
        return range.toString().length;
      };
      return [lengthTo(startContainer, startOffset), lengthTo(endContainer, endOffset)];
    }
  }

  /// As mdBook's `editor.js` makes one.
  function newAce(code, originalCode) {
    const editor = window.ace.edit(code);
    const isNumbered = window.playground_line_numbers || false;
    editor.setOptions({
      highlightActiveLine: false,
      showPrintMargin: false,
      showLineNumbers: isNumbered,
      showGutter: isNumbered,
      maxLines: Infinity,
      fontSize: "0.875em",
    });
    editor.$blockScrolling = Infinity;
    editor.session.setMode("ace/mode/rust");
    const isDark = ["coal", "navy", "ayu"].some((theme) => document.documentElement.classList.contains(theme));
    editor.setTheme(isDark ? "ace/theme/tomorrow_night" : "ace/theme/dawn");
    editor.originalCode = originalCode;
    // mdBook tells these when the theme changes.
    (window.editors ??= []).push(editor);
    return editor;
  }

  // mdBook's would make an editor of any code that it is asked about.
  const textOf = window.playground_text;
  if (deferred.editor !== null && textOf) {
    window.playground_text = (playground, ...more) => {
      const listing = window.interleaved.listings?.find(({ pre }) => pre === playground);
      return listing?.editor ? listing.editor.getValue() : textOf(playground, ...more);
    };
  }

  window.interleaved.DeferredEditor = DeferredEditor;
})();
