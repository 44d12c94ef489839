//! Adding a listing: what can be found out is written down, what can't is asked
//! for, and the check of a listing says all that is wrong, and what to do.

mod support;

use std::fs;
use support::{Book, command, failure};

const TWO: &str = "use std::thread;\n\nfn main() {\n    \
    let thread = thread::spawn(|| println!(\"one\"));\n    println!(\"two\");\n    \
    thread.join().unwrap();\n}\n";

fn entry(book: &Book, name: &str) -> String {
    let file = book.folder().join("../listings/listings.toml");
    let text = fs::read_to_string(file).unwrap();
    let entry = text.split_once(&format!("[{name}]\n"));
    let (_, entry) = entry.unwrap_or_else(|| panic!("no {name} in {text}"));
    entry.split("\n\n").next().unwrap().trim().to_owned()
}

fn record(book: &Book, file: &str) -> String {
    let file = book.folder().join("../listings/outputs").join(file);
    fs::read_to_string(file).unwrap_or_default()
}

/// What the command says when all goes well.
fn said(book: &Book, arguments: &[&str]) -> String {
    let output = command(book, arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{stdout}{stderr}");
    stdout
}

/// What it says on stdout when something is wrong.
fn found(book: &Book, arguments: &[&str]) -> String {
    let output = command(book, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_can_be_found_out_is_written_down() {
    let book = Book::new();
    book.write("listings/examples/two-prints.rs", TWO);
    let sentence = failure(&command(&book, &["add", "two-prints"]).output().unwrap());
    assert_eq!(
        sentence,
        "no chapter shows two-prints yet: say with --chapter which is to (chapter)"
    );

    let told = said(&book, &["add", "two-prints", "--chapter", "chapter"]);
    assert!(
        told.contains("two-prints was added to listings.toml: it returns, and has 2 outputs."),
        "{told}"
    );
    assert!(
        told.contains("{{#include ../../listings/examples/two-prints.rs}}"),
        "{told}"
    );
    assert_eq!(
        entry(&book, "two-prints"),
        "title = \"Two prints\"\nchapter = \"chapter\"\nends = \"returns\"\noutputs = 2"
    );
    let recorded = record(&book, "two-prints.txt");
    assert!(
        ["one\ntwo\n", "two\none\n"].contains(&recorded.as_str()),
        "{recorded}"
    );

    // It is changed: now it may get stuck, and a thread panics.
    book.write(
        "listings/examples/two-prints.rs",
        &TWO.replace("println!(\"one\")", "panic!(\"at the \\\"disco\\\"\")")
            .replace("thread.join().unwrap()", "let _ = thread.join()"),
    );
    said(&book, &["add", "two-prints", "--title", "A \"panic\""]);
    assert_eq!(
        entry(&book, "two-prints"),
        "title = 'A \"panic\"'\nchapter = \"chapter\"\nends = \"returns\"\n\
         panics = ['at the \"disco\"']\noutputs = 1"
    );
    assert!(record(&book, "two-prints.stderr.txt").contains("at the \"disco\""));
}

#[test]
fn a_deadlock_is_recorded_and_a_clock_is_prompt() {
    let book = Book::new();
    book.write(
        "listings/examples/stuck.rs",
        "use std::sync::mpsc;\n\nfn main() {\n    let (sender, receiver) = mpsc::channel::<()>();\n    \
         let _ = receiver.recv();\n    drop(sender);\n}\n",
    );
    said(&book, &["add", "stuck", "--chapter", "chapter.md"]);
    assert!(entry(&book, "stuck").contains("ends = \"deadlocks\"\noutputs = 1"));
    assert!(record(&book, "stuck.deadlock.txt").contains("main"));

    book.write(
        "listings/examples/slept.rs",
        "use std::time::{Duration, Instant};\n\nfn main() {\n    let start = Instant::now();\n    \
         std::thread::sleep(Duration::from_millis(1));\n    \
         println!(\"{}\", start.elapsed().as_millis() >= 1);\n}\n",
    );
    said(&book, &["add", "slept", "--chapter", "chapter"]);
    assert!(entry(&book, "slept").ends_with("outputs = 1\nclock = \"prompt\""));
}

#[test]
fn a_program_that_must_not_compile() {
    let book = Book::new();
    book.write(
        "listings/broken/used.rs",
        "fn main() {\n    let s = String::new();\n    drop(s);\n    println!(\"{s}\");\n}\n",
    );
    said(&book, &["add", "used", "--chapter", "chapter"]);
    assert!(entry(&book, "used").ends_with("error = \"E0382\""));
    assert!(record(&book, "used.txt").contains("error[E0382]"));

    book.write("listings/broken/fine.rs", "fn main() {}\n");
    let sentence = failure(
        &command(&book, &["add", "fine", "--chapter", "chapter"])
            .output()
            .unwrap(),
    );
    assert!(
        sentence.contains("fine.rs compiles, and must not"),
        "{sentence}"
    );
}

#[test]
fn an_answer_is_in_the_chapter_of_its_question() {
    let book = Book::new();
    book.write("listings/examples/hello-twice.rs", TWO);
    let told = said(&book, &["add", "hello-twice", "--answers", "hello"]);
    assert!(told.contains("{{#answer hello-twice hint="), "{told}");
    assert!(
        entry(&book, "hello-twice").contains("chapter = \"chapter\"\nanswers = \"hello\"\nends")
    );
    let missing = found(&book, &["test", "hello-twice"]);
    assert!(
        missing.contains("hello-twice answers an exercise of this chapter, and chapter.md doesn't"),
        "{missing}"
    );
    let chapter = fs::read_to_string(book.folder().join("src/chapter.md")).unwrap();
    book.write(
        "book/src/chapter.md",
        &(chapter + "\n{{#answer hello-twice}}\n"),
    );
    // Changed, it stays an answer.
    said(&book, &["add", "hello-twice", "--title", "Twice"]);
    assert!(entry(&book, "hello-twice").contains("answers = \"hello\""));
    let told = said(&book, &["test", "chapter"]);
    assert!(!told.contains("FAILED"), "{told}");
}

#[test]
fn what_is_missing_is_said() {
    let book = Book::new();
    for (arguments, sentence) in [
        (&["add", "gone"][..], "there is no "),
        (&["add", "Two Words"], "is no name for a listing"),
        (
            &["add", "hello", "--chapter", "other"],
            "SUMMARY.md names no chapter \"other\"",
        ),
        (&["test", "gone"], "no check's name contains \"gone\""),
    ] {
        let said = failure(&command(&book, arguments).output().unwrap());
        assert!(said.contains(sentence), "{said}");
    }
    book.write("listings/examples/new.rs", TWO);
    let said = failure(&command(&book, &["test", "new"]).output().unwrap());
    assert!(said.contains("`cargo run -- add new`"), "{said}");
}

/// All of it at once, in sentences that say what to do.
#[test]
fn a_test_finds_all_that_is_wrong() {
    let book = Book::new();
    book.write("listings/examples/two-prints.rs", TWO);
    book.write("listings/outputs/two-prints.txt", "one\n");
    book.write("listings/outputs/gone.txt", "one\n");
    book.write("book/src/forgotten.md", "# Forgotten\n");
    let listings = "[hello]\ntitle = \"Hello\"\nchapter = \"chapter\"\nends = \"returns\"\noutputs = 1\n\n\
        [two-prints]\ntitle = \"Two\"\nchapter = \"chapter\"\nends = \"panics\"\noutputs = 242\n\
        panics = [\"no\"]\n";
    book.write("listings/listings.toml", listings);
    let found = found(&book, &["test", "two-prints"]);
    for sentence in [
        "it says 242, and it has 2. Let `cargo run -- add two-prints`",
        "says that it panics, and it returns",
        "says that it can panic with \"no\", and it can't",
        "it can't print what is recorded: run `cargo run -- record two-prints`",
        "it returns, which listings.toml doesn't state",
        "chapter.md doesn't show it: put this there",
        "gone.txt belongs to no listing",
        "SUMMARY.md doesn't name the chapter forgotten.md",
    ] {
        assert!(found.contains(sentence), "{sentence}\n\n{found}");
    }

    said(&book, &["add", "two-prints"]);
    let chapter = fs::read_to_string(book.folder().join("src/chapter.md")).unwrap();
    let shown = "\n```rust\n{{#include ../../listings/examples/two-prints.rs}}\n```\n\n\
        {{#outcome two-prints}}\n";
    book.write("book/src/chapter.md", &(chapter + shown));
    fs::remove_file(book.folder().join("src/forgotten.md")).unwrap();
    fs::remove_file(book.folder().join("../listings/outputs/gone.txt")).unwrap();
    let told = said(&book, &["test", "two-prints"]);
    assert!(!told.contains("FAILED"), "{told}");
}
