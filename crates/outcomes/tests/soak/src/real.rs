//! The graph against real executions.

use crate::explore;
use outcomes::{Clock, Ending, Exploration, Membership, Settings};
use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read};
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
#[allow(unreachable_pub, reason = "public where it is built modelled")]
#[path = "../../programs/src/random.rs"]
mod random;

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Programs.
    pub programs: u64,
    /// Executions of them.
    pub runs: u64,
    /// Distinct outputs seen.
    pub seen: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} programs run for real {} times in all: each of the {} distinct outputs is possible",
            self.programs, self.runs, self.seen
        )
    }
}

/// Executions of one program before the next has its turn.
const TURN: u64 = 20;

/// Of these, how many at the same time: more than there are processors, so
/// that they get in each other's way.
const AT_ONCE: usize = 5;

/// After this time a program that may never end is taken not to.
const PATIENCE: Duration = Duration::from_secs(4);

/// After this time a program that always ends should have, even on a machine
/// with far too much to do.
const LONG_PATIENCE: Duration = Duration::from_secs(120);

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
    let seed = name.parse();
    let seed = seed.map_err(|_| format!("There is no program {name}."))?;
    random::run(&random::Program::new(seed));
    Ok(0)
}

/// Runs random programs for real, by `command`, which is `outcomes-soak`.
/// Programs that can deadlock are left out: they would never end. `progress`
/// is called after each.
///
/// # Errors
/// Says which program printed something that is not possible.
pub fn compare(
    command: &Path,
    first: u64,
    runs: u64,
    progress: &mut dyn FnMut(&Tally),
) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let mut seed = first;
    while tally.runs < runs {
        compare_one(command, seed, &mut tally)?;
        progress(&tally);
        seed += 1;
    }
    Ok(tally)
}

fn compare_one(command: &Path, seed: u64, tally: &mut Tally) -> Result<(), String> {
    let program = outcomes_programs::random::Program::new(seed);
    let main = || {
        outcomes_programs::random::run(&program);
        0
    };
    let settings = Settings {
        clock: Clock::Any,
        ..Settings::default()
    };
    let explored = explore(&main, &settings)?;
    if explored.stopped.is_some() || !always_ends(&explored) {
        return Ok(());
    }
    let command = || {
        let mut run = Command::new(command);
        run.args(["--real", &seed.to_string()]);
        run
    };
    let seen = run_often(&command, TURN, AT_ONCE, &explored);
    let seen = seen.map_err(|error| format!("random program {seed}: {program:?}\n{error}"))?;
    tally.programs += 1;
    tally.runs += TURN;
    tally.seen += seen;
    Ok(())
}

/// Whether the program ends by itself, whatever happens.
pub fn always_ends(explored: &Exploration) -> bool {
    let endings = explored.graph.endings();
    !endings.contains(&Ending::Deadlocked) && !endings.contains(&Ending::NeverEnds)
}

/// What a real program printed, and how it ended. `None` if it had to be
/// stopped.
type Seen = (String, Option<Ending>);

/// Runs a real program this often, some at once, and looks for what it prints
/// and how it ends in the graph of the modelled one. One that may never end
/// is stopped after [`PATIENCE`]; what it has printed must then be possible
/// as a beginning. Returns how many distinct outputs were seen.
///
/// # Errors
/// Says what was printed that is not possible.
pub fn run_often(
    command: &(dyn Fn() -> Command + Sync),
    runs: u64,
    at_once: usize,
    explored: &Exploration,
) -> Result<u64, String> {
    let patience = if always_ends(explored) {
        LONG_PATIENCE
    } else {
        PATIENCE
    };
    let left = AtomicU64::new(runs);
    let run_some = || {
        let mut seen = HashSet::new();
        let one_less = |left: u64| left.checked_sub(1);
        while left.fetch_update(SeqCst, SeqCst, one_less).is_ok() {
            seen.insert(run_once(command(), patience)?);
        }
        Ok::<_, String>(seen)
    };
    let seen = thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(run_some)).collect();
        let seen = threads.into_iter().map(|thread| thread.join());
        seen.map(|seen| seen.expect("nothing panics in there"))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let seen: HashSet<Seen> = seen.into_iter().flatten().collect();
    for (text, ending) in &seen {
        check(text, ending.as_ref(), explored)?;
    }
    Ok(seen.len() as u64)
}

fn run_once(mut command: Command, patience: Duration) -> Result<Seen, String> {
    // Printing a panic's backtrace takes ten times as long as the program.
    let command = command.env("RUST_BACKTRACE", "0");
    let mut child = command
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
    let status = wait_or_kill(&mut child, patience);
    let status = status.map_err(|error| format!("it can't be waited for: {error}"))?;
    let bytes = reader.join().expect("nothing panics in there");
    let bytes = bytes.map_err(|error| format!("it can't be read: {error}"))?;
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| "it printed something that is not UTF-8".to_owned())?;
    Ok((text, status.map(ending)))
}

/// `None` if it had to be killed.
fn wait_or_kill(child: &mut Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(200);
    while start.elapsed() < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(pause);
        pause = (2 * pause).min(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn ending(status: ExitStatus) -> Ending {
    match status.code() {
        Some(0) => Ending::Returned,
        Some(101) => Ending::Panicked {
            message: String::new(),
        },
        Some(code) => Ending::Exited { code },
        None => Ending::Aborted,
    }
}

fn check(text: &str, ending: Option<&Ending>, explored: &Exploration) -> Result<(), String> {
    let Membership::NotPossible(why) = explored.graph.find(text, ending) else {
        return Ok(());
    };
    let is_beginning = why.prefix == text;
    let how = match ending {
        None if is_beginning && !always_ends(explored) => return Ok(()),
        None => "it did not end".to_owned(),
        Some(ending) => ending.to_string(),
    };
    Err(format!(
        "this was printed, and then {how}:\n{text}\nbut after\n{}\nonly these are possible: \
         {:#?}",
        why.prefix, why.instead
    ))
}
