//! Tests the tests: plants faults in the engine, the graph and the look-alikes,
//! one at a time, and sees which of them the tests catch.
//!
//! ```sh
//! cargo run --manifest-path crates/outcomes/tests/faults/Cargo.toml -- --sample 300
//! ```
//!
//! All faults are compiled into one copy of the workspace, in
//! `target/faults`, each behind a question for its number ([`plant`]); so one
//! build serves all of them. A fault is *caught* if a test fails, crashes or
//! doesn't end. The rest is listed: a survivor is a fault that makes no
//! difference from outside (work done twice, memory given back later), or a
//! gap in the tests.
//!
//! | Option | What it does |
//! |---|---|
//! | `--sample N` | tries N faults, spread evenly, in place of all |
//! | `--in TEXT` | only those in files whose path contains this |
//! | `--only N` | only the fault with this number |
//! | `--list` | lists the faults, and tries none |
//! | `--jobs N` | how many are tried at the same time: 2 |

#![forbid(unsafe_code)]

mod judge;
mod plant;

use judge::{Judge, Verdict};
use plant::{Fault, plant};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

/// Where faults are planted: the packages whose sources these are.
const PACKAGES: [&str; 6] = [
    "crates/outcomes/engine",
    "crates/outcomes/graph",
    "crates/outcomes/look-alikes/std",
    "crates/outcomes/look-alikes/crossbeam-channel",
    "crates/outcomes/look-alikes/crossbeam-utils",
    "crates/outcomes/look-alikes/crossbeam",
];

/// The question for a fault's number, a module of each package.
const PLANTED: &str = r#"
#[allow(missing_docs, unreachable_pub)]
pub(crate) mod planted {
    use ::std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(u32::MAX);
    #[cold]
    fn ask() -> u32 {
        // Asking allocates, and the allocator asks.
        NUMBER.store(u32::MAX - 1, Ordering::Relaxed);
        let number = match option_env_number() {
            Some(number) => number,
            None => u32::MAX - 1,
        };
        NUMBER.store(number, Ordering::Relaxed);
        number
    }
    fn option_env_number() -> Option<u32> {
        ::std::env::var("PLANTED_FAULT").ok()?.parse().ok()
    }
    #[inline]
    pub(crate) fn is(number: u32) -> bool {
        let is = NUMBER.load(Ordering::Relaxed);
        (if is == u32::MAX { ask() } else { is }) == number
    }
}
"#;

#[derive(Default)]
struct Options {
    sample: Option<usize>,
    within: Option<String>,
    only: Option<usize>,
    list: bool,
    jobs: Option<usize>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(code) => code,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            let missing = || format!("{argument} needs a value.");
            arguments.next().ok_or_else(missing)
        };
        let number = |text: String| {
            let wrong = |_| format!("{text:?} is not a number.");
            text.parse::<usize>().map_err(wrong)
        };
        match argument.as_str() {
            "--sample" => options.sample = Some(number(value()?)?),
            "--only" => options.only = Some(number(value()?)?),
            "--jobs" => options.jobs = Some(number(value()?)?),
            "--in" => options.within = Some(value()?),
            "--list" => options.list = true,
            other => return Err(format!("There is no option {other:?}.")),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<ExitCode, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../..");
    let root = root.canonicalize().map_err(|error| error.to_string())?;
    let copy = root.join("target/faults");
    let (faults, judge) = build(&root, &copy)?;
    let chosen = choose(&faults, options);
    if options.list {
        for fault in &chosen {
            println!("{}", line(fault));
        }
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} faults, of which {} are tried, by {} tests.",
        faults.len(),
        chosen.len(),
        judge.programs()
    );
    judge.without_faults()?;
    let verdicts = try_all(&judge, &chosen, options.jobs.unwrap_or(2));
    Ok(report(&chosen, &verdicts))
}

fn choose(faults: &[Fault], options: &Options) -> Vec<Fault> {
    let wanted = |fault: &&Fault| {
        options.only.is_none_or(|number| fault.number == number)
            && options
                .within
                .as_ref()
                .is_none_or(|text| fault.file.contains(text))
    };
    let wanted: Vec<&Fault> = faults.iter().filter(wanted).collect();
    let count = options.sample.unwrap_or(wanted.len()).min(wanted.len());
    (0..count)
        .map(|index| wanted[index * wanted.len() / count].clone())
        .collect()
}

/// Builds the copy, leaving out faults that don't compile.
fn build(root: &Path, copy: &Path) -> Result<(Vec<Fault>, Judge), String> {
    copy_tracked(root, copy)?;
    let mut left_out = BTreeSet::new();
    loop {
        let mut faults = Vec::new();
        let mut next = 0;
        for package in PACKAGES {
            if root.join(package).exists() {
                plant_package(root, copy, package, &mut next, &left_out, &mut faults)?;
            }
        }
        match Judge::build(copy)? {
            Ok(judge) => return Ok((faults, judge)),
            Err(places) => {
                let before = left_out.len();
                let by_line: BTreeMap<(&str, usize), Vec<usize>> =
                    faults.iter().fold(BTreeMap::new(), |mut lines, fault| {
                        let numbers: &mut Vec<usize> =
                            lines.entry((fault.file.as_str(), fault.line)).or_default();
                        numbers.push(fault.number);
                        lines
                    });
                for (file, line) in &places {
                    let numbers = by_line.get(&(file.as_str(), *line));
                    left_out.extend(numbers.into_iter().flatten());
                }
                if left_out.len() == before {
                    return Err(format!("The copy doesn't compile, at {places:?}."));
                }
                eprintln!("{} faults don't compile, and are left out.", left_out.len());
            }
        }
    }
}

/// Copies what git knows of.
fn copy_tracked(root: &Path, copy: &Path) -> Result<(), String> {
    let mut git = Command::new("git");
    let listed = git.args(["ls-files", "-z"]).current_dir(root).output();
    let listed = listed.map_err(|error| format!("git can't be run: {error}."))?;
    let listed = String::from_utf8_lossy(&listed.stdout);
    let names: BTreeSet<&str> = listed.split_terminator('\0').collect();
    for old in sources(copy, Path::new("crates")).unwrap_or_default() {
        if !old.to_str().is_some_and(|name| names.contains(name)) {
            fs::remove_file(copy.join(&old)).map_err(|error| error.to_string())?;
        }
    }
    for name in names {
        let (from, to) = (root.join(name), copy.join(name));
        if !from.is_file() {
            continue;
        }
        let text = fs::read(&from).map_err(|error| format!("{name}: {error}."))?;
        write(&to, &text)?;
    }
    Ok(())
}

/// Writes a file, unless it is like that already: cargo looks at the time.
fn write(file: &Path, text: &[u8]) -> Result<(), String> {
    if fs::read(file).is_ok_and(|known| known == text) {
        return Ok(());
    }
    let failed = |error| format!("{}: {error}.", file.display());
    fs::create_dir_all(file.parent().unwrap_or(file)).map_err(failed)?;
    fs::write(file, text).map_err(failed)
}

fn plant_package(
    root: &Path,
    copy: &Path,
    package: &str,
    next: &mut usize,
    left_out: &BTreeSet<usize>,
    faults: &mut Vec<Fault>,
) -> Result<(), String> {
    let source = Path::new(package).join("src");
    for name in sources(root, &source)? {
        let text = fs::read_to_string(root.join(&name)).map_err(|error| error.to_string())?;
        let is_left_out = |number| left_out.contains(&number);
        let mut planted = plant(&name, &text, next, &is_left_out, faults)?;
        if name == source.join("lib.rs") {
            planted.push_str(PLANTED);
        }
        write(&copy.join(&name), planted.as_bytes())?;
    }
    Ok(())
}

fn sources(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(root.join(folder)).map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = folder.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            names.extend(sources(root, &name)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn try_all(judge: &Judge, faults: &[Fault], jobs: usize) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(vec![Verdict::Survived; faults.len()]);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(fault) = faults.get(index) else {
                        return;
                    };
                    let verdict = judge.of(fault.number);
                    if verdict == Verdict::Survived {
                        println!("survived: {}", line(fault));
                    }
                    verdicts.lock().expect("nobody panics")[index] = verdict;
                }
            });
        }
    });
    verdicts.into_inner().expect("nobody panics")
}

fn line(fault: &Fault) -> String {
    let Fault {
        number,
        file,
        line,
        what,
    } = fault;
    format!("{number:>5} {file}:{line}: {what}")
}

fn report(faults: &[Fault], verdicts: &[Verdict]) -> ExitCode {
    let mut by_file: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (fault, verdict) in faults.iter().zip(verdicts) {
        let (tried, caught) = by_file.entry(&fault.file).or_default();
        *tried += 1;
        *caught += usize::from(*verdict != Verdict::Survived);
    }
    println!("\n tried  caught  file");
    for (file, (tried, caught)) in &by_file {
        println!("{tried:>6}  {caught:>6}  {file}");
    }
    let caught = verdicts
        .iter()
        .filter(|verdict| **verdict != Verdict::Survived);
    let (caught, tried) = (caught.count(), verdicts.len());
    let percent = 100.0 * caught as f64 / tried.max(1) as f64;
    println!("\n{caught} of {tried} were caught: {percent:.1} %.");
    ExitCode::SUCCESS
}
