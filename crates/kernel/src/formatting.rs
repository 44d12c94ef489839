//! Formats a cell, as rustfmt formats a file.

use crate::cell::{self, lines_in_strings, split_commands};
use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::thread;

/// What stands around statements, which are no file.
const BEFORE: &str = "fn cell() {\n";
const AFTER: &str = "\n}\n";

/// How far that moves them to the right.
const INDENT: usize = 4;

/// The longest line that rustfmt writes if nothing else is asked for.
const WIDTH: usize = 100;

/// What is said where there is no rustfmt, as in rustup's minimal profile.
const MISSING: &str = "Formatting needs rustfmt: install it with \"rustup component add rustfmt\".";

/// The code as rustfmt writes it. Commands at its top stay.
///
/// # Errors
/// Says in one sentence why it can't be formatted.
pub(crate) fn formatted(code: &str, edition: &str) -> Result<String, String> {
    let (commands, rust) = split_commands(code);
    let mut text: String = commands.iter().map(|line| format!("{line}\n")).collect();
    // Blank lines in the place of commands.
    let rust = rust.trim_start_matches('\n');
    if !cell::has_statements(rust) {
        text += &rustfmt(rust, edition, WIDTH)?;
        return Ok(text.trim_end().to_owned());
    }
    let whole = rustfmt(&format!("{BEFORE}{rust}{AFTER}"), edition, WIDTH + INDENT)?;
    let within = whole.strip_prefix(BEFORE).unwrap_or(&whole);
    let within = within.trim_end().strip_suffix('}').unwrap_or(within);
    let in_strings = lines_in_strings(within);
    for (number, line) in within.lines().enumerate() {
        let indent = " ".repeat(INDENT);
        let moved = line
            .strip_prefix(&indent)
            .filter(|_| !in_strings.contains(&number));
        text += moved.unwrap_or(line);
        text.push('\n');
    }
    Ok(text.trim_end().to_owned())
}

fn rustfmt(code: &str, edition: &str, width: usize) -> Result<String, String> {
    let width = format!("max_width={width}");
    let run = || -> io::Result<_> {
        let mut child = Command::new("rustfmt")
            .args([
                "--edition",
                edition,
                "--emit",
                "stdout",
                "--quiet",
                "--config",
                &width,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        thread::scope(|scope| {
            // It may answer before it has read everything.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(code.as_bytes())));
            child.wait_with_output()
        })
    };
    let output = run().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => MISSING.to_owned(),
        _ => format!("rustfmt can't be run: {error}."),
    })?;
    if !output.status.success() {
        if !is_there() {
            return Err(MISSING.to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or_default();
        return Err(format!("rustfmt can't read this cell: {first}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether there is a rustfmt. Where it isn't, rustup may have put a program of
/// that name which says so, and nothing else.
fn is_there() -> bool {
    let version = Command::new("rustfmt").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_statements_and_commands_are_formatted() {
        for (code, expected) in [
            ("fn  main( ){ f( ) }", "fn main() {\n    f()\n}"),
            ("let x=1;\n\n\n\nx+1", "let x = 1;\n\nx + 1"),
            (
                ":dep rand\n\nlet s=\"a\n    b\";if x{y}",
                ":dep rand\nlet s = \"a\n    b\";\nif x {\n    y\n}",
            ),
        ] {
            if is_there() {
                assert_eq!(formatted(code, "2024").unwrap(), expected);
            } else {
                assert_eq!(formatted(code, "2024").unwrap_err(), MISSING);
            }
        }
        let sentence = formatted("let = ;", "2024").unwrap_err();
        assert!(!sentence.contains('\n'), "{sentence}");
    }
}
