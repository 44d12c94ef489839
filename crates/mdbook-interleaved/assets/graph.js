// The states that a small program can be in, as the engine found them
// (`Packed` in outcomes-protocol): walking them, telling a path as a story,
// counting and ordering the outputs, and whether an output is among them. It
// answers as the engine does (outcomes-graph); tests/browser/graph.test.mjs
// holds the two against each other. Knows nothing of the page.

"use strict";

(() => {
  /// Sets of states kept while the graph is made deterministic.
  const NODE_LIMIT = 100_000;

  /// Beyond so many arrivals at places on the way to an output, of several equally
  /// good ones one is kept.
  const ARRIVALS = 1 << 21;

  /// Stands for itself and all above: the engine counts with 128 bits.
  const MOST = 2n ** 128n - 1n;

  /// The longest path that a schedule may name, for one may come with a link: no
  /// shortest one is longer.
  const LONGEST = 50_000;

  const NEVER = { kind: "never-ends" };

  class Graph {
    constructor(packed) {
      this.packed = packed;
      this.endings = packed.endings;
      this.byState = unpack(packed);
      this.edges = this.byState.flat();
      this.never = neverEnding(this);
    }

    /// What can happen in a state, in the order of its choices.
    edgesOf(state) {
      return this.byState[state];
    }

    /// Where a path leads: a state, or `null` at its end.
    endOf(path) {
      return path.length === 0 ? 0 : path[path.length - 1].to;
    }

    /// The path of a schedule, as the engine writes it: `[view] 1*3 2 time`. A
    /// program that is stuck at its end takes the last edge by itself. `null` if
    /// the schedule is another program's.
    follow(schedule) {
      const path = [];
      for (const word of schedule.replace(/^\s*\[[^\]]*\]/, "").split(/\s+/)) {
        if (word === "" || word === "forever") {
          continue;
        }
        const [step, times = "1"] = word.split("*");
        for (let time = 0; time < Number(times); time += 1) {
          const state = this.endOf(path);
          const edge = state === null ? undefined : this.edgesOf(state).find((edge) => edge.step === step);
          if (!edge || path.length >= LONGEST) {
            return null;
          }
          path.push(edge);
        }
      }
      return schedule.endsWith("forever") ? path : this.settled(path);
    }

    /// The schedule of a path, as `follow` takes it.
    scheduleOf(path) {
      const runs = [];
      for (const { step } of path.filter(({ step }) => step !== null)) {
        const last = runs[runs.length - 1];
        if (last?.step === step) {
          last.times += 1;
        } else {
          runs.push({ step, times: 1 });
        }
      }
      return runs.map(({ step, times }) => (times === 1 ? step : `${step}*${times}`)).join(" ");
    }

    /// The path, gone on with what nobody chooses: the end of a program that
    /// is stuck.
    settled(path) {
      const state = this.endOf(path);
      const edges = state === null ? [] : this.edgesOf(state);
      const stuck = edges.length > 0 && edges.every((edge) => edge.choice === null || edge.spurious);
      return stuck ? [...path, edges.find((edge) => edge.choice === null)] : path;
    }

    textOf(path) {
      return path.map((edge) => edge.text).join("");
    }

    /// How a path ends; `null` if it doesn't.
    endingOf(path) {
      const last = path[path.length - 1];
      if (last && last.ending !== null) {
        return this.endings[last.ending];
      }
      return this.never[this.endOf(path)] ? NEVER : null;
    }

    /// Whether the program can print this text and then end, in this way if it
    /// is given. If so, by a best path: see `Ways`; if not, how much of it can be
    /// printed at most, by which path, and what could come then. The path may
    /// have to begin as another one does, `prefix`, which prints what the text
    /// begins with.
    find(text, ending, prefix = []) {
      const accepts = (other, position) => position === text.length && (!ending || isEnding(other, ending));
      let furthest = 0;
      let instead = new Map();
      let last = null;
      const reach = (position, node, edge = null) => {
        if (position > furthest) {
          furthest = position;
          instead = new Map();
          last = { node, edge };
        }
      };
      const couldCome = (edge, position, item) => {
        if (position === furthest) {
          const key = JSON.stringify([item.text, item.ending]);
          const known = instead.get(key) ?? { ...item, threads: new Set() };
          instead.set(key, known);
          if (edge.thread !== null) {
            known.threads.add(edge.thread);
          }
        }
      };
      const start = { state: this.endOf(prefix), position: this.textOf(prefix).length };
      if (start.state === null) {
        const last = this.endingOf(prefix);
        return { possible: accepts(last, start.position), path: prefix, ending: last, prefix: text, instead: [] };
      }
      const ways = new Ways(start);
      const known = new Map([[`${start.state}:${start.position}`, ways.start]]);
      const end = ways.add(null);
      for (let here = ways.next(); here; here = ways.next()) {
        if (here === end) {
          const path = [...prefix, ...ways.to(end)];
          return { possible: true, path, ending: this.endings[path[path.length - 1].ending] };
        }
        const { state, position } = here.place;
        reach(position, here);
        if (this.never[state] && accepts(NEVER, position)) {
          return { possible: true, path: [...prefix, ...ways.to(here)], ending: NEVER };
        }
        for (const edge of [...this.edgesOf(state)].reverse()) {
          if (!text.startsWith(edge.text, position)) {
            couldCome(edge, position, { text: edge.text });
            continue;
          }
          const after = position + edge.text.length;
          if (edge.to !== null) {
            const key = `${edge.to}:${after}`;
            const to = known.get(key) ?? ways.add({ state: edge.to, position: after });
            known.set(key, to);
            ways.reach(here, to, edge);
          } else if (accepts(this.endings[edge.ending], after)) {
            ways.reach(here, end, edge);
          } else {
            reach(after, here, edge);
            couldCome(edge, after, { text: "", ending: this.endings[edge.ending] });
          }
        }
      }
      const path = last ? [...prefix, ...ways.to(last.node), ...(last.edge ? [last.edge] : [])] : prefix;
      return { possible: false, prefix: text.slice(0, furthest), path, instead: [...instead.values()] };
    }

    /// A path to an end, each choice as likely as the others; for a program
    /// that may go on forever, up to `limit` choices.
    randomPath(random = Math.random, limit = 10_000) {
      let path = this.settled([]);
      while (path.length < limit && this.endOf(path) !== null) {
        const edges = this.edgesOf(this.endOf(path));
        path = this.settled([...path, edges[Math.floor(random() * edges.length)]]);
      }
      return path;
    }

    /// Every output, in order; `null` if there is no end of them, or too many
    /// states on the way.
    outputs() {
      if (this.known === undefined) {
        this.known = printsWithoutEnd(this) ? null : Outputs.of(this);
      }
      return this.known;
    }

    /// A path as a story: see `story.js`.
    story(path) {
      const { packed } = this;
      const events = [];
      const tell = (numbers, positions, step) => {
        const first = events.length;
        for (const number of numbers) {
          const label = packed.events[number];
          const index = events.length;
          events.push({
            ...label,
            step,
            with: label.with === undefined ? null : index - label.with,
            starts: label.starts ?? [],
            positions: null,
          });
        }
        if (events.length > first) {
          events[events.length - 1].positions = positions;
        }
      };
      const positionsIn = (state) =>
        state === null ? [] : packed.standings[packed.states[state]].map((number) => packed.positions[number]);
      tell(packed.begin, positionsIn(0), null);
      path.forEach((edge, step) => tell(edge.events, positionsIn(edge.to), step));
      const state = path.length === 0 ? 0 : (path.findLast((edge) => edge.to !== null)?.to ?? 0);
      const ending = this.endingOf(path);
      const left = ending?.kind === "deadlocked" ? positionsIn(state) : [];
      return { threads: packed.threads, objects: packed.objects, events, ending, left };
    }
  }

  /// Ways through a graph: with as few spurious wake-ups as can be, then as
  /// short, then with as few changes from thread to thread. Whoever looks goes on
  /// from each node that `next` gives, by `reach`.
  class Ways {
    constructor(place) {
      this.open = new Heap();
      this.came = 0;
      this.settled = 0;
      this.arrivals = 0;
      this.start = this.add(place);
      Object.assign(this.start, { spurious: 0, length: 0 });
      this.open.push({ spurious: 0, length: 0, came: 0, node: this.start });
    }

    /// One more node, not reached yet.
    add(place) {
      return { place, spurious: Infinity, length: Infinity, arrivals: [], settled: null };
    }

    /// One node can be reached from another that was settled.
    reach(from, to, edge) {
      const chosen = edge.choice !== null;
      const spurious = from.spurious + Number(chosen && edge.spurious);
      const length = from.length + Number(chosen);
      const isBetter = spurious < to.spurious || (spurious === to.spurious && length < to.length);
      const isAsGood = spurious === to.spurious && length === to.length && to.settled === null && to !== this.start;
      if (!isBetter && !(isAsGood && this.arrivals < ARRIVALS)) {
        return;
      }
      this.arrivals += 1;
      to.arrivals = [{ from, edge }, ...(isBetter ? [] : to.arrivals)];
      if (isBetter) {
        this.came += 1;
        Object.assign(to, { spurious, length });
        this.open.push({ spurious, length, came: this.came, node: to });
      }
    }

    /// The nearest node that was not settled yet, which now is; `null` if there
    /// is none.
    next() {
      for (let open = this.open.pop(); open; open = this.open.pop()) {
        if (open.node.settled === null) {
          open.node.settled = this.settled++;
          return open.node;
        }
      }
      return null;
    }

    /// A best path to a settled node, of those one with the fewest changes from
    /// thread to thread.
    to(target) {
      const stretches = new Map([[this.start, [{ last: null, changes: 0, edge: null, before: null }]]]);
      for (const node of this.onTheWayTo(target)) {
        const here = [];
        for (const { from, edge } of node.arrivals) {
          for (const before of stretches.get(from)) {
            const { thread, with: other } = edge;
            const isSame = before.last === null || thread === null || before.last === thread || before.last === other;
            const stretch = { last: thread ?? before.last, changes: before.changes + Number(!isSame), edge, before };
            const known = here.findIndex(({ last }) => last === stretch.last);
            if (known === -1) {
              here.push(stretch);
            } else if (stretch.changes < here[known].changes) {
              here[known] = stretch;
            }
          }
        }
        stretches.set(node, here);
      }
      const path = [];
      let best = stretches.get(target).reduce((best, other) => (other.changes < best.changes ? other : best));
      for (; best.before; best = best.before) {
        path.push(best.edge);
      }
      return path.reverse();
    }

    /// All nodes on best ways to this one but the start, nearest first.
    onTheWayTo(target) {
      const found = new Set([target]);
      for (const node of found) {
        node.arrivals.forEach(({ from }) => found.add(from));
      }
      found.delete(this.start);
      return [...found].sort((a, b) => a.settled - b.settled);
    }
  }

  /// What is open, the nearest on top, and of those the first to come.
  class Heap {
    constructor() {
      this.items = [];
    }

    push(item) {
      const { items } = this;
      let at = items.push(item) - 1;
      for (let parent = (at - 1) >> 1; at > 0 && isNearer(item, items[parent]); parent = (at - 1) >> 1) {
        items[at] = items[parent];
        items[parent] = item;
        at = parent;
      }
    }

    pop() {
      const { items } = this;
      const top = items[0];
      const last = items.pop();
      if (items.length > 0) {
        items[0] = last;
        for (let at = 0; ; ) {
          const [left, right] = [2 * at + 1, 2 * at + 2];
          const child = right < items.length && isNearer(items[right], items[left]) ? right : left;
          if (child >= items.length || !isNearer(items[child], last)) {
            break;
          }
          items[at] = items[child];
          items[child] = last;
          at = child;
        }
      }
      return top;
    }
  }

  function isNearer(a, b) {
    return (a.spurious - b.spurious || a.length - b.length || a.came - b.came) < 0;
  }

  /// Every different output, in order: by line, and what ends first comes first.
  /// Kept as a deterministic graph, so that there may be more of them than could
  /// be listed. A node is all that may be going on once some lines are printed:
  /// states and endings, each with what was printed of the next line.
  class Outputs {
    static of(graph) {
      try {
        return new Outputs(graph);
      } catch (error) {
        if (error instanceof TooMany) {
          return null;
        }
        throw error;
      }
    }

    constructor(graph) {
      this.graph = graph;
      this.endings = [...graph.endings, NEVER];
      this.byItems = new Map();
      this.byClosure = new Map();
      this.start = this.make([{ state: 0, ending: null, part: "" }]);
      this.count = this.start.count;
    }

    /// The node for these items, after all that come behind it: as a recursion,
    /// on a list.
    make(items) {
      const path = [];
      let done = this.enter(items, path);
      while (path.length > 0) {
        const open = path[path.length - 1];
        if (done) {
          open.node.next.push({ line: open.line, node: done });
        }
        const todo = open.todo.pop();
        if (todo) {
          open.line = todo.line;
          done = this.enter(todo.items, path);
        } else {
          path.pop();
          done = this.finish(open);
        }
      }
      return done;
    }

    /// The node for these items; or `null`, and it comes onto the path.
    enter(items, path) {
      const name = nameOf(items);
      const known = this.byItems.get(name);
      if (known) {
        return known;
      }
      const { ends, next } = this.close(items);
      const todo = [...next].map(([line, items]) => ({ line, items, name: nameOf(items) }));
      // Taken from the end, so the least line must be last.
      todo.sort((a, b) => byText(b.line, a.line));
      const closure = JSON.stringify([ends.map(({ part, number }) => [part, number]), todo.map(({ line, name }) => [line, name])]);
      const same = this.byClosure.get(closure);
      if (same) {
        this.byItems.set(name, same);
        return same;
      }
      if (this.byClosure.size + path.length >= NODE_LIMIT) {
        throw new TooMany();
      }
      path.push({ node: { ends, next: [], count: 0n }, name, closure, todo, line: "" });
      return null;
    }

    /// Follows everything that completes no line: how it can end, and what can
    /// be reached by each line.
    close(items) {
      const ends = new Map();
      const next = new Map();
      const seen = new Set(items.map(nameOfItem));
      const open = [...items];
      const end = (part, number) => ends.set(`${number}:${part}`, { part, number, ending: this.endings[number] });
      while (open.length > 0) {
        const { state, ending, part } = open.pop();
        const newline = part.indexOf("\n");
        if (newline !== -1) {
          const line = part.slice(0, newline + 1);
          const behind = next.get(line) ?? [];
          next.set(line, behind);
          behind.push({ state, ending, part: part.slice(newline + 1) });
        } else if (state === null) {
          end(part, ending);
        } else {
          if (this.graph.never[state]) {
            end(part, this.endings.length - 1);
          }
          for (const edge of this.graph.edgesOf(state)) {
            const item = { state: edge.to, ending: edge.ending, part: part + edge.text };
            const name = nameOfItem(item);
            if (!seen.has(name)) {
              seen.add(name);
              open.push(item);
            }
          }
        }
      }
      const ordered = [...ends.values()].sort((a, b) => byText(a.part, b.part) || byEnding(a.ending, b.ending));
      return { ends: ordered, next };
    }

    finish({ node, name, closure }) {
      const sum = node.next.reduce((sum, { node }) => sum + node.count, BigInt(node.ends.length));
      node.count = atMost(sum);
      this.byItems.set(name, node);
      this.byClosure.set(closure, node);
      return node;
    }

    /// The output with this number, a BigInt counted from 0; `null` if there are
    /// not so many.
    nth(number) {
      if (number >= this.count) {
        return null;
      }
      let node = this.start;
      let text = "";
      while (number >= BigInt(node.ends.length)) {
        number -= BigInt(node.ends.length);
        const found = node.next.find(({ node }) => {
          const isHere = number < node.count;
          number -= isHere ? 0n : node.count;
          return isHere;
        });
        text += found.line;
        node = found.node;
      }
      const { part, ending } = node.ends[Number(number)];
      return { text: text + part, ending };
    }

    /// The number of an output, counted from 0; `null` if it is none. Without
    /// an ending, that of the first with this text.
    rank(text, ending) {
      let node = this.start;
      let rank = 0n;
      let rest = text;
      for (let newline = rest.indexOf("\n"); newline !== -1; newline = rest.indexOf("\n")) {
        const line = rest.slice(0, newline + 1);
        rest = rest.slice(newline + 1);
        const index = node.next.findIndex((one) => one.line === line);
        if (index === -1) {
          return null;
        }
        const before = node.next.slice(0, index).reduce((sum, { node }) => sum + node.count, 0n);
        rank += BigInt(node.ends.length) + before;
        node = node.next[index].node;
      }
      const index = node.ends.findIndex((end) => end.part === rest && (!ending || byEnding(end.ending, ending) === 0));
      return index === -1 ? null : atMost(rank + BigInt(index));
    }
  }

  /// An output that is in one set and not in the other: `{ text, ending }`; `null`
  /// if there is none. `nameOf` says which endings count as the same.
  function missingFrom(one, other, nameOf) {
    const seen = new Set();
    const open = [{ node: one.start, there: other.start, text: "" }];
    while (open.length > 0) {
      const { node, there, text } = open.pop();
      const key = `${numbered(one, node)}:${numbered(other, there)}`;
      if (seen.has(key)) {
        continue;
      }
      seen.add(key);
      const ends = new Set(there.ends.map(({ part, ending }) => JSON.stringify([part, nameOf(ending)])));
      const end = node.ends.find(({ part, ending }) => !ends.has(JSON.stringify([part, nameOf(ending)])));
      if (end) {
        return { text: text + end.part, ending: end.ending };
      }
      for (const { line, node: next } of [...node.next].reverse()) {
        const same = there.next.find((one) => one.line === line);
        if (!same) {
          const rest = firstOf(next);
          return { text: text + line + rest.text, ending: rest.ending };
        }
        open.push({ node: next, there: same.node, text: text + line });
      }
    }
    return null;
  }

  function firstOf(node) {
    let text = "";
    while (node.ends.length === 0) {
      text += node.next[0].line;
      node = node.next[0].node;
    }
    return { text: text + node.ends[0].part, ending: node.ends[0].ending };
  }

  /// A node's number among those of its set.
  function numbered(outputs, node) {
    outputs.numbers ??= new Map();
    if (!outputs.numbers.has(node)) {
      outputs.numbers.set(node, outputs.numbers.size);
    }
    return outputs.numbers.get(node);
  }

  function nameOfItem({ state, ending, part }) {
    return `${state ?? `e${ending}`}:${part}`;
  }

  /// The same for the same items in another order.
  function nameOf(items) {
    return JSON.stringify(items.map(nameOfItem).sort());
  }

  function atMost(number) {
    return number < MOST ? number : MOST;
  }

  /// The order of texts in UTF-8: by character, not by unit of UTF-16.
  function byText(a, b) {
    const length = Math.min(a.length, b.length);
    for (let index = 0; index < length; index += 1) {
      const difference = a.codePointAt(index) - b.codePointAt(index);
      if (difference !== 0) {
        return difference;
      }
    }
    return a.length - b.length;
  }

  const KINDS = ["returned", "exited", "panicked", "aborted", "deadlocked", "never-ends"];

  function byEnding(a, b) {
    return (
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
      (a.code ?? 0) - (b.code ?? 0) ||
      byText(a.message ?? "", b.message ?? "")
    );
  }

  /// Whether this is the ending that is asked for: a panic without a message
  /// stands for any.
  function isEnding(ending, asked) {
    const isAny = asked.kind === "panicked" && !asked.message;
    return isAny ? ending.kind === "panicked" : byEnding(ending, asked) === 0;
  }

  /// The edges of each state, in the order of its choices.
  function unpack({ counts, to, does, deeds, texts }) {
    let next = 0;
    return counts.map((count, from) => {
      let choice = 0;
      return Array.from({ length: count }, () => {
        const leads = to[next];
        const deed = deeds[does[next]];
        next += 1;
        return {
          from,
          to: leads >= 0 ? leads : null,
          ending: leads < 0 ? -1 - leads : null,
          events: deed.events,
          text: texts[deed.text ?? 0],
          // Nobody chooses that a program is stuck.
          choice: deed.step === undefined ? null : choice++,
          step: deed.step ?? null,
          thread: deed.thread ?? null,
          with: deed.with ?? null,
          spurious: deed.spurious ?? false,
        };
      });
    });
  }

  class TooMany extends Error {}

  function edgesToStates(edges) {
    return edges.filter((edge) => edge.to !== null).map((edge) => edge.to);
  }

  function printsWithoutEnd(graph) {
    const component = components(graph.byState.map(edgesToStates));
    return graph.edges.some(
      (edge) => edge.to !== null && edge.text !== "" && component[edge.from] === component[edge.to],
    );
  }

  /// By state, whether a fair run without output can visit it again and again.
  /// Fair is a run in which who is able again and again goes on some day; time
  /// is treated like a thread. What happens for no reason obliges nobody, and
  /// keeps no run going. By Emerson and Lei's algorithm for such conditions: in
  /// a strongly connected component, whoever is able but never acts must not be
  /// able at all, so the states in which it is are taken away, and what is left
  /// falls into smaller components.
  function neverEnding({ byState }) {
    const obliging = byState.map((edges) => edges.filter((edge) => !edge.spurious && edge.choice !== null));
    const silent = byState.map((edges) => edges.filter((edge) => edge.to !== null && edge.text === "" && !edge.spurious));
    // Who acts: a thread, or time itself, which is `null`.
    const actors = ({ thread, with: other }) => (other === null ? [thread] : [thread, other]);
    const heldUp = (states) => {
      const inside = new Set(states);
      const able = new Set(states.flatMap((state) => obliging[state].flatMap(actors)));
      for (const state of states) {
        for (const edge of silent[state].filter(({ to, choice }) => choice !== null && inside.has(to))) {
          actors(edge).forEach((actor) => able.delete(actor));
        }
      }
      return able;
    };
    // The strongly connected parts of some states that have a cycle.
    const parts = (states) => {
      const places = new Map(states.map((state, index) => [state, index]));
      const next = states.map((state) => silent[state].filter(({ to }) => places.has(to)).map(({ to }) => places.get(to)));
      const members = [];
      components(next).forEach((component, index) => (members[component] ??= []).push(index));
      return members
        .filter((indices) => indices.length > 1 || next[indices[0]].includes(indices[0]))
        .map((indices) => indices.map((index) => states[index]));
    };
    const never = byState.map(() => false);
    const open = parts(byState.map((_, state) => state));
    while (open.length > 0) {
      const states = open.pop();
      const held = heldUp(states);
      if (held.size === 0) {
        states.forEach((state) => (never[state] = true));
      } else {
        open.push(...parts(states.filter((state) => !obliging[state].flatMap(actors).some((actor) => held.has(actor)))));
      }
    }
    return never;
  }

  /// The strongly connected components of a graph, given by where each state
  /// leads: for each state, the number of its component. Tarjan's algorithm, the
  /// recursion on a list.
  function components(next) {
    const order = next.map(() => -1);
    const low = [];
    const component = next.map(() => -1);
    const open = [];
    let seen = 0;
    let found = 0;
    for (let root = 0; root < order.length; root += 1) {
      if (order[root] !== -1) {
        continue;
      }
      const path = [];
      const enter = (state) => {
        order[state] = low[state] = seen++;
        open.push(state);
        path.push({ state, edge: 0 });
      };
      enter(root);
      while (path.length > 0) {
        const top = path[path.length - 1];
        const to = next[top.state][top.edge++];
        if (to !== undefined) {
          if (order[to] === -1) {
            enter(to);
          } else if (component[to] === -1) {
            low[top.state] = Math.min(low[top.state], order[to]);
          }
          continue;
        }
        path.pop();
        const parent = path[path.length - 1];
        if (parent) {
          low[parent.state] = Math.min(low[parent.state], low[top.state]);
        }
        if (low[top.state] === order[top.state]) {
          let member;
          do {
            member = open.pop();
            component[member] = found;
          } while (member !== top.state);
          found += 1;
        }
      }
    }
    return component;
  }

  Graph.missingFrom = missingFrom;
  window.interleaved.Graph = Graph;
})();
