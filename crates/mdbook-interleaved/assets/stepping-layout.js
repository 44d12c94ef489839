// How a listing is laid out while somebody steps through it: where there is room,
// the code stands beside the lanes; where there is none, it stays in view above
// them. It scrolls within itself, and the output is folded.

"use strict";

(() => {
  const { element } = window.interleaved.elements;

  /// Pixels that code and lanes need beside each other, those that are of use to
  /// them, and those that stay free on both sides.
  const LEAST = 880;
  const MOST = 1320;
  const MARGIN = 12;
  /// Of a window: mdBook's bar, the listing's caption, and some air.
  const AROUND_CODE = 170;
  /// How much of a window the code may have above the lanes.
  const ABOVE = 0.28;
  const FEWEST_LINES = 6;

  const paper = matchMedia("print");

  class SteppingLayout {
    /// `redraw` is called when the room has changed.
    constructor(listing, redraw) {
      this.listing = listing;
      this.redraw = redraw;
      this.fold = new Fold(listing);
      this.isOn = false;
      this.resized = () => this.place();
      // The sidebar makes room, or takes it.
      this.observer = new ResizeObserver(this.resized);
    }

    /// Lays the listing out for stepping, or as it is otherwise; `isWide` wants
    /// the room, but not the code beside it.
    set(isOn, isWide = false) {
      const { figure } = this.listing;
      if (isOn !== this.isOn) {
        this.isOn = isOn;
        figure.classList.toggle("is-stepping", isOn);
        this.fold.set(isOn);
      }
      this.isWide = isWide;
      if (isOn || isWide) {
        this.observer.observe(figure.parentElement);
        // The column may move and stay as wide as it is.
        this.observer.observe(figure.closest(".content") ?? figure.parentElement);
        addEventListener("resize", this.resized);
        paper.addEventListener("change", this.resized);
      } else {
        this.observer.disconnect();
        removeEventListener("resize", this.resized);
        paper.removeEventListener("change", this.resized);
      }
      this.place();
    }

    place() {
      // There a listing has the text's width, whatever is said here, and what is
      // measured is not what is on the screen.
      if (paper.matches && (this.isOn || this.isWide)) {
        return;
      }
      const { figure, editor } = this.listing;
      const before = this.width;
      const room = this.isOn || this.isWide ? roomOf(figure) : null;
      this.isBeside = this.isOn && room !== null;
      figure.classList.toggle("is-beside", this.isBeside);
      figure.classList.toggle("is-wide", room !== null);
      figure.style.marginInlineStart = room ? `${room.start}px` : "";
      figure.style.width = room ? `${room.width}px` : "";
      // Code that is edited where it stands has no lines to hide.
      if (editor?.renderer) {
        editor.renderer.updateFontSize();
        const lines = this.isOn ? this.lines() : Infinity;
        if (editor.getOption("maxLines") !== lines) {
          editor.setOption("maxLines", lines);
        }
        editor.resize(true);
      }
      this.width = this.isOn || this.isWide ? figure.clientWidth : null;
      if (before && this.width && Math.abs(before - this.width) > 1) {
        this.redraw();
      }
    }

    /// How many lines of code there is room for.
    lines() {
      const height = this.isBeside ? innerHeight - AROUND_CODE : innerHeight * ABOVE;
      return Math.max(FEWEST_LINES, Math.floor(height / this.listing.editor.renderer.lineHeight));
    }
  }

  /// Where a figure may be if it leaves its column, from that column's start;
  /// `null` where that is no gain. What is part of something else stays there.
  function roomOf(figure) {
    const column = figure.parentElement;
    const content = column.closest(".content");
    if (!content || column.tagName !== "MAIN") {
      return null;
    }
    const around = content.getBoundingClientRect();
    let [left, right] = [around.left, around.right];
    // mdBook's arrows stand on both sides.
    for (const arrow of document.querySelectorAll(".nav-chapters")) {
      const box = arrow.getBoundingClientRect();
      if (box.width > 0 && box.right < (around.left + around.right) / 2) {
        left = Math.max(left, box.right);
      } else if (box.width > 0) {
        right = Math.min(right, box.left);
      }
    }
    const width = Math.min(right - left - 2 * MARGIN, MOST);
    if (width < LEAST) {
      return null;
    }
    return { start: (left + right - width) / 2 - column.getBoundingClientRect().left, width };
  }

  /// Folds a listing's output away, to be opened again.
  class Fold {
    constructor(listing) {
      this.listing = listing;
      this.button = element("button", { type: "button", className: "listing-fold", hidden: true, click: () => this.open(!this.isOpen) });
      listing.output.before(this.button);
    }

    set(isOn) {
      const hasOutput = this.listing.output.hasChildNodes();
      this.button.hidden = !isOn || !hasOutput;
      this.open(!isOn || !hasOutput);
    }

    open(isOpen) {
      const { output } = this.listing;
      this.isOpen = isOpen;
      output.classList.toggle("is-folded", !isOpen);
      this.button.setAttribute("aria-expanded", String(isOpen));
      const label = output.querySelector(".listing-label")?.textContent ?? "Output";
      this.button.textContent = isOpen ? "Fold the output" : label;
    }

    /// Something new is in it.
    show() {
      if (!this.button.hidden) {
        this.open(true);
      } else if (this.listing.figure.classList.contains("is-stepping")) {
        this.button.hidden = false;
        this.open(true);
      }
    }
  }

  window.interleaved.SteppingLayout = SteppingLayout;
})();
