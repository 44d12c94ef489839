// Somebody who reads the book, presses Run, waits for what comes, thinks, and goes on.

import { setTimeout } from "node:timers/promises";
import { Lost, Refused } from "./kernel.mjs";
import { Program } from "./programs.mjs";

/// How long one goes on waiting for a program's end. Nobody may have to wait so long.
export const PATIENCE = 120_000;

/// After how long somebody wants to be told what he waits for.
const SILENCE = 3_000;

/// How what begins that the server says to whoever waits, for the compiler or until
/// fewer programs run, and where in it it tells his place, in whatever words: how many
/// are before him, or his own number.
const IN_LINE = /^Waiting /;
const PLACE = /\b\d+(st|nd|rd|th)\b|\b\d+ (\w+ )?(\w+ )?(ahead|before)\b|\b(place|number) \d+/;

/// What a program may be said to have failed of, where it was killed: nothing that says
/// that the reader's code is wrong.
const KILLED = ["Signal", "RunError", "BuildError"];

/// Another wait, between a half and one and a half times as long.
function around(milliseconds) {
  return milliseconds * (0.5 + Math.random());
}

export class Reader {
  /// `server` is an Api. `shared` is the id of a kernel that others use as well, if one
  /// is given; `tally` is what is written down about all of them.
  constructor(number, server, tally, shared) {
    Object.assign(this, { number, server, tally, shared });
    this.kernel = null;
    this.edits = 0;
    this.runs = 0;
    /// When the last of his runs ended; first, when he came.
    this.served = null;
    /// What he has been refused, if he waits for a kernel.
    this.refused = null;
    /// The programs that have failed, and not run since.
    this.failed = [];
  }

  /// Reads until he is to stop, thinking for so long after each run.
  async read(think, mayStop) {
    this.served = performance.now();
    while (!mayStop()) {
      await this.run(this.next(), mayStop);
      await setTimeout(around(think));
    }
  }

  /// Every third program is edited. One that has failed is run again first.
  next() {
    if (this.failed.length > 0) {
      return this.failed.pop();
    }
    return Math.random() < 1 / 3 ? this.edit() : Program.unedited();
  }

  edit() {
    this.edits += 1;
    return Program.edited(this.number, this.edits);
  }

  /// Runs a program and judges what comes of it: whether it did what it should. One who
  /// gets no kernel tries again, until he may stop.
  async run(program, mayStop = () => false) {
    const pressed = performance.now();
    while (!(await this.connected(pressed))) {
      if (mayStop()) {
        return false;
      }
      await setTimeout(around(2_000));
    }
    const heard = { printed: "", stderr: "", inLine: false, place: false, first: null };
    const patience = new AbortController();
    const late = setTimeout(PATIENCE, "late", { signal: patience.signal });
    // Nobody hears that it was given up.
    late.catch(() => {});
    let reply;
    try {
      reply = await Promise.race([this.kernel.execute(program.source, (message) => this.hear(message, heard)), late]);
    } catch (error) {
      if (!(error instanceof Lost)) {
        throw error;
      }
      this.leave();
      return this.isWrong(program, error.message);
    } finally {
      patience.abort();
    }
    if (reply === "late") {
      this.leave();
      return this.isWrong(program, `nothing came of it in ${PATIENCE / 1000} s`);
    }
    const now = performance.now();
    this.served = now;
    this.runs += 1;
    return this.judge(program, heard, reply, pressed, now);
  }

  async connected(pressed) {
    if (this.kernel?.isOpen()) {
      return true;
    }
    let id = this.shared;
    try {
      id ??= await this.server.start();
      this.kernel = await this.server.connect(id);
      this.refused = null;
      return true;
    } catch (error) {
      const why = error instanceof Refused ? error.message : `The server doesn't answer: ${error.cause?.message ?? error.message}.`;
      this.refused = why;
      this.tally.refuse(this.number, why);
      if (performance.now() - pressed > PATIENCE) {
        this.tally.starves(this.number, why);
      }
      return false;
    }
  }

  hear({ header, content, metadata }, heard) {
    if (["stream", "display_data", "error"].includes(header.msg_type)) {
      heard.first ??= performance.now();
    }
    if (header.msg_type === "stream" && metadata.interleaved?.from === "kernel") {
      heard.inLine ||= IN_LINE.test(content.text);
      heard.place ||= IN_LINE.test(content.text) && PLACE.test(content.text);
    } else if (header.msg_type === "stream" && metadata.interleaved?.from !== "rustc") {
      heard[content.name === "stdout" ? "printed" : "stderr"] += content.text;
    }
  }

  judge(program, heard, { content, metadata }, pressed, now) {
    const { seconds = 0, build } = metadata.interleaved ?? {};
    const whole = now - pressed;
    this.tally.write({
      /// Without the time for which the program itself ran.
      waited: Math.max(whole - seconds * 1000, 0),
      built: build && !build.cached ? build.seconds * 1000 : 0,
      inLine: heard.inLine,
      place: heard.place,
      silent: !heard.inLine && (heard.first ?? now) - pressed > SILENCE,
      edited: program.name.endsWith("edited"),
    });
    const shown = JSON.stringify((heard.printed + heard.stderr).slice(0, 400));
    if (content.status === "ok") {
      return (heard.stderr === "" && program.printsAll(heard.printed)) || this.isWrong(program, `it printed ${shown}`);
    }
    this.failed.push(program);
    const said = `${content.ename ?? content.status}: ${content.evalue ?? ""}`;
    if (!this.tally.mayBeKilled || !KILLED.includes(content.ename) || !/^[A-Z].*\.$/s.test(content.evalue) || content.evalue.includes("::")) {
      return this.isWrong(program, `he was told ${JSON.stringify(said.slice(0, 300))}`);
    }
    this.tally.tell(said);
    return program.printsSome(heard.printed) ? false : this.isWrong(program, `it printed ${shown}, and was killed`);
  }

  isWrong(program, what) {
    this.tally.complain(`reader ${this.number} ran ${program.name}, and ${what}`);
    return false;
  }

  leave() {
    this.kernel?.close();
    if (this.kernel && !this.shared) {
      // Whoever leaves doesn't wait for it.
      this.server.end(this.kernel.id).catch(() => {});
    }
    this.kernel = null;
  }
}
