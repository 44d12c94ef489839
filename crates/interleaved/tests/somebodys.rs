//! The commands for listings, in a package and a book that know nothing of ours.

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const FILES: [(&str, &str); 7] = [
    (
        "Cargo.toml",
        "[package]\nname = \"somebodys-listings\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
    ),
    ("listings.toml", ""),
    (
        "examples/greet.rs",
        "use std::thread;\n\nfn main() {\n    \
         let other = thread::spawn(|| println!(\"one\"));\n    println!(\"two\");\n    \
         other.join().unwrap();\n}\n",
    ),
    (
        "examples/gives-up.rs",
        "use std::thread;\n\nfn main() {\n    \
         let other = thread::spawn(|| panic!(\"no more\"));\n    \
         println!(\"{}\", other.join().is_err());\n}\n",
    ),
    (
        "book/book.toml",
        "[book]\ntitle = \"Somebody's\"\n\n[rust]\nedition = \"2021\"\n\n\
         [preprocessor.interleaved]\nbefore = [\"links\"]\nlistings = \"..\"\noutcomes = true\n",
    ),
    ("book/src/SUMMARY.md", "[One](one.md)\n"),
    (
        "book/src/one.md",
        "# One\n\n```rust\n{{#include ../../examples/greet.rs}}\n```\n\n{{#outcome greet}}\n\n\
         ```rust\n{{#include ../../examples/gives-up.rs}}\n```\n\n{{#outcome gives-up}}\n",
    ),
];

/// What the command says of it on stdout and stderr, and whether it is content.
fn said(folder: &Path, arguments: &[&str]) -> (String, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_interleaved"))
        .args(arguments)
        .current_dir(folder)
        // The look-alikes are built once for all runs.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.success())
}

fn package() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in FILES {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

#[test]
fn listings_are_added_recorded_and_tested_in_any_package() {
    let folder = package();
    let done = |arguments: &[&str]| {
        let (said, is_well) = said(folder.path(), arguments);
        assert!(is_well, "{arguments:?}: {said}");
        said
    };
    let told = done(&["add", "greet"]);
    assert!(told.contains("it returns, and has 2 outputs"), "{told}");
    done(&["add", "gives-up"]);
    let told = done(&["outcomes", "greet"]);
    assert!(told.contains("greet (edition 2021"), "{told}");

    let recorded = folder.path().join("outputs/gives-up.stderr.txt");
    fs::remove_file(&recorded).unwrap();
    done(&["record", "gives-up"]);
    let stderr = fs::read_to_string(&recorded).unwrap();
    assert!(
        stderr.contains("panicked at examples/gives-up.rs:4"),
        "{stderr}"
    );
    done(&["record", "--check"]);
    // With the message of a panic, whose file the engine names otherwise.
    done(&["test", "greet"]);
    done(&["test", "gives-up"]);

    fs::write(folder.path().join("outputs/greet.txt"), "two\n").unwrap();
    let (told, is_well) = said(folder.path(), &["record", "--check", "greet"]);
    assert!(!is_well && told.contains("greet"), "{told}");
}

#[test]
fn without_listings_it_says_where_to_name_them() {
    let folder = package();
    fs::write(
        folder.path().join("book/book.toml"),
        "[book]\ntitle = \"No\"\n",
    )
    .unwrap();
    for command in ["record", "test"] {
        let (told, is_well) = said(folder.path(), &[command]);
        assert!(!is_well);
        assert!(
            told.contains("name their folder in book.toml, by `listings = \"…\"`"),
            "{command}: {told}"
        );
    }
}
