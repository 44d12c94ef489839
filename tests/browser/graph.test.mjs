// What the page works out from a graph, against what the engine says, of the
// book's listings and of random graphs: no browser.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import vm from "node:vm";
import { ROOT, SITE } from "./book.mjs";

const ASSETS = path.resolve(import.meta.dirname, "../../crates/mdbook-interleaved/assets");

/// How many random graphs are made, and from which seed on.
const GRAPHS = Number(process.env.GRAPHS ?? 1000);
const SEED = Number(process.env.SEED ?? 1);

let Graph;
let Story;
let parse;
let clause;

before(async () => {
  const window = { interleaved: { kernels: {} } };
  const context = vm.createContext({ window, location: { protocol: "http:" } });
  for (const name of ["direction", "endings", "elements", "graph", "story", "question", "outcomes"]) {
    vm.runInContext(await readFile(path.join(ASSETS, `${name}.js`), "utf8"), context);
  }
  ({ Graph, Story } = window.interleaved);
  ({ clause } = window.interleaved.endings);
  ({ parse } = window.interleaved.outcomes);
});

async function explored(name) {
  const answer = parse(await readFile(path.join(SITE, "outcomes", `${name}.json`), "utf8"));
  return { answer, graph: new Graph(answer.graph) };
}

const COUNTS = {
  "two-threads": 140n,
  "generate-and-print": 8n,
  "forgotten-drop": 8n,
  "no-waiting": 3145n,
  "workers-share-a-channel": 117_120n,
};

for (const [name, count] of Object.entries(COUNTS)) {
  test(`${name} has ${count} outputs, each with its number and a way there`, async () => {
    const { answer, graph } = await explored(name);
    assert.equal(BigInt(answer.outputs), count);
    const outputs = graph.outputs();
    assert.equal(outputs.count, count);
    const step = count / 100n + 1n;
    for (let number = 0n; number < count; number += step) {
      const { text, ending } = outputs.nth(number);
      assert.equal(outputs.rank(text, ending), number);
      const found = graph.find(text, ending);
      assert.equal(found.possible, true);
      assert.equal(graph.textOf(found.path), text);
      assert.equal(graph.endingOf(found.path).kind, ending.kind);
    }
  });

  test(`${name}: what the engine lists is what the graph prints`, async () => {
    const { answer, graph } = await explored(name);
    answer.listed.forEach(({ text, ending }, number) => {
      assert.equal(graph.outputs().rank(text, ending), BigInt(number));
    });
    const texts = new Set(answer.listed.map(({ text, ending }) => JSON.stringify([text, ending.kind])));
    assert.equal(texts.size, answer.listed.length);
  });

  test(`${name}: a random path is one of its outputs, told as a story`, async () => {
    const { graph } = await explored(name);
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = randomFrom(seed);
      const path = graph.randomPath(random);
      assert.notEqual(graph.outputs().rank(graph.textOf(path), graph.endingOf(path)), null);
      const story = new Story(graph.story(path));
      const printed = story.printedUpTo(story.rows.length - 1);
      assert.equal(printed.map(({ text }) => text).join(""), graph.textOf(path));
      for (const { from, to } of story.arrows) {
        assert.ok(from < to, "an arrow points into the future");
        assert.notEqual(story.rows[from].thread, story.rows[to].thread);
      }
    }
  });
}

test("what can't be is refused, with how far it could go", async () => {
  const { graph } = await explored("two-threads");
  const early = graph.find("Printing number 1\nDone!\n");
  assert.equal(early.possible, false);
  assert.equal(early.prefix, "Printing number 1\n");
  assert.deepEqual(
    Array.from(early.instead, ({ text }) => text).sort(),
    ["Generating number 1\n", "Printing number 2\n", "Waiting for threads to finish...\n"],
  );
  const twice = graph.find("Printing number 1\nPrinting number 1\n");
  assert.equal(twice.possible, false);
  assert.equal(twice.prefix, "Printing number 1\n");
  const lost = graph.find(graph.outputs().nth(0n).text.replace("Done!\n", ""));
  assert.equal(lost.possible, false);
  assert.deepEqual(Array.from(lost.instead, ({ text }) => text), ["Done!\n"]);
});

test("a schedule leads into its deadlock", async () => {
  const { answer, graph } = await explored("forgotten-drop");
  assert.equal(answer.deadlocks.length, 1);
  const path = graph.follow(answer.deadlocks[0].schedule);
  assert.equal(graph.endingOf(path).kind, "deadlocked");
  const story = new Story(graph.story(path));
  const blocked = story.positionsAfter(story.rows.length - 1);
  assert.deepEqual(
    Array.from(blocked, ({ thread, blocked, at }) => [thread, blocked, at.line]),
    Array.from(answer.deadlocks[0].blocked, ({ thread, at }) => [thread, true, at.line]),
  );
});

test("one worker can get everything", async () => {
  const { graph } = await explored("workers-share-a-channel");
  const lines = [1, 2, 3, 4, 5].flatMap((n) => [`sending ${n} to channel`, `2: read ${n} from channel`]);
  const text = [...lines, "Waiting for workers to finish...", "Done!", ""].join("\n");
  assert.equal(graph.find(text).possible, true);
  assert.equal(graph.find(text.replace("2: read 3", "2: read 2")).possible, false);
});

test("a spurious wake-up is called one", () => {
  const step = (action) => ({ step: 0, thread: 1, action, object: null, value: null, otherwise: false, spurious: true, text: "" });
  const words = (action) => {
    const threads = [
      { thread: 0, path: "0", name: null, spawned: null },
      { thread: 1, path: "1", name: "reader", spawned: null },
    ];
    const story = new Story({ threads, objects: [], events: [{ ...step(action), starts: [] }], ending: null });
    return story.sentence(story.rows[0]);
  };
  assert.equal(words("wait to be notified"), "Reader wakes up spuriously: nobody notified it");
  assert.equal(words("park"), "Reader wakes up spuriously: nobody unparked it");
  assert.equal(words("compare and perhaps exchange"), "Reader fails spuriously to exchange the value");
  assert.equal(words("lock for reading"), "Reader locks for reading, past a waiting writer");
});

test("whole numbers beyond a double's are kept", () => {
  const { outputs } = parse('{"outputs":123456789012345678901234567890}');
  assert.equal(BigInt(outputs), 123456789012345678901234567890n);
});

test(`${GRAPHS} random graphs are the same to the page and to the engine`, () => {
  const compared = { graphs: 0, uncountable: 0, beyondDouble: 0, neverEnding: 0, possible: 0, impossible: 0, deadlocks: 0 };
  for (const line of randomGraphs()) {
    const expected = JSON.parse(line);
    const graph = new Graph(expected.graph);
    const name = `random graph ${expected.seed}`;
    assert.deepEqual(edgesOf(graph), expected.edges, `${name}: edges and choices`);
    assert.deepEqual([...graph.never], expected.never, `${name}: where it never ends`);
    compareOutputs(graph.outputs(), expected, name);
    for (const [text, ending, answer] of expected.checks) {
      compareFound(graph, text, ending, answer, name);
      compared[answer.possible ? "possible" : "impossible"] += 1;
    }
    for (const [state, schedule] of expected.ways) {
      const path = graph.follow(schedule);
      const last = path.at(-1);
      const isStuck = last?.choice === null;
      assert.equal(isStuck ? last.from : graph.endOf(path), state, `${name}: the way to state ${state}`);
      assert.equal(graph.endingOf(path)?.kind === "deadlocked", isStuck, `${name}: ${schedule} leads into a deadlock`);
      compared.deadlocks += isStuck;
    }
    compared.graphs += 1;
    compared.uncountable += expected.outputs === null;
    compared.beyondDouble += BigInt(expected.outputs ?? 0) > Number.MAX_SAFE_INTEGER;
    compared.neverEnding += expected.never.includes(true);
  }
  console.log(
    `compared ${compared.graphs} graphs: ${compared.uncountable} without end of outputs, ` +
      `${compared.beyondDouble} with more than 2^53, ${compared.neverEnding} that may never end, ${compared.deadlocks} deadlocks; ` +
      `${compared.possible} outputs that are possible and ${compared.impossible} that are not`,
  );
  assert.equal(compared.graphs, GRAPHS);
  for (const [what, count] of Object.entries(compared)) {
    assert.ok(count > 0, `among the random graphs are none that are ${what}`);
  }
});

/// What `examples/random-graphs.rs` in outcomes-graph prints, line by line.
function randomGraphs() {
  const program = ["run", "--quiet", "--locked", "--package", "outcomes-graph", "--example", "random-graphs", "--"];
  const { stdout, stderr, status } = spawnSync("cargo", [...program, SEED, GRAPHS].map(String), {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  assert.equal(status, 0, stderr);
  return stdout.trimEnd().split("\n");
}

function edgesOf(graph) {
  const { texts } = graph.packed;
  return Array.from(graph.edges, ({ from, to, ending, text, choice, step, thread, with: other, spurious }) => [
    from,
    to,
    ending,
    texts.indexOf(text),
    choice,
    step,
    thread,
    other,
    spurious,
  ]);
}

function compareOutputs(outputs, { outputs: count, endings, nth, position }, name) {
  if (count === null) {
    assert.equal(outputs, null, `${name}: no end of outputs`);
    return;
  }
  assert.equal(String(outputs.count), count, `${name}: how many outputs`);
  for (const [number, text, ending] of nth) {
    const output = outputs.nth(BigInt(number));
    assert.deepEqual(structuredClone(output), { text, ending }, `${name}: output ${number}`);
    assert.equal(String(outputs.rank(text, ending)), number, `${name}: the number of ${JSON.stringify(text)}`);
  }
  assert.equal(outputs.nth(BigInt(count) + 1n), null, `${name}: no more outputs`);
  for (const [text, ending, number] of position) {
    assert.equal(outputs.rank(text, ending)?.toString() ?? null, number, `${name}: the number of ${JSON.stringify(text)}`);
  }
  // Where all are listed, so are all endings.
  if (nth.length === Number(count)) {
    const counted = new Map();
    for (let number = 0n; number < outputs.count; number += 1n) {
      const { ending } = outputs.nth(number);
      counted.set(JSON.stringify(ending), (counted.get(JSON.stringify(ending)) ?? 0) + 1);
    }
    const expected = endings.map(([ending, count]) => [JSON.stringify(ending), Number(count)]);
    assert.deepEqual([...counted].sort(), expected.sort(), `${name}: how outputs end`);
  }
}

function compareFound(graph, text, ending, { possible, "not-possible": not }, name) {
  const question = `${name}: ${JSON.stringify(text)}, ${JSON.stringify(ending)}`;
  const found = graph.find(text, ending);
  assert.equal(found.possible, possible !== undefined, question);
  if (found.possible) {
    const steps = (path) => path.map(({ from, choice }) => `${from}: ${choice}`).join(", ");
    assert.equal(steps(found.path), steps(graph.follow(possible)), `${question}: the way there`);
    assert.equal(graph.textOf(found.path), text, question);
    return;
  }
  assert.equal(found.prefix, not.prefix, `${question}: how much is possible`);
  const instead = Array.from(found.instead, ({ text, ending }) => (ending ? `[${clause(ending)}]` : text));
  assert.deepEqual(instead.sort(), [...not.instead].sort(), `${question}: what could have come`);
}

/// A small generator of numbers in [0, 1), the same at every run.
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
