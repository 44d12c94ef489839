//! The phrasebook: nothing of Go's that this book replaces is missing, and each
//! row leads to the section that shows what takes its place.

use super::findings::Findings;
use crate::chapters::Chapter;
use anyhow::Result;

/// The phrasebook's chapter, by its file's name. A book may have none.
const NAME: &str = "phrasebook";

/// What Go has, as its documentation of version 1.25 lists it: each with its
/// package's name, or that of a usual variable, as it is written in a program.
const GO: &[&str] = &[
    // Statements, built-in functions and types.
    "go f()",
    "make(chan",
    "ch <- x",
    "<-ch",
    "x, ok := <-ch",
    "range ch",
    "close(ch)",
    "len(ch)",
    "cap(ch)",
    "select",
    "default:",
    "select {}",
    "chan<-",
    "<-chan",
    "nil",
    "recover()",
    // Package sync.
    "sync.Mutex",
    "mu.Lock()",
    "mu.Unlock()",
    "mu.TryLock()",
    "sync.Locker",
    "sync.RWMutex",
    "rw.RLock()",
    "rw.RUnlock()",
    "rw.Lock()",
    "rw.Unlock()",
    "rw.TryRLock()",
    "rw.TryLock()",
    "sync.WaitGroup",
    "wg.Add(",
    "wg.Done()",
    "wg.Wait()",
    "wg.Go(",
    "sync.Once",
    "once.Do(",
    "sync.OnceFunc(",
    "sync.OnceValue(",
    "sync.OnceValues(",
    "sync.NewCond(",
    "c.Wait()",
    "c.Signal()",
    "c.Broadcast()",
    "sync.Map",
    "m.Load(",
    "m.Store(",
    "m.Delete(",
    "m.Clear()",
    "m.LoadOrStore(",
    "m.LoadAndDelete(",
    "m.Swap(",
    "m.CompareAndSwap(",
    "m.CompareAndDelete(",
    "m.Range(",
    "sync.Pool",
    "pool.Get()",
    "pool.Put(",
    // Package sync/atomic.
    "atomic.Int32",
    "atomic.Int64",
    "atomic.Uint32",
    "atomic.Uint64",
    "atomic.Uintptr",
    "atomic.Bool",
    "atomic.Pointer",
    "atomic.Value",
    "n.Load()",
    "n.Store(",
    "n.Swap(",
    "n.Add(",
    "n.And(",
    "n.Or(",
    "n.CompareAndSwap(",
    // Package context.
    "context.Context",
    "context.Background()",
    "context.TODO()",
    "context.WithCancel(",
    "cancel()",
    "context.WithCancelCause",
    "context.Cause(",
    "context.WithTimeout",
    "context.WithTimeoutCause",
    "context.WithDeadline",
    "context.WithDeadlineCause",
    "context.WithValue",
    "context.WithoutCancel(",
    "context.AfterFunc(",
    "context.Canceled",
    "context.DeadlineExceeded",
    "ctx.Done()",
    "ctx.Err()",
    "ctx.Deadline()",
    "ctx.Value(",
    // What of package time waits, and what it waits with.
    "time.Second",
    "time.Sleep(",
    "time.Now()",
    "time.Since(",
    "time.Until(",
    "time.After(",
    "time.AfterFunc(",
    "time.Tick(",
    "time.NewTicker(",
    "ticker.C",
    "ticker.Stop()",
    "ticker.Reset(",
    "time.NewTimer(",
    "timer.C",
    "timer.Stop()",
    "timer.Reset(",
    // Package runtime, as far as it is about goroutines.
    "runtime.GOMAXPROCS(",
    "runtime.NumCPU()",
    "runtime.Gosched()",
    "runtime.NumGoroutine()",
    "runtime.Goexit()",
    "runtime.LockOSThread()",
    // Other packages, and tools.
    "errgroup",
    "g.Go(",
    "g.Wait()",
    "errgroup.WithContext",
    "g.SetLimit(",
    "semaphore.NewWeighted(",
    "singleflight.Group",
    "golang.org/x/time/rate",
    "signal.Notify",
    "reflect.Select",
    "-race",
    "testing/synctest",
];

/// Whether this chapter is the phrasebook.
pub(super) fn is_phrasebook(chapter: &Chapter) -> bool {
    chapter.name == NAME
}

/// Checks it. That its links lead somewhere is a part of the check of all links.
pub(super) fn check(phrasebook: &Chapter) -> Result<()> {
    findings(&phrasebook.text, GO).report()
}

fn findings(text: &str, constructs: &[&str]) -> Findings {
    let mut findings = Findings::new();
    let mut said = Vec::new();
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let cells = cells(line);
        let [go, _, shown] = &cells[..] else {
            findings.add(format!(
                "a row of the phrasebook hasn't three columns, for Go, for Rust, and for the \
                 section that shows it: {line}"
            ));
            continue;
        };
        if shown == "Shown in" || shown.starts_with("---") {
            continue;
        }
        findings.hold(shown.starts_with('[') && shown.contains("](" ), || {
            format!("the phrasebook doesn't say which section shows {go}: begin its last column with a link")
        });
        said.extend(code(go));
    }
    for construct in constructs {
        findings.hold(said.iter().any(|code| uses(code, construct)), || {
            format!("the phrasebook lacks Go's {construct}: say what becomes of it")
        });
    }
    findings
}

/// The cells of a table's row. A bar that belongs to a cell has a backslash.
fn cells(line: &str) -> Vec<String> {
    let line = line.replace("\\|", "\u{0}");
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    let cells = inner
        .split('|')
        .map(|cell| cell.trim().replace('\u{0}', "|"));
    cells.collect()
}

/// What stands between backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Whether a piece of code has a construct that is no part of a longer name.
fn uses(code: &str, construct: &str) -> bool {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(construct).any(|(start, found)| {
        let before = code[..start].chars().next_back();
        let after = code[start + found.len()..].chars().next();
        let parts_before = construct.starts_with(is_name) && before.is_some_and(is_name);
        let parts_after = construct.ends_with(is_name) && after.is_some_and(is_name);
        !parts_before && !parts_after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(rows: &str, constructs: &[&str]) -> String {
        let table = format!("| In Go | In Rust | Shown in |\n|---|---|---|\n{rows}\n");
        let found = findings(&table, constructs).report();
        found.map_or_else(|error| error.to_string(), |()| String::new())
    }

    const ONCE: &str = "| `sync.OnceValue(f)`, or `go f()` | `\\|x\\| y` | [Once](once.md): so |";

    #[test]
    fn what_is_there_is_fine() {
        assert_eq!(said(ONCE, &["sync.OnceValue(", "go f()"]), "");
    }

    #[test]
    fn finds_what_lacks() {
        for (rows, constructs, what) in [
            (ONCE, &["sync.Once"][..], "lacks Go's sync.Once:"),
            (ONCE, &["or"], "lacks Go's or:"),
            ("| `x` | `y` | so |", &[], "which section shows `x`"),
            ("| `x` | `y` |", &[], "three columns"),
        ] {
            assert!(
                said(rows, constructs).contains(what),
                "{}",
                said(rows, constructs)
            );
        }
    }
}
