//! `cargo outcomes run`, in a package that knows nothing of ours.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const MANIFEST: &str = r#"
[package]
name = "somebodys"
version = "1.0.0"
edition = "2021"

[features]
default = ["quick"]
quick = []
farewell = ["loud"]
loud = []

[[example]]
name = "only-loud"
required-features = ["loud"]
"#;

const FILES: [(&str, &str); 8] = [
    (
        "src/main.rs",
        "use std::thread;
        fn main() {
            let other = thread::spawn(|| println!(\"one\"));
            println!(\"two\");
            other.join().unwrap();
            #[cfg(feature = \"quick\")]
            println!(\"quick\");
            #[cfg(all(feature = \"farewell\", feature = \"loud\"))]
            println!(\"BYE\");
        }",
    ),
    ("src/lib.rs", "pub fn hello() {}"),
    (
        "examples/locked-twice.rs",
        "fn main() {
            let mutex = std::sync::Mutex::new(1);
            let _first = mutex.lock();
            let _second = mutex.lock();
        }",
    ),
    (
        // The temporary guard lives longer than the block before 2024.
        "examples/older.rs",
        "use std::sync::Mutex;
        fn first(mutex: &Mutex<u8>) -> u8 {
            if let Ok(number) = mutex.try_lock() { *number } else { mutex.is_poisoned().into() }
        }
        fn main() {
            let mutex = Mutex::new(5);
            let taken = if let 6 = *mutex.lock().unwrap() { 0 } else { mutex.try_lock().is_err() as u8 };
            println!(\"{taken}{}\", first(&mutex));
        }",
    ),
    ("examples/of-its-library.rs", "fn main() { somebodys::hello(); }"),
    ("examples/only-loud.rs", "fn main() {}"),
    ("examples/two-files/main.rs", "mod other; fn main() { other::hello() }"),
    ("examples/two-files/other.rs", "pub fn hello() {}"),
];

fn package() -> TempDir {
    let folder = TempDir::new().unwrap();
    let others = [
        ("Cargo.toml", MANIFEST),
        ("apart.rs", "fn main() { println!(\"apart\"); }"),
    ];
    for (name, text) in FILES.iter().chain(&others) {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

/// Runs the command as cargo would.
fn outcomes(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-outcomes"));
    command.args(["outcomes", "run"]).args(arguments);
    let output = command
        .current_dir(folder)
        // The look-alikes are built once for all runs.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("RUST_BACKTRACE")
        .output();
    output.expect("the command starts")
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = outcomes(folder, &[arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Its one sentence, when there is no answer.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = outcomes(folder, arguments);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(output.stdout.is_empty());
    let sentence = stderr.lines().find_map(|line| line.strip_prefix("error: "));
    sentence.expect("a sentence").to_owned()
}

#[test]
fn the_only_binary_is_explored_with_the_features_that_are_on() {
    let folder = package();
    let answer = json(folder.path(), &[]);
    assert_eq!(answer["program"], "somebodys");
    assert_eq!(answer["edition"], "2021");
    assert_eq!(answer["outputs"], 2);
    assert_eq!(answer["listed"][0]["text"], "one\ntwo\nquick\n");

    let text = |options: &[&str]| json(folder.path(), options)["listed"][0]["text"].clone();
    assert_eq!(text(&["--no-default-features"]), "one\ntwo\n");
    // It turns another one on.
    assert_eq!(text(&["-F", "farewell"]), "one\ntwo\nquick\nBYE\n");
    assert_eq!(text(&["--all-features"]), "one\ntwo\nquick\nBYE\n");
    assert_eq!(
        refusal(folder.path(), &["--features", "quiet"]),
        "The package somebodys has no feature \"quiet\""
    );
}

#[test]
fn an_example_is_explored_from_any_folder_of_the_package() {
    let folder = package();
    let within = folder.path().join("src");
    let answer = json(&within, &["--example", "locked-twice"]);
    assert_eq!(answer["endings"]["deadlocks"], 1);
    // So is a file that is one.
    let file = folder.path().join("examples/locked-twice.rs");
    let answer = json(Path::new("/"), &[file.to_str().unwrap()]);
    assert_eq!(answer["program"], "locked-twice");
    assert_eq!(answer["edition"], "2021");
}

#[test]
fn the_edition_decides_how_long_a_guard_lives() {
    let folder = package();
    let text = |options: &[&str]| {
        let all = [&["--example", "older"], options].concat();
        json(folder.path(), &all)["listed"][0]["text"].clone()
    };
    assert_eq!(text(&[]), "15\n");
    assert_eq!(text(&["--edition", "2024"]), "05\n");
}

#[test]
fn a_file_of_no_package_is_explored() {
    let folder = package();
    let answer = json(folder.path(), &["apart.rs"]);
    assert_eq!(answer["program"], "apart.rs");
    assert_eq!(answer["listed"][0]["text"], "apart\n");
    let said = refusal(folder.path(), &["apart.rs", "--features", "loud"]);
    assert_eq!(
        said,
        "apart.rs belongs to no package, so that it has no features to turn on"
    );
}

#[test]
fn what_cannot_be_explored_so_far_is_told_in_a_sentence() {
    let folder = package();
    let said = |arguments: &[&str]| refusal(folder.path(), arguments);
    assert_eq!(
        said(&["--example", "two-files"]),
        "two-files can't be explored: it has modules in files of their own, and only programs of \
         one file can be explored so far"
    );
    assert_eq!(
        said(&["--example", "of-its-library"]),
        "of-its-library can't be explored: it needs the crate `somebodys`, and only std is \
         modelled"
    );
    assert_eq!(
        said(&["--example", "only-loud"]),
        "only-loud needs the feature \"loud\": turn it on by --features loud"
    );
    assert!(json(folder.path(), &["--example", "only-loud", "-F", "loud"])["complete"] == true);
    assert_eq!(
        said(&["--example", "missing"]),
        "somebodys has no example \"missing\": name one by --example: locked-twice, \
         of-its-library, older, only-loud, two-files"
    );
    let empty = TempDir::new().unwrap();
    assert_eq!(
        refusal(empty.path(), &[]),
        "there is no Cargo.toml here: go to a package's folder, or name a file that holds a program"
    );
}
