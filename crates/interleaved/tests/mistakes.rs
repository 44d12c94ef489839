//! What the command says when something is wrong: one sentence, exit code 1.

mod support;

use std::net::TcpListener;
use std::process::Command;
use support::{Book, command, failure};

fn said_by(mut command: Command) -> String {
    failure(&command.output().expect("the command starts"))
}

/// Builds the book, but no programs for browsers, which would need their target.
const BUILD: [&str; 3] = ["build", "--in-browser", "none"];

/// Both commands that build the book say the same.
fn said_of(book: &Book) -> String {
    let build = said_by(command(book, &BUILD));
    let serve = said_by(command(book, &["serve", "--no-open", "--port", "0"]));
    assert_eq!(build, serve);
    build
}

#[test]
fn a_taken_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let sentence = said_by(command(&Book::new(), &["--no-open", "--port", &port]));
    assert!(
        sentence.starts_with(&format!("port {port} is taken")),
        "{sentence}"
    );
    assert!(sentence.contains("--port"), "what to do: {sentence}");
}

#[test]
fn options_stand_before_a_command_too() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let before = ["--no-open", "--port", &port, "serve"];
    let sentence = said_by(command(&Book::new(), &before));
    assert!(sentence.starts_with(&format!("port {port} is taken")));

    for (option, arguments) in [
        ("--port", &["--port", "0", "build"][..]),
        ("--no-open", &["--no-open", "test"]),
        ("--keep", &["--keep", "1", "record"]),
    ] {
        let sentence = said_by(command(&Book::new(), arguments));
        assert!(sentence.starts_with(&format!("{option} is an option of `interleaved serve`")));
    }

    let mut before = Command::new(env!("CARGO_BIN_EXE_interleaved"));
    before.args(["--book", "/nowhere", "build"]);
    let sentence = said_by(before);
    assert_eq!(sentence, "there is no book.toml in /nowhere");
}

#[test]
fn a_broken_book_toml() {
    let book = Book::new();
    book.write("book/book.toml", "[book\ntitle = 1\n");
    let sentence = said_of(&book);
    assert!(sentence.contains("book.toml"), "{sentence}");
}

#[test]
fn an_unknown_setting() {
    let book = Book::new();
    book.write("book/book.toml", "[book]\ntitel = \"x\"\n");
    let sentence = said_of(&book);
    assert!(sentence.contains("titel"), "{sentence}");
    assert!(sentence.contains("line 2"), "where: {sentence}");
}

#[test]
fn a_missing_chapter() {
    let book = Book::new();
    book.write(
        "book/src/SUMMARY.md",
        "[Chapter](chapter.md)\n[Other](other.md)\n",
    );
    let sentence = said_of(&book);
    assert!(sentence.contains("other.md"), "{sentence}");
    assert!(
        !book.folder().join("src/other.md").exists(),
        "it isn't made"
    );
}

#[test]
fn a_missing_include() {
    let book = Book::new();
    book.write("book/src/chapter.md", "# A\n\n{{#include gone.md}}\n");
    let sentence = said_of(&book);
    assert!(sentence.contains("src/gone.md"), "{sentence}");
}

#[test]
fn a_missing_listing() {
    let book = Book::new();
    book.write("book/src/chapter.md", "# A\n\n{{#outcome nothing}}\n");
    let sentence = said_of(&book);
    assert!(sentence.contains("nothing"), "{sentence}");
}

#[test]
fn a_missing_compiler() {
    let book = Book::new();
    let mut serve = command(&book, &["--no-open", "--port", "0"]);
    serve
        .env("PATH", "")
        .env_remove("RUSTC")
        .env_remove("CARGO");
    let sentence = said_by(serve);
    assert!(
        sentence.contains("rustc") || sentence.contains("cargo"),
        "{sentence}"
    );
}

#[test]
fn no_book() {
    let nowhere = tempfile::TempDir::new().unwrap();
    let mut here = Command::new(env!("CARGO_BIN_EXE_interleaved"));
    here.arg("build").current_dir(nowhere.path());
    assert!(said_by(here).contains("--book"));

    let mut there = Command::new(env!("CARGO_BIN_EXE_interleaved"));
    there.args(["build", "--book"]).arg(nowhere.path());
    assert!(said_by(there).contains("no book.toml in"));
}

#[test]
fn a_folder_that_cannot_be_written() {
    let book = Book::new();
    book.write("file", "");
    let inside_a_file = book.folder().join("../file/site");
    let sentence = said_by(command(
        &book,
        &[&BUILD[..], &["--dest-dir", inside_a_file.to_str().unwrap()]].concat(),
    ));
    assert!(sentence.contains("file/site"), "{sentence}");
}

#[test]
fn without_a_mistake_there_is_a_site() {
    let book = Book::new();
    let site = book.folder().join("../site");
    let dest_dir = ["--dest-dir", site.to_str().unwrap()];
    let mut build = command(&book, &[&BUILD[..], &dest_dir].concat());
    let output = build.output().unwrap();
    assert!(output.status.success());
    assert!(site.join("index.html").is_file());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("index.html\n"), "{said}");
}

#[test]
fn a_listing_that_cannot_run_in_a_browser() {
    let book = Book::new();
    book.write(
        "listings/examples/hello.rs",
        "fn main() { std::net::UdpSocket::bind(\"\"); }\n",
    );
    let build = |which| said_by(command(&book, &["build", "--in-browser", which]));
    assert_eq!(
        build("hello"),
        "hello can't run in a browser: it needs the network"
    );
    assert!(build("nobody").starts_with("there is no listing named \"nobody\""));
}

/// What its reader wrote into a notebook is not overwritten unasked.
#[test]
fn a_notebook_that_somebody_changed() {
    let book = Book::new();
    let folder = book.folder().join("notebooks");
    let folder = folder.to_str().expect("a temporary folder's name is text");
    let notebooks = |more: &[&str]| {
        let mut arguments = vec!["notebooks", "--dest-dir", folder];
        arguments.extend(more);
        command(&book, &arguments)
    };
    assert!(notebooks(&[]).output().unwrap().status.success());
    let file = format!("{folder}/chapter.ipynb");
    let made = std::fs::read_to_string(&file).unwrap();

    // It has been run.
    let run = made.replace("\"execution_count\": null", "\"execution_count\": 7");
    assert_ne!(run, made);
    std::fs::write(&file, &run).unwrap();
    assert!(notebooks(&[]).output().unwrap().status.success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), run);

    let changed = run.replace("Hello!", "Good morning!");
    std::fs::write(&file, &changed).unwrap();
    let sentence = said_by(notebooks(&[]));
    assert!(sentence.starts_with(&file), "{sentence}");
    assert!(sentence.contains("--force"), "what to do: {sentence}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), changed);

    assert!(notebooks(&["--force"]).output().unwrap().status.success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), made);
}
