//! `mdbook-interleaved test` of books that have nothing of ours but a line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What the command says of a book, and whether it is content.
fn test(book: &Path, cache: &Path) -> (String, bool) {
    test_with(&[], book, cache)
}

/// The same with options.
fn test_with(options: &[&str], book: &Path, cache: &Path) -> (String, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_mdbook-interleaved"))
        .arg("test")
        .args(options)
        .arg(book)
        .env("XDG_CACHE_HOME", cache)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.success())
}

const SUMMARY: (&str, &str) = ("book/src/SUMMARY.md", "[One](one.md)\n");

#[test]
fn fences_do_what_their_words_say_or_are_named() {
    let right = "# One\n\n```rust\nlet n: u8 = \"1\".parse()?;\n\
                 # Ok::<(), std::num::ParseIntError>(())\n```\n\n\
                 ```rust,compile_fail,E0382\nlet s = String::new();\ndrop(s);\ndrop(s);\n```\n\n\
                 ```rust,should_panic\npanic!();\n```\n\n\
                 ```rust,no_run\nloop {}\n```\n\n\
                 ```rust,edition2015\nlet async = 1;\n```\n\n\
                 ```rust\n{{#include part.rs:here}}\n```\n\n\
                 ```rust,ignore\nnot Rust\n```\n";
    let wrong = "\n```rust\nlet x: u8 = \"\";\n```\n\n\
                 ```rust,compile_fail,E0499\nlet x: u8 = \"\";\n```\n\n\
                 ```rust,compile_fail\nlet x = 1;\n```\n\n\
                 ```rust,should_panic\nlet x = 1;\n```\n\n\
                 ```rust\npanic!(\"at last\");\n```\n";
    let part = "// ANCHOR: here\nlet included = 1;\n// ANCHOR_END: here\nnot Rust\n";
    let all = format!("{right}{wrong}");
    let book = folder(&[
        ("book/book.toml", "[book]\ntitle = \"One\"\n"),
        SUMMARY,
        ("book/src/part.rs", part),
        ("book/src/one.md", right),
    ]);
    let path = book.path().join("book");
    let (said, is_content) = test(&path, book.path());
    assert!(is_content, "{said}");
    assert!(
        said.starts_with("6 of 6 programs do what they should; 1 is"),
        "{said}"
    );

    fs::write(path.join("src/one.md"), &all).unwrap();
    let (said, is_content) = test(&path, book.path());
    assert!(!is_content);
    assert!(said.contains("6 of 11 programs"), "{said}");
    for sentence in [
        "it does not compile: E0308",
        "it does not have the error E0499",
        "it compiles, and should not",
        "it should panic. The program ended.",
        "The main thread panicked: the program exited with code 101.",
        "at last",
    ] {
        assert!(said.contains(sentence), "{sentence} in {said}");
    }
}

/// Fences in quotes and lists, with tildes, with what looks like a `main` and is
/// none; lines that end as on Windows.
const ODD: &str = r##"# Odd

> ```rust
> println!("in a quote");
> ```

~~~rust
println!("tildes");
~~~

```rust
// fn main() is only spoken of
println!("{}", "fn main() {}");
```

```rust
```

```rust,should_panic
fn main() { std::process::exit(3) }
```

```rust
mod main { pub fn main() {} }
main::main();
```

```rust
use std::thread;
thread::scope(|s| { s.spawn(|| println!("a")); s.spawn(|| println!("b")); });
```

```rust
struct S; impl S { fn main(&self) {} }
S.main();
```

```rust
fn main() -> Result<(), Box<dyn std::error::Error>> { Err("no")? }
```

```rust,compile_fail
fn main() { let x: i32 = "unclosed
```

```rust
/* } */ let s = r#"fn main() { "#; println!("{s}");
```

1. A list

   ```rust
   let x = 1; assert_eq!(x, 1);
   ```

```
assert!(false, "no word is Rust");
```

    assert!(false, "and so is what is only indented");

```should_panic
panic!("one word");
```

```no_run,E0308
let it: u8 = "a code alone is not compile_fail";
```

```text
not Rust
```

```text,should_panic
not Rust either
```

```should_panic,text
assert!(true, "Rust, as should_panic comes first");
```

```mine,rust
assert!(false, "Rust, as it is said");
```

```edition2018
let r#async = 1; assert_eq!(r#async, 2);
```

```rust,test_harness
mod a { pub fn f() {} }
pub fn g() { crate::a::f(); }
```

```rust,test_harness
#[test]
fn passes() { assert_eq!(1 + 1, 2); }
```

```test_harness
#[test]
fn fails() { panic!("as a test may") }
```

```rust
#[test]
fn is_only_compiled() { panic!("as it is no harness") }
```

```custom,rust
not Rust, as it is said to be something else
```

```ignore
neither run nor compiled
```
"##;

/// rustdoc tests the same file, and is nothing of ours.
#[test]
fn rustdoc_says_the_same_of_odd_fences() {
    let odd = ODD.replace('\n', "\r\n");
    let book = folder(&[
        ("book/book.toml", "[book]\ntitle = \"Odd\"\n"),
        SUMMARY,
        ("book/src/one.md", &odd),
    ]);
    let path = book.path().join("book");
    let (said, _) = test(&path, book.path());
    let ours: BTreeSet<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("FAILED one.md:")?.split(':').next())
        .collect();

    let rustdoc = std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    let mut rustdoc = Command::new(rustdoc);
    rustdoc.args(["--test", "--edition", "2021", "src/one.md"]);
    let output = rustdoc.current_dir(&path).output().unwrap();
    let theirs_said = String::from_utf8(output.stdout).unwrap();
    let theirs: BTreeSet<&str> = theirs_said
        .lines()
        .filter(|line| line.starts_with("test ") && line.ends_with("FAILED"))
        .filter_map(|line| line.split_once("(line ")?.1.split(')').next())
        .collect();
    assert_eq!(ours, theirs, "{said}\n{theirs_said}");
    let counted = theirs_said.contains("15 passed; 8 failed; 1 ignored");
    assert!(
        counted && said.contains("15 of 23 programs do what they should; 1 is marked"),
        "{said}\n{theirs_said}"
    );
}

/// `shared` is built twice, once of them for a build script, with another feature.
#[test]
fn a_package_of_a_library_alone_brings_its_crates() {
    let book = folder(&[
        (
            "book/book.toml",
            "[book]\ntitle = \"One\"\n\n[preprocessor.interleaved]\nmanifest = \"../Cargo.toml\"\n",
        ),
        SUMMARY,
        (
            "book/src/one.md",
            "# One\n\n```rust\nassert_eq!(mine::sum(), 5);\nlet it: shared::Number = middle::number();\n\
             assert_eq!(it.0, 2);\n```\n",
        ),
        (
            "Cargo.toml",
            "[package]\nname = \"mine\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nmiddle = { path = \"middle\" }\n\n\
             [dev-dependencies]\nshared = { path = \"shared\" }\n\n[workspace]\n",
        ),
        (
            "src/lib.rs",
            "pub fn sum() -> u8 { middle::number().0 + 3 }\n",
        ),
        (
            "middle/Cargo.toml",
            "[package]\nname = \"middle\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nshared = { path = \"../shared\" }\n\n\
             [build-dependencies]\nshared = { path = \"../shared\", features = [\"loud\"] }\n",
        ),
        (
            "middle/build.rs",
            "fn main() { println!(\"cargo::rerun-if-changed={}\", shared::LOUD); }\n",
        ),
        (
            "middle/src/lib.rs",
            "pub fn number() -> shared::Number { shared::Number(2) }\n",
        ),
        (
            "shared/Cargo.toml",
            "[package]\nname = \"shared\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[features]\nloud = []\n",
        ),
        (
            "shared/src/lib.rs",
            "pub struct Number(pub u8);\n#[cfg(feature = \"loud\")]\npub const LOUD: &str = \"build.rs\";\n",
        ),
    ]);
    let (said, is_content) = test(&book.path().join("book"), book.path());
    assert!(is_content, "{said}");
    assert!(
        said.contains("1 of 1 programs do what they should"),
        "{said}"
    );
}

#[test]
fn a_wrong_manifest_is_a_sentence() {
    let book = folder(&[
        (
            "book/book.toml",
            "[preprocessor.interleaved]\nmanifest = \"../Cargo.toml\"\n",
        ),
        SUMMARY,
        ("book/src/one.md", "# One\n"),
    ]);
    let path = book.path().join("book");
    let (said, is_content) = test(&path, book.path());
    assert!(!is_content);
    assert!(said.contains("There is no manifest"), "{said}");
    fs::write(book.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    let (said, _) = test(&path, book.path());
    assert!(said.contains("of a workspace, and of no package"), "{said}");
}

/// A typo and a file that is gone would else leave code out that seems to be tested.
#[test]
fn what_leaves_code_out_is_an_error() {
    let book = folder(&[
        ("book/book.toml", "[book]\ntitle = \"One\"\n"),
        SUMMARY,
        ("book/src/one.md", "# One\n\n```rust\nlet x = 1;\n```\n"),
    ]);
    let path = book.path().join("book");
    let (said, is_content) = test_with(&["--chapter", "one.md"], &path, book.path());
    assert!(is_content && said.contains("1 of 1 programs"), "{said}");
    let options = ["--chapter", "one.md", "--chapter", "tow.md"];
    let (said, is_content) = test_with(&options, &path, book.path());
    assert!(!is_content, "{said}");
    assert!(
        said.contains("tow.md") && !said.contains("one.md"),
        "{said}"
    );

    fs::write(
        path.join("src/one.md"),
        "# One\n\n```rust\nlet x = 1;\n```\n\n```rust,compile_fail\n{{#include gone.rs}}\n```\n",
    )
    .unwrap();
    let (said, is_content) = test(&path, book.path());
    assert!(!is_content, "{said}");
    assert!(said.contains("gone.rs"), "{said}");
}

/// They are what `mdbook test` needs, and we don't.
#[test]
fn libraries_are_not_built_for_a_test() {
    let book = folder(&[
        (
            "book/book.toml",
            "[preprocessor.interleaved]\nlistings = \"../listings\"\nlibraries = \"../libraries\"\n",
        ),
        SUMMARY,
        ("book/src/one.md", "# One\n\n```rust\nlet x = 1;\n```\n"),
        ("listings/listings.toml", ""),
        (
            "listings/Cargo.toml",
            "[package]\nname = \"listings\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n",
        ),
        ("listings/examples/one.rs", "fn main() {}\n"),
    ]);
    let (said, is_content) = test(&book.path().join("book"), book.path());
    assert!(is_content, "{said}");
    assert!(!book.path().join("libraries").exists(), "{said}");
    assert!(!book.path().join("listings/target").exists(), "{said}");
}

#[test]
fn a_typo_is_answered_with_what_there_is() {
    let output = Command::new(env!("CARGO_BIN_EXE_mdbook-interleaved"))
        .arg("serv")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("'serv'") && said.contains("serve"), "{said}");
    let help = Command::new(env!("CARGO_BIN_EXE_mdbook-interleaved"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for word in ["serve", "test", "book.toml", "notebooks"] {
        assert!(help.contains(word), "{word} in {help}");
    }
}
