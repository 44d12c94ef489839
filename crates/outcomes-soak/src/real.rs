//! The graph against real executions.

use crate::explore;
use outcomes::{Clock, Ending, Exploration, Membership, Settings};
use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The book's listings, built against the originals.
#[allow(unreachable_pub, reason = "public where it is built modelled")]
#[path = "../../outcomes-programs/src/listings.rs"]
mod listings;

/// What the documentation promises, built against the originals.
#[allow(unreachable_pub, reason = "public where it is built modelled")]
#[path = "../../outcomes-programs/src/semantics.rs"]
mod semantics;

/// Random programs, built against the originals.
#[allow(unreachable_pub, reason = "public where it is built modelled")]
#[path = "../../outcomes-programs/src/random.rs"]
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

/// Runs a program in this process, and returns its exit code: a listing or a
/// program about semantics by name, a random program by number.
///
/// # Errors
/// If there is none.
pub fn run_here(name: &str) -> Result<i32, String> {
    if let Some((_, main)) = listings::ALL.iter().find(|(other, _)| *other == name) {
        return Ok(main());
    }
    if let Some((_, main)) = semantics::ALL.iter().find(|(other, _)| *other == name) {
        main();
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
    if explored.stopped.is_some() || explored.graph.endings().contains(&Ending::Deadlocked) {
        return Ok(());
    }
    let seen = run_often(
        || {
            let mut run = Command::new(command);
            run.args(["--real", &seed.to_string()]);
            run
        },
        TURN,
        &explored,
    )
    .map_err(|error| format!("random program {seed}: {program:?}\n{error}"))?;
    tally.programs += 1;
    tally.runs += TURN;
    tally.seen += seen;
    Ok(())
}

/// Runs a real program this often, and looks for what it prints and how it
/// ends in the graph of the modelled one. Returns how many distinct outputs
/// were seen.
///
/// # Errors
/// Says what was printed that is not possible.
pub fn run_often(
    command: impl Fn() -> Command,
    runs: u64,
    explored: &Exploration,
) -> Result<u64, String> {
    let mut seen = HashSet::new();
    for _ in 0..runs {
        let output = command()
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .map_err(|error| format!("it can't be run: {error}"))?;
        let text = String::from_utf8(output.stdout)
            .map_err(|_| "it printed something that is not UTF-8".to_owned())?;
        let ending = match output.status.code() {
            Some(0) => Ending::Returned,
            Some(101) => Ending::Panicked {
                message: String::new(),
            },
            Some(code) => Ending::Exited { code },
            None => Ending::Aborted,
        };
        if !seen.insert((text.clone(), ending.clone())) {
            continue;
        }
        if let Membership::NotPossible(why) = explored.graph.find(&text, Some(&ending)) {
            return Err(format!(
                "this was printed, and then it {ending}:\n{text}\nbut after\n{}\nonly these are \
                 possible: {:#?}",
                why.prefix, why.instead
            ));
        }
    }
    Ok(seen.len() as u64)
}
