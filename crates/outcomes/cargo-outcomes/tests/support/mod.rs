//! What the tests of the command share: packages that know nothing of ours, and
//! the command as cargo would run it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Writes a package.
pub(crate) fn package(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

/// `cargo outcomes`, to be run.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-outcomes"));
    command
        .arg("outcomes")
        .args(arguments)
        .current_dir(folder)
        // The look-alikes are built once for all runs.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("RUST_BACKTRACE");
    command
}

/// Runs it.
pub(crate) fn outcomes(folder: &Path, arguments: &[&str]) -> Output {
    outcomes_with(folder, arguments, &[])
}

/// The same with more in its environment.
pub(crate) fn outcomes_with(
    folder: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Output {
    command(folder, arguments)
        .envs(variables.iter().copied())
        .output()
        .expect("the command starts")
}

/// The sentence behind `error:`, where there is no answer.
pub(crate) fn refusal(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(output.stdout.is_empty());
    let sentence = stderr.lines().find_map(|line| line.strip_prefix("error: "));
    sentence.expect("a sentence").to_owned()
}

/// What a page written by `--html` holds to step through.
pub(crate) fn executions(html: &str) -> Vec<Value> {
    let parts = html.split("<script type=\"application/json\">").skip(1);
    let data = parts.map(|rest| rest.split("</script>").next().unwrap());
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}
