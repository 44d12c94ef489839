//! Whether a listing, run for real and often, ends as the registry says, prints
//! what the engine knows, and says of its panics what is recorded.
//!
//! A figure that a program measures is another one each time. Where the engine
//! can't know it, figures are left out of the comparison.

use super::broken::{self, is_recorded_toolchain};
use super::findings::Findings;
use super::outcomes;
use crate::programs::{Programs, Run};
use crate::words;
use anyhow::{Context, Result, bail};
use cargo_outcomes::Modelled;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// For how long a listing is run again and again.
const RUN_FOR: Duration = Duration::from_secs(2);

/// How often a listing is run that takes no longer than [`QUICK`]. One that
/// sleeps is run for [`RUN_FOR`], or once if it takes longer than that. More runs say
/// little: what is rare is seen under delays, which the engine's tests have.
const RUNS: usize = 50;

/// How often an answer to an exercise is run, which is a listing with a few other
/// lines.
const RUNS_OF_ANSWER: usize = 20;

/// The variable that lets listings be run less often: where another toolchain has
/// run them already, on the same machine.
const MOST_RUNS: &str = "INTERLEAVED_MOST_RUNS";

/// What a listing takes that doesn't sleep, on a machine that is not too busy.
const QUICK: Duration = Duration::from_millis(200);

/// How many runs of one listing go on at the same time.
const RUNS_AT_ONCE: usize = 4;

/// Different outputs, with how it then ended, in the registry's words.
pub(super) type Seen = BTreeSet<(String, String)>;

/// What was written to standard output and, other than recorded, to standard
/// error.
pub(super) type SeenBoth = BTreeSet<(String, String)>;

/// Runs a listing many times, several at once.
pub(super) fn check(programs: &Programs, modelled: &Modelled, name: &str) -> Result<()> {
    let first = programs.run(name)?;
    let usual = match programs.listings.get(name)?.answers {
        Some(_) => RUNS_OF_ANSWER,
        None => RUNS,
    };
    let times = most_runs()?.map_or(usual, |most| most.min(usual));
    let findings = Mutex::new(Findings::new());
    let seen = Mutex::new(Seen::new());
    let seen_both = Mutex::new(SeenBoth::new());
    let take = |run: &Run| {
        let mut findings = findings.lock().unwrap_or_else(PoisonError::into_inner);
        check_ending(programs, name, run, &mut findings)?;
        if !has_recorded_stderr(programs, name, run)? {
            let mut seen = seen_both.lock().unwrap_or_else(PoisonError::into_inner);
            seen.insert((run.stdout.clone(), run.stderr.clone()));
        }
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert((run.stdout.clone(), run.ends.to_string()));
        anyhow::Ok(())
    };
    take(&first)?;

    let deadline = Instant::now() + RUN_FOR;
    let runs = AtomicUsize::new(1);
    let has_time = || first.took < QUICK || Instant::now() + first.took < deadline;
    let again = || -> Result<()> {
        while has_time() && runs.fetch_add(1, Ordering::Relaxed) < times {
            take(&programs.run(name)?)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..RUNS_AT_ONCE).map(|_| scope.spawn(again)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| match thread.join() {
                Ok(result) => result,
                Err(_) => bail!("a run panicked in the checker"),
            })
    })?;
    let mut findings = findings
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    check_seen(programs, modelled, name, &seen, &mut findings)?;
    let seen_both = seen_both.into_inner();
    let seen_both = seen_both.unwrap_or_else(PoisonError::into_inner);
    check_seen_both(programs, modelled, name, &seen_both, &mut findings)?;
    findings.report()
}

/// How often a listing is run at most, if [`MOST_RUNS`] says so.
fn most_runs() -> Result<Option<usize>> {
    let Some(most) = env::var_os(MOST_RUNS) else {
        return Ok(None);
    };
    let number = most.to_str().and_then(|most| most.parse().ok());
    let number = number.filter(|number| *number > 0);
    let number =
        number.with_context(|| format!("{MOST_RUNS} is {most:?}, and no number of runs"))?;
    Ok(Some(number))
}

/// Whether what is recorded of a listing is what it prints, or may print.
///
/// # Errors
/// Says in what it differs.
pub(crate) fn check_record(programs: &Programs, modelled: &Modelled, name: &str) -> Result<()> {
    let listing = programs.listings.get(name)?;
    if listing.is_broken() {
        return broken::check(programs, name);
    }
    let recorded = recorded(programs, name)?;
    let run = programs.run(name)?;
    let mut findings = Findings::new();
    check_ending(programs, name, &run, &mut findings)?;
    if !has_recorded_stderr(programs, name, &run)? {
        let seen = SeenBoth::from([(run.stdout.clone(), run.stderr.clone())]);
        check_seen_both(programs, modelled, name, &seen, &mut findings)?;
    }
    let mut seen = Seen::from([(run.stdout, run.ends.to_string())]);
    if listing.is_explorable() {
        let request = outcomes::request(listing, [&recorded]);
        let answer = outcomes::answer(programs, modelled, name, &request)?;
        findings.hold(
            outcomes::is_possible(&answer.checked[0]) == Some(true),
            || {
                format!(
                    "it can't print what is recorded: run `cargo run -- record {name}`. That \
                 is\n{recorded}"
                )
            },
        );
    } else {
        // Only its figures may differ from a real run's.
        seen.insert((recorded, run.ends.to_string()));
    }
    check_seen(programs, modelled, name, &seen, &mut findings)?;
    findings.report()
}

/// What is recorded of its standard output.
fn recorded(programs: &Programs, name: &str) -> Result<String> {
    fs::read_to_string(programs.listings.transcript_path(name))
        .with_context(|| format!("nothing is recorded of it: run `cargo run -- record {name}`"))
}

fn check_ending(programs: &Programs, name: &str, run: &Run, findings: &mut Findings) -> Result<()> {
    let listing = programs.listings.get(name)?;
    findings.hold(listing.ends.contains(&run.ends), || {
        format!(
            "it {}, which listings.toml doesn't state: correct the program, or let \
             `cargo run -- add {name}` write what is true. It printed\n{}{}",
            run.ends, run.stdout, run.stderr
        )
    });
    Ok(())
}

/// Whether a run wrote to standard error what is recorded.
fn has_recorded_stderr(programs: &Programs, name: &str, run: &Run) -> Result<bool> {
    let recorded = fs::read_to_string(programs.listings.stderr_path(name)).unwrap_or_default();
    Ok(if is_recorded_toolchain(programs, name)? {
        without_numbers_of_threads(&recorded) == without_numbers_of_threads(&run.stderr)
    } else {
        // Another compiler's program panics in the same lines.
        recorded.is_empty() == run.stderr.is_empty()
            && words::panicked(&recorded, name) == words::panicked(&run.stderr, name)
    })
}

/// Whether a listing that wrote something else to standard error than is recorded
/// may do so: some panic in some schedules only.
fn check_seen_both(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
    seen: &SeenBoth,
    findings: &mut Findings,
) -> Result<()> {
    let listing = programs.listings.get(name)?;
    let impossible = if listing.is_explorable() && !listing.panics.is_empty() {
        outcomes::impossible_with_stderr(programs, modelled, name, seen)?
    } else {
        seen.iter().collect()
    };
    for (stdout, stderr) in impossible {
        findings.add(format!(
            "it wrote to standard error\n{stderr}and not what is recorded, beside\n{stdout}If \
             that is right, run `cargo run -- record {name}`"
        ));
    }
    Ok(())
}

/// A panic's message names the thread by number: `thread 'main' (4711) panicked`
/// without that.
pub(super) fn without_numbers_of_threads(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        match (line.split_once(" ("), line.split_once(") panicked at ")) {
            (Some((before, _)), Some((_, after))) if line.trim_start().starts_with("thread '") => {
                plain += &format!("{before} panicked at {after}\n");
            }
            _ => plain += &format!("{line}\n"),
        }
    }
    plain
}

/// Whether the engine knows of every output that real runs had. What it can't
/// know has the lines that are recorded, but for figures.
fn check_seen(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
    seen: &Seen,
    findings: &mut Findings,
) -> Result<()> {
    let listing = programs.listings.get(name)?;
    if listing.is_explorable()
        && let Some(impossible) = outcomes::impossible(programs, modelled, name, seen)?
    {
        for (text, ends) in impossible {
            findings.add(format!(
                "a real run printed this, and then it {ends}, and the engine calls it \
                 impossible: that is a bug of the engine's\n{text}"
            ));
        }
        return Ok(());
    }
    let mut known = BTreeSet::from([lines_without_figures(&recorded(programs, name)?)]);
    if listing.is_explorable() {
        // A real machine is never quite prompt: lines may come in another order.
        let prompt = outcomes::listed(programs, modelled, name)?;
        known.extend(prompt.iter().map(|text| lines_without_figures(text)));
        known = known.into_iter().map(sorted).collect();
    }
    for (text, _) in seen {
        let mut lines = lines_without_figures(text);
        if listing.is_explorable() {
            lines = sorted(lines);
        }
        findings.hold(known.contains(&lines), || {
            format!(
                "it printed other lines than are recorded, and not only other figures; if that \
                 is right, run `cargo run -- record {name}`. It printed\n{text}"
            )
        });
    }
    Ok(())
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}

/// Lines in which `#` stands for each number, and one space for all that pad it.
pub(super) fn lines_without_figures(text: &str) -> Vec<String> {
    text.split('\n').map(without_figures).collect()
}

fn without_figures(line: &str) -> String {
    let mut plain = String::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_ascii_digit() {
            let is_part = |next: &char| next.is_ascii_digit() || ".,_".contains(*next);
            let mut last = letter;
            while let Some(next) = letters.next_if(is_part) {
                last = next;
            }
            plain.push('#');
            // A sentence may end behind a number.
            if !last.is_ascii_digit() {
                plain.push(last);
            }
        } else if !(letter == ' ' && plain.ends_with(' ')) {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{without_figures, without_numbers_of_threads};

    #[test]
    fn the_number_of_a_thread_makes_no_difference() {
        let panic = "\nthread 'main' (4711) panicked at a.rs:1:2:\nnobody (to share with)\n";
        let without = "\nthread 'main' panicked at a.rs:1:2:\nnobody (to share with)\n";
        assert_eq!(without_numbers_of_threads(panic), without);
    }

    #[test]
    fn figures_make_no_difference() {
        let same = [
            "10 at work: 1.25 ms.",
            "    7 at work:   100.5 ms.",
            "1,000 at work: 3 ms.",
        ];
        for line in same {
            assert_eq!(without_figures(line).trim_start(), "# at work: # ms.");
        }
        assert_ne!(
            without_figures("7 at work: 3 µs."),
            without_figures(same[0])
        );
    }
}
