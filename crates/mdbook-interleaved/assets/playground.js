// Runs a program on the Rust Playground, a service of the Rust project's, for who has
// agreed to that: <https://github.com/rust-lang/rust-playground>. Gives messages and
// replies of the form in which a kernel does.

"use strict";

(() => {
  const { Unavailable } = window.interleaved.kernels;
  const { wordsAre } = window.interleaved.programWords;

  const ADDRESS = "https://play.rust-lang.org/";
  const AGREED = "interleaved-playground";

  /// The edition of a program of which the book says nothing.
  const EDITION = "2021";

  /// What stands at a crate's top: its attributes, and other crates.
  const TOP = /^(?:\s*(?:#!\[[^\n]*\]|(?:#\[macro_use\]\s*)?extern\s+crate\s+[^;]*;|\/\/[^\n]*(?=\n)))*/;

  /// A program of an example, as rustdoc makes one: `{ code, isTests }`. The lines are
  /// those that were written.
  function program(example) {
    const body = example.trimEnd();
    if (wordsAre(example, "fn main") || example.includes("quick_main!")) {
      return { code: `${body}\n`, isTests: false };
    }
    if (wordsAre(example, "#[test]")) {
      return { code: `${body}\n`, isTests: true };
    }
    const [top] = TOP.exec(body);
    const [gap] = /^\s*/.exec(body.slice(top.length));
    const rest = body.slice(top.length + gap.length);
    const [start, end] = rest.endsWith("(())")
      ? ["fn main() { fn _inner() -> core::result::Result<(), impl core::fmt::Debug> { ", "\n} _inner().unwrap() }\n"]
      : ["fn main() { ", "\n}\n"];
    return { code: `#![allow(unused)] ${top}${gap}${start}${rest}${end}`, isTests: false };
  }

  /// What is sent.
  function requestOf(source, edition = EDITION) {
    const { code, isTests } = program(source);
    const channel = /#!\[feature/.test(code) ? "nightly" : "stable";
    return { channel, mode: "debug", edition, crateType: isTests ? "lib" : "bin", tests: isTests, backtrace: false, code };
  }

  class Playground {
    constructor() {
      this.aborted = new AbortController();
    }

    async execute(source, edition, handle) {
      const started = performance.now();
      const answer = await this.ask(requestOf(source, edition));
      const { stderr, hasRun } = ofProgram(answer.stderr);
      const seconds = (performance.now() - started) / 1000;
      const reply = (ending) => ({ metadata: { interleaved: { ending, seconds, on: "the Rust Playground" } } });
      if (!hasRun) {
        handle({ header: { msg_type: "error" }, content: { ename: "CompileError", evalue: "", traceback: [stderr.trim()] } });
        const codes = [...stderr.matchAll(/^error\[(E\d{4})\]/gm)].map(([, code]) => code);
        return reply({ kind: "rejected", codes });
      }
      for (const [name, text] of [["stdout", answer.stdout], ["stderr", stderr]]) {
        if (text !== "") {
          handle({ header: { msg_type: "stream" }, content: { name, text } });
        }
      }
      return reply(endingOf(answer, stderr));
    }

    async ask(request) {
      let response;
      try {
        response = await fetch(`${ADDRESS}execute`, {
          method: "POST",
          mode: "cors",
          credentials: "omit",
          referrerPolicy: "no-referrer",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(request),
          signal: this.aborted.signal,
        });
      } catch {
        const why = this.aborted.signal.aborted ? "Stopped: nobody waits for the Playground’s answer any more." : "The Rust Playground doesn’t answer.";
        throw new Unavailable("not-loaded", why);
      }
      const answer = await response.json().catch(() => ({}));
      if (!response.ok || typeof answer.stdout !== "string" || typeof answer.stderr !== "string") {
        throw new Unavailable("not-loaded", `The Rust Playground could not run it: ${answer.error ?? `it answered ${response.status}`}.`);
      }
      return answer;
    }

    interrupt() {
      this.aborted.abort();
    }

    release() {}
  }

  /// What the program itself, or rustc, has written to standard error: cargo's words go
  /// before.
  function ofProgram(stderr) {
    const [cargo] = /^(?:[^\n]*\n)*? +Running [^\n]*\n/.exec(stderr) ?? [null];
    if (cargo === null) {
      return { stderr: stderr.replace(/^ +(?:Compiling|Finished) .*\n/gm, ""), hasRun: false };
    }
    return { stderr: stderr.slice(cargo.length), hasRun: true };
  }

  function endingOf({ success, exitDetail = "" }, stderr) {
    if (success) {
      return { kind: "returned" };
    }
    const signal = /signal (\d+)/.exec(exitDetail);
    if (signal) {
      return { kind: "signalled", signal: Number(signal[1]) };
    }
    const code = Number(/status (\d+)/.exec(exitDetail)?.[1] ?? 1);
    return code === 101 && /^thread 'main' .*panicked at /m.test(stderr) ? { kind: "panicked" } : { kind: "exited", code };
  }

  // Whether the reader has agreed to that for good. It stays in this browser.

  function hasAgreed() {
    try {
      return localStorage.getItem(AGREED) === "yes";
    } catch {
      return false;
    }
  }

  function agree(isForGood) {
    try {
      if (isForGood) {
        localStorage.setItem(AGREED, "yes");
      } else {
        localStorage.removeItem(AGREED);
      }
    } catch {
      // Then he is asked each time.
    }
  }

  /// Where a program can be looked at there, and run by hand.
  function linkTo(source, edition = EDITION) {
    const query = new URLSearchParams({ version: "stable", mode: "debug", edition, code: program(source).code });
    return `${ADDRESS}?${query}`;
  }

  window.interleaved.playground = { Playground, hasAgreed, agree, linkTo };
})();
