// Ticks: below each exercise, for the reader to set, and in the sidebar behind
// the chapters in which all that is asked is done.

"use strict";

(() => {
  const { element, hidden } = window.interleaved.elements;
  const { progress } = window.interleaved;

  /// An exercise is done when its check says so, or when the reader does: not
  /// all of them can be checked.
  function exercise(place) {
    const answer = place.querySelector(".exercise-answer figure")?.dataset.listing;
    const name = `exercise ${answer}`;
    const box = element("input", { type: "checkbox", checked: progress.isDone(name), change: () => progress.set(name, box.checked) });
    const label = element("label", { className: "exercise-done" }, box, "Done");
    const tools = place.querySelector(".exercise-tools") ?? element("div", { className: "exercise-tools" });
    if (!tools.isConnected) {
      place.prepend(tools);
    }
    tools.append(label);
    place.addEventListener("interleaved:right", () => {
      box.checked = true;
      progress.set(name, true);
    });
    return name;
  }

  /// All that this chapter asks.
  function asked() {
    const quizzes = [...document.querySelectorAll(".quiz[data-listing]")].map(({ dataset }) => `quiz ${dataset.listing}`);
    const goals = [...document.querySelectorAll(".goals[data-listing] .goal-words")].map(
      (words) => `goal ${words.closest(".goals").dataset.listing}: ${words.textContent}`,
    );
    return [...quizzes, ...goals, ...[...document.querySelectorAll(".exercise[data-question]")].map(exercise)];
  }

  function tick() {
    const { chapters } = progress.read();
    for (const link of document.querySelectorAll("#mdbook-sidebar .chapter a[href]")) {
      const { done = [], of = 0 } = (link.hash === "" && chapters[link.pathname]) || {};
      const isDone = of > 0 && done.length >= of;
      const mark = link.querySelector(".chapter-done");
      if (isDone && !mark) {
        link.append(element("span", { className: "chapter-done" }, element("span", { "aria-hidden": "true" }, " ✓"), hidden(" (done)")));
      } else if (!isDone) {
        mark?.remove();
      }
    }
  }

  const names = asked();
  // The page that prints all chapters is none of them.
  if (names.length > 0 && document.querySelector("#mdbook-sidebar a.active")) {
    progress.change((all) => {
      const here = progress.chapter(all);
      here.of = names.length;
      // What is no longer asked doesn't count.
      here.done = here.done.filter((name) => names.includes(name));
    });
  }
  tick();
  document.addEventListener("interleaved:progress", tick);
  // Another tab may be reading, too.
  addEventListener("storage", tick);
})();
