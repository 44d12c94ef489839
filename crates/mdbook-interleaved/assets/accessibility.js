// Repairs what mdBook's stock page withholds from keyboards and screen readers.

"use strict";

(() => {
  // The toggle is a label with aria-expanded, which only a button may have, and
  // can't be reached with the keyboard.
  const toggle = document.getElementById("mdbook-sidebar-toggle");
  if (toggle) {
    toggle.setAttribute("role", "button");
    toggle.tabIndex = 0;
    toggle.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        toggle.click();
      }
    });
  }

  // Everything on the page is in a landmark, and landmarks have names of their own.
  document.getElementById("mdbook-menu-bar")?.setAttribute("role", "banner");
  document.querySelector(".nav-wide-wrapper")?.setAttribute("aria-label", "Chapters before and after");

  // Each chapter has a first heading of its own; the book's title is none.
  document.querySelector("h1.menu-title")?.setAttribute("role", "presentation");

  for (const wrapper of document.querySelectorAll(".table-wrapper")) {
    const scroll = () => window.interleaved.scrollable(wrapper, "Table");
    scroll();
    addEventListener("resize", scroll);
  }
})();
