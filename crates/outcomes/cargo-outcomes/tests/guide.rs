//! What the book's chapter *Your own crate* shows is what the command says.

use std::fs;
use std::path::Path;
use support::{outcomes, package};

mod support;

/// Words without what differs from machine to machine: how long anything took, and
/// in how many states.
fn without_figures(text: &str) -> String {
    let is_unit = |word: &str| {
        let word = word.trim_end_matches([')', ',']);
        ["ns", "µs", "ms", "s", "states", "executions"].contains(&word)
    };
    let lines = text.trim().lines().map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let kept = words.iter().enumerate().filter(|(index, _)| {
            let is_figure = |at: usize| words.get(at).is_some_and(|word| is_unit(word));
            !is_figure(*index) && !is_figure(index + 1)
        });
        kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_guide_shows_what_is_said() {
    let shown = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../book/your-own-crate");
    let read = |file: &str| fs::read_to_string(shown.join(file)).expect(file);
    let folder = package(&[
        ("Cargo.toml", &read("Cargo.toml")),
        ("src/lib.rs", &read("src/lib.rs")),
    ]);
    let answer = outcomes(folder.path(), &["test"]);
    assert_eq!(answer.status.code(), Some(1));
    let said = String::from_utf8(answer.stdout).expect("UTF-8");
    let expected = read("outcomes.txt");
    assert!(without_figures(&expected).contains("One execution, step by step"));
    assert_eq!(
        without_figures(&said),
        without_figures(&expected),
        "book/your-own-crate/outcomes.txt should hold\n{said}"
    );
    // What it says to type shows the same execution.
    let again = said.lines().find_map(|line| line.split_once("--replay "));
    let schedule = again.expect("a schedule").1.trim_matches('\'');
    let test = "tests::the_last_seat_is_sold_once";
    let replayed = outcomes(
        folder.path(),
        &["test", "--lib", test, "--exact", "--replay", schedule],
    );
    let replayed = String::from_utf8(replayed.stdout).expect("UTF-8");
    let steps = |text: &str| {
        let (_, steps) = text
            .split_once("One execution, step by step:")
            .expect("steps");
        steps.split("Then:").next().map(str::to_owned)
    };
    assert_eq!(steps(&replayed), steps(&said));
}

#[test]
fn the_guides_test_says_what_it_prints() {
    let shown = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../book/your-own-crate");
    let read = |file: &str| fs::read_to_string(shown.join(file)).expect(file);
    let crate_itself = Path::new(env!("CARGO_MANIFEST_DIR")).join("../annotations");
    let manifest = read("Cargo.toml")
        + &format!("[dev-dependencies]\noutcomes = {{ path = {crate_itself:?} }}\n");
    let source = read("tests/prints.rs");
    let said = |source: &str| {
        let folder = package(&[
            ("Cargo.toml", &manifest),
            ("src/lib.rs", &read("src/lib.rs")),
            ("tests/prints.rs", source),
        ]);
        let answer = outcomes(folder.path(), &["test", "--test", "prints"]);
        let said = String::from_utf8(answer.stdout).expect("UTF-8");
        (answer.status.code(), said)
    };
    let (code, right) = said(&source);
    assert_eq!(code, Some(0), "{right}");
    let expected = read("prints.txt");
    assert_eq!(
        without_figures(&right),
        without_figures(&expected),
        "book/your-own-crate/prints.txt should hold\n{right}"
    );
    // With two looks both can get the seat.
    let (code, wrong) = said(&source.replace("sell_at_once", "sell"));
    assert_eq!(code, Some(1), "{wrong}");
    assert!(
        wrong.contains("outputs, and 2 outputs would be right"),
        "{wrong}"
    );
}
