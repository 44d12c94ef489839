// What readers run: listings of the book, as they are and edited, and what each must
// print.

import { readFileSync } from "node:fs";
import path from "node:path";

const LISTINGS = path.resolve(import.meta.dirname, "../../crates/listings");

/// Of each the lines are known, if not their order: some wait a few seconds, most end
/// at once.
const NAMES = [
  "two-threads",
  "scoped-threads",
  "wait-group",
  "generate-and-print",
  "join-returns-a-value",
  "rendezvous",
  "pam-and-jim",
  "three-seconds",
];

const listings = NAMES.map((name) => ({
  name,
  source: readFileSync(`${LISTINGS}/examples/${name}.rs`, "utf8"),
  lines: linesOf(readFileSync(`${LISTINGS}/outputs/${name}.txt`, "utf8")),
}));

// Nobody has built what this run edits.
const RUN = Date.now().toString(36);

/// A program and the lines that it prints, in some order.
export class Program {
  constructor({ name, source, lines }) {
    this.name = name;
    this.source = source;
    this.lines = lines;
  }

  static unedited() {
    return new Program(drawn(listings));
  }

  /// A listing that begins each line with what no other reader's, and no other run's,
  /// begins with.
  static edited(reader, number) {
    const { name, source, lines } = drawn(listings);
    const own = `[${RUN}, reader ${reader}, program ${number}] `;
    return new Program({
      name: `${name}, edited`,
      source: source.replaceAll('println!("', `println!("${own}`),
      lines: lines.map((line) => own + line),
    });
  }

  /// Whether these are all of its lines.
  printsAll(text) {
    return text.endsWith("\n") && this.left(text)?.length === 0;
  }

  /// Whether these are some of its lines, the last one perhaps torn: it was killed.
  printsSome(text) {
    const end = text.lastIndexOf("\n") + 1;
    return this.left(text.slice(0, end))?.some((line) => line.startsWith(anyTime(text.slice(end)))) || this.printsAll(text);
  }

  /// Its lines without these, or null if one of these isn't its.
  left(text) {
    const left = [...this.lines];
    for (const line of linesOf(text)) {
      const index = left.indexOf(line);
      if (index < 0) {
        return null;
      }
      left.splice(index, 1);
    }
    return left;
  }
}

function linesOf(text) {
  return text.split("\n").slice(0, -1).map(anyTime);
}

/// How long it took is up to the machine, which has much to do.
function anyTime(line) {
  return line.replace(/\d+ seconds$/, "some seconds");
}

function drawn(values) {
  return values[Math.floor(Math.random() * values.length)];
}
