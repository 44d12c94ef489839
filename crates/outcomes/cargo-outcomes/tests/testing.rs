//! `cargo outcomes test`, in a package as `cargo new --lib` and its author left it.

use serde_json::Value;
use std::path::Path;
use support::{outcomes, package, refusal};
use tempfile::TempDir;

mod support;

const MANIFEST: &str = r#"
[package]
name = "hit-counter"
version = "0.1.0"
edition = "2024"
"#;

const LIB: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Default)]
pub struct Hits(AtomicU32);

impl Hits {
    pub fn careless(&self) {
        let hits = self.0.load(Ordering::SeqCst);
        self.0.store(hits + 1, Ordering::SeqCst);
    }

    pub fn careful(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub fn all(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests;
"#;

const TESTS: &str = r#"
use super::Hits;
use std::sync::{Mutex, mpsc};
use std::thread;

fn twice(hit: fn(&Hits)) -> u32 {
    let hits = Hits::default();
    thread::scope(|scope| {
        scope.spawn(|| hit(&hits));
        scope.spawn(|| hit(&hits));
    });
    hits.all()
}

#[test]
fn careful_hits_are_counted() {
    assert_eq!(twice(Hits::careful), 2);
}

#[test]
fn careless_hits_are_counted() {
    assert_eq!(twice(Hits::careless), 2);
}

#[test]
fn locks_are_taken_in_any_order() {
    let (left, right) = (Mutex::new(1), Mutex::new(2));
    thread::scope(|scope| {
        scope.spawn(|| *left.lock().unwrap() + *right.lock().unwrap());
        scope.spawn(|| *right.lock().unwrap() + *left.lock().unwrap());
    });
}

#[test]
fn a_worker_waits_for_nobody() {
    let (sender, receiver) = mpsc::channel::<u32>();
    thread::spawn(move || receiver.recv());
    std::mem::forget(sender);
}

#[test]
fn an_error_comes_back() -> Result<(), String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn({
        let sender = sender.clone();
        move || sender.send(1).unwrap()
    });
    thread::spawn(move || sender.send(2).unwrap());
    match receiver.recv() {
        Ok(1) => Ok(()),
        other => Err(format!("{other:?} came first")),
    }
}

#[test]
#[should_panic(expected = "left: 1")]
fn panics_always() {
    assert_eq!(twice(|_| ()) + 1, 2);
}

#[test]
#[should_panic]
fn panics_sometimes() {
    assert_eq!(twice(Hits::careless), 2);
}

#[test]
#[ignore = "slow"]
fn is_slow() {}
"#;

fn hit_counter() -> TempDir {
    package(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", LIB),
        ("src/tests.rs", TESTS),
        (
            "tests/from_outside.rs",
            "#[test] fn it_counts() {
                let hits = hit_counter::Hits::default();
                std::thread::scope(|scope| { scope.spawn(|| hits.careful()); });
                assert_eq!(hits.all(), 1);
            }",
        ),
        (
            "src/main.rs",
            "fn main() { std::process::exit(9) }
            #[test] fn name_of_a_type() {
                assert_eq!(std::any::type_name::<Nothing>(), \"hit_counter::Nothing\");
            }
            #[cfg(test)] struct Nothing;",
        ),
    ])
}

/// What is said of each test, by its name.
fn verdicts(folder: &Path, arguments: &[&str]) -> Vec<(String, Value)> {
    let output = outcomes(folder, &[&["test", "--json"], arguments].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!text.is_empty(), "{stderr}");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|it| (it["test"].as_str().unwrap_or_default().to_owned(), it))
        .collect()
}

#[test]
fn each_test_is_run_under_every_schedule() {
    let folder = hit_counter();
    let all = verdicts(folder.path(), &[]);
    let results: Vec<_> = all
        .iter()
        .map(|(name, it)| (name.as_str(), it["result"].as_str().unwrap()))
        .collect();
    assert_eq!(
        results,
        [
            ("tests::a_worker_waits_for_nobody", "failed"),
            ("tests::an_error_comes_back", "failed"),
            ("tests::careful_hits_are_counted", "ok"),
            ("tests::careless_hits_are_counted", "failed"),
            ("tests::is_slow", "ignored"),
            ("tests::locks_are_taken_in_any_order", "failed"),
            ("tests::panics_always", "ok"),
            ("tests::panics_sometimes", "failed"),
            ("name_of_a_type", "ok"),
            ("it_counts", "ok"),
        ]
    );
    let why = |name: &str| {
        let (_, it) = all.iter().find(|(it, _)| it.ends_with(name)).unwrap();
        let why = it["why"].as_array().unwrap().iter();
        let why: Vec<_> = why.map(|it| it.as_str().unwrap()).collect();
        why.join("; ")
    };
    assert_eq!(
        why("a_worker_waits_for_nobody"),
        "it can leave threads behind that are stuck for good"
    );
    assert_eq!(why("an_error_comes_back"), "it can return an error");
    assert!(why("careless_hits_are_counted").starts_with("it can panic: assertion"));
    assert_eq!(why("locks_are_taken_in_any_order"), "it can deadlock");
    assert_eq!(why("panics_sometimes"), "it can return without a panic");
    assert_eq!(why("is_slow"), "slow");

    // As the README shows it.
    let (name, careful) = &all[2];
    let line = format!(
        "test {name} ... ok (1 output, {} states, ",
        careful["states"]
    );
    assert!(include_str!("../README.md").contains(&line), "{line}");
}

#[test]
fn continuous_integration_reads_it() {
    let folder = hit_counter();
    let file = folder.path().join("junit.xml");
    let output = outcomes(folder.path(), &["test", "--junit", "junit.xml"]);
    assert_eq!(output.status.code(), Some(1));
    let text = std::fs::read_to_string(file).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let all = document.root_element();
    assert_eq!(all.tag_name().name(), "testsuites");
    let counts = ["tests", "failures", "errors", "skipped"].map(|it| all.attribute(it).unwrap());
    assert_eq!(counts, ["10", "5", "0", "1"]);
    let suites: Vec<_> = all
        .children()
        .filter(roxmltree::Node::is_element)
        .map(|suite| suite.attribute("name").unwrap())
        .collect();
    assert_eq!(
        suites,
        [
            "hit-counter: the library",
            "hit-counter: the binary hit-counter",
            "hit-counter: tests/from_outside.rs",
        ]
    );
    let case = |name: &str| {
        let is_it = |node: &roxmltree::Node<'_, '_>| node.attribute("name") == Some(name);
        let case = document.descendants().find(is_it).unwrap();
        let inner = case.children().find(roxmltree::Node::is_element);
        let message = inner.and_then(|inner| inner.attribute("message"));
        let details = inner.and_then(|inner| inner.text()).unwrap_or_default();
        (
            inner.map(|inner| inner.tag_name().name().to_owned()),
            message.unwrap_or_default().to_owned(),
            details.to_owned(),
        )
    };
    assert_eq!(case("it_counts").0, None);
    let (kind, message, _) = case("tests::is_slow");
    assert_eq!(
        (kind.as_deref(), message.as_str()),
        (Some("skipped"), "slow")
    );
    let (kind, message, details) = case("tests::careless_hits_are_counted");
    assert_eq!(kind.as_deref(), Some("failure"));
    assert!(message.contains("`left == right`"), "{message}");
    assert!(
        details.contains("\nOne execution, step by step:\n"),
        "{details}"
    );
    // It can't be written: the sentence says so.
    let output = outcomes(
        folder.path(),
        &["test", "careful", "--junit", "no/such/file.xml"],
    );
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("--junit no/such/file.xml: can't be written"),
        "{stderr}"
    );
}

#[test]
fn whoever_reads_it_is_told_how_a_test_breaks_and_how_to_see_that_again() {
    let folder = hit_counter();
    let said = |arguments: &[&str]| {
        let output = outcomes(folder.path(), &[&["test"], arguments].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text)
    };
    let (code, text) = said(&["careless"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("exploring 1 test of the library"), "{text}");
    assert!(
        text.contains("tests::careless_hits_are_counted ... FAILED: it can panic"),
        "{text}"
    );
    assert!(text.contains("One execution, step by step"), "{text}");
    assert!(text.contains("src/lib.rs:10"), "{text}");
    let (_, command) = text
        .split_once("See it again: cargo outcomes test ")
        .unwrap();
    let (command, _) = command.split_once('\n').unwrap();
    let (options, schedule) = command.split_once(" --replay ").unwrap();
    assert_eq!(options, "--lib tests::careless_hits_are_counted --exact");
    let schedule = schedule.trim_matches('\'');
    let options: Vec<&str> = options.split(' ').collect();
    let (code, text) = said(&[&options[..], &["--replay", schedule]].concat());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("One execution, step by step"), "{text}");
    assert!(text.contains("left: 1"), "{text}");

    // By the other way to break.
    let (_, text) = said(&["--lib", "an_error"]);
    assert!(
        text.contains("See it again: cargo outcomes test --lib tests::an_error"),
        "{text}"
    );
    assert!(
        text.contains("Then: the program exits with code 1"),
        "{text}"
    );

    // By what isn't a panic, where it is panics that should be.
    let (_, text) = said(&["panics_sometimes"]);
    let (_, schedule) = text.split_once("--replay '").unwrap();
    let (schedule, _) = schedule.split_once('\'').unwrap();
    let (_, text) = said(&["panics_sometimes", "--replay", schedule]);
    assert!(text.contains("Then: main returns."), "{text}");

    let (code, text) = said(&["careful", "--test", "from_outside"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.ends_with(
            "test result: ok. 0 passed under every schedule; 0 failed; 0 ignored; 0 not known; \
             1 filtered out\n"
        ),
        "{text}"
    );
    let (code, text) = said(&["waits_for_nobody", "--allow-leaks"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = said(&["--ignored"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("test tests::is_slow ... ok"), "{text}");
    let (code, text) = said(&["--lib", "--list", "panics"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        text,
        "tests::panics_always: test (the library)\ntests::panics_sometimes: test (the library)\n"
    );
    // Not far enough.
    let (code, text) = said(&["careful", "--max-states", "2"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("not known: it has more states than were allowed"),
        "{text}"
    );
    assert!(text.contains("--max-states 20"), "{text}");
}

#[test]
fn what_cannot_be_explored_is_told_of_the_tests_that_need_it() {
    let folder = package(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "#[test] fn one() {}"),
        (
            "tests/other.rs",
            "use proptest::prelude::*; #[test] fn two() {}",
        ),
        (
            "tests/files.rs",
            "#[test] fn three() { std::fs::read(\"a\").unwrap(); }",
        ),
        (
            "tests/harness.rs",
            "#[test] fn four() { loop { std::hint::black_box(1); } }",
        ),
    ]);
    let all = verdicts(folder.path(), &["--max-seconds", "1"]);
    let of = |target: &str| {
        let (_, it) = all.iter().find(|(_, it)| it["target"] == target).unwrap();
        (
            it["result"].as_str().unwrap(),
            it["why"][0].as_str().unwrap_or_default(),
        )
    };
    assert_eq!(of("the library"), ("ok", ""));
    let (result, why) = of("tests/other.rs");
    assert_eq!(result, "unknown");
    assert!(
        why.contains("other can't be explored: it needs the crate `proptest`"),
        "{why}"
    );
    let (result, why) = of("tests/files.rs");
    assert_eq!(result, "unknown");
    assert!(why.contains("needs what is not modelled"), "{why}");
    let (result, why) = of("tests/harness.rs");
    assert_eq!(result, "unknown");
    assert_eq!(why, "it took longer than was allowed");

    let refused = |arguments: &[&str]| refusal(&outcomes(folder.path(), arguments));
    assert_eq!(
        refused(&["test", "--test", "missing"]),
        "hit-counter has no file tests/missing.rs"
    );
    assert_eq!(
        refused(&["test", "--bin", "missing"]),
        "hit-counter has no binary \"missing\" with tests"
    );
    let empty = TempDir::new().unwrap();
    assert_eq!(
        refusal(&outcomes(empty.path(), &["test"])),
        "there is no Cargo.toml here: go to a package's folder"
    );
}

/// To cargo such a target is one test, which passes if its `main` does.
#[test]
fn a_program_with_a_harness_of_its_own_is_one_test() {
    let folder = package(&[
        (
            "Cargo.toml",
            "[package]\nname = \"harnessed\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [[test]]\nname = \"careful\"\nharness = false\n\n\
             [[test]]\nname = \"careless\"\nharness = false\n",
        ),
        ("src/lib.rs", ""),
        (
            "tests/careful.rs",
            "use std::process::ExitCode;
            fn main() -> ExitCode {
                let other = std::thread::spawn(|| 1);
                ExitCode::from(cfg!(not(test)) as u8 + other.join().unwrap() - 1)
            }",
        ),
        (
            "tests/careless.rs",
            "use std::sync::Mutex;
            static LAST: Mutex<u8> = Mutex::new(0);
            fn main() {
                let other = std::thread::spawn(|| *LAST.lock().unwrap() = 1);
                *LAST.lock().unwrap() = 2;
                other.join().unwrap();
                assert_eq!(*LAST.lock().unwrap(), 1);
            }
            #[test] fn is_not_run() { panic!() }",
        ),
        ("tests/usual.rs", "#[test] fn is_run() {}"),
    ]);
    let said: Vec<_> = verdicts(folder.path(), &[])
        .into_iter()
        .map(|(name, said)| (name, said["target"].clone(), said["result"].clone()))
        .collect();
    let expected = [
        ("main", "tests/careful.rs", "ok"),
        ("main", "tests/careless.rs", "failed"),
        ("is_run", "tests/usual.rs", "ok"),
    ];
    let expected =
        expected.map(|(name, target, result)| (name.to_owned(), target.into(), result.into()));
    assert_eq!(said, expected);

    // Its schedule is of the same program.
    let output = outcomes(folder.path(), &["test", "--test", "careless"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let again = text
        .lines()
        .find_map(|line| line.strip_prefix("See it again: cargo outcomes "));
    let (options, schedule) = again.expect("a command").split_once(" --replay ").unwrap();
    let options: Vec<&str> = options.split(' ').collect();
    let schedule = schedule.trim_matches('\'');
    let output = outcomes(
        folder.path(),
        &[&options[..], &["--replay", schedule]].concat(),
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("test main ... FAILED"), "{text}");
}

#[test]
fn a_page_shows_what_breaks_each_test() {
    let folder = hit_counter();
    let page = folder.path().join("page.html");
    let page = page.to_str().unwrap();
    let results = verdicts(
        folder.path(),
        &["--lib", "hits_are_counted", "--html", page],
    );
    assert_eq!(results.len(), 2);
    let html = std::fs::read_to_string(page).unwrap();
    assert!(html.contains("<h2>tests::careless_hits_are_counted (the library)</h2>"));
    assert!(!html.contains("<h2>tests::careful_hits_are_counted"));
    assert!(html.contains("test tests::careful_hits_are_counted ... ok"));
    let data = &support::executions(&html)[0];
    // Most of it happens there, and less in the file with the tests.
    assert_eq!(data["file"], "src/lib.rs");
    assert_eq!(data["source"], LIB);
    let events = data["trace"]["events"].as_array().unwrap();
    let lines = events.iter().filter_map(|it| it["at"]["line"].as_u64());
    assert!(lines.clone().count() > 1);
    for line in lines {
        let text = LIB.lines().nth(line as usize - 1).unwrap();
        assert!(text.contains("self.0."), "line {line}: {text}");
    }
}
