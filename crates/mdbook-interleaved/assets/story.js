// One execution as a story: who did what, in order, in words; which arrows join
// the threads; who waits when. From the engine's `Trace`, or from a path through
// the graph, which has the same fields. Knows nothing of the page.

"use strict";

(() => {
  const { named } = window.interleaved.direction;

  class Story {
    /// `isPrompt` says that the program ran on the prompt clock, so that every
    /// event has its time.
    constructor(trace, isPrompt = false) {
      this.isPrompt = isPrompt;
      this.objects = trace.objects;
      this.kinds = toldApart(trace.objects);
      this.ending = trace.ending ?? null;
      this.names = new Map(trace.threads.map((thread) => [thread.thread, nameOf(thread)]));
      this.byPath = new Map(trace.threads.map(({ path, thread }) => [path, thread]));
      this.spawnLines = new Map(trace.threads.map((thread) => [thread.thread, thread.spawned?.line ?? null]));
      this.rows = rowsOf(trace);
      for (const row of this.rows) {
        row.line ??= row.action === "start" ? this.spawnLines.get(row.thread) : null;
      }
      this.lanes = this.findLanes(trace);
      this.arrows = this.findArrows();
      this.waits = this.findWaits();
    }

    name(thread) {
      return this.names.get(thread) ?? `thread ${thread}`;
    }

    /// What was printed up to this row, in pieces: by whom, and what.
    printedUpTo(row) {
      return this.rows
        .slice(0, row + 1)
        .filter((one) => one.text !== "")
        .map(({ thread, text }) => ({ thread, text }));
    }

    /// Where every thread stands after a row.
    positionsAfter(row) {
      for (let index = row; index >= 0; index -= 1) {
        if (this.rows[index].positions) {
          return this.rows[index].positions;
        }
      }
      return [];
    }

    /// What a row says, without its thread's name.
    words(row) {
      return inWords(row, this);
    }

    sentence(row) {
      return `${capital(this.name(row.thread))} ${this.words(row)}`;
    }

    /// The same with its line, and with its time, where there is one.
    told(row) {
      const line = row.line === null ? "" : `, line ${row.line}`;
      // A number stays with its unit.
      const time = this.isPrompt ? `, at ${timeInWords(row.time).replace(" ", "\u00a0")}` : "";
      return `${this.sentence(row)}${line}${time}`;
    }

    /// The rows at which the clock has moved, with the time, the first of all
    /// included; none where there is no clock.
    times() {
      if (!this.isPrompt) {
        return [];
      }
      const times = this.rows.map(({ time }, row) => ({ row, time, words: timeInWords(time) }));
      return times.filter(({ time, row }) => row === 0 || time !== this.rows[row - 1].time);
    }

    /// The threads that took part, with the rows where they begin and end.
    findLanes(trace) {
      const lanes = [];
      for (const { thread } of trace.threads) {
        const first = this.rows.findIndex((row) => row.thread === thread || row.starts.includes(thread));
        if (first === -1 && thread !== 0) {
          continue;
        }
        const last = this.rows.findIndex(
          (row, index) =>
            index >= first && row.positions && !row.positions.some((position) => position.thread === thread),
        );
        const own = this.rows.findLastIndex((row) => row.thread === thread);
        const start = Math.max(0, this.rows.findIndex((row) => row.thread === thread));
        lanes.push({ thread, first: Math.min(start, Math.max(first, 0)), last: last === -1 ? null : Math.max(last, own), own });
      }
      return lanes.sort((a, b) => a.thread - b.thread);
    }

    /// From a send to its receive, from who starts a thread to the thread, from
    /// a thread's last deed to who joins it.
    findArrows() {
      const arrows = [];
      const sent = new Map();
      this.rows.forEach((row, index) => {
        row.closed = row.action === "receive" && row.value === null && row.with === null;
        if (row.with !== null) {
          arrows.push({ kind: "meet", from: row.with, to: index });
        } else if (row.object !== undefined && row.object !== null && !row.otherwise) {
          const queue = sent.get(row.object) ?? [];
          sent.set(row.object, queue);
          if (row.action === "send" && !this.isMet(index)) {
            queue.push(index);
          } else if (row.action === "receive" && queue.length > 0) {
            arrows.push({ kind: "message", from: queue.shift(), to: index });
            row.closed = false;
          }
        }
        for (const thread of row.starts) {
          const start = this.rows.findIndex((other, at) => at > index && other.thread === thread);
          if (start !== -1) {
            arrows.push({ kind: "spawn", from: index, to: start });
          }
        }
        const joined = row.action === "join" && !row.otherwise ? this.byPath.get(row.value) : undefined;
        const last = this.rows.findLastIndex((other, at) => at < index && other.thread === joined);
        if (last !== -1) {
          arrows.push({ kind: "join", from: last, to: index });
        }
      });
      return arrows;
    }

    isMet(index) {
      return this.rows[index + 1]?.with === index;
    }

    /// From which row to which a thread could not go on. `to` is the row where
    /// it does, or `null`.
    findWaits() {
      const waits = [];
      for (const { thread } of this.lanes) {
        let wait = null;
        this.rows.forEach((row, index) => {
          if (wait && row.thread === thread) {
            waits.push({ ...wait, to: index });
            wait = null;
          }
          const position = row.positions?.find((one) => one.thread === thread);
          if (position?.blocked && !wait) {
            wait = { thread, from: index, position };
          } else if (position && !position.blocked && wait) {
            waits.push({ ...wait, to: index });
            wait = null;
          }
        });
        if (wait) {
          waits.push({ ...wait, to: null });
        }
      }
      return waits;
    }
  }

  /// Nanoseconds of the prompt clock: "1.5 s".
  function timeInWords(time) {
    if (time > 0 && time < 1e6) {
      return `${time / 1e3} µs`;
    }
    return time > 0 && time < 1e9 ? `${time / 1e6} ms` : `${time / 1e9} s`;
  }

  /// What a thread is called: by its name, or by the way to it from main.
  function nameOf({ thread, path, name }) {
    return (name && named(name)) ?? (thread === 0 ? "main" : `thread ${path}`);
  }

  /// The events worth a row, with what links them to each other renumbered.
  function rowsOf(trace) {
    const rows = [];
    const numbers = new Map();
    trace.events.forEach((event, index) => {
      const starts = event.starts ?? startedDuring(trace, index);
      const isNoise = isBookkeeping(event, rows) && starts.length === 0 && !event.text && !event.stderr;
      if (isNoise) {
        const last = rows[rows.length - 1];
        if (event.positions?.length > 0 && last) {
          last.positions = event.positions;
        }
        numbers.set(index, rows.length - 1);
        return;
      }
      numbers.set(index, rows.length);
      const isLastOfStep = trace.events[index + 1]?.step !== event.step || event.positions?.length > 0;
      rows.push({
        thread: event.thread,
        action: event.action,
        object: event.object ?? null,
        value: event.value ? named(event.value) : null,
        otherwise: event.otherwise ?? false,
        spurious: event.spurious ?? false,
        newer: event.newer ?? 0,
        text: event.text ?? "",
        stderr: event.stderr ?? "",
        line: event.at?.line ?? null,
        time: event.time ?? 0,
        with: event.with === null || event.with === undefined ? null : numbers.get(event.with),
        starts,
        positions: isLastOfStep ? (event.positions ?? null) : null,
      });
    });
    return rows;
  }

  function startedDuring(trace, index) {
    return trace.threads
      .filter((lane) => lane.parent !== null && lane.started === index)
      .map((lane) => lane.thread);
  }

  /// How the engine sets a program going again, or ends it, is no one's deed.
  function isBookkeeping({ thread, action }, rows) {
    const again = rows.some((row) => row.thread === thread);
    return (action === "start" && again) || (action === "end the process" && again);
  }

  const WORDS = {
    "start": "starts",
    "return from main": "returns",
    "end the process": "ends the program",
    "yield": "lets others go first",
    "fence": "passes a fence",
    "sleep": "wakes up",
    "park": "goes on: it was unparked",
    "unpark": "unparks",
    "let go of the mutex and wait": "lets go of the mutex and waits to be notified",
    "wait to be notified": "is notified",
    "wait at the barrier": "passes the barrier",
    "wait for the group": "goes on: all clones of the wait group were dropped",
    "wait for the threads of the scope": "goes on: the threads of the scope have finished",
    "wait for it to be complete": "finds it complete",
    "wait for it to be set": "finds it set",
  };

  /// What a thread gives up when its time is over, or when it was only to try.
  const GIVING_UP = {
    "park": "stops waiting to be unparked: its time is over",
    "wait to be notified": "stops waiting to be notified: its time is over",
    "try to lock": "tries to lock the mutex, in vain",
    "try to lock for reading": "tries to lock for reading, in vain",
    "try to lock for writing": "tries to lock for writing, in vain",
  };

  function inWords(row, story) {
    const object = row.object === null ? null : story.objects[row.object];
    const starting =
      row.starts.length > 0 ? ` ${and(row.starts.map((thread) => story.name(thread)))}` : "";
    if (row.action === "start") {
      return starting && row.thread === 0 ? `starts, and starts${starting}` : `starts${starting && `, and starts${starting}`}`;
    }
    return deed(row, object, story) + (starting && `, and starts${starting}`);
  }

  function deed(row, object, story) {
    const printed = row.text || row.stderr;
    if (row.action === "print" || (printed && /print/.test(row.action))) {
      return `prints ${quoted(printed)}`;
    }
    const then = printed ? `, and ${quoted(printed)} appears` : "";
    return deedWithout(row, object, story) + missing(row) + then;
  }

  /// An access to an atomic that isn't to its newest value.
  function missing({ action, newer }) {
    if (!newer) {
      return "";
    }
    const newest = newer === 1 ? "the newest store" : `the newest ${newer} stores`;
    return action === "store" ? `, which comes before ${newest}` : `, missing ${newest}`;
  }

  /// What may as well not happen, said to the end.
  const SPURIOUS = {
    "wait to be notified": "wakes up spuriously: nobody notified it",
    "park": "wakes up spuriously: nobody unparked it",
    "compare and perhaps exchange": "fails spuriously to exchange the value",
    "lock for reading": "locks for reading, past a waiting writer",
    "try to lock for reading": "locks for reading, past a waiting writer",
  };

  function deedWithout(row, object, story) {
    if (row.spurious) {
      return SPURIOUS[row.action] ?? `${thirdPerson(row.action)}, for no reason`;
    }
    // What ends a sleep is its time, as it should be.
    if (row.otherwise && row.action !== "sleep") {
      return GIVING_UP[row.action] ?? `gives up: ${phrase(row.action, object)} was not possible`;
    }
    switch (row.action) {
      case "join":
        return `joins ${row.value === null ? "a thread" : story.name(story.byPath.get(row.value))}`;
      case "send":
        return `sends ${row.value ?? "a value"}`;
      case "receive":
        return row.closed ? "finds the channel closed" : `receives ${row.value ?? "a value"}`;
      case "lock":
        return `locks the ${object ? kindOf(row.object, story) : "mutex"}`;
      default:
        return WORDS[row.action] ?? thirdPerson(row.action) + (object && !row.action.includes(" ") ? ` (${object.kind})` : "");
    }
  }

  /// "mutex", or "mutex of line 7" where there are several; "second mutex of line
  /// 7" where several were made there.
  function kindOf(index, story) {
    const object = story.objects[index];
    const several = story.objects.filter(({ kind }) => kind === object.kind).length > 1;
    const kind = story.kinds[index];
    return several && object.created ? `${kind} of line ${object.created.line}` : kind;
  }

  /// What each object is called so that it is told apart from others of its kind,
  /// name and place: "first mutex", "second mutex".
  function toldApart(objects) {
    const keys = objects.map(({ kind, name, created }) => JSON.stringify([kind, name ?? null, created ?? null]));
    return objects.map(({ kind }, index) => {
      const isAlone = keys.indexOf(keys[index]) === keys.lastIndexOf(keys[index]);
      const before = keys.slice(0, index).filter((key) => key === keys[index]).length;
      return isAlone || SINGULAR.has(kind) ? kind : `${ordinal(before)} ${kind}`;
    });
  }

  /// Kinds of which each is told in another way.
  const SINGULAR = new Set(["thread", "scope", "park token", "stdout", "stderr"]);

  const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

  function ordinal(index) {
    const number = index + 1;
    const teens = number % 100 > 10 && number % 100 < 14;
    const ending = teens ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
    return ORDINALS[index] ?? `${number}${ending}`;
  }

  function phrase(action, object) {
    return object ? `to ${action} (${object.kind})` : `to ${action}`;
  }

  function quoted(text) {
    return `“${named(text.replace(/\n$/, "").replaceAll("\n", " ⏎ "))}”`;
  }

  /// "lock" → "locks", "wait for the threads" → "waits for the threads".
  function thirdPerson(action) {
    const [verb, ...rest] = action.split(" ");
    const ending = /(s|x|sh|ch)$/.test(verb) ? "es" : "s";
    const inflected = /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ies` : verb + ending;
    return [inflected, ...rest].join(" ");
  }

  function and(items) {
    return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
  }

  function capital(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  /// What may keep a thread waiting, by what the engine calls it: the words
  /// between "waits" and what it waits for, and those after that.
  const WAITS = {
    "lock": ["to lock the"],
    "lock for reading": ["to lock the", "for reading"],
    "lock for writing": ["to lock the", "for writing"],
    "send": ["to send into the"],
    "receive": ["to receive from the"],
    "wait to be notified": ["to be notified by the"],
    "wait at the barrier": ["at the"],
    "wait for the group": ["for all clones of the", "to be dropped"],
    "initialise": ["to initialise the"],
    "wait for it to be complete": ["for the", "to be complete"],
    "wait for it to be set": ["for the", "to be set"],
  };

  /// What stands for a kind of object that no English word does.
  const KINDS = { once: "Once", rwlock: "RwLock" };

  /// Whether it waits by `thread::park` or as a `Parker`: "is parked", said
  /// without "waits".
  function isParked({ action }) {
    return action === "park";
  }

  /// What a thread waits for, or would do: the words after "waits ", the name of
  /// what it waits for, the line that made it, and the words after that.
  function waitWords(wait) {
    const line = wait.created?.line ?? null;
    const name = wait.name ? named(wait.name) : null;
    const only = (text) => ({ text, name: null, line: null, after: "" });
    if (wait.object === "thread") {
      const started = line === null ? "" : " that was started";
      return name === null ? { text: `for the thread to finish${started}`, name, line, after: "" } : only(`for ${name} to finish`);
    }
    if (wait.object === "scope") {
      return only("for the threads of its scope to finish");
    }
    if (isParked(wait)) {
      return only("to be unparked");
    }
    // Who holds the lock on one of these keeps others from printing.
    if (wait.object === "stdout" || wait.object === "stderr") {
      return only(`for the lock on ${wait.object}`);
    }
    if (!wait.object) {
      return only(/^wait /.test(wait.action) ? wait.action.slice("wait ".length) : `to ${wait.action}`);
    }
    const kind = wait.object.replace(/\w+$/, (last) => KINDS[last] ?? last);
    // In a `select!` it says so: "receive (select)".
    const action = wait.action.replace(/ \(\w+\)$/, "");
    const [before, after = ""] = WAITS[action] ?? [`to ${action} (`, ")"];
    const made = line === null || name !== null ? "" : " made";
    const space = before.endsWith("(") ? "" : " ";
    return { text: `${before}${space}${kind}${made}`, name, line, after: after === ")" || after === "" ? after : ` ${after}` };
  }

  window.interleaved.Story = Story;
  window.interleaved.words = { nameOf, thirdPerson, and, capital, quoted, timeInWords, waitWords, isParked, toldApart };
})();
