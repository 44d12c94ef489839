//! Runs the tests on one fault at a time.

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A test that judges.
#[derive(Debug)]
struct Test {
    package: &'static str,
    name: &'static str,
    /// Only those of its parts whose names contain this.
    part: Option<&'static str>,
    /// What takes long, and depends on how busy the machine is, is only believed
    /// when it fails twice.
    twice: bool,
}

const fn test(package: &'static str, name: &'static str) -> Test {
    Test {
        package,
        name,
        part: None,
        twice: false,
    }
}

const fn twice(package: &'static str, name: &'static str) -> Test {
    Test {
        twice: true,
        ..test(package, name)
    }
}

/// Those that judge, the quickest and the most telling first: a fault's run
/// stops at the first that catches it. What only runs real programs, or calls
/// cargo for each, is left out.
const TESTS: [Test; 27] = [
    test("outcomes-soak", "semantics"),
    test("outcomes-soak", "memory_model"),
    test("outcomes-soak", "happens_before"),
    test("outcomes-soak", "reports"),
    test("outcomes-soak", "events"),
    test("outcomes-soak", "endings"),
    test("outcomes-soak", "refused"),
    test("outcomes-soak", "newer"),
    test("outcomes-soak", "collections"),
    test("outcomes-soak", "labels"),
    test("outcomes-soak", "formatting"),
    test("outcomes-soak", "abort_in_panic"),
    test("outcomes-graph", "outcomes_graph"),
    test("outcomes-engine", "outcomes_engine"),
    test("outcomes-soak", "alike"),
    test("outcomes-soak", "snapshots"),
    test("outcomes-soak", "traces"),
    test("outcomes-soak", "computing"),
    test("outcomes-soak", "program"),
    test("outcomes-litmus", "weak_memory"),
    twice("outcomes-soak", "table"),
    twice("outcomes-strangers", "strangers"),
    twice("outcomes-litmus", "lock_free"),
    twice("outcomes-litmus", "engine"),
    twice("outcomes-soak", "memory_limit"),
    twice("outcomes-soak", "terminal"),
    Test {
        part: Some("brute_force_equals_the_graph"),
        ..twice("outcomes-soak", "brute_force")
    },
];

/// How much longer than without a fault a test may take, the machine being
/// busy: a fault that only makes it slow is not caught.
const PATIENCE: u32 = 10;

/// And how much beside that.
const AT_LEAST: Duration = Duration::from_secs(10);

/// How often as long it may take if it doesn't come to compute meanwhile: it may
/// wait for ever, or for a machine that has other things to do.
const STARVED: u32 = 6;

/// How long a test may take without a fault.
const LONGEST: Duration = Duration::from_secs(900);

/// What a test may have in memory, in kilobytes: a fault may let it grow without
/// end.
const MOST_MEMORY: u64 = 4_000_000;

/// How often a test is looked after.
const INTERVAL: Duration = Duration::from_millis(100);

/// The number of no fault. It is asked for like one, so that asking makes no
/// difference.
const NO_FAULT: usize = 4_000_000_000;

/// The tests' programs.
pub struct Judge {
    programs: Vec<Program>,
}

struct Program {
    test: &'static Test,
    path: PathBuf,
    folder: PathBuf,
    copy: PathBuf,
    longest: Duration,
}

/// Where the copy doesn't compile: files and lines.
type Places = Vec<(String, usize)>;

impl Judge {
    /// Builds the tests in the copy.
    ///
    /// # Errors
    /// If cargo can't be run, or doesn't build one of them.
    pub fn build(copy: &Path) -> Result<Result<Judge, Places>, String> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(copy).args(["test", "--no-run", "--lib"]);
        cargo.args(["--message-format", "json", "--no-fail-fast", "--locked"]);
        let mut packages = TESTS.map(|test| test.package).to_vec();
        packages.sort_unstable();
        packages.dedup();
        for package in packages {
            cargo.args(["--package", package]);
        }
        // Of the others it is the library that is tested.
        let packages = ["outcomes-soak", "outcomes-strangers", "outcomes-litmus"];
        let of_tests = |test: &&Test| packages.contains(&test.package);
        for test in TESTS.iter().filter(of_tests) {
            cargo.args(["--test", test.name]);
        }
        for (name, value) in settings(copy) {
            cargo.env(name, value);
        }
        let output = cargo.stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("cargo can't be run: {error}."))?;
        let lines = output.stdout.split(|byte| *byte == b'\n');
        let messages: Vec<Value> = lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        if !output.status.success() {
            return Ok(Err(messages.iter().flat_map(places).collect()));
        }
        build_what_is_run(copy)?;
        let programs = TESTS
            .iter()
            .map(|test| Program::find(test, copy, &messages));
        let programs = programs.collect::<Result<_, String>>()?;
        Ok(Ok(Judge { programs }))
    }

    /// How many there are.
    pub fn programs(&self) -> usize {
        self.programs.len()
    }

    /// Sees to it that all is well without a fault, and how long that takes.
    /// With `quick`, tests that take long don't judge.
    ///
    /// # Errors
    /// Says which test fails.
    pub fn without_faults(&mut self, quick: bool) -> Result<(), String> {
        if quick {
            self.programs.retain(|program| !program.test.twice);
        }
        for program in &mut self.programs {
            let started = Instant::now();
            let name = program.test.name;
            if !program.passes(NO_FAULT, LONGEST) {
                return Err(format!("The test {name} fails without any fault."));
            }
            let took = started.elapsed();
            program.longest = PATIENCE * took + AT_LEAST;
            println!("{name}: {:.1} s", took.as_secs_f64());
        }
        Ok(())
    }

    /// The test that catches a fault: that fails, crashes or doesn't end.
    pub fn of(&self, number: usize) -> Option<&'static str> {
        let mut programs = self.programs.iter();
        let caught = programs.find(|program| {
            let passes = || program.passes(number, program.longest);
            !(passes() || program.test.twice && passes())
        });
        caught.map(|program| program.test.name)
    }
}

/// What cargo is told wherever it is run in the copy. Were it told otherwise by
/// a test, it would build anew.
fn settings(copy: &Path) -> [(&'static str, PathBuf); 2] {
    [
        ("CARGO_INCREMENTAL", "0".into()),
        ("CARGO_TARGET_DIR", copy.join("target")),
    ]
}

/// Builds the programs that the test `program` runs by cargo: it shall not take
/// long because of that, and be waited for as long with every fault.
fn build_what_is_run(copy: &Path) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(copy)
        .args(["build", "--locked", "--bins"]);
    cargo.args(["--package", "outcomes-programs"]);
    for (name, value) in settings(copy) {
        cargo.env(name, value);
    }
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err("The programs that are run by themselves can't be built.".to_owned()),
    }
}

impl Program {
    fn find(test: &'static Test, copy: &Path, messages: &[Value]) -> Result<Program, String> {
        let Test { package, name, .. } = test;
        let is_package =
            |id: &str| id.contains(&format!("#{package}@")) || id.contains(&format!("/{package}#"));
        let found = messages.iter().find(|message| {
            let is_test = message["profile"]["test"].as_bool() == Some(true);
            let id = message["package_id"].as_str().unwrap_or_default();
            is_test && message["target"]["name"] == *name && is_package(id)
        });
        let program = found.and_then(|found| {
            let manifest = Path::new(found["manifest_path"].as_str()?);
            Some(Program {
                test,
                path: found["executable"].as_str()?.into(),
                folder: manifest.parent()?.to_owned(),
                copy: copy.to_owned(),
                longest: LONGEST,
            })
        });
        program.ok_or_else(|| format!("There is no test {name} in {package}."))
    }

    fn passes(&self, fault: usize, longest: Duration) -> bool {
        let mut command = Command::new(&self.path);
        command
            .args(self.test.part)
            .current_dir(&self.folder)
            .envs(settings(&self.copy))
            .env("OUTCOMES_REAL_RUNS", "0")
            .env("RUST_BACKTRACE", "0")
            // See `copy::PLANTED`.
            .env("TZ", format!("fault{fault}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // What it starts ends with it.
            .process_group(0);
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
        let started = Instant::now();
        let failed = loop {
            match receiver.recv_timeout(INTERVAL) {
                Ok(failed) => break failed,
                Err(_) if is_late(&child, started, longest) || memory(&child) > MOST_MEMORY => {
                    break true;
                }
                Err(_) => {}
            }
        };
        let passes = !failed && ends_well(&mut child, started + STARVED * longest);
        kill_all(&child);
        let _ = child.wait();
        passes
    }
}

/// Whether a child has taken too long.
fn is_late(child: &Child, started: Instant, longest: Duration) -> bool {
    let took = started.elapsed();
    took >= longest && (computed(child) >= longest / 2 || took >= STARVED * longest)
}

/// For how long a child has computed, as far as the system tells.
fn computed(child: &Child) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    // Behind the name, in brackets, which may have any characters in it.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let mut fields = fields.split_whitespace();
    let own = fields.nth(11).and_then(|ticks| ticks.parse::<u64>().ok());
    let system = fields.next().and_then(|ticks| ticks.parse::<u64>().ok());
    // In hundredths of a second, wherever Linux runs.
    Duration::from_millis(10 * (own.unwrap_or(0) + system.unwrap_or(0)))
}

/// Whether a child that has nothing more to say ends, and well.
fn ends_well(child: &mut Child, until: Instant) -> bool {
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
            ended => {
                return ended.is_ok_and(|status| status.is_some_and(|status| status.success()));
            }
        }
    }
}

/// What a child has in memory, in kilobytes, as far as the system tells.
fn memory(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let mut lines = status.lines();
    let size = lines.find_map(|line| line.strip_prefix("VmRSS:"));
    let size = size.and_then(|size| size.split_whitespace().next()?.parse().ok());
    size.unwrap_or(0)
}

fn kill_all(child: &Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
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
