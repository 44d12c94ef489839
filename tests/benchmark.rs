//! How fast Run is, beside the peers on the same machine at the same time:
//!
//! ```sh
//! cargo run --package tests --bin benchmark
//! ```
//!
//! - An unedited listing, from request to first output line, through a real
//!   server's WebSocket; beside a warm cell of the stock evcxr kernel, where
//!   `evcxr_jupyter` and Python's `jupyter_client` are installed.
//! - An edited listing, from request to its end; beside bare `rustc` and the
//!   program that it made.
//!
//! The contenders take turns, so that whatever else the machine does slows
//! all of them. It is built as readers build it: in cargo's dev profile.

use anyhow::{Context, Result, ensure};
use interleaved::programs::Programs;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tests::server::{Kernel, Server};

/// The listing that is run: it needs nothing but std, so that evcxr needn't
/// build a crate for it.
const LISTING: &str = "two-threads";

/// The listing that is edited and compiled: it uses a crate.
const EDITED: &str = "workers-share-a-channel";

/// How often each is timed.
const TIMES: usize = 21;

/// Speaks to the evcxr kernel: a cell's text in, a line of JSON a cell; its
/// time to the first output line out, in seconds.
const EVCXR: &str = include_str!("evcxr.py");

fn main() -> ExitCode {
    tests::server::hook();
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<()> {
    let programs = Programs::build(&tests::workspace())?;
    let server = Server::start()?;
    let mut kernel = server.kernel()?;

    let source = programs.listings.source(LISTING)?;
    let mut evcxr = Evcxr::start();
    if let Err(reason) = &evcxr {
        println!("The stock evcxr kernel is left out: {reason:#}.");
    }
    let (mut run, mut cell) = (Vec::new(), Vec::new());
    for turn in 0..=TIMES {
        let ours = first_line(&mut kernel, &source)?;
        let theirs = match &mut evcxr {
            Ok(evcxr) => Some(evcxr.first_line(&source)?),
            Err(_) => None,
        };
        // The first turn is for warming up.
        if turn > 0 {
            run.push(ours);
            cell.extend(theirs);
        }
    }
    println!("\n{LISTING}, unedited, from request to first output line, {TIMES} times");
    let run = report("interleaved", &run);
    if !cell.is_empty() {
        let cell = report("evcxr_jupyter, a warm cell", &cell);
        println!("  {:.1} times as fast", cell / run);
    }

    let bare = Bare::new(&programs)?;
    let source = programs.listings.source(EDITED)?;
    let (mut edited, mut rustc) = (Vec::new(), Vec::new());
    // No run of this benchmark repeats the edits of another.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    for turn in 0..=TIMES {
        let edit = |who: &str| source.replace("sending", &format!("sending, {who} {now} {turn},"));
        let theirs = bare.build_and_run(&edit("bare"))?;
        let ours = whole_run(&mut kernel, &edit("ours"))?;
        if turn > 0 {
            edited.push(ours);
            rustc.push(theirs);
        }
    }
    println!("\n{EDITED}, edited, from request to its end, {TIMES} times");
    let edited = report("interleaved", &edited);
    let rustc = report("bare rustc and the program", &rustc);
    println!("  {:.2} of its time", edited / rustc);
    Ok(())
}

fn first_line(kernel: &mut Kernel<'_>, source: &str) -> Result<Duration> {
    let asked = Instant::now();
    let request = kernel.send(source)?;
    kernel.first_output(&request)?;
    let took = asked.elapsed();
    kernel.finish(&request)?;
    Ok(took)
}

fn whole_run(kernel: &mut Kernel<'_>, source: &str) -> Result<Duration> {
    let asked = Instant::now();
    let request = kernel.send(source)?;
    let executed = kernel.finish(&request)?;
    ensure!(executed.stdout.ends_with("Done!\n"), "{executed:?}");
    Ok(asked.elapsed())
}

/// Prints the median and the extremes. Returns the median, in seconds.
fn report(name: &str, times: &[Duration]) -> f64 {
    let mut ms: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    ms.sort_by(f64::total_cmp);
    let (first, median, last) = (ms[0], ms[ms.len() / 2], ms[ms.len() - 1]);
    println!("  {name:<28} median {median:7.1} ms   ({first:.1} to {last:.1})");
    median / 1e3
}

/// rustc as a reader would call it, with the very same libraries.
struct Bare {
    folder: tempfile::TempDir,
    libraries: PathBuf,
    channel: PathBuf,
}

impl Bare {
    fn new(programs: &Programs) -> Result<Bare> {
        let folder = tempfile::tempdir()?;
        let libraries = folder.path().join("libraries");
        programs.built.libraries.link_into(&libraries)?;
        let channel = fs::read_dir(&libraries)?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.to_string_lossy().contains("libcrossbeam_channel-"))
            .context("the listings use crossbeam-channel")?;
        Ok(Bare {
            folder,
            libraries,
            channel,
        })
    }

    fn build_and_run(&self, source: &str) -> Result<Duration> {
        let file = self.folder.path().join("listing.rs");
        let program = self.folder.path().join("listing");
        fs::write(&file, source)?;
        let started = Instant::now();
        let status = Command::new("rustc")
            .args(["--edition", "2024", "-o"])
            .args([&program, &file])
            .arg("-L")
            .arg(&self.libraries)
            .arg("--extern")
            .arg(format!("crossbeam_channel={}", self.channel.display()))
            .status()
            .context("cannot start rustc")?;
        ensure!(status.success(), "rustc failed");
        let output = Command::new(&program).output()?;
        let took = started.elapsed();
        ensure!(output.stdout.ends_with(b"Done!\n"), "{output:?}");
        Ok(took)
    }
}

/// The stock kernel, by way of Python's client.
struct Evcxr {
    python: Child,
    /// Dropped first: at its end Python ends the kernel, and then itself.
    cells: Option<ChildStdin>,
    times: BufReader<ChildStdout>,
}

impl Evcxr {
    /// Starts it, and waits until a first cell has run.
    fn start() -> Result<Evcxr> {
        let kernel = find_in_path("evcxr_jupyter").context("evcxr_jupyter is not installed")?;
        // PYTHON names another one, such as a virtual environment's.
        let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let mut python = Command::new(python)
            .args(["-c", EVCXR])
            .arg(kernel)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("there is no Python")?;
        let cells = python.stdin.take();
        let times = BufReader::new(python.stdout.take().context("Python has a stdout")?);
        let mut evcxr = Evcxr {
            python,
            cells,
            times,
        };
        evcxr
            .line()
            .context("evcxr or jupyter_client doesn't work")?;
        Ok(evcxr)
    }

    fn first_line(&mut self, source: &str) -> Result<Duration> {
        // The stock kernel defines `main`, and must be told to call it.
        let cell = format!("{source}\nmain();");
        let line = serde_json::to_string(&cell)?;
        let cells = self.cells.as_mut().context("Python has a stdin")?;
        writeln!(cells, "{line}")?;
        let seconds: f64 = self.line()?.parse()?;
        Ok(Duration::from_secs_f64(seconds))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.times.read_line(&mut line)?;
        ensure!(!line.is_empty(), "it has ended");
        Ok(line.trim().to_owned())
    }
}

impl Drop for Evcxr {
    fn drop(&mut self) {
        drop(self.cells.take());
        let _ = self.python.wait();
    }
}

fn find_in_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file: &PathBuf| Path::is_file(file))
}
