//! What a program or a test says of its own outcomes, by the crate `outcomes`: nothing
//! where cargo runs it, and held to it where it is explored.

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{outcomes, package};
use tempfile::TempDir;

mod support;

const MANIFEST: &str = r#"
[package]
name = "greetings"
version = "0.1.0"
edition = "2021"

[dependencies]
outcomes = { path = "@" }
"#;

const LIB: &str = r#"
use std::thread;

/// Both greet, in any order.
pub fn greet() {
    thread::scope(|scope| {
        scope.spawn(|| println!("one"));
        scope.spawn(|| println!("two"));
    });
}

#[cfg(test)]
mod tests {
    use super::greet;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[outcomes::test(outputs = 2)]
    fn there_are_two() {
        outcomes::possible!("one\ntwo");
        outcomes::possible!("{}\n{}\n", "two", "one");
        outcomes::impossible!("one");
        outcomes::impossible!("two\ntwo\n");
        greet();
    }

    #[outcomes::test(outputs = 6 / 2,)]
    fn there_are_not_three() {
        greet();
    }

    #[outcomes::test]
    fn one_comes_first() {
        outcomes::possible!("two\none");
        outcomes::possible!("three\none");
        outcomes::impossible!("two\none");
        greet();
    }

    #[outcomes::test(outputs = 1)]
    #[should_panic(expected = "as it should")]
    fn other_attributes_stay() {
        #![allow(unused_variables)]
        #[allow(unused_mut)]
        let mut nothing = ();
        panic!("as it should");
    }

    #[outcomes::test(outputs = 1)]
    fn results_stay() -> Result<(), std::num::ParseIntError> {
        "7".parse::<u32>().map(|_| ())
    }

    #[test]
    fn in_one_branch_only() {
        let flag = AtomicU32::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| flag.store(1, Ordering::SeqCst));
            if flag.load(Ordering::SeqCst) == 1 {
                outcomes::outputs!(1);
                outcomes::impossible!("late");
            }
        });
    }

    #[test]
    fn without_end() {
        outcomes::outputs!(7);
        outcomes::possible!("");
        outcomes::impossible!("again\n");
        let flag = AtomicU32::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| flag.store(1, Ordering::SeqCst));
            while flag.load(Ordering::SeqCst) == 0 {
                println!("again");
            }
        });
    }

    #[test]
    fn looks_at_what_is_shared() {
        let flag = AtomicU32::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| flag.store(1, Ordering::SeqCst));
            outcomes::possible!("{flag:?}");
        });
    }
}
"#;

/// The manifest of a package that uses the crate.
fn manifest() -> String {
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../annotations");
    MANIFEST.replace('@', original.to_str().unwrap())
}

fn greetings(main: &str) -> TempDir {
    let manifest = manifest();
    package(&[
        ("Cargo.toml", &manifest),
        ("src/lib.rs", LIB),
        ("src/main.rs", main),
    ])
}

/// What is said of the tests: result, and why.
fn verdicts(folder: &Path, arguments: &[&str]) -> Vec<(String, String, String)> {
    let output = outcomes(folder, &[&["test", "--lib", "--json"], arguments].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        !text.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told = |line: &str| {
        let it: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
        let why = it["why"].as_array().into_iter().flatten();
        let why: Vec<&str> = why.map(|it| it.as_str().unwrap()).collect();
        (text("test"), text("result"), why.join("\n"))
    };
    text.lines().map(told).collect()
}

#[test]
fn tests_are_held_to_what_they_say() {
    let folder = greetings("fn main() {}");
    let line = |text: &str| {
        let lines: Vec<usize> = (1..)
            .zip(LIB.lines())
            .filter(|it| it.1.contains(text))
            .map(|it| it.0)
            .collect();
        *lines.last().expect("it is there")
    };
    let mut all = verdicts(folder.path(), &[]);
    for it in &mut all {
        it.0 = it.0.replace("tests::", "");
    }
    let expected = [
        ("in_one_branch_only", "ok", String::new()),
        (
            "looks_at_what_is_shared",
            "unknown",
            format!(
                "tests::looks_at_what_is_shared can't be explored: what it says of its outcomes \
                 shows a lock, an atomic or something else that threads can share; show a value in \
                 its place (src/lib.rs:{})",
                line("possible!(\"{flag:?}\")")
            ),
        ),
        (
            "one_comes_first",
            "failed",
            format!(
                "it can never print exactly \"three⏎one\", which should be possible (src/lib.rs:{})\n\
                 it can print exactly \"two⏎one\", which should be impossible (src/lib.rs:{})",
                line("possible!(\"three"),
                line("impossible!(\"two\\none\")")
            ),
        ),
        ("other_attributes_stay", "ok", String::new()),
        ("results_stay", "ok", String::new()),
        (
            "there_are_not_three",
            "failed",
            format!(
                "it has 2 outputs, and 3 outputs would be right (src/lib.rs:{})",
                line("6 / 2")
            ),
        ),
        ("there_are_two", "ok", String::new()),
        (
            "without_end",
            "failed",
            format!(
                "it has infinitely many outputs, and 7 outputs would be right (src/lib.rs:{})\n\
                 it can print exactly \"again⏎\", which should be impossible (src/lib.rs:{})",
                line("outputs!(7)"),
                line("impossible!(\"again")
            ),
        ),
    ];
    let all: Vec<_> = all
        .iter()
        .map(|(name, result, why)| (name.as_str(), result.as_str(), why.clone()))
        .collect();
    assert_eq!(all, expected);
}

#[test]
fn what_should_be_impossible_is_shown() {
    let folder = greetings("fn main() {}");
    let output = outcomes(folder.path(), &["test", "one_comes_first"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "What it says of its outcomes:",
        "✓ it can print exactly \"two⏎one\" (src/lib.rs:",
        "✗ it can never print exactly \"three⏎one\", which should be possible (src/lib.rs:",
        "One execution, step by step:",
        "See it again: cargo outcomes test --lib tests::one_comes_first --exact --replay",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
    let (_, execution) = text.split_once("step by step").unwrap();
    let (two, one) = (execution.find("two"), execution.find("one"));
    assert!(two < one && two.is_some(), "{text}");
}

#[test]
fn a_limit_leaves_open_what_it_keeps_from_being_known() {
    let folder = greetings("fn main() {}");
    let arguments = ["there_are_two", "--max-states", "3"];
    let [(_, result, why)] = &verdicts(folder.path(), &arguments)[..] else {
        panic!("one test");
    };
    assert_eq!(result, "unknown");
    assert!(
        why.contains("there is no telling whether it has 2 outputs (src/lib.rs:"),
        "{why}"
    );
}

#[test]
fn programs_are_held_to_it_too() {
    let right = "fn main() {
        outcomes::outputs!(2);
        outcomes::impossible!(\"one\");
        greetings::greet();
    }";
    let folder = greetings(right);
    let answer = |folder: &TempDir| {
        let output = outcomes(folder.path(), &["run", "--json"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let answer: Value = serde_json::from_slice(&output.stdout).expect(&stderr);
        (output.status.code(), answer["expected"].clone())
    };
    let (code, expected) = answer(&folder);
    assert_eq!(code, Some(0));
    assert_eq!(expected[0]["expectation"]["outputs"], 2);
    assert_eq!(expected[1]["expectation"]["impossible"], "one");
    assert_eq!(expected[1]["at"]["line"], 3);
    for expected in expected.as_array().unwrap() {
        assert_eq!(expected["met"], true);
    }
    let wrong = greetings(&right.replace("outputs!(2)", "outputs!(3)"));
    let (code, expected) = answer(&wrong);
    assert_eq!(code, Some(1));
    assert_eq!(expected[0]["met"], false);
    assert_eq!(expected[1]["met"], true);
}

#[test]
fn cargo_runs_it_as_any_other() {
    let main = "fn main() {
        outcomes::outputs!(99);
        outcomes::impossible!(\"{}\", \"one\\ntwo\");
        greetings::greet();
    }";
    let folder = greetings(main);
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(folder.path())
            .env("CARGO_TARGET_DIR", folder.path().join("target"))
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        (output, words)
    };
    let (output, words) = cargo(&["run", "--offline"]);
    assert!(output.status.success(), "{words}");
    assert_eq!(output.stdout.len(), 8);
    let (output, words) = cargo(&["test", "--offline", "--lib"]);
    assert!(output.status.success(), "{words}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("test result: ok. 8 passed"), "{text}");
    assert!(!words.contains("warning"), "{words}");
}

#[test]
fn what_is_wrong_with_the_attribute_is_said_where_it_stands() {
    for (wrong, sentence) in [
        (
            "#[outcomes::test(clock = 2)] fn it() {}",
            "there is no `clock` here: what may stand here is `outputs = 2`",
        ),
        (
            "#[outcomes::test(outputs)] fn it() {}",
            "`outputs` needs a number",
        ),
        (
            "#[outcomes::test(outputs = )] fn it() {}",
            "`outputs` needs a number",
        ),
        (
            "#[outcomes::test(outputs = 1, outputs = 1)] fn it() {}",
            "`outputs` stands here twice",
        ),
        (
            "#[outcomes::test] struct It;",
            "`#[outcomes::test]` is for functions",
        ),
        (
            "#[outcomes::test(outputs = \"two\")] fn it() {}",
            "expected `u128`, found `&str`",
        ),
    ] {
        let folder = greetings(&format!("fn main() {{}}\n{wrong}\n"));
        let output = outcomes(folder.path(), &["test", "--bin", "greetings"]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains(sentence), "{wrong}\n{said}");
        assert!(said.contains("src/main.rs:2:"), "{wrong}\n{said}");
    }
}

#[test]
fn another_crate_of_that_name_is_another() {
    let manifest = MANIFEST.replace('@', "other");
    let folder = package(&[
        ("Cargo.toml", &manifest),
        ("src/main.rs", "fn main() { outcomes::possible!(\"x\") }"),
        (
            "other/Cargo.toml",
            "[package]\nname = \"outcomes\"\nversion = \"1.0.0\"\n",
        ),
        (
            "other/src/lib.rs",
            "#[macro_export] macro_rules! possible { ($text:expr) => { println!($text) } }",
        ),
    ]);
    let output = outcomes(folder.path(), &["run"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("it uses the crate `outcomes` (src/main.rs:1), which is not modelled"),
        "{said}"
    );
}

#[test]
fn without_std_it_is_a_test_too() {
    let manifest = manifest();
    let folder = package(&[
        ("Cargo.toml", &manifest),
        (
            "src/lib.rs",
            "#![no_std]
            const fn two<const A: u128, const B: u128>() -> u128 { A + B }
            #[outcomes::test(outputs = two::<0, 1>())] fn it_is_tested() {}",
        ),
    ]);
    let cargo = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--lib"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&cargo.stderr);
    assert!(cargo.status.success(), "{words}");
    let all = verdicts(folder.path(), &[]);
    assert_eq!(
        all,
        [("it_is_tested".to_owned(), "ok".to_owned(), String::new())]
    );
}

#[test]
fn a_line_break_at_the_end_is_told_apart() {
    let folder = greetings(
        "#[test] fn it() {
            outcomes::possible!(\"x\");
            outcomes::possible!(\"x\\n\");
            outcomes::possible!(\"\");
            print!(\"x\");
        }
        fn main() {}",
    );
    let output = outcomes(folder.path(), &["test", "--bin", "greetings"]);
    let text = String::from_utf8_lossy(&output.stdout);
    for part in [
        "✓ it can print exactly \"x\" (src/main.rs:2)",
        "✗ it can never print exactly \"x⏎\", which should be possible (src/main.rs:3)",
        "✗ it can never print exactly \"\", which should be possible (src/main.rs:4)",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
}

/// All that is looked for has the time together that exploring has left.
#[test]
fn time_is_kept_where_much_is_looked_for() {
    let folder = greetings(
        "use std::sync::atomic::{AtomicU32, Ordering};
        fn main() {
            for text in 0..100 {
                outcomes::impossible!(\"{text}\");
            }
            let counts = [const { AtomicU32::new(0) }; 7];
            std::thread::scope(|scope| {
                for own in 0..7 {
                    let counts = &counts;
                    scope.spawn(move || {
                        for other in 0..7 {
                            let seen = counts[other].load(Ordering::SeqCst);
                            counts[own].store(seen + 1, Ordering::SeqCst);
                        }
                    });
                }
            });
            println!(\"{counts:?}\");
        }",
    );
    let started = Instant::now();
    let output = outcomes(folder.path(), &["run", "--json", "--max-seconds", "1"]);
    // Each alone would take two seconds: with a line break at its end, and without.
    assert!(started.elapsed() < Duration::from_secs(100));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{answer}");
    assert_eq!(answer["expected"].as_array().unwrap().len(), 100);
    for expected in answer["expected"].as_array().unwrap() {
        assert_eq!(expected["met"], Value::Null);
    }
}

#[test]
fn a_package_may_call_it_otherwise() {
    let manifest = manifest().replace("outcomes = {", "what-comes = { package = \"outcomes\",");
    let folder = package(&[
        ("Cargo.toml", &manifest),
        (
            "src/main.rs",
            "#[what_comes::test] fn it() { what_comes::outputs!(2); }
            fn main() { what_comes::possible!(\"one\"); println!(\"one\") }",
        ),
    ]);
    let output = outcomes(folder.path(), &["run"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(said.contains("✓ it can print exactly \"one\""), "{said}");
    let output = outcomes(folder.path(), &["test"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        said.contains("it has 1 output, and 2 outputs would be right"),
        "{said}"
    );
}

/// A line stays one, however much is wrong, and does nothing to the terminal.
#[test]
fn a_line_tells_a_few_reasons() {
    let folder = greetings(
        "#[test] fn it() {
            outcomes::possible!(\"\\u{1b}[31mred\");
            outcomes::possible!(\"1\");
            outcomes::possible!(\"2\");
            outcomes::possible!(\"3\");
            outcomes::possible!(\"4\");
            outcomes::possible!(\"5\");
            outcomes::possible!(\"6\");
        }
        fn main() {}",
    );
    let told = outcomes(folder.path(), &["test", "it"]);
    let told = String::from_utf8(told.stdout).unwrap();
    let line = told.lines().find(|line| line.starts_with("test it ..."));
    let line = line.unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains(r"\u{1b}[31mred"), "{line}");
    assert!(line.ends_with("; and 2 more reasons"), "{line}");
    assert_eq!(line.matches("; ").count(), 5, "{line}");
    // Below it they are all there.
    assert_eq!(told.matches("main.rs:").count(), 5 + 7, "{told}");
}
