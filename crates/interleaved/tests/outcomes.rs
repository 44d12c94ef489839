//! What `interleaved outcomes` answers, as a reader sees it: text, JSON and exit
//! codes.

mod support;

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use support::{Book, Server, command, wait_until};
use tempfile::TempDir;

/// Runs the command in the workspace, with this on its standard input.
fn outcomes(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_interleaved"))
        .arg("outcomes")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // One that doesn't read it may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(arguments: &[&str]) -> Value {
    let output = outcomes(&[arguments, &["--json"]].concat(), "");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Its one sentence, when there is no answer.
fn refusal(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(output.stdout.is_empty(), "{}", stdout(output));
    let sentence = stderr.lines().find_map(|line| line.strip_prefix("error: "));
    sentence.expect("a sentence").to_owned()
}

/// A reader's own program.
fn own(source: &str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("own.rs");
    fs::write(&file, source).unwrap();
    let path = file.display().to_string();
    (folder, path)
}

#[test]
fn a_listing_is_counted() {
    let output = outcomes(&["two-threads", "--list", "1"], "");
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0));
    assert!(text.contains("140 possible outputs"), "{text}");
    assert!(text.contains("\n 1  Generating number 1\n"), "{text}");
    assert!(text.contains("and 139 more"), "{text}");
}

#[test]
fn all_outputs_are_shown() {
    let text = stdout(&outcomes(&["generate-and-print", "--all"], ""));
    assert_eq!(text.matches("    Done!\n").count(), 8, "{text}");
}

#[test]
fn json_is_one_object() {
    let object = json(&["two-locks"]);
    assert_eq!(object["outputs"], 4);
    assert_eq!(object["complete"], true);
    assert_eq!(object["endings"]["returns"], 2);
    assert_eq!(object["endings"]["deadlocks"], 2);
    for number in ["states", "executions", "seconds"] {
        assert!(object[number].is_number(), "{number}");
    }
}

#[test]
fn a_deadlock_names_who_waits_for_what() {
    let text = stdout(&outcomes(&["two-locks", "--list", "0"], ""));
    for part in [
        "Deadlock: nobody can go on",
        "the thread started at two-locks.rs:9 waits at two-locks.rs:18",
        "to lock (mutex made at two-locks.rs:6)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = stdout(&outcomes(&["two-locks", "--trace", "deadlock"], ""));
    assert!(text.contains("Then nobody can go on:"), "{text}");
}

#[test]
fn what_is_possible_has_a_schedule() {
    let printed = "Hello from the thread!\nHello from main!\n";
    let output = outcomes(&["two-greetings", "--possible", "-"], printed);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("Yes, it can print this."), "{text}");
    assert!(text.contains("│ Hello from the thread!"), "{text}");
    assert!(text.contains("two-greetings.rs:"), "{text}");
}

#[test]
fn what_is_impossible_has_a_reason() {
    let doctored = "Waiting for threads to finish...\nPrinting number 1\nPrinting number 3\n";
    let output = outcomes(&["two-threads", "--possible", "-"], doctored);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("✗ Printing number 3"), "{text}");
    for instead in ["✓ Printing number 2", "✓ Generating number 1"] {
        assert!(text.contains(instead), "{text}");
    }
}

#[test]
fn a_forgotten_line_break_is_noticed() {
    let output = outcomes(&["alone", "--possible", "-"], "sending");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("With a line break at its end"));
}

#[test]
fn a_limit_leaves_no_number() {
    let output = outcomes(
        &["workers-share-a-channel", "--max-states", "50", "--json"],
        "",
    );
    assert_eq!(output.status.code(), Some(2));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["outputs"], Value::Null);
    assert_eq!(object["complete"], false);
}

#[test]
fn a_sleep_is_exact_on_a_prompt_machine() {
    assert_eq!(json(&["slept-too-short"])["outputs"], 9);
    let prompt = json(&["slept-too-short", "--clock", "prompt"]);
    assert_eq!(prompt["outputs"], 1);
}

#[test]
fn a_readers_own_file_is_explored() {
    let (_folder, file) = own("
        use std::{process, thread};
        fn main() {
            thread::spawn(|| process::exit(3));
            print!(\"a\");
            println!(\"b\");
        }");
    let object = json(&[&file]);
    // Nothing, `a` or all of it, and the exit; or all of it and the return.
    assert_eq!(object["endings"]["exits"], 3, "{object}");
    assert_eq!(object["endings"]["returns"], 1, "{object}");
    assert_eq!(object["program"], "own.rs");
}

#[test]
fn what_prints_without_end_has_no_count() {
    let (_folder, file) = own("fn main() { loop { println!(\"tick\"); } }");
    let output = outcomes(&[&file], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("Infinitely many"));
}

#[test]
fn what_is_not_modelled_is_named() {
    let (_folder, file) = own("fn main() { std::fs::read(\"x\").unwrap_err(); }");
    let sentence = refusal(&outcomes(&[&file], ""));
    assert!(
        sentence.starts_with("own.rs can't be explored:"),
        "{sentence}"
    );
    assert!(sentence.contains("`fs`"), "{sentence}");
    assert!(sentence.contains("own.rs:1"), "{sentence}");
}

#[test]
fn what_does_not_compile_is_told_so() {
    let (_folder, file) = own("fn main() { let x: u32 = \"a\"; }");
    let sentence = refusal(&outcomes(&[&file], ""));
    assert_eq!(sentence, "own.rs does not compile");
}

#[test]
fn mistakes_are_sentences() {
    for (arguments, part) in [
        (vec!["nobody"], "neither a listing nor a file"),
        (vec!["none.rs"], "cannot read none.rs"),
        (vec!["cores"], "can't be explored: "),
        (vec!["one-receiver-for-three"], "nothing to explore"),
        (vec!["two-threads", "--trace", "x"], "output's number"),
        (
            vec!["two-threads", "--possible", "none.txt"],
            "cannot read none.txt",
        ),
    ] {
        let sentence = refusal(&outcomes(&arguments, ""));
        assert!(sentence.contains(part), "{arguments:?}: {sentence}");
    }
}

/// A book whose pages want to know what can come of its listing.
fn exploring_book() -> Book {
    let book = Book::new();
    let toml = fs::read_to_string(book.folder().join("book.toml")).unwrap();
    book.write("book/book.toml", &(toml + "outcomes = \"outcomes\"\n"));
    book
}

#[test]
fn a_built_book_has_its_listings_outcomes() {
    let book = exploring_book();
    let site = book.folder().join("site");
    let mut build = command(&book, &["build", "--dest-dir", &site.display().to_string()]);
    let output = build.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let data = fs::read(site.join("outcomes/hello.json")).unwrap();
    let data: Value = serde_json::from_slice(&data).unwrap();
    assert_eq!(data["count"], "1", "{data}");
    assert_eq!(data["recorded"], 0, "{data}");
    assert!(data["graph"].is_object(), "{data}");
    let page = fs::read_to_string(site.join("chapter.html")).unwrap();
    // The page takes only what was made from what it shows.
    let address = format!("outcomes/hello.json?{}", data["version"].as_str().unwrap());
    assert!(page.contains(&format!("data-outcomes=\"{address}\"")));
}

/// The reader reads already; the page gets its data when they are there.
#[test]
fn a_served_book_gets_its_listings_outcomes() {
    let book = exploring_book();
    let server = Server::start(&book);
    let is_there = || server.get("/outcomes/hello.json").status == 200;
    wait_until("the outcomes are served", is_there);
    let data = server.get("/outcomes/hello.json").json();
    assert_eq!(data["name"], "hello");

    book.write(
        "listings/examples/hello.rs",
        "fn main() {\n    println!(\"Changed!\");\n}\n",
    );
    wait_until("the change is explored", || {
        let data = server.get("/outcomes/hello.json").json();
        data["listed"][0]["text"] == "Changed!\n"
    });
}
