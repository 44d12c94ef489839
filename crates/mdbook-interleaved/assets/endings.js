// How a program ended, in words. What there is to say: runner's `Ending`,
// the engine's, and the kernel's for a program that was never built.

"use strict";

(() => {
  const SIGNALS = {
    4: "SIGILL",
    6: "SIGABRT: it aborted",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV: often a stack that overflowed",
  };

  /// What a process whose main thread has panicked exits with.
  const PANICKED = 101;

  /// Without a time: `Returned`.
  function sentence(ending) {
    switch (ending?.kind) {
      case "returned":
        return "Returned";
      case "exited":
        return `Exited with code ${ending.code}`;
      case "panicked":
        return ending.message ? `main panicked: ${window.interleaved.direction.named(ending.message)}` : "main panicked";
      case "signalled":
        return `Killed by signal ${ending.signal}${SIGNALS[ending.signal] ? ` (${SIGNALS[ending.signal]})` : ""}`;
      case "deadlocked":
        return deadlocked(ending.threads);
      case "aborted":
        return ending.message ? `Aborted: ${window.interleaved.direction.named(ending.message)}` : "Aborted";
      case "never-ends":
        return "Goes on forever";
      case "stopped":
        return "Stopped";
      case "over-limit":
        return `Stopped: it ${overLimit(ending.limit)}`;
      case "rejected":
        return "Does not compile";
      case "not-built":
        return "Could not be built";
      default:
        return "Ended";
    }
  }

  /// What comes after "then", for an ending that the engine found: "main
  /// returns".
  function clause(ending) {
    switch (ending.kind) {
      case "returned":
        return "main returns";
      case "exited":
        return `the program exits with code ${ending.code}`;
      case "panicked":
        return ending.message ? `main panics: ${window.interleaved.direction.named(ending.message)}` : "main panics";
      case "aborted":
        return "the program aborts";
      case "deadlocked":
        return "every thread waits forever: a deadlock";
      default:
        return "it goes on forever";
    }
  }

  /// The registry's word for an ending that the engine found: "exits 3".
  function registered({ kind, code }) {
    const words = { returned: "returns", exited: `exits ${code}`, panicked: "panics", deadlocked: "deadlocks", "never-ends": "never ends" };
    return words[kind] ?? "aborts";
  }

  /// The ending that the registry calls so; of a panic, with any message.
  function fromRegistry(word) {
    const kinds = { returns: "returned", panics: "panicked", deadlocks: "deadlocked", "never ends": "never-ends" };
    return kinds[word] ? { kind: kinds[word] } : { kind: "exited", code: Number(word.replace("exits ", "")) };
  }

  /// The engine's ending for that of a real run; `null` where something else than
  /// the program brought it about.
  function ofEngine({ kind, code, signal }) {
    if (kind === "signalled") {
      return signal === 6 ? { kind: "aborted" } : null;
    }
    return ["returned", "exited", "panicked", "deadlocked"].includes(kind) ? { kind, code } : null;
  }

  function deadlocked(threads) {
    if (threads === undefined) {
      return "Deadlock";
    }
    if (threads === 1) {
      return "Deadlock: its only thread is blocked";
    }
    return `Deadlock: ${threads === 2 ? "both" : `all ${threads}`} threads are blocked`;
  }

  function overLimit(limit) {
    const allowed = Number(limit?.allowed);
    switch (limit?.bound) {
      case "wall-clock":
        return `ran for more than ${allowed} s`;
      case "memory":
        return `used more than ${bytes(allowed)} of memory`;
      case "processes":
        return `had more than ${allowed} processes`;
      case "threads":
        return `had more than ${allowed} threads`;
      case "output":
        return `printed more than ${bytes(allowed)}`;
      case "file":
        return `wrote more than ${bytes(allowed)} to a file`;
      default:
        return "hit a limit";
    }
  }

  /// `Returned after 3 ms`; where it ran elsewhere, the way there took most of that.
  function withTime(ending, seconds, on) {
    const text = sentence(ending);
    if (on) {
      return `${text}, on ${on}`;
    }
    const took = duration(seconds);
    switch (ending?.kind) {
      case "deadlocked":
        return `${text} (found after ${took})`;
      case "over-limit":
      case "rejected":
      case "not-built":
        return text;
      case "panicked":
        return `${text} after ${took} (exit code ${PANICKED})`;
      default:
        return `${text} after ${took}`;
    }
  }

  function duration(seconds) {
    if (!(seconds >= 0.001)) {
      return "less than 1 ms";
    }
    if (seconds < 0.9995) {
      return `${Math.round(seconds * 1000)} ms`;
    }
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }

  function bytes(count) {
    if (count >= 1 << 30) return `${Math.round(count / (1 << 30))} GiB`;
    if (count >= 1 << 20) return `${Math.round(count / (1 << 20))} MiB`;
    return `${Math.round(count / 1024)} KiB`;
  }

  window.interleaved.endings = { sentence, clause, registered, fromRegistry, ofEngine, withTime, duration };
})();
