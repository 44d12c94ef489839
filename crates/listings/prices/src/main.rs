//! Measures the prices that the chapter *What it costs* compares with Go, and
//! writes them into `crates/listings/measured/`, where the chapter reads them.
//!
//! ```sh
//! cargo run --release --manifest-path crates/listings/prices/Cargo.toml
//! ```
//!
//! Two programs take turns, this one and `go/main.go`, several times each, and
//! the medians count; with channels, the least and the most stand beside them. Let
//! nothing else run meanwhile; the files say so if something does. It takes two or
//! three minutes, and says which sentences of the chapter no longer hold.
//!
//! `--rounds N` takes turns N times, and `--dest-dir DIR` writes elsewhere.
//! `--quick` only tries whether all of it works: it does a fiftieth of the work, and
//! its figures are worth nothing.

mod channels;
mod claims;
mod machine;
mod measure;
mod shapes;
mod tables;
mod tasks;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// How often the programs take turns.
const ROUNDS: usize = 7;

/// The argument by which this program measures once, and prints, and before the
/// number by which all counts are divided. Go's program takes that number alone.
const ONCE: &str = "once";

/// By how much they are divided where that is only tried.
const QUICK: u32 = 50;

/// Prices in nanoseconds, one for each round, by what they are of.
pub type Prices = BTreeMap<String, Vec<f64>>;

fn main() -> ExitCode {
    if env::args().nth(1).as_deref() == Some(ONCE) {
        let divisor = env::args().nth(2).and_then(|divisor| divisor.parse().ok());
        measure::all(divisor.unwrap_or(1), |what, price| {
            println!("{what}\t{price:.1}");
        });
        return ExitCode::SUCCESS;
    }
    match Options::read().and_then(|options| record(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    rounds: usize,
    folder: PathBuf,
    divisor: u32,
}

impl Options {
    fn read() -> Result<Options, String> {
        let mut options = Options {
            rounds: ROUNDS,
            folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("../measured"),
            divisor: 1,
        };
        let ours = options.folder.clone();
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            if argument == "--quick" {
                options.divisor = QUICK;
                continue;
            }
            let value = arguments.next();
            match (argument.as_str(), value) {
                ("--rounds", Some(value)) => {
                    let rounds = value.parse().ok().filter(|rounds| *rounds > 0);
                    options.rounds = rounds.ok_or("--rounds wants a number, from 1")?;
                }
                ("--dest-dir", Some(value)) => options.folder = value.into(),
                _ => {
                    return Err(format!(
                        "{argument} isn't --rounds N, --dest-dir DIR or --quick"
                    ));
                }
            }
        }
        if options.divisor > 1 && options.folder == ours {
            return Err("--quick wants a --dest-dir: its figures aren't for the book".to_owned());
        }
        Ok(options)
    }
}

fn record(options: &Options) -> Result<(), String> {
    let go = machine::version(Command::new("go").arg("version")).ok_or(
        "there is no Go here, and the prices are compared with Go's: install it \
         (on Debian, `apt-get install golang`), and have `go` in your PATH",
    )?;
    let rustc = machine::version(Command::new("rustc").arg("--version"));
    let rustc = rustc.ok_or("rustc doesn't tell its version")?;
    let ours = env::current_exe().map_err(|error| error.to_string())?;
    let theirs = build_go(&ours)?;

    let divisor = options.divisor.to_string();
    let busy_before = machine::is_busy();
    let mut prices = Prices::new();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        take(Command::new(&ours).args([ONCE, &divisor]), "", &mut prices)?;
        // Both measure locks, so Go's prices bear its name.
        take(Command::new(&theirs).arg(&divisor), " in Go", &mut prices)?;
    }
    let busy_after = machine::is_busy();

    let others = match (busy_before, busy_after) {
        (Some(false), Some(false)) => ", with nothing else to do",
        (None, _) | (_, None) => "",
        _ => ", while other programs ran there, too",
    };
    let head = tables::Head {
        runs: format!(
            "the medians of {} runs each, by rustc {rustc} and Go {go}",
            options.rounds
        ),
        machine: format!("{}{others}", machine::description()),
    };
    for (name, table) in tables::all(&prices)? {
        let file = options.folder.join(format!("{name}.txt"));
        fs::write(&file, head.above(&table))
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        eprintln!("wrote {}", file.display());
    }
    if others.contains("other programs") {
        eprintln!("warning: the machine had other things to do; the files say so");
    }
    let refuted = claims::refuted(&tables::Medians(&prices))?;
    for sentence in refuted.iter().filter(|_| options.divisor == 1) {
        eprintln!("warning: the chapter says {sentence:?}, and by these figures it isn't so");
    }
    eprintln!("Now read the chapter again: what it says in words may no longer be so.");
    Ok(())
}

/// Builds Go's program beside our own.
fn build_go(ours: &Path) -> Result<PathBuf, String> {
    let program = ours.with_file_name("prices-in-go");
    let status = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("go"))
        .status()
        .map_err(|error| format!("cannot start go: {error}"))?;
    match status.success() {
        true => Ok(program),
        false => Err("go can't build go/main.go".to_owned()),
    }
}

/// Runs a program that measures once, and takes the prices that it prints, each by
/// its name and what is added to that.
fn take(command: &mut Command, added: &str, prices: &mut Prices) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!(
            "measuring failed: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let (what, price) = line.split_once('\t').ok_or("a line is no price")?;
        let price = price.parse().map_err(|_| format!("{line:?} is no price"))?;
        prices
            .entry(format!("{what}{added}"))
            .or_default()
            .push(price);
    }
    Ok(())
}
