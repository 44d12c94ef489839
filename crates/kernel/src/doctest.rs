//! Code, read as rustdoc reads an example in documentation: what has no `main`
//! becomes one.
//!
//! <https://doc.rust-lang.org/rustdoc/write-documentation/documentation-tests.html>

use crate::cell::pieces::{self, Kind};
use crate::cell::{declares_a_test, has_main};

/// A whole program, ready for rustc: one that was written so, or is made from an
/// example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeProgram {
    /// What rustc is to compile. Its lines are those that were written, so that
    /// rustc's words are about those.
    pub source: String,
    /// Whether it has tests and no `main`: then it is its tests that run, which
    /// rustdoc only compiles.
    pub is_tests: bool,
}

impl WholeProgram {
    /// What is a program already.
    pub(crate) fn of(source: &str) -> WholeProgram {
        WholeProgram {
            source: source.to_owned(),
            is_tests: false,
        }
    }
}

impl WholeProgram {
    /// An example that says itself that it is a test harness: it stays as it is, with
    /// tests or without, and they run.
    pub fn harness(example: &str) -> WholeProgram {
        WholeProgram {
            source: format!("{}\n", example.trim_end()),
            is_tests: true,
        }
    }
}

/// Makes a program of an example.
pub fn program(example: &str) -> WholeProgram {
    // A macro of the crate quick-error makes a `main`, too, for mdBook and rustdoc.
    let is_whole = has_main(example) || example.contains("quick_main!");
    let is_tests = !is_whole && declares_a_test(example);
    let source = match is_whole || is_tests {
        true => format!("{}\n", example.trim_end()),
        false => wrapped(example),
    };
    WholeProgram { source, is_tests }
}

/// The example within a `main`, but for what must stand at a crate's top.
fn wrapped(example: &str) -> String {
    let pieces = pieces::pieces(example);
    let at_top = pieces
        .iter()
        .take_while(|piece| matches!(piece.kind, Kind::Attribute | Kind::ExternCrate { .. }));
    let top = at_top.last().map_or(0, |piece| piece.at.end);
    let (top, body) = example.split_at(top);
    // A line of its own stays one.
    let (gap, body) = body.split_at(body.len() - body.trim_start_matches([' ', '\n']).len());
    let body = body.trim_end();
    let (start, end) = match body.ends_with("(())") {
        // What `?` returns from.
        true => (
            "fn main() { fn _inner() -> core::result::Result<(), impl core::fmt::Debug> { ",
            "\n} _inner().unwrap() }\n",
        ),
        false => ("fn main() { ", "\n}\n"),
    };
    format!("#![allow(unused)] {top}{gap}{start}{body}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_program_stays_as_it_is() {
        let source = "use std::thread;\n\nfn main() {}\n";
        let is = program(source);
        assert_eq!((is.source.as_str(), is.is_tests), (source, false));
    }

    #[test]
    fn statements_are_put_into_main_on_their_lines() {
        let example =
            "#![allow(dead_code)]\n#[macro_use]\nextern crate log;\n\nlet x = 1;\nprint(x);\n";
        let made = program(example).source;
        let lines: Vec<&str> = made.lines().collect();
        assert_eq!(lines[0], "#![allow(unused)] #![allow(dead_code)]");
        assert_eq!(
            lines[2..5],
            ["extern crate log;", "", "fn main() { let x = 1;"]
        );
        assert_eq!(lines[5..], ["print(x);", "}"]);
    }

    #[test]
    fn a_trailing_ok_lets_question_marks_return() {
        let made = program("\"1\".parse::<u8>()?;\nOk::<(), std::num::ParseIntError>(())").source;
        assert!(
            made.contains("fn _inner() -> core::result::Result"),
            "{made}"
        );
        assert!(made.ends_with("(())\n} _inner().unwrap() }\n"), "{made}");
    }

    #[test]
    fn tests_without_a_main_are_tests() {
        for example in [
            "#[test]\nfn works() {}",
            "#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {}\n}",
        ] {
            assert!(program(example).is_tests, "{example}");
        }
        for example in [
            "// #[test]\nlet x = 1;",
            "\"#[test]\";",
            "#[test]\nfn a() {}\nfn main() {}",
        ] {
            assert!(!program(example).is_tests, "{example}");
        }
    }
}
