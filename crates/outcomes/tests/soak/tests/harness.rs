//! rustc's `--test` calls a crate whose form it alone decides. So with whichever
//! toolchain this is: the tests that our crate of that name is told of are those that
//! the original lists, and they pass and fail as there.
//!
//! It has a `main` of its own, since what it builds is under a supervisor, which is
//! this program again.

use cargo_outcomes::Modelled;
use outcomes_engine::{Ending, Request, Test};
use runner::Stop;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

const SOURCE: &str = r#"
mod inner {
    #[test]
    fn passes() {}

    #[test]
    fn fails() {
        assert_eq!(1, std::sync::Mutex::new(2).into_inner().unwrap());
    }
}

#[test]
fn returns_nothing_wrong() -> Result<(), String> {
    Ok(())
}

#[test]
fn returns_an_error() -> Result<std::process::ExitCode, std::num::ParseIntError> {
    "x".parse::<u8>().map(|_| std::process::ExitCode::SUCCESS)
}

#[test]
fn returns_a_code() -> std::process::ExitCode {
    std::process::ExitCode::from(7)
}

#[test]
#[ignore = "why not"]
fn ignored() {}

#[test]
#[should_panic]
fn panics() {
    std::thread::spawn(|| panic!("within")).join().unwrap();
}

#[test]
#[should_panic(expected = "right")]
fn panics_with_other_words() {
    panic!("wrong");
}

#[cfg(not(test))]
compile_error!("these are tests");
"#;

/// What the original says of each: `ok`, `FAILED`, or `ignored` and why.
fn by_the_original() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("tests.rs");
    let program = folder.join("tests");
    fs::write(&file, SOURCE).unwrap();
    let built = Command::new("rustc")
        .args(["--test", "--edition=2024", "-o"])
        .args([&program, &file])
        .status();
    assert!(built.unwrap().success());
    let said = Command::new(program).output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    let lines = said.lines().filter_map(|line| line.strip_prefix("test "));
    let verdicts = lines.filter_map(|line| line.split_once(" ... "));
    verdicts
        .map(|(name, verdict)| {
            // It is said what should happen, too.
            let name = name.split(" - ").next().unwrap();
            (name.to_owned(), verdict.to_owned())
        })
        .collect()
}

fn main() {
    runner::supervisor::hook();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modelled = Modelled::prepare(workspace, "listings", &mut |_| {}).unwrap();
    let stop = Stop::new();
    let ours = modelled.tests("tests.rs", SOURCE, &stop).unwrap();
    let verdict = |test: &Test| {
        if test.ignored {
            return format!("ignored, {}", test.why_ignored.as_deref().unwrap());
        }
        let request = Request::default();
        let answer =
            modelled.ask_test("tests.rs", SOURCE, &test.name, &request, &mut |_| {}, &stop);
        let [ends] = &answer.unwrap().endings[..] else {
            panic!("{} has one ending", test.name);
        };
        let passes = match (&ends.ending, &test.should_panic) {
            (Ending::Returned, None) => true,
            (Ending::Panicked { message }, Some(part)) => message.contains(part),
            _ => false,
        };
        if passes { "ok" } else { "FAILED" }.to_owned()
    };
    let ours: BTreeMap<_, _> = ours
        .iter()
        .map(|test| (test.name.clone(), verdict(test)))
        .collect();
    assert_eq!(ours.len(), 8);
    assert_eq!(ours, by_the_original());
    println!("test tests_are_found_and_end_as_with_the_original ... ok");
}
