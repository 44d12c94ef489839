// The states that a small program can be in, as the engine found them
// (`Packed` in outcomes-protocol): walking them, telling a path as a story,
// counting and ordering the outputs, and whether an output is among them.
// Knows nothing of the page.

"use strict";

(() => {
  /// Subsets of states kept while the graph is made deterministic.
  const NODE_LIMIT = 100_000;

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
    /// program that is stuck at its end takes the last edge by itself.
    follow(schedule) {
      const path = [];
      for (const word of schedule.replace(/^\s*\[[^\]]*\]/, "").split(/\s+/)) {
        if (word === "" || word === "forever") {
          continue;
        }
        const [step, times = "1"] = word.split("*");
        for (let time = 0; time < Number(times); time += 1) {
          const edges = this.edgesOf(this.endOf(path));
          path.push(edges.find((edge) => edge.step === step));
        }
      }
      return schedule.endsWith("forever") ? path : this.settled(path);
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
    /// is given. If so, by a shortest path; if not, how much of it can be
    /// printed at most, and what could come then.
    find(text, ending) {
      const accepts = (other, position) =>
        position === text.length && (!ending || sameEnding(other, ending));
      const came = new Map([["0:0", null]]);
      const queue = [[0, 0]];
      let furthest = 0;
      let instead = new Map();
      const reach = (position) => {
        if (position > furthest) {
          furthest = position;
          instead = new Map();
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
      for (let head = 0; head < queue.length; head += 1) {
        const [state, position] = queue[head];
        reach(position);
        const way = () => pathTo(came, state, position);
        if (this.never[state] && accepts(NEVER, position)) {
          return { possible: true, path: way(), ending: NEVER };
        }
        for (const edge of this.edgesOf(state)) {
          if (!text.startsWith(edge.text, position)) {
            couldCome(edge, position, { text: edge.text });
            continue;
          }
          const after = position + edge.text.length;
          if (edge.to !== null) {
            const key = `${edge.to}:${after}`;
            if (!came.has(key)) {
              came.set(key, { edge, state, position });
              queue.push([edge.to, after]);
            }
            continue;
          }
          const end = this.endings[edge.ending];
          if (accepts(end, after)) {
            return { possible: true, path: [...way(), edge], ending: end };
          }
          reach(after);
          couldCome(edge, after, { text: "", ending: end });
        }
      }
      return { possible: false, prefix: text.slice(0, furthest), instead: [...instead.values()] };
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

  /// Every different output, in order: by text, and what ends first comes
  /// first. Kept as a deterministic graph, so that there may be more of them
  /// than could be listed. A node is all that may be going on once a text is
  /// printed: what is pending is what an edge still has to print, and where it
  /// leads.
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
      this.nodes = new Map();
      this.start = this.node([{ state: 0, ending: null, rest: "" }]);
      this.count = this.start.count;
    }

    node(items) {
      const { pending, endings } = this.close(items);
      const key = [...[...pending.keys()].sort(), "|", ...endings].join("\u0000");
      const known = this.nodes.get(key);
      if (known) {
        return known;
      }
      if (this.nodes.size >= NODE_LIMIT) {
        throw new TooMany();
      }
      const node = { endings, groups: this.groups([...pending.values()]), count: 0n };
      node.count = node.groups.reduce((sum, { next }) => sum + next.count, BigInt(endings.length));
      this.nodes.set(key, node);
      return node;
    }

    /// Goes on for as long as nothing is printed.
    close(items) {
      const pending = new Map();
      const endings = new Set();
      const seen = new Set();
      const open = [...items];
      while (open.length > 0) {
        const { state, ending, rest } = open.pop();
        if (rest !== "") {
          pending.set(`${state ?? `e${ending}`}:${rest}`, { state, ending, rest });
        } else if (state === null) {
          endings.add(ending);
        } else if (!seen.has(state)) {
          seen.add(state);
          if (this.graph.never[state]) {
            endings.add(-1);
          }
          for (const edge of this.graph.edgesOf(state)) {
            open.push({ state: edge.to, ending: edge.ending, rest: edge.text });
          }
        }
      }
      return { pending, endings: [...endings].sort((a, b) => a - b) };
    }

    /// What is pending, by what comes next: as much as all in a group begin
    /// with. No two groups begin alike.
    groups(pending) {
      const byFirst = new Map();
      for (const item of pending) {
        const first = item.rest[0];
        byFirst.set(first, [...(byFirst.get(first) ?? []), item]);
      }
      return [...byFirst.entries()]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, items]) => {
          const text = commonStart(items.map((item) => item.rest));
          const rest = items.map((item) => ({ ...item, rest: item.rest.slice(text.length) }));
          return { text, next: this.node(rest) };
        });
    }

    ending(number) {
      return number === -1 ? NEVER : this.graph.endings[number];
    }

    /// The output with this number, a BigInt counted from 0.
    nth(number) {
      let node = this.start;
      let text = "";
      for (;;) {
        if (number < BigInt(node.endings.length)) {
          return { text, ending: this.ending(node.endings[Number(number)]) };
        }
        number -= BigInt(node.endings.length);
        for (const group of node.groups) {
          if (number < group.next.count) {
            text += group.text;
            node = group.next;
            break;
          }
          number -= group.next.count;
        }
      }
    }

    /// The number of an output, counted from 0; `null` if it is none. Without
    /// an ending, that of the first with this text.
    rank(text, ending) {
      let node = this.start;
      let rank = 0n;
      let position = 0;
      while (position < text.length) {
        rank += BigInt(node.endings.length);
        const at = position;
        const found = node.groups.find((group) => text.startsWith(group.text, at));
        if (!found) {
          return null;
        }
        for (const group of node.groups.slice(0, node.groups.indexOf(found))) {
          rank += group.next.count;
        }
        position += found.text.length;
        node = found.next;
      }
      const index = node.endings.findIndex((one) => !ending || sameEnding(this.ending(one), ending));
      return index === -1 ? null : rank + BigInt(index);
    }

    /// The outputs from that number on.
    *from(number) {
      for (; number < this.count; number += 1n) {
        yield this.nth(number);
      }
    }
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

  function pathTo(came, state, position) {
    const path = [];
    for (let step = came.get(`${state}:${position}`); step; ) {
      path.push(step.edge);
      step = came.get(`${step.state}:${step.position}`);
    }
    return path.reverse();
  }

  function sameEnding(a, b) {
    return a.kind === b.kind && a.code === b.code && (!a.message || !b.message || a.message === b.message);
  }

  function commonStart(texts) {
    const [first, ...others] = texts;
    let length = first.length;
    for (const other of others) {
      while (!other.startsWith(first.slice(0, length))) {
        length -= 1;
      }
    }
    return first.slice(0, length);
  }

  function printsWithoutEnd(graph) {
    const component = components(graph, () => true);
    return graph.edges.some(
      (edge) => edge.to !== null && edge.text !== "" && component[edge.from] === component[edge.to],
    );
  }

  /// The states from which the program can go on forever without printing,
  /// leaving out no thread forever that could go on. As the engine has it.
  function neverEnding(graph) {
    const isSilent = (edge) => edge.text === "" && !edge.spurious;
    const component = components(graph, isSilent);
    const inside = (edge) => edge.to !== null && isSilent(edge) && component[edge.from] === component[edge.to];
    const members = new Map();
    graph.byState.forEach((edges, state) => {
      if (edges.some(inside)) {
        members.set(component[state], [...(members.get(component[state]) ?? []), state]);
      }
    });
    const actors = (edge) => [edge.thread, edge.with].filter((thread) => thread !== null);
    const never = graph.byState.map(() => false);
    for (const states of members.values()) {
      const real = (state) => graph.edgesOf(state).filter((edge) => !edge.spurious);
      const acts = (thread) =>
        states.some((state) => graph.edgesOf(state).some((edge) => inside(edge) && actors(edge).includes(thread)));
      const alwaysCould = (thread) => states.every((state) => real(state).flatMap(actors).includes(thread));
      const fair = real(states[0])
        .flatMap(actors)
        .every((thread) => acts(thread) || !alwaysCould(thread));
      if (fair) {
        for (const state of states) {
          never[state] = true;
        }
      }
    }
    return never;
  }

  /// The strongly connected components by some of the edges: for each state,
  /// the number of its component. Tarjan's algorithm, the recursion on a list.
  function components(graph, counts) {
    const order = graph.byState.map(() => -1);
    const low = [];
    const component = graph.byState.map(() => -1);
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
        path.push({ state, next: 0 });
      };
      enter(root);
      while (path.length > 0) {
        const top = path[path.length - 1];
        const edge = graph.edgesOf(top.state)[top.next++];
        if (edge) {
          if (edge.to === null || !counts(edge)) {
            continue;
          }
          if (order[edge.to] === -1) {
            enter(edge.to);
          } else if (component[edge.to] === -1) {
            low[top.state] = Math.min(low[top.state], order[edge.to]);
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

  window.interleaved.Graph = Graph;
})();
