//! Checks the book: that every listing does what the registry, the recorded
//! outputs and the chapters say, and that the chapters say it of all of them.

mod chapters;
mod links;
mod outcomes;

use crate::order::{self, Orders};
use crate::programs::{Programs, Run};
use crate::words::{self, Compilers};
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use cargo_outcomes::Modelled;
use mdbook_interleaved::listings::{Ends, Listing, Listings};
use outcomes::Undoctored;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// For how long a listing is run again and again.
const RUN_FOR: Duration = Duration::from_secs(2);

/// How often a listing is run that takes no longer than [`QUICK`]. One that
/// sleeps is run for [`RUN_FOR`], or once if it takes longer than that.
const RUNS: usize = 200;

/// What a listing takes that doesn't sleep, on a machine that is not too busy.
const QUICK: Duration = Duration::from_millis(200);

/// How many runs of one listing go on at the same time.
const RUNS_AT_ONCE: usize = 4;

/// What `interleaved test` may be told.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Only the checks whose names contain one of these [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// One thing that must hold.
pub struct Check {
    /// What it is about: `listing two-threads`.
    pub name: String,
    holds: Box<dyn Fn() -> Result<()> + Send + Sync>,
}

impl Check {
    fn new(name: String, holds: impl Fn() -> Result<()> + Send + Sync + 'static) -> Check {
        Check {
            name,
            holds: Box::new(holds),
        }
    }

    /// Checks it.
    ///
    /// # Errors
    /// Says what doesn't hold, and where.
    pub fn run(&self) -> Result<()> {
        (self.holds)()
    }
}

/// Checks the book, and says what doesn't hold.
///
/// # Errors
/// When anything doesn't hold, or no check has such a name.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut checks = checks(workspace)?;
    for name in &options.names {
        ensure!(
            checks.iter().any(|check| check.name.contains(name)),
            "no check's name contains {name:?}: a listing or chapter has one, and \
             \"registry\" and \"links\" are of the whole book"
        );
    }
    checks.retain(|check| {
        options.names.is_empty() || options.names.iter().any(|name| check.name.contains(name))
    });
    let total = checks.len();
    let mut failures = 0;
    for (number, check) in checks.iter().enumerate() {
        print!("[{}/{total}] {} … ", number + 1, check.name);
        io::stdout().flush()?;
        match check.run() {
            Ok(()) => println!("ok"),
            Err(error) => {
                failures += 1;
                println!(
                    "FAILED\n    {}",
                    format!("{error:#}").replace('\n', "\n    ")
                );
            }
        }
    }
    ensure!(failures == 0, "{failures} of {total} checks failed");
    Ok(())
}

/// Everything that must hold of the book. Builds the listings first.
///
/// # Errors
/// When there is nothing to check, since the listings can't be built or read.
pub fn checks(workspace: &Workspace) -> Result<Vec<Check>> {
    let programs = Arc::new(Programs::build(workspace)?);
    let modelled = Arc::new(crate::outcomes::prepare(workspace)?);
    let orders = Arc::new(read_orders(workspace)?);
    let undoctored = Arc::new(read_undoctored(workspace)?);
    let workspace = Arc::new(workspace.clone());
    let mut checks = Vec::new();

    let all = Arc::clone(&programs);
    let (known, doctored) = (Arc::clone(&orders), Arc::clone(&undoctored));
    checks.push(Check::new("registry".to_owned(), move || {
        check_registry(&all.listings, &known, &doctored)
    }));
    for (name, listing) in programs.listings.iter() {
        if listing.is_explorable() {
            let (programs, modelled) = (Arc::clone(&programs), Arc::clone(&modelled));
            let (orders, undoctored) = (Arc::clone(&orders), Arc::clone(&undoctored));
            let name = name.to_owned();
            checks.push(Check::new(format!("outcomes {name}"), move || {
                outcomes::check(&programs, &modelled, &orders, &undoctored, &name)
            }));
        }
        if listing.unexplored.is_some() {
            let (programs, modelled) = (Arc::clone(&programs), Arc::clone(&modelled));
            let name = name.to_owned();
            checks.push(Check::new(format!("unexplored {name}"), move || {
                outcomes::check_unexplored(&programs, &modelled, &name)
            }));
        }
        let (programs, modelled) = (Arc::clone(&programs), Arc::clone(&modelled));
        let (orders, name) = (Arc::clone(&orders), name.to_owned());
        checks.push(if listing.is_broken() {
            Check::new(format!("broken {name}"), move || {
                check_broken(&programs, &name)
            })
        } else {
            Check::new(format!("listing {name}"), move || {
                check_example(&programs, &modelled, &orders, &name)
            })
        });
    }
    for chapter in chapters::read(&workspace.book)? {
        let (programs, workspace) = (Arc::clone(&programs), Arc::clone(&workspace));
        let name = format!("chapter {}", chapter.name);
        checks.push(Check::new(name, move || {
            chapters::check(&chapter, &programs.listings)?;
            chapters::test_with_mdbook(&chapter, &workspace, &programs.built.libraries)
        }));
    }
    checks.push(Check::new("links".to_owned(), move || {
        links::check(&workspace)
    }));
    Ok(checks)
}

/// What the listings guarantee, as `tests/orders.toml` has it.
///
/// # Errors
/// When it can't be read.
pub fn read_orders(workspace: &Workspace) -> Result<Orders> {
    let file = workspace.root.join("tests/orders.toml");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    order::read(&text).with_context(|| file.display().to_string())
}

/// Which recorded outputs can't be doctored in some way, and why, as
/// `tests/doctored.toml` has it, if it is there.
fn read_undoctored(workspace: &Workspace) -> Result<Undoctored> {
    let file = workspace.root.join("tests/doctored.toml");
    match fs::read_to_string(&file) {
        Ok(text) => toml::from_str(&text).with_context(|| file.display().to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Undoctored::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// Whether what is recorded of a listing is what it prints, or may print.
///
/// # Errors
/// Says in what it differs.
pub fn check_record(programs: &Programs, orders: &Orders, name: &str) -> Result<()> {
    if programs.listings.get(name)?.is_broken() {
        return check_broken(programs, name);
    }
    check_run(programs, orders, name, &programs.run(name)?)?;
    check_transcript(&programs.listings, orders, name)
}

/// Every listing has its files, its guarantee and its record, and every one of
/// those its listing.
fn check_registry(listings: &Listings, orders: &Orders, undoctored: &Undoctored) -> Result<()> {
    let names = |is_broken: bool| -> BTreeSet<String> {
        let named = listings
            .iter()
            .filter(|(_, it)| it.is_broken() == is_broken);
        named.map(|(name, _)| name.to_owned()).collect()
    };
    let (examples, broken) = (names(false), names(true));
    same(
        "examples/",
        &files_in(&listings.root().join("examples"), ".rs")?,
        &examples,
    )?;
    same(
        "broken/",
        &files_in(&listings.root().join("broken"), ".rs")?,
        &broken,
    )?;
    same(
        "tests/orders.toml",
        &orders.keys().cloned().collect(),
        &examples,
    )?;

    for name in undoctored.keys() {
        ensure!(
            listings.get(name).is_ok_and(Listing::is_explorable),
            "tests/doctored.toml has {name:?}, which is no listing that is explored"
        );
    }

    let outputs = listings.root().join("outputs");
    let reports = files_in(&outputs, ".deadlock.txt")?;
    let stuck = listings
        .iter()
        .filter(|(_, it)| it.ends.contains(&Ends::Deadlocks))
        .map(|(name, _)| name.to_owned())
        .collect();
    same("outputs/, of reports on deadlocks,", &reports, &stuck)?;

    let recorded = files_in(&outputs, ".txt")?;
    let (stderr, stdout): (BTreeSet<String>, BTreeSet<String>) = recorded
        .into_iter()
        .filter(|name| !name.ends_with(".deadlock"))
        .partition(|name| name.ends_with(".stderr"));
    same("outputs/", &stdout, &(&examples | &broken))?;
    let mut worded = broken;
    for name in stderr {
        let name = name.trim_end_matches(".stderr");
        ensure!(
            examples.contains(name),
            "outputs/{name}.stderr.txt has no listing"
        );
        worded.insert(name.to_owned());
    }
    let compilers = Compilers::read(&outputs)?;
    same("outputs/compilers.toml", &compilers.listings(), &worded)?;
    Ok(())
}

fn same(place: &str, found: &BTreeSet<String>, registered: &BTreeSet<String>) -> Result<()> {
    let extra: Vec<&String> = found.difference(registered).collect();
    ensure!(
        extra.is_empty(),
        "{place} has {extra:?}, of which listings.toml says nothing"
    );
    let missing: Vec<&String> = registered.difference(found).collect();
    ensure!(
        missing.is_empty(),
        "{place} lacks {missing:?}, which are in listings.toml"
    );
    Ok(())
}

/// The names of the files in a folder, without this ending.
fn files_in(folder: &Path, ending: &str) -> Result<BTreeSet<String>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names: Vec<String> = names.collect::<io::Result<_>>()?;
    let ours = names.iter().filter_map(|name| name.strip_suffix(ending));
    Ok(ours.map(str::to_owned).collect())
}

/// Runs a listing many times, several at once, and holds every run against
/// the registry, its guarantee and what the engine knows.
fn check_example(
    programs: &Programs,
    modelled: &Modelled,
    orders: &Orders,
    name: &str,
) -> Result<()> {
    check_transcript(&programs.listings, orders, name)?;
    let first = programs.run(name)?;
    check_run(programs, orders, name, &first)?;

    let deadline = Instant::now() + RUN_FOR;
    let runs = AtomicUsize::new(1);
    let has_time = || first.took < QUICK || Instant::now() + first.took < deadline;
    let output_of = |run: Run| (run.stdout, run.ends.to_string());
    let seen = Mutex::new(BTreeSet::from([output_of(first.clone())]));
    let again = || -> Result<()> {
        while has_time() && runs.fetch_add(1, Ordering::Relaxed) < RUNS {
            let run = programs.run(name)?;
            check_run(programs, orders, name, &run)?;
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.insert(output_of(run));
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
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes::check_seen(programs, modelled, name, &seen)
}

fn check_run(programs: &Programs, orders: &Orders, name: &str, run: &Run) -> Result<()> {
    let listing = programs.listings.get(name)?;
    ensure!(
        listing.ends.contains(&run.ends),
        "it {}, which listings.toml doesn't state, having printed\n{}{}",
        run.ends,
        run.stdout,
        run.stderr
    );
    ensure!(
        order::is_possible(&orders[name], &run.stdout, run.ends),
        "tests/orders.toml doesn't allow what it printed (and then it {}):\n{}",
        run.ends,
        run.stdout
    );
    check_stderr(programs, name, run)
}

/// A panic's message names the thread by number: all else is as recorded, if
/// the compiler is the one that was used then. With any other, it panics in the
/// same lines.
fn check_stderr(programs: &Programs, name: &str, run: &Run) -> Result<()> {
    let recorded = fs::read_to_string(programs.listings.stderr_path(name)).unwrap_or_default();
    let is_same = if is_recorded_toolchain(programs, name)? {
        without_numbers_of_threads(&recorded) == without_numbers_of_threads(&run.stderr)
    } else {
        recorded.is_empty() == run.stderr.is_empty()
            && words::panicked(&recorded, name) == words::panicked(&run.stderr, name)
    };
    ensure!(
        is_same,
        "it wrote to standard error\n{}\nand not, as recorded,\n{recorded}",
        run.stderr
    );
    Ok(())
}

/// `thread 'main' (4711) panicked` without the number.
fn without_numbers_of_threads(text: &str) -> String {
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

/// Whether a recorded output is one that the listing can have.
fn check_transcript(listings: &Listings, orders: &Orders, name: &str) -> Result<()> {
    let file = listings.transcript_path(name);
    let recorded = fs::read_to_string(&file)
        .with_context(|| format!("no output is recorded: run `cargo run -- record {name}`"))?;
    let orders = orders
        .get(name)
        .with_context(|| format!("tests/orders.toml says nothing of {name}"))?;
    let ends: &[Ends] = &listings.get(name)?.ends;
    ensure!(
        ends.iter()
            .any(|&ends| order::is_possible(orders, &recorded, ends)),
        "{} can't be printed by {name}:\n{recorded}",
        file.display()
    );
    Ok(())
}

/// A program that must not compile gives exactly its error, in the lines that
/// are recorded, and in the words if the compiler is the one that was used then.
fn check_broken(programs: &Programs, name: &str) -> Result<()> {
    let (said, codes) = programs.rejection(name)?;
    let listing = programs.listings.get(name)?;
    ensure!(
        codes.iter().eq(&listing.error),
        "it must give {:?} alone, and rustc gives {codes:?}:\n{said}",
        listing.error.as_deref().unwrap_or_default()
    );
    let file = programs.listings.transcript_path(name);
    let recorded = fs::read_to_string(&file)
        .with_context(|| format!("nothing is recorded: run `cargo run -- record {name}`"))?;
    let (before, now) = (words::marked(&recorded, name), words::marked(&said, name));
    ensure!(
        before == now && !now.is_empty(),
        "{} marks the lines {before:?}, and rustc the lines {now:?}:\n{said}",
        file.display()
    );
    ensure!(
        words::of_the_listing(&recorded, name) == words::of_the_listing(&said, name)
            || !is_recorded_toolchain(programs, name)?,
        "{} isn't what rustc says, which is\n{said}",
        file.display()
    );
    Ok(())
}

/// Whether this compiler is the one that said what is recorded of a listing.
fn is_recorded_toolchain(programs: &Programs, name: &str) -> Result<bool> {
    let compilers = Compilers::read(&programs.listings.root().join("outputs"))?;
    let rustc = programs.builder.libraries().rustc_version();
    Ok(compilers.of(name) == Some(rustc))
}

#[cfg(test)]
mod tests {
    use super::without_numbers_of_threads;

    #[test]
    fn the_number_of_a_thread_makes_no_difference() {
        let panic = "\nthread 'main' (4711) panicked at a.rs:1:2:\nnobody (to share with)\n";
        let without = "\nthread 'main' panicked at a.rs:1:2:\nnobody (to share with)\n";
        assert_eq!(without_numbers_of_threads(panic), without);
    }
}
