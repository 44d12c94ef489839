// Many readers on one server, then kills: see tests/load/run.

import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Tally, quantile, seconds, waits } from "./tally.mjs";
import { Api } from "./kernel.mjs";
import { PATIENCE, Reader } from "./reader.mjs";
import { Server } from "./server.mjs";

/// How long readers think, in milliseconds; those whose programs are killed hardly do.
const THINKS = 4_000;
const HARDLY_THINKS = 300;

/// How long it takes until all have come, of a phase's time.
const COMING = 0.1;

/// Whoever wasn't served for so long, at the end, starves; and who never got a kernel.
const STARVES = 60_000;

/// How many readers there are while processes are killed, and how long, about, there is
/// between two kills. Where nothing can be killed for long, there is something wrong.
const AMONG_KILLS = 20;
const BETWEEN_KILLS = 250;
const A_KILL_AT_MOST = 3_000;

/// What the server itself may have in memory, in bytes: the book's site, and some for
/// each reader.
const MIB = 1 << 20;
const serverMay = (readers) => (256 + readers) * MIB;

/// What it may have more towards the end than once all readers had come.
const MAY_GROW = 64 * MIB;

/// What all that it has started may have together: a few dozen small programs, each
/// with a supervisor, and a compiler and an explorer for each processor.
const startedMay = () => (1024 + 1536 * availableParallelism()) * MIB;

const WATCH_EVERY = 250;

const options = numbers({ readers: 200, seconds: 300, kills: 200, kernels: 0 });
const tally = new Tally();

/// The command's options, and what they are where they aren't given.
function numbers(defaults) {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: "string" }]));
  let given;
  try {
    given = parseArgs({ options }).values;
  } catch (error) {
    fail(error.message);
  }
  const entries = Object.entries(defaults).map(([name, value]) => [name, Number(given[name] ?? value)]);
  for (const [name, value] of entries) {
    if (!Number.isInteger(value) || value < 0) {
      fail(`--${name} must be a whole number`);
    }
  }
  return Object.fromEntries(entries);
}

function fail(sentence) {
  console.error(`tests/load/run: ${sentence}`);
  process.exit(1);
}

/// Looks at the memory, again and again, until it is told to stop; what it saw.
async function watched(family, isOver) {
  const seen = [];
  while (!isOver()) {
    seen.push(family.memory());
    await setTimeout(WATCH_EVERY);
  }
  return seen;
}

/// Readers who come one after the other, and read until it is over.
async function all(readers, think, coming, isOver) {
  const come = async (reader) => {
    await setTimeout(Math.random() * coming);
    await reader.read(think, isOver);
  };
  await Promise.all(readers.map(come));
}

/// Many readers for a while.
async function load(server, api) {
  const time = options.seconds * 1000;
  const shared = [];
  for (let number = 0; number < options.kernels; number += 1) {
    shared.push(await api.start());
  }
  const readers = Array.from(
    { length: options.readers },
    (_, index) => new Reader(index + 1, api, tally, shared[index % shared.length]),
  );
  console.log(`${options.readers} readers, ${shared.length || options.readers} kernels, ${options.seconds} s`);
  const began = performance.now();
  const isOver = () => performance.now() - began > time || server.hasEnded;
  const reading = all(readers, THINKS, time * COMING, isOver);
  let isDone = false;
  const watching = watched(server.family, () => isDone);
  await Promise.race([setTimeout(time), server.ended]);
  judgeStarving(readers);
  // Whoever waits still is served.
  await reading;
  isDone = true;
  const memory = await watching;
  const took = performance.now() - began;
  readers.forEach((reader) => reader.leave());
  await Promise.all(shared.map((id) => api.end(id)));
  await judgeKernels(api);

  const runs = tally.runs.length;
  console.log(waits(tally.runs));
  console.log(`  ${(runs / (took / 1000)).toFixed(1)} runs a second; of a reader, ${Math.min(...readers.map(({ runs }) => runs))} to ${Math.max(...readers.map(({ runs }) => runs))}`);
  const inLine = tally.runs.filter((run) => run.inLine);
  console.log(`  ${inLine.length} were told that they wait in line, ${inLine.filter(({ place }) => place).length} at which place;`);
  console.log(`  ${tally.runs.filter(({ silent }) => silent).length} were told nothing for more than 3 s`);
  tellRefusals();
  judgeMemory(memory, readers.length);
  const longest = Math.max(0, ...tally.runs.map(({ waited }) => waited));
  if (longest > PATIENCE) {
    tally.complain(`somebody waited ${seconds(longest)} for his program`);
  }
}

function judgeStarving(readers) {
  const now = performance.now();
  for (const { number, served, refused, runs } of readers) {
    if (served === null || now - served > STARVES || (refused && runs === 0)) {
      tally.starves(number, refused ?? "Nothing came of his program.");
    }
  }
  if (tally.starving.size > 0) {
    const { size } = tally.starving;
    tally.complain(`${size} of ${readers.length} readers starved; one of them was told: ${tally.why}`);
  }
}

function tellRefusals() {
  for (const [sentence, readers] of tally.refusals) {
    console.log(`  ${readers.size} readers were refused a kernel: ${sentence}`);
  }
}

async function judgeKernels(api) {
  // Whoever has left asked for his kernel's end; it takes a moment.
  const deadline = performance.now() + PATIENCE;
  let left;
  do {
    await setTimeout(100);
    left = await api.kernels();
  } while (left.length > 0 && performance.now() < deadline);
  if (left.length > 0) {
    tally.complain(`${left.length} kernels are left that nobody uses`);
  }
}

function judgeMemory(seen, readers) {
  const server = seen.map((one) => one.server);
  const peak = Math.max(...server);
  const started = Math.max(...seen.map((one) => one.started));
  const part = (from, to) => quantile(server.slice(server.length * from, Math.max(server.length * to, 1)), 0.5);
  const grown = part(0.8, 1) - part(0.2, 0.4);
  const processes = Math.max(...seen.map((one) => one.processes));
  console.log(`  memory of the server: at most ${mib(peak)} of ${mib(serverMay(readers))}; ${mib(grown)} more at the end than early on`);
  console.log(`  memory of what it started: at most ${mib(started)} of ${mib(startedMay())}, in at most ${processes} processes`);
  if (peak > serverMay(readers)) {
    tally.complain(`the server took ${mib(peak)} of memory`);
  }
  if (grown > MAY_GROW) {
    tally.complain(`the server's memory has grown by ${mib(grown)}`);
  }
  if (started > startedMay()) {
    tally.complain(`what the server started took ${mib(started)} of memory`);
  }
}

function mib(bytes) {
  return `${Math.round(bytes / MIB)} MiB`;
}

/// Kills, while some read; then all must be served as before.
async function kill(server, api) {
  const readers = Array.from({ length: Math.min(AMONG_KILLS, options.readers) }, (_, index) => new Reader(index + 1001, api, tally));
  const before = tally.runs.length;
  console.log(`${options.kills} kills among ${readers.length} readers`);
  tally.mayBeKilled = true;
  let isOver = false;
  const reading = all(readers, HARDLY_THINKS, 0, () => isOver || server.hasEnded);
  const killed = new Map();
  const deadline = performance.now() + options.kills * A_KILL_AT_MOST;
  let count = 0;
  while (count < options.kills && performance.now() < deadline && !server.hasEnded) {
    await setTimeout(-Math.log(1 - Math.random()) * BETWEEN_KILLS);
    const kind = await server.family.killOne();
    if (kind !== null) {
      count += 1;
      killed.set(kind, (killed.get(kind) ?? 0) + 1);
    }
  }
  isOver = true;
  await reading;
  tally.mayBeKilled = false;
  const told = [...tally.told.values()].reduce((sum, times) => sum + times, 0);
  console.log(`  killed: ${[...killed].map(([kind, times]) => `${times}× ${kind}`).join(", ")}`);
  console.log(`  ${tally.runs.length - before} runs, of which ${told} failed${told > 0 ? ", and their readers were told:" : ""}`);
  [...tally.told].forEach(([sentence, times]) => console.log(`    ${times}× ${sentence}`));
  if (count < options.kills) {
    tally.complain(`only ${count} of ${options.kills} processes could be killed`);
  }
  if (told > count) {
    tally.complain(`${told} runs failed of ${count} kills`);
  }

  const last = performance.now() + PATIENCE;
  const again = readers.map(async (reader) => {
    const programs = [...reader.failed.splice(0), reader.edit(), reader.edit(), reader.next()];
    let right = 0;
    for (const program of programs) {
      right += await reader.run(program, () => performance.now() > last);
    }
    return [right, programs.length];
  });
  const [right, of] = (await Promise.all(again)).reduce(([right, of], [more, all]) => [right + more, of + all], [0, 0]);
  console.log(`  after the kills, ${right} of ${of} programs ran as they should`);
  if (right < of) {
    tally.complain(`after the kills, ${of - right} of ${of} programs did not run as they should`);
  }
  readers.forEach((reader) => reader.leave());
  await judgeKernels(api);
}

// What is done at the exit is done then, too.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => process.exit(1));
}
const server = await Server.start().catch((error) => fail(error.message));
try {
  const api = new Api(server.address);
  await load(server, api);
  if (options.kills > 0) {
    await kill(server, api);
  }
} catch (error) {
  tally.complain(server.hasEnded ? "the server ended in the middle" : error.stack);
}
(await server.end()).forEach((sentence) => tally.complain(sentence));
const wrong = tally.wrong();
if (wrong.length > 0) {
  console.error(`The server said:\n${server.said.trim().replace(/^/gm, "    ")}`);
  wrong.forEach((sentence) => console.error(`tests/load/run: ${sentence}`));
  process.exit(1);
}
console.log("Each got his own, and nothing is left.");
process.exit(0);
