// Threads that can't go on (`Standstill` in outcomes-protocol): who waits for
// what, who has it, who is gone, in words; and in which circle, as a picture.

"use strict";

(() => {
  const { element, sentence, dot, colour } = window.interleaved.elements;
  const { named } = window.interleaved.direction;
  const { nameOf, and, capital, quoted, toldApart } = window.interleaved.words;
  const { waiting } = window.interleaved.diagram;

  /// The words, and the picture if they go in a circle. `lines` links to the
  /// listing's lines.
  function standstill(told, lines) {
    const one = numbered(told);
    const words = element("ul", { className: "standings" }, ...waits(one, lines), ...(one.gone ?? []).map((panic) => gone(panic, lines)));
    const picture = circleOf(one);
    return element("div", { className: "standstill" }, words, picture);
  }

  /// The same with a number before each of several objects that are alike.
  function numbered(one) {
    const kinds = toldApart(one.objects ?? []);
    const waits = (blocked) => blocked.waits.map((wait) => (wait.object && kinds[wait.on] ? { ...wait, object: kinds[wait.on] } : wait));
    return {
      ...one,
      objects: (one.objects ?? []).map((object, index) => ({ ...object, kind: kinds[index] })),
      blocked: one.blocked.map((blocked) => ({ ...blocked, waits: waits(blocked) })),
    };
  }

  /// One sentence for all who wait at the same place for the same.
  function waits({ blocked, objects }, lines) {
    const groups = new Map();
    for (const one of blocked) {
      const key = JSON.stringify([one.at, one.waits]);
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    const told = new Set();
    return [...groups.values()].map((group) => {
      const [{ waits, at, thread }] = group;
      const who = group.flatMap((one, index) => {
        const separator = index === 0 ? "" : index === group.length - 1 ? " and " : ", ";
        return [separator, dot(one.thread, "is-blocked"), ...calledWithPlace(one, lines)];
      });
      const deeds = waiting({ waits, at }, lines, group.length > 1);
      const untold = [...new Set(waits.map(({ on }) => on))].filter((on) => on !== undefined && on !== null && !told.has(on));
      untold.forEach((on) => told.add(on));
      const isOneOfSeveral = new Set(waits.map(({ on }) => on)).size > 1;
      const waiter = group.length > 1 ? null : thread;
      const held = untold.flatMap((on) => holders(objects[on], isOneOfSeveral, waiter, lines));
      const left = untold.flatMap((on) => ends(objects[on], isOneOfSeveral, lines));
      return element("li", { className: `standing ${colour(thread)}` }, ...sentence([...who, " ", ...deeds, ...held, ".", ...left]));
    });
  }

  function called(who) {
    return element("strong", { className: colour(who.thread) }, nameOf(who));
  }

  function calledWithPlace(who, lines) {
    return who.spawned && !who.name ? [called(who), " (started on ", lines.link(who.spawned.line), ")"] : [called(who)];
  }

  function on(place, lines) {
    return place ? [" on ", lines.link(place.line)] : [];
  }

  /// Who has it. `thread` is who waits for it, if it is only one.
  function holders(object, isOneOfSeveral, thread, lines) {
    const it = isOneOfSeveral ? ["the ", object.kind, ...which(object, lines)] : ["it"];
    return (object.held ?? []).flatMap((holder) => {
      const itself = holder.thread === thread ? " itself" : "";
      return ["; ", called(holder), itself, ...holds(it, holder, lines)];
    });
  }

  /// Which of several.
  function which({ name, created }, lines) {
    return name ? [" ", element("code", {}, named(name))] : created ? [" of ", lines.link(created.line)] : [];
  }

  /// "has held it since line 9", or "holds it".
  function holds(it, { mode, since, finished }, lines) {
    const reason = mode ? ` for ${mode}` : "";
    if (finished) {
      return [" took ", ...it, reason, ...on(since, lines), ", and has finished without giving it back"];
    }
    return since ? [" has held ", ...it, reason, " since ", lines.link(since.line)] : [" holds ", ...it, reason];
  }

  /// "The channel still has 1 sender (made on line 5, held by main) and 2
  /// receivers (…)."
  function ends(object, isOneOfSeveral, lines) {
    const parts = (object.ends ?? []).map(({ kind, count, made, owner }) => {
      // Most are made with the channel, of which that is said already.
      const isKnown = JSON.stringify(made) === JSON.stringify(object.created);
      const place = made && !isKnown ? ["made on ", lines.link(made.line)] : [];
      const whose = owner ? [place.length > 0 ? ", held by " : "held by ", called(owner)] : [];
      const note = place.length + whose.length > 0 ? [" (", ...place, ...whose, ")"] : [];
      return [`${count} ${kind}${count === 1 ? "" : "s"}`, ...note];
    });
    const listed = parts.flatMap((part, index) => {
      const separator = index === 0 ? "" : index === parts.length - 1 ? " and " : ", ";
      return [separator, ...part];
    });
    const one = isOneOfSeveral ? which(object, lines) : [];
    return listed.length > 0 ? [` The ${object.kind}`, ...one, " still has ", ...listed, "."] : [];
  }

  function gone(panic, lines) {
    return element("li", { className: `standing ${colour(panic.thread)}` }, ...sentence([dot(panic.thread), ...calledWithPlace(panic, lines), " is gone: it panicked", ...on(panic.at, lines), `, ${quoted(panic.message)}.`]));
  }

  /// The circle, with what stands between the threads; `null` if there is none.
  function circleOf({ blocked, objects, cycle }) {
    if (!cycle || cycle.length === 0) {
      return null;
    }
    const whos = cycle.map(({ thread }) => blocked.find((one) => one.thread === thread));
    const nodes = cycle.flatMap(({ on }, index) => {
      const { thread, at } = whos[index];
      const node = { name: nameOf(whos[index]), note: at ? `waits at line ${at.line}` : null, thread, toNext: "waits for" };
      const object = on === undefined || on === null ? null : objects[on];
      return object ? [node, nodeOf(object)] : [node];
    });
    const names = whos.map(nameOf);
    const label = `${names[0]} waits for ${[...names.slice(1), names[0]].join(", which waits for ")}.`;
    return window.interleaved.circle(nodes, label);
  }

  function nodeOf({ kind, name, created, held }) {
    const place = created ? `line ${created.line}` : null;
    const note = name ? [kind, place].filter(Boolean).join(", ") : place;
    const isLock = (held ?? []).length > 0;
    return { name: name ? named(name) : kind, isCode: Boolean(name), note, thread: null, toNext: isLock ? "held by" : "kept open by" };
  }

  /// What a deadlock is, in short.
  function deadlockTitle({ cycle }) {
    switch (cycle?.length ?? 0) {
      case 0:
        return "every thread that is left waits, forever";
      case 1:
        return "a thread waits for itself, forever";
      case 2:
        return "two threads wait for each other, forever";
      default:
        return `${cycle.length} threads wait in a circle, forever`;
    }
  }

  /// Who is stuck, in short. A name begins as it does.
  function leakTitle({ blocked }) {
    const who = and(blocked.map(nameOf));
    return `${blocked[0]?.name ? who : capital(who)} can be stuck for good, whatever the others do`;
  }

  window.interleaved.standstills = { standstill, deadlockTitle, leakTitle, calledWithPlace };
})();
