//! The process in which a session lives: evcxr, and rust-analyzer inside it.
//!
//! Three threads. One reads the kernel's requests; what can't wait (an
//! interrupt, a line of input) it does itself. One, in [`watch`], looks after
//! the process that runs the cells ([`runtime`](super::runtime)) and passes
//! on what they print. The main thread has evcxr, and does one request after
//! the other.

mod diagnostics;
mod unstable;
mod watch;

use super::prelude::PRELUDE;
use super::protocol::{Completions, Effect, Inspection, Outcome, Report, Request, Shown};
use super::runtime;
use crate::cell;
use crate::content::KernelError;
use crate::ending;
use crate::table;
use evcxr::CommandContext;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, BufRead, Write};
use std::os::unix::net::UnixListener;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use unstable::Unstable;
use watch::{Ended, Limits, Watch};

/// How long a session that is ready waits for its first cell before it does
/// something else.
const IDLE: Duration = Duration::from_millis(300);

/// The variable that tells rust-analyzer where the standard library's source is.
const STD_SOURCE: &str = "RUST_SRC_PATH";

/// The variable that tells evcxr where to write.
const FOLDER: &str = "EVCXR_TMPDIR";

/// Reads requests until there are no more, and never returns.
pub(super) fn run(limits: &str) -> ! {
    let Ok(limits) = serde_json::from_str(limits) else {
        eprintln!("A session's process is not for people: it is how cells are run.");
        process::exit(2);
    };
    let mut host = match Host::start(limits) {
        Ok(host) => host,
        Err(sentence) => {
            report(&Report::Failed(sentence));
            process::exit(1);
        }
    };
    report(&Report::Ready);
    if let Err(RecvTimeoutError::Timeout) = host.next(Some(IDLE)) {
        host.warm_up();
    }
    while host.next(None).is_ok() {}
    process::exit(0);
}

/// Tells the kernel.
fn report(report: &Report) {
    let mut line = serde_json::to_vec(report).expect("a report is plain data");
    line.push(b'\n');
    let mut stdout = io::stdout().lock();
    if stdout
        .write_all(&line)
        .and_then(|()| stdout.flush())
        .is_err()
    {
        // Nobody listens any more.
        process::exit(0);
    }
}

struct Host {
    evcxr: CommandContext,
    /// The names in the standard library that can't be used.
    unstable: Unstable,
    watch: Arc<Watch>,
    requests: mpsc::Receiver<Request>,
}

impl Host {
    fn start(limits: Limits) -> Result<Host, String> {
        let cannot = |what: &str, error: &dyn std::fmt::Display| {
            format!("The session cannot start: {what}: {error}.")
        };
        let socket = env::temp_dir().join("session");
        let listener = UnixListener::bind(&socket).map_err(|error| cannot("no socket", &error))?;
        let watch = Watch::start(listener, limits, compiled())
            .map_err(|error| cannot("no thread", &error))?;
        let requests = listen(watch.clone()).map_err(|error| cannot("no thread", &error))?;

        let mut command = Command::new(this_program());
        command.env(runtime::SOCKET, &socket);
        // What ends the cells' process group must not end this process.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = evcxr::EvalContext::with_subprocess_command(command);
        let (context, outputs) = started.map_err(|error| cannot("evcxr", &error))?;
        // The cells' output comes another way.
        drop(outputs);
        let mut evcxr = CommandContext::with_eval_context(context);
        evcxr
            .execute(PRELUDE)
            .map_err(|error| cannot("its prelude", &error))?;
        Ok(Host {
            evcxr,
            unstable: Unstable::read(env::var_os(STD_SOURCE)),
            watch,
            requests,
        })
    }

    /// Waits for a request, for so long, and answers it.
    fn next(&mut self, wait: Option<Duration>) -> Result<(), RecvTimeoutError> {
        let request = match wait {
            Some(wait) => self.requests.recv_timeout(wait)?,
            None => self.requests.recv().map_err(RecvTimeoutError::from)?,
        };
        self.answer(request);
        Ok(())
    }

    /// Has rust-analyzer read what the first variable, and the first
    /// completion, would have to wait for.
    fn warm_up(&mut self) {
        let code = "let warm = vec![String::new()];\nwarm.";
        let _ = self.complete(code, code.len());
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Execute {
                cell, code, label, ..
            } => {
                let outcome = self.execute(cell, &code, label);
                report(&Report::Finished(outcome));
            }
            Request::Complete { code, cursor, id } => {
                report(&Report::Completed(id, self.complete(&code, cursor)));
            }
            Request::Inspect { code, cursor, id } => {
                report(&Report::Inspected(id, self.inspect(&code, cursor)));
            }
            Request::Input(_) | Request::Interrupt => unreachable!("done where they are read"),
        }
    }

    fn execute(&mut self, cell: u64, code: &str, label: Option<u32>) -> Outcome {
        let before = self.variables();
        let evcxr = AssertUnwindSafe(&mut self.evcxr);
        let result = panic::catch_unwind(|| { evcxr }.0.execute(code));
        let Ok(result) = result else {
            // What is left of it can't be trusted.
            report(&Report::Failed(
                "The session itself has failed; where it was started you can read why.".into(),
            ));
            process::exit(1);
        };
        let terminated = matches!(result, Err(evcxr::Error::SubprocessTerminated(_)));
        let ended = self.watch.end(terminated);
        if is_cleared(code) || terminated {
            // Only variables go with the process, but `:clear` takes all.
            let _ = self.evcxr.execute(PRELUDE);
        }
        let after = self.variables();
        let lost: Vec<&str> = before
            .keys()
            .filter(|name| !after.contains_key(*name))
            .map(String::as_str)
            .collect();
        Outcome {
            defined: result.is_ok() && ended.cause.is_none(),
            variables: Some(after.clone()),
            ..self.outcome(cell, code, label, result, ended, &lost)
        }
    }

    fn outcome(
        &self,
        cell: u64,
        code: &str,
        label: Option<u32>,
        result: Result<evcxr::EvalOutputs, evcxr::Error>,
        ended: Ended,
        lost: &[&str],
    ) -> Outcome {
        if let Some(cause) = &ended.cause {
            let (name, words) = match ending::error_of(cause) {
                Some(error) => (error.ename, error.evalue),
                None => ("Exit".to_owned(), cause.to_string()),
            };
            let what = if ended.never_ran {
                "The session's process ended after the last cell: "
            } else {
                ""
            };
            let cause = words.replace("The program", "The cell");
            let sentence = format!("{what}{cause} {}", kept(&ended, lost));
            return failed(ending::error(&name, sentence));
        }
        match result {
            Err(_) if ended.interrupted => failed(ending::error(
                "Interrupted",
                "The cell was stopped before it ran. The session is as it was.",
            )),
            Err(evcxr::Error::CompilationErrors(errors)) => {
                failed(diagnostics::compile_error(&errors, code, label))
            }
            Err(error) => failed(ending::error("Error", error.to_string())),
            Ok(_) if ended.panicked => {
                let mut error = ending::error("Panic", with_lost(ended.last_words, lost));
                let excerpt = ended.place.iter().flat_map(diagnostics::excerpt);
                error.traceback.extend(excerpt);
                failed(error)
            }
            Ok(_) if ended.failed => failed(ending::error("Error", ended.last_words)),
            Ok(outputs) => Outcome {
                result: result_of(cell, outputs, value_of(cell, code, ended.result))
                    .map(with_table),
                ..Outcome::default()
            },
        }
    }

    /// The session's variables and their types.
    fn variables(&self) -> BTreeMap<String, String> {
        self.evcxr
            .variables_and_types()
            .map(|(name, of)| (name.to_owned(), of.to_owned()))
            .collect()
    }

    fn complete(&mut self, code: &str, cursor: usize) -> Completions {
        let evcxr = AssertUnwindSafe(&mut self.evcxr);
        let found = panic::catch_unwind(|| { evcxr }.0.completions(code, cursor));
        let Ok(Ok(found)) = found else {
            return Completions {
                start: cursor,
                end: cursor,
                ..Completions::default()
            };
        };
        let is_stable = |code: &str| {
            let name = code.split(['(', '<', '!', ' ']).next().unwrap_or_default();
            !self.unstable.contains(name) || self.evcxr.defined_item_names().any(|it| it == name)
        };
        let matches = found.completions.into_iter();
        let matches = matches.filter(|it| is_stable(&it.code));
        Completions {
            matches: matches.map(|it| (it.code, it.kind.to_owned())).collect(),
            start: found.start_offset,
            end: found.end_offset,
        }
    }

    fn inspect(&mut self, code: &str, cursor: usize) -> Option<Inspection> {
        let evcxr = AssertUnwindSafe(&mut self.evcxr);
        let found = panic::catch_unwind(|| { evcxr }.0.hover_at(code, cursor));
        let (plain, html) = found.ok()?.ok()?;
        (plain != "No documentation found").then_some(Inspection { plain, html })
    }
}

fn failed(error: KernelError) -> Outcome {
    Outcome {
        error: Some(error),
        ..Outcome::default()
    }
}

/// What is left of the session after its cells' process has ended.
fn kept(ended: &Ended, lost: &[&str]) -> String {
    if ended.restored {
        return "The session is as it was before this cell.".to_owned();
    }
    match lost {
        [] => "The session had no variables; its functions, types and imports are kept.".to_owned(),
        lost => format!(
            "Lost with it: the variables {}, since threads of earlier cells ran on. The session's \
             functions, types and imports are kept.",
            lost.join(", ")
        ),
    }
}

fn with_lost(words: String, lost: &[&str]) -> String {
    match lost {
        [] => words,
        lost => format!(
            "{words} (lost, since the cell had moved it: {})",
            lost.join(", ")
        ),
    }
}

/// What a cell showed last, if that is its value.
fn value_of(
    number: u64,
    code: &str,
    shown: Option<Map<String, Value>>,
) -> Option<Map<String, Value>> {
    if !cell::ends_in_statement(code) {
        return shown;
    }
    if let Some(data) = shown {
        show(number, data);
    }
    None
}

fn show(number: u64, data: Map<String, Value>) {
    let shown = Shown {
        data,
        ..Shown::default()
    };
    report(&Report::Effect(number, Effect::Show(shown)));
}

/// A cell's value, and what evcxr's commands in it answered.
fn result_of(
    number: u64,
    outputs: evcxr::EvalOutputs,
    shown: Option<Map<String, Value>>,
) -> Option<Map<String, Value>> {
    let mut answers: Map<String, Value> = outputs
        .content_by_mime_type
        .into_iter()
        .map(|(mime, content)| (mime, Value::String(content)))
        .collect();
    if let Some(timing) = outputs.timing {
        let entry = answers.entry("text/plain").or_insert_with(|| "".into());
        *entry = format!(
            "{}Took {}ms",
            entry.as_str().unwrap_or_default(),
            timing.as_millis()
        )
        .into();
    }
    match (answers.is_empty(), shown) {
        (true, shown) => shown,
        (false, None) => Some(answers),
        (false, Some(shown)) => {
            show(number, answers);
            Some(shown)
        }
    }
}

/// A list of structs or tuples is a table, too.
fn with_table(mut data: Map<String, Value>) -> Map<String, Value> {
    if let Some(text) = data.get("text/plain").and_then(Value::as_str)
        && data.len() == 1
        && let Some(html) = table::of(text)
    {
        data.insert("text/html".to_owned(), html.into());
    }
    data
}

fn is_cleared(code: &str) -> bool {
    code.lines().any(|line| line.trim() == ":clear")
}

/// Reads the kernel's requests; those for the main thread come back.
fn listen(watch: Arc<Watch>) -> io::Result<mpsc::Receiver<Request>> {
    let (sender, requests) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            match serde_json::from_str(&line) {
                Ok(Request::Interrupt) => watch.interrupt(),
                Ok(Request::Input(line)) => watch.input(line.as_deref()),
                Ok(request) => {
                    if let Request::Execute {
                        cell,
                        stdin,
                        label,
                        code,
                    } = &request
                    {
                        watch.begin(*cell, *stdin, *label, code);
                    }
                    if sender.send(request).is_err() {
                        break;
                    }
                }
                Err(error) => eprintln!("The kernel says {line:?}: {error}."),
            }
        }
        // The kernel is gone.
        watch.kill();
        process::exit(0);
    })?;
    Ok(requests)
}

/// The file that evcxr makes of a cell before it compiles it.
fn compiled() -> PathBuf {
    let folder = env::var_os(FOLDER).map_or_else(env::temp_dir, PathBuf::from);
    folder.join("src/lib.rs")
}

/// The file that this process runs, even if it was replaced since.
fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    env::current_exe().unwrap_or_else(|_| PathBuf::from("interleaved-kernel"))
}

/// Nothing that evcxr writes outlives the session's folder.
pub(super) fn environment(
    folder: &Path,
    std_source: &Path,
) -> Vec<(&'static str, std::ffi::OsString)> {
    let evcxr = folder.join("evcxr");
    let _ = fs::create_dir_all(&evcxr);
    vec![
        (FOLDER, evcxr.into()),
        // Without it rust-analyzer would add a component to the toolchain.
        (STD_SOURCE, std_source.into()),
    ]
}
