//! Runs the tests on one fault at a time.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The packages whose tests judge.
const TESTED: [&str; 2] = ["outcomes-graph", "outcomes-soak"];

/// Those of their tests that judge, cheapest first: what runs real programs, or
/// takes a minute, is left out.
const TESTS: [&str; 8] = [
    "outcomes_graph",
    "table",
    "labels",
    "endings",
    "formatting",
    "collections",
    "semantics",
    "brute_force",
];

/// How much longer than without a fault a test may take.
const PATIENCE: u32 = 6;

/// And at least.
const SHORTEST: Duration = Duration::from_secs(20);

/// The number of no fault. It is asked for like one, so that asking makes no
/// difference.
const NO_FAULT: usize = 4_000_000_000;

/// What became of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A test failed.
    Caught,
    /// No test did.
    Survived,
}

/// The tests' programs.
pub struct Judge {
    programs: Vec<(String, PathBuf)>,
    folder: PathBuf,
}

/// Where the copy doesn't compile: files and lines.
type Places = Vec<(String, usize)>;

impl Judge {
    /// Builds the tests in the copy.
    pub fn build(copy: &Path) -> Result<Result<Judge, Places>, String> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(copy).args(["build", "--tests"]);
        cargo.args(["--message-format", "json", "--keep-going", "--locked"]);
        for package in TESTED {
            cargo.args(["--package", package]);
        }
        cargo.env("CARGO_TARGET_DIR", copy.join("target"));
        let output = cargo.stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("cargo can't be run: {error}."))?;
        let lines = output.stdout.split(|byte| *byte == b'\n');
        let messages: Vec<Value> = lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        if !output.status.success() {
            return Ok(Err(messages.iter().flat_map(places).collect()));
        }
        let mut programs = Vec::new();
        for name in TESTS {
            let built = messages.iter().find(|message| {
                message["target"]["name"] == name && message["executable"].is_string()
            });
            let program = built.and_then(|built| built["executable"].as_str());
            let program = program.ok_or_else(|| format!("There is no test {name}."))?;
            programs.push((name.to_owned(), program.into()));
        }
        Ok(Ok(Judge {
            programs,
            folder: copy.join("crates/outcomes/tests/soak"),
        }))
    }

    /// How many there are.
    pub fn programs(&self) -> usize {
        self.programs.len()
    }

    /// Sees to it that all is well without a fault.
    pub fn without_faults(&self) -> Result<(), String> {
        for (name, program) in &self.programs {
            let started = Instant::now();
            if !self.passes(program, NO_FAULT, Duration::from_secs(600)) {
                return Err(format!("The test {name} fails without any fault."));
            }
            println!("{name}: {:.1} s", started.elapsed().as_secs_f64());
        }
        Ok(())
    }

    /// Whether a fault is caught.
    pub fn of(&self, number: usize) -> Verdict {
        for (_, program) in &self.programs {
            if !self.passes(program, number, PATIENCE * SHORTEST) {
                return Verdict::Caught;
            }
        }
        Verdict::Survived
    }

    fn passes(&self, program: &Path, fault: usize, longest: Duration) -> bool {
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .env("OUTCOMES_REAL_RUNS", "0")
            .env("RUST_BACKTRACE", "0")
            .env("PLANTED_FAULT", fault.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let Ok(mut child) = command.spawn() else {
            return false;
        };
        let output = child.stdout.take().expect("piped");
        let (sender, receiver) = mpsc::channel();
        // Ends with the child's output.
        thread::spawn(move || {
            let failed = BufReader::new(output)
                .lines()
                .map_while(Result::ok)
                .any(|line| line.ends_with("FAILED"));
            let _ = sender.send(failed);
        });
        let failed = receiver.recv_timeout(longest).unwrap_or(true);
        if failed {
            let _ = child.kill();
        }
        child.wait().is_ok_and(|status| status.success()) && !failed
    }
}

/// The places of an error of rustc's.
fn places(message: &Value) -> Places {
    let message = &message["message"];
    if message["level"] != "error" {
        return Vec::new();
    }
    let spans = message["spans"].as_array().into_iter().flatten();
    spans
        .filter_map(|span| {
            let file = span["file_name"].as_str()?.to_owned();
            let line = usize::try_from(span["line_start"].as_u64()?).ok()?;
            Some((file, line))
        })
        .collect()
}
