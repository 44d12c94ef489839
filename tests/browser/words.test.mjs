// What the page says of a thread that waits, and shows of many outputs: no
// browser.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import vm from "node:vm";

const CRATES = path.resolve(import.meta.dirname, "../../crates");
const ASSETS = path.join(CRATES, "mdbook-interleaved/assets");

/// As much of an element as a sentence needs.
class FakeElement {
  constructor(tag) {
    Object.assign(this, { tag, children: [], dataset: {}, style: {}, classList: { add() {} } });
  }

  append(...children) {
    this.children.push(...children);
  }

  setAttribute() {}

  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }
}

let interleaved;

before(async () => {
  const window = { interleaved: {} };
  const document = { createElement: (tag) => new FakeElement(tag) };
  const context = vm.createContext({ window, document, Element: FakeElement });
  for (const name of ["direction", "endings", "elements", "previews", "story", "diagram", "standstill"]) {
    vm.runInContext(await readFile(path.join(ASSETS, `${name}.js`), "utf8"), context);
  }
  ({ interleaved } = window);
});

const place = (line) => ({ file: "a.rs", line, column: 1 });
const lines = { link: (line) => Object.assign(new FakeElement("a"), { children: [`line ${line}`] }) };

function sentence(waits, areSeveral = false) {
  const parts = interleaved.diagram.waiting({ waits, at: place(27) }, lines, areSeveral);
  return parts.map((part) => part.textContent ?? part).join("");
}

const SENTENCES = [
  ["lock", "mutex", "waits to lock the mutex X of line 4, at line 27"],
  ["lock for reading", "rwlock", "waits to lock the RwLock X of line 4 for reading, at line 27"],
  ["lock for writing", "rwlock", "waits to lock the RwLock X of line 4 for writing, at line 27"],
  ["send", "channel", "waits to send into the channel X of line 4, at line 27"],
  ["receive", "channel", "waits to receive from the channel X of line 4, at line 27"],
  ["receive (select)", "channel", "waits to receive from the channel X of line 4, at line 27"],
  ["send (select)", "channel", "waits to send into the channel X of line 4, at line 27"],
  ["join", "thread", "waits for X to finish, at line 27"],
  ["wait for the threads of the scope", "scope", "waits for the threads of its scope to finish, at line 27"],
  ["wait to be notified", "condvar", "waits to be notified by the condvar X of line 4, at line 27"],
  ["wait at the barrier", "barrier", "waits at the barrier X of line 4, at line 27"],
  ["wait for the group", "wait group", "waits for all clones of the wait group X of line 4 to be dropped, at line 27"],
  ["initialise", "once lock", "waits to initialise the once lock X of line 4, at line 27"],
  ["wait for it to be complete", "once", "waits for the Once X of line 4 to be complete, at line 27"],
  ["wait for it to be set", "once lock", "waits for the once lock X of line 4 to be set, at line 27"],
  ["park", "park token", "is parked at line 27"],
  ["park", "parker", "is parked at line 27"],
  ["print", "stdout", "waits for the lock on stdout, at line 27"],
  ["print to stderr", "stderr", "waits for the lock on stderr, at line 27"],
  ["flush", "stdout", "waits for the lock on stdout, at line 27"],
  ["sleep", null, "sleeps, at line 27"],
];

for (const [action, object, words] of SENTENCES) {
  test(`a thread ${words.replace(/ at line 27|,.*/, "")}: ${action}`, () => {
    assert.equal(sentence([{ action, object, name: "X", created: place(4) }]), words);
  });
}

test("what is waited for may have no name, no place, or be several", () => {
  const wait = { action: "receive", object: "channel", name: null, created: place(5) };
  assert.equal(sentence([wait]), "waits to receive from the channel made on line 5, at line 27");
  assert.equal(sentence([{ ...wait, created: null }]), "waits to receive from the channel, at line 27");
  const send = { action: "send", object: "channel", name: "X", created: null };
  assert.equal(sentence([wait, send, wait]), "waits to receive from the channel made on line 5 or to send into the channel X, at line 27");
  const notified = { action: "wait to be notified", object: "condvar", name: "BELL", created: place(4) };
  assert.equal(sentence([notified, notified], true), "wait to be notified by the condvar BELL of line 4, at line 27");
  assert.equal(sentence([{ action: "park", object: "park token", name: null, created: null }], true), "are parked at line 27");
});

/// Which operations there are that can keep a thread waiting, read from the
/// look-alikes themselves.
test("every way to wait that the look-alikes know has its sentence", async () => {
  const folder = path.join(CRATES, "outcomes/look-alikes");
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\/src\/.*\.rs$/.test(file));
  const told = new Set(SENTENCES.map(([action]) => action));
  const known = new Set();
  for (const file of files) {
    const source = await readFile(path.join(folder, file), "utf8");
    for (const [, action] of source.matchAll(/(?:act_when|wait_until)\(\s*"([^"]+)"|\baction: "([^"]+)"/g)) {
      known.add(action);
    }
  }
  known.delete(undefined);
  // These never wait.
  for (const action of ["try to lock", "try to lock for writing", "try to lock for reading"]) {
    known.delete(action);
  }
  assert.ok(known.size > 5, [...known].join(", "));
  assert.deepEqual([...known].filter((action) => !told.has(action)), []);
});

test("what happens is told in whole sentences", () => {
  const threads = [{ thread: 0, path: "0", name: null, spawned: null }];
  const told = (action, more = {}) => {
    const event = { step: 0, thread: 0, action, object: null, value: null, otherwise: false, spurious: false, text: "", starts: [], ...more };
    const story = new interleaved.Story({ threads, objects: [], events: [event], ending: null });
    return story.sentence(story.rows[0]);
  };
  assert.equal(told("let go of the mutex and wait"), "Main lets go of the mutex and waits to be notified");
  assert.equal(told("wait to be notified"), "Main is notified");
  assert.equal(told("wait to be notified", { otherwise: true }), "Main stops waiting to be notified: its time is over");
  assert.equal(told("park"), "Main goes on: it was unparked");
  assert.equal(told("try to lock", { otherwise: true }), "Main tries to lock the mutex, in vain");
  assert.equal(told("wait at the barrier"), "Main passes the barrier");
  assert.equal(told("load", { newer: 1 }), "Main loads, missing the newest store");
  assert.equal(told("store", { newer: 2 }), "Main stores, which comes before the newest 2 stores");
});

test("what is alike is told apart by its number", () => {
  const mutex = { kind: "mutex", name: null, created: null };
  const story = (objects) => {
    const event = (object) => ({ step: 0, thread: 0, action: "lock", object, value: null, otherwise: false, spurious: false, text: "", starts: [] });
    return new interleaved.Story({ threads: [{ thread: 0, path: "0", name: null, spawned: null }], objects, events: objects.map((_, index) => event(index)), ending: null });
  };
  const told = (objects) => {
    const told = story(objects);
    return Array.from(told.rows, (row) => told.words(row));
  };
  assert.deepEqual(told([mutex]), ["locks the mutex"]);
  assert.deepEqual(told([mutex, mutex]), ["locks the first mutex", "locks the second mutex"]);
  const made = { ...mutex, created: place(7) };
  assert.deepEqual(told([made, { ...mutex, created: place(8) }]), ["locks the mutex of line 7", "locks the mutex of line 8"]);
  assert.deepEqual(told([made, made]), ["locks the first mutex of line 7", "locks the second mutex of line 7"]);

  const wait = (on) => ({ action: "lock", object: "mutex", name: null, created: null, on });
  const blocked = (thread, on) => ({ thread, path: String(thread), name: null, spawned: null, at: place(27), waits: [wait(on)] });
  const told_ = interleaved.standstills.standstill({ blocked: [blocked(0, 1), blocked(1, 0)], objects: [mutex, mutex], gone: [], cycle: [] }, lines);
  assert.match(told_.textContent, /main waits to lock the second mutex, at line 27.*thread 1 waits to lock the first mutex, at line 27/);
});

test("a panic's exit code is said", () => {
  const { withTime } = interleaved.endings;
  assert.equal(withTime({ kind: "panicked" }, 0.035), "main panicked after 35 ms (exit code 101)");
  assert.equal(withTime({ kind: "returned" }, 0.035), "Returned after 35 ms");
});

test("short outputs are shown in full, however much they begin alike", () => {
  const outputs = [["a", "b", "c"], ["a", "c", "b"]];
  assert.deepEqual([...interleaved.previews(outputs)], ["a ⏎ b ⏎ c", "a ⏎ c ⏎ b"]);
});

test("of long outputs the lines are shown in which they differ", () => {
  // They differ in two lines only, far below.
  const output = (one, other) => Array.from({ length: 40 }, (_, line) => (line === 20 ? one : line === 30 ? other : `line ${line}`));
  const outputs = [output("x", "y"), output("x", "z"), output("w", "y")];
  const shown = [...interleaved.previews(outputs)];
  assert.equal(new Set(shown).size, 3);
  assert.equal(shown[0], "line 0 ⏎ line 1 ⏎ line 2 ⏎ line 3 ⏎ line 4 ⏎ line 5 ⏎ … ⏎ x ⏎ … ⏎ y ⏎ …");
});

test("no two of ten outputs of five numbers read alike", () => {
  const outputs = [];
  const orders = [[0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [0, 1, 2, 4, 3], [0, 2, 1, 3, 4], [0, 1, 3, 2, 4], [4, 3, 2, 1, 0]];
  for (const order of orders) {
    outputs.push([...Array(5).keys()].map((n) => `sending ${n}`).concat(order.map((n) => `1: read ${n} from channel`), ["Done!"]));
  }
  assert.equal(new Set(interleaved.previews(outputs)).size, orders.length);
});
