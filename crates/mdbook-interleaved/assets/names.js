// What a name in a listing is, where it comes from std or another crate: its
// signature, the first sentence of its documentation, and the way there. Shown where
// the mouse rests, where a finger taps, and at the cursor by a key. What is known is in
// one file of the site, which is read when a reader first asks: see the module `names`.

"use strict";

(() => {
  const { listings, load, linesKept } = window.interleaved;
  /// Those that can be asked about: where a word is, only mdBook's editor can tell.
  const asking = new Set();
  const { element } = window.interleaved.elements;

  /// Beside this script.
  const ADDRESS = new URL("names.json", document.currentScript.src);
  const KEY = "Shift-F1";

  /// How long the mouse rests on a name, and for how long a card waits for it to come
  /// in, in milliseconds.
  const REST = 280;
  const GRACE = 260;
  /// After how long what wasn't there is asked for again: who serves the book may
  /// still be finding it out.
  const AGAIN = 10_000;
  /// Between a card and its name.
  const GAP = 5;
  /// So many lines from its name a card is too far away.
  const FAR = 4;

  let asked = null;

  /// All that is known; `null` where that is nothing.
  async function known() {
    if (asked === null || (asked.names === null && Date.now() - asked.at > AGAIN)) {
      asked = { at: Date.now(), names: undefined };
      asked.coming = read(asked);
    }
    return asked.coming;
  }

  async function read(question) {
    try {
      // It is small, and may be new since the last page.
      question.names = JSON.parse(await load.text(ADDRESS.href, { cache: "no-cache" }));
    } catch {
      question.names = null;
    }
    return question.names;
  }

  /// The names of a listing as it stands in the book: a map of columns and cards for
  /// each line; `null` if what is known is of another version of it.
  function namesIn(names, listing) {
    const lines = listing.editor.originalCode.split("\n");
    const found = lines.map(() => new Map());
    for (const [line, column, number, called] of names?.listings[listing.name] ?? []) {
      const [path] = names.cards[number];
      if (!lines[line - 1]?.startsWith(called ?? path.split("::").pop(), column)) {
        return null;
      }
      found[line - 1].set(column, number);
    }
    return found;
  }

  /// Those that a line has now, which may have been moved or made by an edit: what is
  /// left as it was keeps its meaning.
  function namesOfRow(found, listing, row) {
    const original = listing.editor.originalCode.split("\n");
    const now = listing.editor.session.getDocument().getAllLines();
    const kept = linesKept(original, now, (place) => JSON.stringify([...found[place]]))?.[row];
    if (!kept || kept.isSure) {
      return kept ? found[kept.row] : null;
    }
    const isMethod = (column) => /(?<!\.)\.\s*(?:r#)?$/.test(now[row].slice(0, column));
    return new Map([...found[kept.row]].filter(([column]) => !isMethod(column)));
  }

  /// The word at a place of a line: where it begins and ends.
  function wordAt(editor, row, column) {
    const line = editor.session.getLine(row) ?? "";
    for (const { 0: word, index } of line.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)) {
      if (index <= column && column <= index + word.length) {
        return { row, from: index, to: index + word.length };
      }
    }
    return null;
  }

  const isSame = (one, other) => one !== null && other !== null && one.row === other.row && one.from === other.from;

  /// Where a word is, in the window.
  function boxOf(editor, { row, from, to }) {
    const start = editor.renderer.textToScreenCoordinates(row, from);
    const end = editor.renderer.textToScreenCoordinates(row, to);
    // In spite of their names, these count from the window's corner.
    const { pageX: left, pageY: top } = start;
    return { left, top, right: end.pageX, bottom: top + editor.renderer.lineHeight };
  }

  /// Code in backticks, as elements.
  function prose(text) {
    return text.split("`").map((part, index) => (index % 2 === 1 ? element("code", {}, part) : part));
  }

  /// A signature in which the name itself stands out.
  function signature(text, name) {
    const at = text.search(new RegExp(`\\b${name.replace("!", "")}\\b`));
    if (at === -1) {
      return [text];
    }
    const end = at + name.replace("!", "").length;
    return [text.slice(0, at), element("strong", {}, text.slice(at, end)), text.slice(end)];
  }

  /// The one card that is open.
  let open = null;

  class Card {
    constructor(asking, word, [path, code, sentence, address, number], source) {
      const { listing } = asking;
      this.asking = asking;
      this.word = word;
      this.words = `${path}: ${sentence.replaceAll("`", "")} ${code}`;
      const name = path.split("::").pop();
      this.link = element("a", { href: address }, "Documentation");
      const license = source.license ? `, ${source.license.replaceAll(" OR ", " or ")}` : "";
      this.element = element(
        "div",
        {
          className: "name-card",
          role: "group",
          // Where a click into it leaves the focus.
          tabIndex: -1,
          "aria-label": path,
          mouseenter: () => asking.stay(),
          mouseleave: () => asking.leave(),
          focusout: ({ relatedTarget: next }) => next && !this.element.contains(next) && asking.close(),
        },
        element("p", { className: "name-path" }, path),
        element("pre", { className: "name-signature" }, element("code", {}, ...signature(code, name))),
        element("p", { className: "name-sentence" }, ...prose(sentence)),
        element("p", { className: "name-source" }, this.link, element("span", {}, `${source.name}${license}`)),
      );
      listing.figure.append(this.element);
      const range = new window.ace.Range(word.row, word.from, word.row, word.to);
      this.mark = listing.editor.session.addMarker(range, "name-mark", "text", false);
      this.place();
    }

    /// Below its name or above it, or a little further on: where it covers no line on
    /// which a thread stands, and is within the window.
    place() {
      const { listing } = this.asking;
      const card = this.element;
      const name = boxOf(listing.editor, this.word);
      const { width, height } = card.getBoundingClientRect();
      const frame = listing.figure.getBoundingClientRect();
      const marks = [...listing.pre.querySelectorAll(".source-mark")]
        .map((mark) => mark.getBoundingClientRect())
        .filter((mark) => mark.height > 0);
      const below = [name, ...marks].map(({ bottom }) => bottom + GAP).filter((top) => top >= name.bottom);
      const above = [name, ...marks].map(({ top }) => top - GAP - height).filter((top) => top + height <= name.top);
      const away = (top) => Math.max(top - name.bottom, name.top - top - height);
      const hides = (top) => marks.filter((mark) => mark.bottom > top && mark.top < top + height).length;
      const isOutside = (top) => top < 0 || top + height > innerHeight;
      const isFar = (top) => away(top) > FAR * listing.editor.renderer.lineHeight;
      const cost = (top) => 2 * hides(top) + (isOutside(top) || isFar(top) ? 3 : 0);
      const [top] = [...below, ...above].sort((a, b) => cost(a) - cost(b) || away(a) - away(b));
      const left = Math.max(frame.left, Math.min(name.left - 12, frame.right - width));
      const home = card.offsetParent.getBoundingClientRect();
      const { clientLeft, clientTop } = card.offsetParent;
      card.style.left = `${left - home.left - clientLeft}px`;
      card.style.top = `${top - home.top - clientTop}px`;
      card.classList.add("is-placed");
    }

    /// Whether the reader is in it: then it stays, wherever his mouse goes.
    hasFocus() {
      return this.element.contains(document.activeElement);
    }

    close() {
      const { editor } = this.asking.listing;
      // It may be closed once more by what that does.
      if (open === this) {
        open = null;
      }
      if (this.hasFocus()) {
        editor.focus();
      }
      editor.session.removeMarker(this.mark);
      this.element.remove();
    }
  }

  /// The reader's asking for names in one listing.
  class Asking {
    constructor(listing) {
      this.listing = listing;
      this.editor = listing.editor;
      this.word = null;
      this.timer = null;
      this.asked = 0;
      const { pre } = listing;
      pre.addEventListener("pointermove", (event) => this.move(event));
      // A finger leaves as soon as it has tapped.
      pre.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && this.leave());
      pre.addEventListener("pointerdown", () => this.close());
      pre.addEventListener("pointerup", (event) => this.tap(event));
      this.editor.session.on("change", () => this.close());
      this.editor.session.on("changeScrollTop", () => this.close());
      this.editor.session.on("changeScrollLeft", () => this.close());
      this.editor.commands.addCommand({
        name: "whatIsThisName",
        bindKey: { win: KEY, mac: KEY },
        exec: () => this.atCursor(),
        readOnly: true,
      });
    }

    card() {
      return open?.asking === this ? open : null;
    }

    close() {
      clearTimeout(this.timer);
      this.word = null;
      this.asked += 1;
      this.card()?.close();
    }

    stay() {
      clearTimeout(this.timer);
    }

    leave() {
      clearTimeout(this.timer);
      this.word = null;
      if (open?.hasFocus()) {
        return;
      }
      this.asked += 1;
      this.timer = setTimeout(() => this.close(), GRACE);
    }

    /// The word below the pointer itself, not beside it.
    below({ clientX, clientY, target }) {
      if (!this.editor.renderer.scroller.contains(target)) {
        return null;
      }
      const { row, column } = this.editor.renderer.screenToTextCoordinates(clientX, clientY);
      const word = wordAt(this.editor, row, column);
      if (word === null) {
        return null;
      }
      const { left, right, top, bottom } = boxOf(this.editor, word);
      return left <= clientX && clientX <= right && top <= clientY && clientY <= bottom ? word : null;
    }

    move(event) {
      if (event.pointerType !== "mouse" || open?.hasFocus()) {
        return;
      }
      const word = event.buttons === 0 ? this.below(event) : null;
      if (word === null) {
        if (this.word !== null) {
          this.leave();
        }
        return;
      }
      if (isSame(word, this.word)) {
        return;
      }
      clearTimeout(this.timer);
      this.word = word;
      this.timer = setTimeout(() => this.show(word), REST);
    }

    tap(event) {
      if (event.pointerType === "mouse") {
        return;
      }
      const word = this.below(event);
      if (word) {
        this.show(word);
      }
    }

    /// By the key: and once more, into the card.
    async atCursor() {
      const { row, column } = this.editor.getCursorPosition();
      const word = wordAt(this.editor, row, column);
      const card = this.card();
      if (card && isSame(card.word, word)) {
        card.link.focus();
        return;
      }
      const shown = word ? await this.show(word) : null;
      if (shown === undefined) {
        return;
      }
      this.listing.announce(shown ? `${shown.words} ${KEY} once more goes to its documentation.` : "Nothing is known of a name here.");
    }

    /// Shows the card of a word, and gives it: `null` if it has none, `undefined` if
    /// the reader has asked for another one meanwhile. Whatever else was shown goes.
    async show(word) {
      if (isSame(word, this.card()?.word ?? null)) {
        return open;
      }
      this.asked += 1;
      const { asked } = this;
      const names = await known();
      if (asked !== this.asked) {
        return undefined;
      }
      open?.close();
      const found = names ? namesIn(names, this.listing) : null;
      const number = found ? namesOfRow(found, this.listing, word.row)?.get(word.from) : undefined;
      if (number === undefined) {
        return null;
      }
      const card = names.cards[number];
      open = new Card(this, word, card, names.sources[card[4]]);
      return open;
    }
  }

  function begin(listing) {
    if (listing.name && listing.editor?.renderer && !asking.has(listing)) {
      asking.add(listing);
      new Asking(listing);
    }
  }

  listings.forEach(begin);
  document.addEventListener("interleaved:editor", ({ detail }) => begin(detail));

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape" && open) {
        event.stopPropagation();
        open.asking.close();
      } else if (/^Arrow/.test(event.key)) {
        // A step, maybe, to a line that it would cover.
        open?.asking.close();
      }
    },
    { capture: true },
  );
  document.addEventListener("pointerdown", ({ target }) => {
    if (open && !open.element.contains(target) && !open.asking.listing.pre.contains(target)) {
      open.asking.close();
    }
  });
  document.addEventListener("focusin", ({ target }) => {
    if (open && !open.asking.listing.figure.contains(target)) {
      open.asking.close();
    }
  });
  // A tap opens a phone's keyboard, which makes room for itself.
  addEventListener("resize", () => open?.place());
})();
