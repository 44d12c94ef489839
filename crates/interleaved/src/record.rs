//! Writes what the listings print, and what rustc says of the broken ones,
//! into `outputs/`. Nothing gets there but by a run.

use crate::machine::Machine;
use crate::outcomes;
use crate::programs::{Programs, Run};
use crate::stderr::say;
use crate::test;
use crate::words::Compilers;
use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use mdbook_interleaved::listings::Ends;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What `interleaved record` may be told.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// The listings to record [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Write nothing: say whether what is recorded can still be printed
    #[arg(long)]
    check: bool,
}

/// Runs listings and writes down their outputs.
///
/// # Errors
/// Says which listing didn't do as the registry states. Its record stays as it
/// was.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let programs = Programs::build(workspace)?;
    for name in &options.names {
        programs.listings.get(name)?;
    }
    let is_wanted =
        |name: &str| options.names.is_empty() || options.names.iter().any(|n| n == name);
    let names = programs.listings.iter().map(|(name, _)| name);
    let names: Vec<&str> = names.filter(|name| is_wanted(name)).collect();

    if options.check {
        let modelled = outcomes::prepare(workspace)?;
        for name in &names {
            test::check_record(&programs, &modelled, name).with_context(|| (*name).to_owned())?;
            say(format_args!("{name}: as recorded"));
        }
        return Ok(());
    }
    for name in &names {
        let what = record(workspace, &programs, name).with_context(|| (*name).to_owned())?;
        say(format_args!("{name}: {what}"));
    }
    record_machine(&programs, options.names.is_empty())
}

/// Records one listing. Returns what to tell.
///
/// # Errors
/// Says what it didn't do as the registry states.
pub(crate) fn record(workspace: &Workspace, programs: &Programs, name: &str) -> Result<String> {
    let what = record_run(programs, name)?;
    record_deadlocks(workspace, programs, name)?;
    Ok(what)
}

fn record_run(programs: &Programs, name: &str) -> Result<String> {
    let listing = programs.listings.get(name)?;
    let file = programs.listings.transcript_path(name);
    let rustc = programs.builder.libraries().rustc_version();
    let mut compilers = Compilers::read(&programs.listings.root().join("outputs"))?;
    if let Some(code) = &listing.error {
        let (words, codes) = programs.rejection(name)?;
        ensure!(
            codes == [code.clone()],
            "rustc gives {codes:?}, and not {code} alone"
        );
        write(&file, &words)?;
        compilers.set(name, Some(rustc))?;
        return Ok(format!("error {code}"));
    }

    let Run {
        stdout,
        stderr,
        ends,
        took,
    } = programs.run(name)?;
    ensure!(
        listing.ends.contains(&ends),
        "it {ends}, which listings.toml doesn't state"
    );
    write(&file, &stdout)?;
    let file = programs.listings.stderr_path(name);
    if stderr.is_empty() {
        remove(&file)?;
        compilers.set(name, None)?;
    } else {
        write(&file, &stderr)?;
        compilers.set(name, Some(rustc))?;
    }
    Ok(format!("{ends} after {:.2} s", took.as_secs_f64()))
}

/// Records how a listing gets stuck, if it may. Only the engine can tell.
fn record_deadlocks(workspace: &Workspace, programs: &Programs, name: &str) -> Result<()> {
    let file = programs.listings.deadlock_path(name);
    if !programs.listings.get(name)?.ends.contains(&Ends::Deadlocks) {
        return remove(&file);
    }
    let modelled = outcomes::prepare(workspace)?;
    let report = outcomes::deadlocks(workspace, &modelled, &programs.listings, name)?;
    write(&file, &report)
}

/// Describes the machine, where that is true of all that is recorded.
pub(crate) fn record_machine(programs: &Programs, is_all: bool) -> Result<()> {
    let file = programs.listings.machine_path();
    let here = Machine::here(programs.builder.libraries().rustc_version());
    let recorded = Machine::read(&file)?;
    if is_all || recorded.is_none() {
        return here.write(&file);
    }
    let is_same = recorded.is_some_and(|recorded| {
        (recorded.rustc, recorded.processor, recorded.cores)
            == (here.rustc, here.processor, here.cores)
    });
    if !is_same {
        say(format_args!(
            "note: the other outputs were recorded on another machine or by another rustc, \
             and {} still names that. To record all of them, name none.",
            file.display()
        ));
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(file, text).with_context(cannot)
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}
