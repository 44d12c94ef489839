// Draws the circle of who waits for whom: threads, and what they wait for, each
// with an arrow to the next. The words beside it say the same in full.

"use strict";

(() => {
  const { svg, colour } = window.interleaved.elements;

  const WIDTH = 128;
  const HEIGHT = 44;
  const GAP = 74;
  const PITCH = 86;
  const MARGIN = 2;
  /// How wide a letter is at most: of a name, of a long one, of a note.
  const LETTER = 7.6;
  const LONG = 6.4;
  const SMALL = 6.1;
  /// Room above and below for words, where two arrows run side by side.
  const LABEL = 8;
  /// How far apart two arrows between the same two are.
  const APART = 10;

  /// The picture for what goes round: `{ name, isCode, note, thread, toNext }`, where
  /// `thread` is `null` for what isn't one, and `toNext` says what the arrow to
  /// the next means. `label` is what a screen reader says.
  function circle(nodes, label) {
    const places = placesOf(nodes.length);
    const height = Math.max(...places.map(({ y }) => y)) + HEIGHT + (nodes.length === 2 ? LABEL : 0) + MARGIN;
    const width = nodes.length === 1 ? 2 * WIDTH : 2 * WIDTH + GAP + 2 * MARGIN;
    const picture = svg("svg", { class: "circle", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    picture.append(
      ...nodes.map(({ toNext }, index) => arrow(places, index, toNext)),
      ...nodes.map((node, index) => box(node, places[index])),
    );
    return picture;
  }

  /// In two columns: the first on the left, then down on the right, then up on
  /// the left.
  function placesOf(count) {
    const right = Math.ceil(count / 2);
    const left = count - right;
    const height = (Math.max(left, right) - 1) * PITCH;
    const top = MARGIN + (count === 2 ? LABEL : 0);
    const row = (index, of) => top + (of === 1 ? height / 2 : (index * height) / (of - 1));
    return Array.from({ length: count }, (_, index) => {
      const isLeft = index === 0 || index > right;
      return isLeft
        ? { column: 0, x: MARGIN, y: row(index === 0 ? 0 : count - index, left) }
        : { column: 1, x: MARGIN + WIDTH + GAP, y: row(index - 1, right) };
    });
  }

  function box({ name, isCode, note, thread }, { x, y }) {
    const isThread = thread !== null;
    const group = svg("g", { class: isThread ? `circle-thread ${colour(thread)}` : isCode ? "is-code" : "" });
    const middle = x + WIDTH / 2;
    const rounding = isThread ? HEIGHT / 2 : 5;
    group.append(svg("rect", { x, y, width: WIDTH, height: HEIGHT, rx: rounding }));
    const isLong = name.length > (WIDTH - 16) / LETTER;
    const letters = (WIDTH - 12) / (isLong ? LONG : LETTER);
    group.append(svg("text", { class: `circle-name ${isLong ? "is-long" : ""}`, x: middle, y: y + (note ? 18 : 26) }, cut(name, letters)));
    if (note) {
      group.append(svg("text", { class: "circle-note", x: middle, y: y + 34 }, cut(note, (WIDTH - 16) / SMALL)));
    }
    return group;
  }

  function cut(text, letters) {
    return text.length <= letters ? text : `${text.slice(0, Math.floor(letters) - 1)}…`;
  }

  function arrow(places, index, words) {
    const from = places[index];
    const to = places[(index + 1) % places.length];
    if (places.length === 1) {
      return toItself(from, words);
    }
    if (from.column === to.column) {
      const down = to.y > from.y;
      const x = from.x + WIDTH / 2;
      const [start, end] = down ? [from.y + HEIGHT, to.y - 2] : [from.y, to.y + HEIGHT + 2];
      return drawn(`M${x} ${start}V${down ? end - 6 : end + 6}`, { x, y: end, turn: down ? 90 : -90 }, words, {
        x,
        y: (start + end) / 2 + 4,
      });
    }
    const toRight = to.column > from.column;
    // What comes and what goes on the same side of a box is apart.
    const aside = toRight ? -APART : APART;
    const isShared = (place) => places.filter(({ column }) => column === place.column).length === 1;
    const y1 = from.y + HEIGHT / 2 + (isShared(from) ? aside : 0);
    const y2 = to.y + HEIGHT / 2 + (isShared(to) ? aside : 0);
    const [x1, x2] = toRight ? [from.x + WIDTH, to.x - 2] : [from.x, to.x + WIDTH + 2];
    const end = toRight ? x2 - 6 : x2 + 6;
    const middle = (x1 + x2) / 2;
    const above = places.length === 2 && !toRight ? 15 : -7;
    return drawn(`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${end} ${y2}`, { x: x2, y: y2, turn: toRight ? 0 : 180 }, words, {
      x: middle,
      y: y1 === y2 ? y1 + above : (y1 + y2) / 2 + 4,
    });
  }

  function toItself({ y }, words) {
    const x = MARGIN + WIDTH + GAP;
    const [y1, y2] = [y + HEIGHT / 2 - APART, y + HEIGHT / 2 + APART];
    return drawn(`M${x} ${y1}h-26a${APART} ${APART} 0 0 0 0 ${2 * APART}h18`, { x: x - 2, y: y2, turn: 0 }, words, {
      x: x - 64,
      y: y + HEIGHT / 2 + 4,
    });
  }

  function drawn(line, { x, y, turn }, words, at) {
    const head = svg("path", { class: "circle-head", d: "M0 0l-8 -4.5v9z", transform: `translate(${x} ${y}) rotate(${turn})` });
    return svg("g", { class: "circle-arrow" }, svg("path", { class: "circle-line", d: line }), head, svg("text", { class: "circle-words", ...at }, words));
  }

  window.interleaved.circle = circle;
})();
