//! The `interleaved-kernel` command: Jupyter's kernel, and how Jupyter gets to
//! know it.

#![forbid(unsafe_code)]

use clap::{Args, Parser, Subcommand};
use kernel::Kernel;
use kernel::connection_file::ConnectionFile;
use kernel::install::{self, Where};
use kernel::packages;
use kernel::parent::Parent;
use kernel::zeromq::Sockets;
use runner::{Limits, Stop};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::env;
use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How long what runs may take to end. What takes longer ends with us.
const END_WITHIN: Duration = Duration::from_secs(5);

/// How long a program may run: whoever waits for a cell can interrupt it.
const PROGRAM: Duration = Duration::from_secs(3600);

/// A Jupyter kernel for Rust: whole programs, sessions, and every outcome.
///
/// Jupyter starts it by itself, once it is installed.
#[derive(Parser)]
#[command(
    name = "interleaved-kernel",
    version,
    args_conflicts_with_subcommands = true
)]
#[command(arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    /// Serve the clients that this file of Jupyter's describes
    #[arg(value_name = "CONNECTION_FILE")]
    connection_file: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Tell Jupyter about this kernel
    Install(Place),
    /// Make Jupyter forget this kernel
    Uninstall(Place),
}

#[derive(Args)]
#[group(multiple = false)]
struct Place {
    /// For yourself, which is what happens anyway
    #[arg(long)]
    user: bool,

    /// For the Jupyter below this folder, in DIR/share/jupyter
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,

    /// For the Jupyter of the active Python environment
    #[arg(long)]
    sys_prefix: bool,
}

impl Place {
    fn into_where(self) -> Where {
        match self.prefix {
            Some(prefix) => Where::Prefix(prefix),
            None if self.sys_prefix => Where::SysPrefix,
            None => Where::User,
        }
    }
}

fn main() -> ExitCode {
    runner::supervisor::hook();
    #[cfg(feature = "evcxr")]
    kernel::session::hook();
    let arguments = Arguments::parse();
    let done = match (arguments.command, arguments.connection_file) {
        (Some(Command::Install(place)), _) => install(place),
        (Some(Command::Uninstall(place)), _) => uninstall(place),
        (None, Some(file)) => serve(&file),
        (None, None) => unreachable!("clap shows the help instead"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _ = writeln!(stderr(), "error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn install(place: Place) -> Result<(), String> {
    let program = env::current_exe().map_err(|error| format!("cannot find myself: {error}"))?;
    let folder = install::install(&place.into_where(), &program)?;
    say(&format!("Installed the kernel in {}", folder.display()));
    Ok(())
}

fn uninstall(place: Place) -> Result<(), String> {
    let folder = install::uninstall(&place.into_where())?;
    say(&format!("Removed {}", folder.display()));
    Ok(())
}

fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}

/// Why the kernel does something by itself.
enum Cause {
    Signal(i32),
    /// It has answered a `shutdown_request`, or its parent is gone.
    End,
}

fn serve(file: &Path) -> Result<(), String> {
    // The key that signs messages is in it.
    runner::hide_memory();
    runner::remove_abandoned_folders();
    let connection = ConnectionFile::load(file)?;
    let sockets = Sockets::bind(&connection)?;
    if !connection.is_local() {
        let _ = writeln!(
            stderr(),
            "warning: other machines can connect to this kernel: what it sends them is signed \
             and not encrypted"
        );
    }
    let limits = Limits {
        wall_clock: PROGRAM,
        ..Limits::default()
    };
    let mut workshop = packages::workshop(limits)?;
    if let Some(file) = kernel::history::file() {
        workshop = workshop.with_history(file);
    }
    #[cfg(feature = "evcxr")]
    {
        workshop = workshop.with_sessions();
    }
    let (causes, caused) = mpsc::channel();
    let parent = Parent::of_a_kernel();
    let is_jupyters = parent.is_some();

    // Before the first cell can run, and take long.
    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
        .map_err(|error| format!("cannot listen for signals: {error}"))?;
    let ended = causes.clone();
    watch("signals", &causes, move |causes| {
        tell_signals(signals, &causes)
    })?;
    if let Some(parent) = parent {
        watch("parent", &causes, move |causes| {
            parent.wait_until_gone();
            let _ = causes.send(Cause::End);
        })?;
    }

    let start = |outbox| Kernel::start(workshop.clone(), outbox);
    let end = move || {
        let _ = ended.send(Cause::End);
    };
    let served = sockets
        .serve(start, Box::new(end))
        .map_err(|error| format!("the kernel can't start: {error}"))?;
    // While the reader writes the first cell.
    workshop.rustc_version.begin();
    workshop.builder.begin();
    // And then what explores programs, which the first deadlock needs.
    let explored = workshop.clone();
    thread::spawn(move || {
        if explored.builder.wait(&Stop::new(), &mut |_, _| {}).is_ok() {
            explored.look_alikes.begin();
        }
    });

    for cause in &caused {
        match cause {
            // Jupyter interrupts with a message; and a Ctrl-C at the terminal
            // that Jupyter was started from is not for the kernel.
            Cause::Signal(SIGINT) if is_jupyters => served.interrupt(),
            Cause::Signal(_) | Cause::End => break,
        }
    }
    thread::spawn(move || exit_if_it_takes_long(&caused));
    drop(served);
    Ok(())
}

/// Whoever sends another signal doesn't want to wait.
fn exit_if_it_takes_long(caused: &Receiver<Cause>) {
    let deadline = Instant::now() + END_WITHIN;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if !matches!(caused.recv_timeout(left), Ok(Cause::End)) {
            process::exit(1);
        }
    }
}

fn tell_signals(mut signals: Signals, causes: &Sender<Cause>) {
    for signal in signals.forever() {
        if causes.send(Cause::Signal(signal)).is_err() {
            return;
        }
    }
}

/// Starts a thread that tells what it sees.
fn watch(
    name: &str,
    causes: &Sender<Cause>,
    watch: impl FnOnce(Sender<Cause>) + Send + 'static,
) -> Result<(), String> {
    let causes = causes.clone();
    let thread = thread::Builder::new().name(name.to_owned());
    thread
        .spawn(move || watch(causes))
        .map(|_| ())
        .map_err(|error| format!("there are no threads left: {error}"))
}
