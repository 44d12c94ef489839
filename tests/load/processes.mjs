// The processes that a server has started, and those that they have, over /proc: what
// memory they take, which of them may be killed, and which are left. Reads of all others
// no more than whose children they are and what they are named after.

import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/// How long, in milliseconds, to wait for a process of some kind, and how often to look.
const COMES_WITHIN = 2_000;
const LOOK_EVERY = 20;

function read(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It has ended meanwhile, or is another user's.
    return "";
  }
}

/// A process as proc_pid_stat(5) tells it. When it was started tells it from another
/// one with the same number.
function processOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  const end = stat.lastIndexOf(")");
  if (end < 0) {
    return null;
  }
  const fields = stat.slice(end + 2).split(" ");
  return { pid, name: stat.slice(stat.indexOf("(") + 1, end), state: fields[0], parent: Number(fields[1]), started: fields[19] };
}

function all() {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.map((number) => processOf(Number(number))).filter((process) => process !== null);
}

function isAlive({ state }) {
  return state !== "Z" && state !== "X";
}

/// All that have come of some processes, these not among them.
function descendants(processes, roots) {
  const children = grouped(processes, ({ parent }) => parent);
  const found = new Map();
  const next = [...roots];
  while (next.length > 0) {
    for (const child of children.get(next.pop()) ?? []) {
      if (!found.has(child.pid)) {
        found.set(child.pid, child);
        next.push(child.pid);
      }
    }
  }
  return [...found.values()];
}

function memoryOf(pid) {
  const resident = /^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`));
  return resident ? Number(resident[1]) * 1024 : 0;
}

/// A server and what it has started. `mark` is in the environment of each of them.
export class Family {
  constructor(server, mark) {
    this.server = server;
    this.mark = mark;
    this.seen = new Map();
  }

  /// All that are alive below the server now. One whose parent was killed is no
  /// longer below it, but was seen.
  below() {
    const found = descendants(all(), [this.server]);
    for (const process of found) {
      this.seen.set(`${process.pid} ${process.started}`, process);
    }
    return found.filter(isAlive);
  }

  /// The resident memory of the server, and of all that it has started; pages that
  /// processes share count for each.
  memory() {
    const below = this.below();
    const started = below.reduce((sum, { pid }) => sum + memoryOf(pid), 0);
    return { server: memoryOf(this.server), started, processes: below.length };
  }

  /// Kills one of those below the server, drawn at random; what it was, or null if
  /// there is none. First a kind is drawn, which one waits a moment for: linkers are
  /// there for a blink, and supervisors always.
  async killOne() {
    const kind = drawn(["supervisor", "program", "rustc", "linker"]);
    const deadline = performance.now() + COMES_WITHIN;
    let below = this.below();
    const isOfKind = (process) => kindOf(process, below) === kind;
    while (!below.some(isOfKind) && performance.now() < deadline) {
      await setTimeout(LOOK_EVERY);
      below = this.below();
    }
    const ofKind = below.filter(isOfKind);
    const victim = drawn(ofKind.length > 0 ? ofKind : below);
    // Its number may be another's by now.
    if (!victim || processOf(victim.pid)?.started !== victim.started) {
      return null;
    }
    const what = kindOf(victim, below);
    try {
      process.kill(victim.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") {
        throw error;
      }
      return null;
    }
    return what;
  }

  /// What is left of it, once it has ended.
  left() {
    const ours = (process) => this.seen.has(`${process.pid} ${process.started}`) || this.isMarked(process.pid);
    return all().filter((process) => isAlive(process) && process.pid !== globalThis.process.pid && ours(process));
  }

  isMarked(pid) {
    let folder = "";
    try {
      folder = readlinkSync(`/proc/${pid}/cwd`);
    } catch {
      // It has ended, or is another user's.
    }
    return `${read(`/proc/${pid}/environ`)}${read(`/proc/${pid}/cmdline`)}${folder}`.includes(this.mark);
  }

  /// The control groups that are left of those that its supervisors have made: each
  /// is named after one.
  groups() {
    const numbers = new Set([...this.seen.values()].map(({ pid }) => pid));
    const mounts = read("/proc/self/mountinfo").split("\n").map((line) => line.split(" "));
    const hierarchies = mounts.filter((fields) => fields.at(fields.indexOf("-") + 1)?.startsWith("cgroup"));
    return hierarchies.flatMap((fields) => groupsIn(fields[4], numbers));
  }
}

/// Groups are made in the one that we are in or in its parent: no deeper than this.
function groupsIn(folder, numbers, depth = 6) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // It has gone meanwhile.
  }
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const path = `${folder}/${name}`;
      const number = /^interleaved-(\d+)$/.exec(name)?.[1];
      if (number && numbers.has(Number(number))) {
        return [path];
      }
      return depth > 0 ? groupsIn(path, numbers, depth - 1) : [];
    });
}

/// What it is for. The compiler's children link.
function kindOf({ pid, name, parent }, below) {
  if (read(`/proc/${pid}/cmdline`).includes("\0--supervise-a-program")) {
    return "supervisor";
  }
  if (name === "rustc" || name === "cargo") {
    return name;
  }
  const above = below.find((process) => process.pid === parent);
  switch (above && kindOf(above, below)) {
    case "rustc":
    case "linker":
      return "linker";
    case "supervisor":
      return "program";
    default:
      return name;
  }
}

function grouped(values, key) {
  const groups = new Map();
  for (const value of values) {
    const name = key(value);
    groups.set(name, [...(groups.get(name) ?? []), value]);
  }
  return groups;
}

function drawn(values) {
  return values[Math.floor(Math.random() * values.length)];
}
