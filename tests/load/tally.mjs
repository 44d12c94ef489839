// What is written down while readers read: who waited how long, what went wrong, and
// what it comes to.

/// So many sentences about what went wrong are shown; the others are counted.
const SHOWN = 20;

export class Tally {
  constructor() {
    this.runs = [];
    /// What went wrong, and how often.
    this.complaints = new Map();
    /// What readers were told of programs that were killed, and how often.
    this.told = new Map();
    this.refusals = new Map();
    this.starving = new Set();
    this.mayBeKilled = false;
  }

  write(run) {
    this.runs.push(run);
  }

  complain(sentence) {
    count(this.complaints, sentence);
  }

  /// The first of what went wrong, a sentence each.
  wrong() {
    const all = [...this.complaints].map(([sentence, times]) => (times > 1 ? `${sentence} (${times}×)` : sentence));
    const dropped = all.length - SHOWN;
    return dropped > 0 ? [...all.slice(0, SHOWN), `and ${dropped} more like these`] : all;
  }

  tell(sentence) {
    count(this.told, sentence);
  }

  refuse(reader, sentence) {
    this.refusals.set(sentence, (this.refusals.get(sentence) ?? new Set()).add(reader));
  }

  starves(reader, why) {
    this.starving.add(reader);
    this.why = why;
  }
}

function count(times, what) {
  times.set(what, (times.get(what) ?? 0) + 1);
}

/// The table of what readers waited.
export function waits(runs) {
  const whole = runs.map(({ waited }) => waited);
  const built = runs.filter(({ edited }) => edited).map(({ built }) => built);
  const rest = runs.map(({ waited, built }) => Math.max(waited - built, 0));
  const row = (what, values) => [what, values.length, ...[0.5, 0.95, 0.99, 1].map((part) => seconds(quantile(values, part)))];
  return aligned([
    ["", "runs", "median", "95 %", "99 %", "longest"],
    row("waited, in all", whole),
    row("of it, for the compiler", built),
    row("of it, for the rest", rest),
    row("in all: unedited", runs.filter(({ edited }) => !edited).map(({ waited }) => waited)),
    row("in all: edited", runs.filter(({ edited }) => edited).map(({ waited }) => waited)),
  ]);
}

export function quantile(values, part) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? 0;
}

export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/// Rows as lines: the first column to the left, the others to the right.
function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const cell = (value, column) => (column === 0 ? String(value).padEnd(widths[0]) : String(value).padStart(widths[column]));
  return rows.map((row) => `  ${row.map(cell).join("  ")}`.trimEnd()).join("\n");
}
