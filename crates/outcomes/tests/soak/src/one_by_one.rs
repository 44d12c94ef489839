//! Checks random programs, each in a process of its own: so that a mistake in
//! the engine, however bad, costs one program. Where a check fails, it looks
//! for the smallest program for which it still does.

use outcomes_programs::random::Program;
use serde::de::DeserializeOwned;
use std::fmt;
use std::io::Read;
use std::ops::{AddAssign, Range};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

/// A check of one program, which is this command's.
#[derive(Clone, Debug)]
pub struct Check {
    /// The command, which is `outcomes-soak`.
    pub command: PathBuf,
    /// What it is told, before the program's name.
    pub arguments: Vec<String>,
    /// How many programs at the same time.
    pub at_once: usize,
    /// After this time a check has failed.
    pub patience: Duration,
    /// How many smaller programs to try where one fails.
    pub smaller: usize,
}

/// A program for which a check failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The smallest that was found.
    pub name: String,
    /// What was wrong with it.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Random program {}: {}", self.name, self.message)?;
        let program = Program::named(&self.name).expect("it was run");
        write!(formatter, "\n{program:#?}")
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Report<T> {
    /// Of those programs for which the check did not fail.
    pub tally: T,
    /// In the order in which they were found.
    pub failures: Vec<Failure>,
}

impl<T> Report<T> {
    /// The tally.
    ///
    /// # Errors
    /// If there are failures: all of them.
    pub fn into_result(self) -> Result<T, String> {
        if self.failures.is_empty() {
            return Ok(self.tally);
        }
        let failures = self.failures.iter().map(|failure| format!("{failure}\n\n"));
        let count = self.failures.len();
        Err(failures.collect::<String>() + &format!("{count} programs failed."))
    }
}

/// Checks programs by number until there are no more, or `enough` says so. It
/// is called after each.
pub fn check_all<T>(
    check: &Check,
    seeds: Range<u64>,
    enough: &(dyn Fn(&T) -> bool + Sync),
) -> Report<T>
where
    T: AddAssign + Default + DeserializeOwned + Send,
{
    let next = AtomicU64::new(seeds.start);
    let report = Mutex::new(Report {
        tally: T::default(),
        failures: Vec::new(),
    });
    let is_enough = || enough(&report.lock().expect("nobody panics").tally);
    let check_some = || {
        while !is_enough() {
            let seed = next.fetch_add(1, SeqCst);
            if seed >= seeds.end {
                break;
            }
            let name = seed.to_string();
            match check.run(&name) {
                Ok(tally) => report.lock().expect("nobody panics").tally += tally,
                Err(message) => {
                    let failure = check.shrink::<T>(name, message);
                    eprintln!("{failure}");
                    report.lock().expect("nobody panics").failures.push(failure);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..check.at_once {
            scope.spawn(check_some);
        }
    });
    report.into_inner().expect("nobody panics")
}

/// How a complaint begins, which says what kind it is.
fn kind(message: &str) -> &str {
    let end = message.find([':', '{']).unwrap_or(message.len());
    &message[..end]
}

impl Check {
    /// Checks one program.
    fn run<T: DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        let mut command = Command::new(&self.command);
        command
            .args(&self.arguments)
            .arg(name)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = runner::die_with_this_thread(&mut command)
            .spawn()
            .map_err(|error| format!("it can't be run: {error}"))?;
        let stdout = child.stdout.take().expect("a pipe");
        let stderr = child.stderr.take().expect("a pipe");
        let (answer, complaint, is_over) = thread::scope(|scope| {
            let answer = scope.spawn(|| read(stdout));
            let complaint = scope.spawn(|| read(stderr));
            let is_over = wait(&mut child, self.patience);
            let all = "nobody panics";
            (
                answer.join().expect(all),
                complaint.join().expect(all),
                is_over,
            )
        });
        if !is_over {
            return Err("it took too long".to_owned());
        }
        let status = child.wait().map_err(|error| error.to_string())?;
        if status.success() {
            return serde_json::from_str(&answer).map_err(|error| error.to_string());
        }
        if status.code() == Some(1) {
            return Err(complaint);
        }
        Err(format!("the engine failed: {status}\n{complaint}"))
    }

    /// The smallest program like this one that fails in the same way.
    fn shrink<T: DeserializeOwned>(&self, mut name: String, mut message: String) -> Failure {
        let mut left = self.smaller;
        'smaller: loop {
            let program = Program::named(&name).expect("it was run");
            for number in 0..program.reductions().len() {
                let Some(less) = left.checked_sub(1) else {
                    break 'smaller;
                };
                left = less;
                let smaller = format!("{name}/{number}");
                if let Err(other) = self.run::<T>(&smaller)
                    && kind(&other) == kind(&message)
                {
                    (name, message) = (smaller, other);
                    continue 'smaller;
                }
            }
            break;
        }
        Failure { name, message }
    }
}

fn read(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    // What was read until then tells enough.
    let _ = pipe.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether it has ended by itself.
fn wait(child: &mut Child, patience: Duration) -> bool {
    let start = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        match child.try_wait() {
            Ok(None) if start.elapsed() < patience => {}
            Ok(None) => {
                let _ = child.kill();
                return false;
            }
            _ => return true,
        }
        thread::sleep(pause);
        pause = (2 * pause).min(Duration::from_millis(20));
    }
}
