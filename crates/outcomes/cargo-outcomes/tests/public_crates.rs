//! `cargo outcomes test` in crates that others wrote and published, as they come from
//! the registry: their tests have threads, and pass under every schedule. The book's
//! chapter *Your own crate* has the same table.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::outcomes;
use tempfile::TempDir;

mod support;

/// A crate, what is asked, and how many tests pass then. Those of `shared_channel`
/// that are left out do something ten thousand times.
const CRATES: [(&str, &[&str], usize); 3] = [
    ("countdown_latch", &["--clock", "prompt"], 2),
    ("shared_channel", &["smoke"], 17),
    ("std-semaphore", &[], 6),
];

/// The folders and versions of the packages that this one is tested with.
fn sources() -> BTreeMap<String, (PathBuf, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo's metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    packages
        .iter()
        .map(|package| {
            let manifest = PathBuf::from(text(&package["manifest_path"]));
            let folder = manifest.parent().expect("a folder").to_owned();
            (text(&package["name"]), (folder, text(&package["version"])))
        })
        .collect()
}

/// Copies a package's manifest and sources, since cargo's own copies are nobody's to
/// build in.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a package") {
        let from = entry.expect("a file").path();
        let to = to.join(from.file_name().expect("a name"));
        if from.is_dir() {
            fs::create_dir(&to).expect("a folder");
            copy(&from, &to);
        } else {
            fs::copy(&from, to).expect("a copy");
        }
    }
}

#[test]
fn tests_of_others_pass_under_every_schedule() {
    let sources = sources();
    let chapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../book/src/your-own-crate.md");
    let chapter = fs::read_to_string(chapter).expect("the chapter");
    for (name, arguments, count) in CRATES {
        let (folder, version) = &sources[name];
        let scratch = TempDir::new().expect("a folder");
        copy(folder, scratch.path());
        let answer = outcomes(scratch.path(), &[&["test", "--json"], arguments].concat());
        let stderr = String::from_utf8_lossy(&answer.stderr);
        let stdout = String::from_utf8_lossy(&answer.stdout);
        assert_eq!(answer.status.code(), Some(0), "{name}: {stdout}{stderr}");
        let tests: Vec<Value> = stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let passed = tests.iter().filter(|test| test["result"] == "ok").count();
        assert_eq!((passed, tests.len()), (count, count), "{name}: {stdout}");
        // More than one thread's steps, in most of them.
        let states = |test: &Value| test["states"].as_u64().expect("states");
        assert!(
            tests.iter().any(|test| states(test) > 30),
            "{name}: {stdout}"
        );

        let words = arguments.join(" ");
        let row = format!("| `{name}` {version} | `cargo outcomes test {words}` | {count} |");
        let row = row.replace(" ` |", "` |");
        assert!(chapter.contains(&row), "the chapter lacks {row}");
    }
}
