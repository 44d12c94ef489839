// Repairs what mdBook's stock page withholds from keyboards and screen readers.

"use strict";

(() => {
  // The sidebar's toggle is a label: it can't be reached with the keyboard, and
  // may not say whether the sidebar is expanded. A button does it instead.
  const { hasTheme } = window.interleaved;
  const label = hasTheme ? document.getElementById("mdbook-sidebar-toggle") : null;
  const checkbox = document.getElementById("mdbook-sidebar-toggle-anchor");
  if (label && checkbox) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = label.className;
    button.title = label.title;
    button.setAttribute("aria-label", label.title);
    button.setAttribute("aria-controls", "mdbook-sidebar");
    button.append(...label.childNodes);
    label.after(button);
    label.hidden = true;
    const tell = () => button.setAttribute("aria-expanded", String(checkbox.checked));
    tell();
    checkbox.addEventListener("change", tell);
    button.addEventListener("click", () => label.click());
  }

  // Everything on the page is in a landmark, and landmarks have names of their own.
  document.getElementById("mdbook-menu-bar")?.setAttribute("role", "banner");
  document.querySelector(".nav-wide-wrapper")?.setAttribute("aria-label", "Chapters before and after");
  document.getElementById("mdbook-search-wrapper")?.setAttribute("role", "search");

  // Its placeholder is no name.
  document.getElementById("mdbook-searchbar")?.setAttribute("aria-label", "Search this book");

  // Each chapter has a first heading of its own; the book's title is none.
  document.querySelector("h1.menu-title")?.setAttribute("role", "presentation");

  // mdBook turns the page with ← and →. Where they scroll, they only scroll.
  document.body.addEventListener("keydown", (event) => {
    const scrolls = event.target.closest?.('[role="group"][tabindex]');
    if (scrolls && event.key.startsWith("Arrow")) {
      event.stopPropagation();
    }
  });

  const scrolling = { ".table-wrapper": "Table", "pre.report": "Report", "main pre > code": "Code", ".quiz-text, .exercise .transcript": "Output" };
  for (const [selector, name] of Object.entries(scrolling)) {
    for (const place of document.querySelectorAll(selector)) {
      window.interleaved.scrollable(place, name);
    }
  }

  // Where a table's corner is empty, it names no column, and what stands below it names
  // the rows.
  for (const table of document.querySelectorAll("main table:not([role])")) {
    for (const header of table.querySelectorAll("th:not([role])")) {
      if (isEmpty(header)) {
        header.setAttribute("role", "cell");
      }
    }
    const [corner] = table.tHead?.rows[0]?.cells ?? [];
    if (corner && isEmpty(corner)) {
      for (const row of [...table.tBodies].flatMap(({ rows }) => [...rows])) {
        const [first] = row.cells;
        if (first?.tagName === "TD" && !isEmpty(first)) {
          first.setAttribute("role", "rowheader");
        }
      }
    }
  }

  function isEmpty(cell) {
    return cell.textContent.trim() === "" && cell.querySelector("img, svg, input, [aria-label]") === null;
  }
})();
