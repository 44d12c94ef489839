// What the page works out from a graph, against what the engine says: no browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import vm from "node:vm";
import { SITE } from "./book.mjs";

const ASSETS = path.resolve(import.meta.dirname, "../../crates/mdbook-interleaved/assets");

let Graph;
let Story;
let parse;

before(async () => {
  const window = { interleaved: { kernels: {} } };
  const context = vm.createContext({ window, location: { protocol: "http:" } });
  for (const name of ["direction", "endings", "elements", "graph", "story", "question", "outcomes"]) {
    vm.runInContext(await readFile(path.join(ASSETS, `${name}.js`), "utf8"), context);
  }
  ({ Graph, Story } = window.interleaved);
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
    let before = null;
    for (let number = 0n; number < count; number += step) {
      const { text, ending } = outputs.nth(number);
      assert.equal(outputs.rank(text, ending), number);
      assert.ok(before === null || before < text || before === text, "in order");
      before = text;
      const found = graph.find(text, ending);
      assert.equal(found.possible, true);
      assert.equal(graph.textOf(found.path), text);
      assert.equal(graph.endingOf(found.path).kind, ending.kind);
    }
  });

  test(`${name}: what the engine lists is what the graph prints`, async () => {
    const { answer, graph } = await explored(name);
    for (const { text, ending } of answer.listed.slice(0, 100)) {
      assert.notEqual(graph.outputs().rank(text, ending), null);
    }
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

test("whole numbers beyond a double's are kept", () => {
  const { outputs } = parse('{"outputs":123456789012345678901234567890}');
  assert.equal(BigInt(outputs), 123456789012345678901234567890n);
});

/// A small generator of numbers in [0, 1), the same at every run.
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
