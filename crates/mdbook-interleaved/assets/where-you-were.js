// "Go on where you were", on the book's first page: the chapter and the section
// that the reader saw last. It stays in this browser.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { progress } = window.interleaved;

  const first = document.querySelector("#mdbook-sidebar .chapter a[href]");
  const isFirst = first?.pathname === location.pathname || /\/(index\.html)?$/.test(location.pathname);
  const main = document.querySelector(".content main");
  // The page that prints all chapters is none of them.
  const isChapter = document.querySelector("#mdbook-sidebar a.active") !== null;

  /// The last heading above the middle of the window.
  function heading() {
    const headings = [...main.querySelectorAll(":is(h1, h2, h3)[id]")];
    return headings.findLast((one) => one.getBoundingClientRect().top < innerHeight / 2) ?? null;
  }

  function remember() {
    const section = heading();
    const chapter = main.querySelector("h1")?.textContent ?? document.title;
    const isSection = section !== null && section.tagName !== "H1";
    progress.change((all) => {
      all.last = {
        address: location.pathname.slice(progress.root.length) + (isSection ? `#${section.id}` : ""),
        title: isSection ? `${chapter}: ${section.textContent}` : chapter,
      };
    });
  }

  function offer({ address, title }) {
    const link = element("a", {}, title);
    // Within the book, whatever is stored.
    link.href = new URL(`./${address}`, new URL(progress.root, location.origin)).href;
    const forget = button("Forget it", () => {
      progress.change((all) => {
        all.last = undefined;
        all.chapters = {};
      });
      document.dispatchEvent(new CustomEvent("interleaved:progress"));
      place.remove();
    }, { className: "is-link", title: "Forget where I was and what I have done" });
    const place = element("p", { className: "where-you-were" }, "Go on where you were: ", link, ". ", forget);
    main.querySelector("h1")?.after(place);
  }

  if (!window.interleaved.hasTheme) {
    return;
  }
  if (main && isFirst) {
    const { last } = progress.read();
    if (last) {
      offer(last);
    }
  } else if (main && isChapter) {
    remember();
    addEventListener("pagehide", remember);
    document.addEventListener("visibilitychange", () => document.hidden && remember());
  }
})();
