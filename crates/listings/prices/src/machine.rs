//! What figures depend on: the machine, what else it does, and the versions.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// How long it is watched whether the machine has other things to do.
const WATCHED: Duration = Duration::from_secs(3);

/// More than this part of its time spent on other things is too much.
const BUSY: f64 = 0.1;

/// The machine and the day.
pub fn description() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let processor = value("/proc/cpuinfo", "model name", ':');
    let system = value("/etc/os-release", "PRETTY_NAME", '=');
    let system = system.map(|name| name.trim_matches('"').to_owned());
    let day = said(Command::new("date").args(["-u", "+%F"]));
    let parts = [
        processor.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        format!("{cores} {}", if cores == 1 { "core" } else { "cores" }),
        system.unwrap_or_else(|| std::env::consts::OS.to_owned()),
        format!("on {}", day.unwrap_or_else(|| "an unknown day".to_owned())),
    ];
    parts.join(", ")
}

/// Watches the machine for a while, and says whether it has other things to do;
/// `None` where nobody can tell.
pub fn is_busy() -> Option<bool> {
    let (idle, all) = ticks()?;
    thread::sleep(WATCHED);
    let (idle_after, all_after) = ticks()?;
    let share = (idle_after - idle) / (all_after - all).max(1.0);
    Some(1.0 - share > BUSY)
}

/// The processors' time so far: doing nothing, and in all.
fn ticks() -> Option<(f64, f64)> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let times: Vec<f64> = text
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .map(|time| time.parse().unwrap_or(0.0))
        .collect();
    // The fourth is idle, the fifth waits for a disk.
    Some((times.get(3)? + times.get(4)?, times.iter().take(8).sum()))
}

/// The version that a command tells: the first word that begins with a digit, or
/// with "go" and a digit.
pub fn version(command: &mut Command) -> Option<String> {
    let said = said(command)?;
    let mut words = said.split_whitespace();
    let starts = |word: &&str| {
        word.trim_start_matches("go")
            .starts_with(|it: char| it.is_ascii_digit())
    };
    let found = words.find(starts)?;
    Some(found.trim_start_matches("go").to_owned())
}

/// The version of a crate in our own lock file.
pub fn locked(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split_once(&format!("name = \"{name}\"\nversion = \""));
    entry.map_or("of an unknown version", |(_, rest)| {
        rest.split('"').next().unwrap_or_default()
    })
}

fn value(file: &str, key: &str, sign: char) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(sign)?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|it| it.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
