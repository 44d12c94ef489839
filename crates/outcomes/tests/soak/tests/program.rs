//! A modelled program is a process that answers one request.
//!
//! A `main` of its own, since the supervisor's hook must be called first.

use cargo_outcomes::Modelled;
use libtest_mimic::{Arguments, Trial};
use outcomes_engine::{Check, Checked, Ending, Membership, Message, Request, Sample};
use runner::{Builder, Stop};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// A listing made into a program that answers questions about its outcomes, as the
/// command does it: the file, and one line behind it.
const TWO_THREADS: (&str, &str) = (
    "two-threads.rs",
    concat!(
        include_str!("../../../../listings/examples/two-threads.rs"),
        "\n::std::program!(main);\n"
    ),
);

/// A program that computes without end, between two operations.
const WITHOUT_END: (&str, &str) = (
    "without-end.rs",
    r#"
fn main() {
    println!("begins");
    while std::hint::black_box(true) {}
}

::std::program!(main);
"#,
);

fn main() -> ExitCode {
    runner::supervisor::hook();
    let arguments = Arguments::from_args();
    let trial = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let trials = vec![
        trial(
            "what_is_no_request_is_refused",
            what_is_no_request_is_refused,
        ),
        trial(
            "a_program_that_computes_without_end_answers_in_time",
            a_program_that_computes_without_end_answers_in_time,
        ),
        trial("a_program_answers", a_program_answers),
        trial(
            "a_program_that_nobody_asks_says_so",
            a_program_that_nobody_asks_says_so,
        ),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Builds one of the programs with the look-alikes.
fn build((name, source): (&str, &str)) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modelled = Modelled::prepare(workspace, "listings", &mut |_| {}).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    let limits = Builder::usual_limits();
    let libraries = modelled.libraries().clone();
    let builder = Builder::with_options(libraries, folder, limits, &["-Copt-level=1"]);
    builder
        .build_as(name, source, &Stop::new())
        .unwrap()
        .program
}

/// What one of the programs answers, and with which exit code.
fn ask(program: (&str, &str), request: &str) -> (Vec<Message>, Option<i32>) {
    let mut program = Command::new(build(program))
        .env("OUTCOMES_REQUEST", "-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program
        .stdin
        .take()
        .unwrap()
        .write_all(request.as_bytes())
        .unwrap();
    let output = program.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let messages = text.lines().map(outcomes_soak::from_json).collect();
    (messages, output.status.code())
}

fn what_is_no_request_is_refused() {
    let (messages, code) = ask(TWO_THREADS, "{}}");
    let [Message::Refused(refused)] = &messages[..] else {
        panic!("{messages:?}");
    };
    let expected = "OUTCOMES_REQUEST is not a request: ";
    assert!(refused.reason.starts_with(expected), "{refused}");
    assert_eq!(code, Some(1));
}

fn a_program_that_computes_without_end_answers_in_time() {
    let mut request = Request::default();
    request.settings.limits.time = Duration::from_millis(100);
    let (messages, _) = ask(WITHOUT_END, &outcomes_soak::to_json(&request));
    let Some(Message::Answer(answer)) = messages.last() else {
        panic!("{messages:?}");
    };
    assert_eq!(answer.computing.as_ref().unwrap().thread, 0);
    assert!(!answer.complete);
}

fn a_program_answers() {
    let possible = "Waiting for threads to finish...\n\
        Printing number 1\nPrinting number 2\nPrinting number 3\n\
        Generating number 1\nGenerating number 2\nGenerating number 3\nDone!\n";
    let check = |text: &str| Check {
        text: text.to_owned(),
        ending: Some(Ending::Returned),
    };
    let request = Request {
        list: 3,
        checks: vec![check(possible), check("Done!\n")],
        trace: Some(Sample::Output(139)),
        graph: 1_000,
        ..Request::default()
    };
    let (messages, _) = ask(TWO_THREADS, &outcomes_soak::to_json(&request));
    let Some(Message::Answer(answer)) = messages.last() else {
        panic!("{messages:?}");
    };
    assert_eq!(answer.outputs, Some(140));
    assert!(answer.complete);
    assert_eq!(answer.listed.len(), 3);
    assert_eq!(answer.endings.len(), 1);
    assert!(matches!(&answer.checked[..], [
        Checked::Known(Membership::Possible(_)),
        Checked::Known(Membership::NotPossible(why)),
    ] if why.prefix.is_empty() && why.instead.len() == 3));
    let trace = answer.trace.as_ref().unwrap();
    assert_eq!(trace.ending, Some(Ending::Returned));
    let at = trace.events.iter().find_map(|event| event.at.as_ref());
    assert!(at.unwrap().file.ends_with("two-threads.rs"), "{at:?}");
    // Some of these may be alike.
    assert!(answer.graph.as_ref().unwrap().states >= answer.states);
}

/// Whoever runs such a program without asking is told what it is for.
fn a_program_that_nobody_asks_says_so() {
    let output = Command::new(build(TWO_THREADS))
        .env_remove("OUTCOMES_REQUEST")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("built to be explored"), "{told}");
    assert_eq!(output.status.code(), Some(1));
}
