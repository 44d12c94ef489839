//! The graph against real executions, under random delays.

use crate::stuck::Watch;
use crate::{delays, explore};
use outcomes_engine::{Ending, Exploration, Membership, Settings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read};
use std::ops::AddAssign;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

/// The book's listings, built against the originals.
#[allow(unreachable_pub, reason = "public where it is built modelled")]
#[path = "../../programs/src/listings.rs"]
mod listings;

/// What the documentation promises, built against the originals.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "all of it is used where it is built modelled"
)]
#[path = "../../programs/src/semantics/mod.rs"]
mod semantics;

/// Random programs, built against the originals.
#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "all of it is used where it is built modelled"
)]
#[path = "../../programs/src/random/mod.rs"]
mod random;

/// What was compared.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Programs.
    pub programs: u64,
    /// Of these, those that may get stuck.
    pub may_deadlock: u64,
    /// Of these, those that may go on forever.
    pub may_never_end: u64,
    /// Programs left out, since their outputs are not known.
    pub skipped: u64,
    /// Executions of them.
    pub runs: u64,
    /// Distinct outputs seen.
    pub seen: u64,
    /// Distinct outputs that there are.
    pub possible: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.programs += more.programs;
        self.may_deadlock += more.may_deadlock;
        self.may_never_end += more.may_never_end;
        self.skipped += more.skipped;
        self.runs += more.runs;
        self.seen += more.seen;
        self.possible = self.possible.saturating_add(more.possible);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} programs ({} of which may deadlock, {} may never end; {} others left out) run for \
             real {} times in all: each of the {} distinct outputs is among the {} possible ones",
            self.programs,
            self.may_deadlock,
            self.may_never_end,
            self.skipped,
            self.runs,
            self.seen,
            self.possible,
        )
    }
}

/// How often a program is run for real.
#[derive(Clone, Copy, Debug)]
pub struct Runs {
    /// In all.
    pub times: u64,
    /// At the same time: more than there are processors, so that they get in
    /// each other's way.
    pub at_once: usize,
    /// What the delays are drawn from; `None` for none.
    pub delays: Option<u64>,
}

/// After this time a program that may never end is taken not to.
const PATIENCE: Duration = Duration::from_secs(4);

/// After this time a program that always ends should have, even on a machine
/// with far too much to do.
const LONG_PATIENCE: Duration = Duration::from_secs(120);

/// How long between two looks at a program that may be stuck.
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// Runs a program in this process, and returns its exit code: a listing or a
/// program about semantics by name, a random program by number.
///
/// # Errors
/// If there is none.
pub fn run_here(name: &str) -> Result<i32, String> {
    if let Some((_, main)) = listings::ALL.iter().find(|(other, _)| *other == name) {
        return Ok(main());
    }
    if let Some(program) = semantics::all().find(|program| program.name == name) {
        (program.main)();
        return Ok(0);
    }
    let program = random::Program::named(name);
    let program = program.ok_or_else(|| format!("There is no program {name}."))?;
    random::run(Box::leak(Box::new(program)));
    Ok(0)
}

/// Runs the random program with this name for real, by `command`, which is
/// `outcomes-soak`.
///
/// # Errors
/// Says what it printed that is not possible.
pub fn check_random(command: &Path, name: &str, runs: &Runs) -> Result<Tally, String> {
    let program = outcomes_programs::random::Program::named(name);
    let program = program.ok_or_else(|| format!("There is no program {name}."))?;
    let program: &'static _ = Box::leak(Box::new(program));
    let main = || {
        outcomes_programs::random::run(program);
        0
    };
    // Every output must also be possible where threads that are alike were taken for one
    // another, which is else done only in large graphs.
    let settings = Settings {
        alike_from: 0,
        ..Settings::default()
    };
    let explored = explore(&main, &settings)?;
    let mut tally = Tally::default();
    let Ok(outputs) = explored.outputs() else {
        tally.skipped += 1;
        return Ok(tally);
    };
    let command = || {
        let mut run = Command::new(command);
        run.args(["--real-program", name]);
        run
    };
    tally.seen = run_often(&command, runs, &explored)?;
    let endings = explored.graph.endings();
    tally.programs = 1;
    tally.may_deadlock = endings.contains(&Ending::Deadlocked).into();
    tally.may_never_end = endings.contains(&Ending::NeverEnds).into();
    tally.runs = runs.times;
    tally.possible = u64::try_from(outputs.count()).unwrap_or(u64::MAX);
    Ok(tally)
}

/// Whether the program ends by itself, whatever happens.
pub fn always_ends(explored: &Exploration) -> bool {
    let endings = explored.graph.endings();
    !endings.contains(&Ending::Deadlocked) && !endings.contains(&Ending::NeverEnds)
}

/// What a real program printed, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// What appeared on stdout.
    pub text: String,
    /// How it ended. `None` if it had to be stopped while it went on.
    pub ending: Option<Ending>,
}

/// Runs a real program, and looks for what it prints and how it ends in the
/// graph of the modelled one. One that may never end is stopped after
/// some seconds; what it has printed must then be possible as a beginning.
/// Returns how many distinct outputs were seen.
///
/// # Errors
/// Says what was printed that is not possible.
pub fn run_often(
    command: &(dyn Fn() -> Command + Sync),
    runs: &Runs,
    explored: &Exploration,
) -> Result<u64, String> {
    let patience = if always_ends(explored) {
        LONG_PATIENCE
    } else {
        PATIENCE
    };
    let seen = observe(command, runs, patience)?;
    for seen in &seen {
        check(seen, explored)?;
    }
    Ok(seen.len() as u64)
}

/// Everything that a program is seen to do. It is stopped when its time is up.
///
/// # Errors
/// Says why it can't be run.
pub fn observe(
    command: &(dyn Fn() -> Command + Sync),
    runs: &Runs,
    patience: Duration,
) -> Result<BTreeSet<Seen>, String> {
    let next = AtomicU64::new(0);
    let run_some = || {
        let mut seen = BTreeSet::new();
        loop {
            let number = next.fetch_add(1, SeqCst);
            if number >= runs.times {
                return Ok::<_, String>(seen);
            }
            let mut command = command();
            if let Some(delays) = runs.delays {
                delays::delay(&mut command, 1 + delays + number);
            }
            seen.insert(run_once(&mut command, patience)?);
        }
    };
    let seen = thread::scope(|scope| {
        let threads: Vec<_> = (0..runs.at_once).map(|_| scope.spawn(run_some)).collect();
        let seen = threads.into_iter().map(|thread| thread.join());
        seen.map(|seen| seen.expect("nothing panics in there"))
            .collect::<Result<Vec<_>, _>>()
    })?;
    Ok(seen.into_iter().flatten().collect())
}

fn run_once(command: &mut Command, patience: Duration) -> Result<Seen, String> {
    // Printing a panic's backtrace takes ten times as long as the program.
    let command = command.env("RUST_BACKTRACE", "0");
    let mut child = runner::die_with_this_thread(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("it can't be run: {error}"))?;
    let mut stdout = child.stdout.take().expect("a pipe");
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).map(|_| bytes)
    });
    let ending = wait(&mut child, patience);
    let ending = ending.map_err(|error| format!("it can't be waited for: {error}"))?;
    let bytes = reader.join().expect("nothing panics in there");
    let bytes = bytes.map_err(|error| format!("it can't be read: {error}"))?;
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| "it printed something that is not UTF-8".to_owned())?;
    Ok(Seen { text, ending })
}

/// Waits until a program has ended or is stuck, or there is no more time.
fn wait(child: &mut Child, patience: Duration) -> io::Result<Option<Ending>> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(200);
    let mut watch = Watch::default();
    let mut ending = None;
    while start.elapsed() < patience {
        if let Some(status) = child.try_wait()? {
            return ending_by(status).map(Some);
        }
        if pause == BETWEEN_LOOKS && watch.is_stuck(child.id()) {
            ending = Some(Ending::Deadlocked);
            break;
        }
        thread::sleep(pause);
        pause = (2 * pause).min(BETWEEN_LOOKS);
    }
    child.kill()?;
    child.wait()?;
    Ok(ending)
}

fn ending_by(status: ExitStatus) -> io::Result<Ending> {
    match status.code() {
        Some(0) => Ok(Ending::Returned),
        Some(101) => Ok(Ending::Panicked {
            message: String::new(),
        }),
        Some(code) => Ok(Ending::Exited { code }),
        None if is_abort(status) => Ok(Ending::Aborted),
        None => Err(io::Error::other(status.to_string())),
    }
}

/// Whether it has ended like this by itself, and not by what delays it.
fn is_abort(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        const SIGILL: i32 = 4;
        const SIGABRT: i32 = 6;
        // A stack that overflows where std looks after it no more, as in the
        // drop of a thread-local.
        const SIGSEGV: i32 = 11;
        matches!(status.signal(), Some(SIGILL | SIGABRT | SIGSEGV))
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        true
    }
}

fn check(seen: &Seen, explored: &Exploration) -> Result<(), String> {
    let found = explored.graph.find(&seen.text, seen.ending.as_ref());
    let Membership::NotPossible(why) = found else {
        return Ok(());
    };
    let is_beginning = why.prefix == seen.text;
    if seen.ending.is_none() && is_beginning && !always_ends(explored) {
        return Ok(());
    }
    Err(describe(seen, &why))
}

/// Says what was seen that can't be, and what could.
pub(crate) fn describe(seen: &Seen, why: &outcomes_engine::NotPossible) -> String {
    let how = match &seen.ending {
        None => "it did not end".to_owned(),
        Some(ending) => ending.to_string(),
    };
    format!(
        "what is not possible was seen: this was printed, and then {how}:\n{}\nbut after\n{}\nonly these are possible: {:#?}",
        seen.text, why.prefix, why.instead
    )
}
