//! Every modelled type is formatted as the original, with every flag and in
//! the same pieces: the same file is built against both.
//!
//! A `main` of its own, since threads show their numbers: the first is 1 only
//! if nothing else has started one.

use outcomes_engine::Settings;
use outcomes_programs::formatting;
use outcomes_soak::explore;
use std::process::ExitCode;

/// Built against the originals.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "all of it is used where it is built modelled"
)]
#[path = "../../programs/src/formatting.rs"]
mod originals;

fn main() -> ExitCode {
    let (mut compared, mut differences) = (0, 0);
    for (original, modelled) in originals::KINDS.into_iter().zip(formatting::KINDS) {
        let expected = original();
        let found = explored(modelled);
        differences += usize::from(expected.lines().count() != found.lines().count());
        for (expected, found) in expected.lines().zip(found.lines()) {
            compared += 1;
            if expected == found {
                continue;
            }
            differences += 1;
            eprintln!("expected: {expected}\n   found: {found}");
        }
    }
    if differences > 0 {
        eprintln!("{differences} lines differ");
        return ExitCode::FAILURE;
    }
    println!("{compared} lines are the same");
    ExitCode::SUCCESS
}

/// The one output that it has.
fn explored(kind: fn() -> String) -> String {
    let main = || {
        formatting::print(kind);
        0
    };
    let explored = explore(&main, &Settings::default()).expect("it can be explored");
    let outputs = explored.outputs().expect("it prints once");
    let mut texts = outputs.iter().map(|output| output.text);
    let text = texts.next().expect("it ends");
    assert_eq!(texts.next(), None, "it prints one thing or the other");
    text
}
