//! `cargo outcomes` in a package that depends on crates that nobody modelled: those of
//! the registry that people use, and some that are written here.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

mod support;

/// A crate that isn't in any registry.
const HELPER: &str = "pub fn twice(number: u32) -> u32 { number * 2 }";

fn manifest(name: &str) -> String {
    format!("[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n")
}

fn package() -> TempDir {
    let own = manifest("of-others")
        + "[workspace]\n\
           [features]\nloud = [\"dep:anyhow\"]\n\
           [dependencies]\n\
           serde = { version = \"1\", features = [\"derive\"] }\n\
           serde_json = \"1\"\n\
           anyhow = { version = \"1\", optional = true }\n\
           helper = { path = \"helper\" }\n\
           [dev-dependencies]\n\
           tools = { package = \"itertools\", version = \"0.15\" }\n\
           smallvec = \"1\"\nthiserror = \"2\"\nbitflags = \"2\"\narrayvec = \"0.7\"\n\
           either = \"1\"\nfnv = \"1\"\nhex = \"0.4\"\nrayon = \"1\"\n";
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../Cargo.lock");
    support::package(&[
        ("Cargo.toml", &own),
        // The versions that are here already.
        ("Cargo.lock", &fs::read_to_string(lock).unwrap()),
        ("helper/Cargo.toml", &manifest("helper")),
        ("helper/src/lib.rs", HELPER),
        (
            "src/lib.rs",
            "/// In JSON.
            pub fn list(numbers: &[u32]) -> String { serde_json::to_string(numbers).unwrap() }",
        ),
        ("src/main.rs", "fn main() { println!(\"nobody's\"); }"),
        ("examples/points.rs", POINTS),
        (
            "examples/sorted.rs",
            "use smallvec::SmallVec;
            use std::thread;
            use tools::Itertools;
            fn main() {
                let numbers: SmallVec<[u32; 2]> = [3, 1, 2].into_iter().collect();
                let other = thread::spawn(move || println!(\"{}\", numbers.iter().sorted().join(\"-\")));
                println!(\"hello you\");
                other.join().unwrap();
            }",
        ),
        (
            "examples/unique.rs",
            "use tools::Itertools;

            pub fn main() {
                println!(\"{}\", [3, 1, 3].iter().unique().join(\"-\"));
            }",
        ),
        ("examples/any.rs", ""),
        ("examples/every.rs", EVERY),
        (
            "tests/of_the_library.rs",
            "use tools::Itertools;
            #[test] fn a_list_is_sent() {
                let (sender, receiver) = std::sync::mpsc::channel();
                for number in 1..3 {
                    let sender = sender.clone();
                    std::thread::spawn(move || sender.send(number).unwrap());
                }
                drop(sender);
                let numbers = receiver.into_iter().sorted().collect_vec();
                assert_eq!(of_others::list(&numbers), \"[1,2]\");
            }
            #[test] fn who_comes_first() {
                let (sender, receiver) = std::sync::mpsc::channel();
                for number in 1..3 {
                    let sender = sender.clone();
                    std::thread::spawn(move || sender.send(number));
                }
                assert_eq!(receiver.recv().into_iter().collect_vec(), [1]);
            }",
        ),
        (
            "tests/counted.rs",
            "#[test] fn it_is_twice() { assert_eq!(helper::twice(2), 4); }",
        ),
    ])
}

const POINTS: &str = r#"
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::sync::mpsc;
use std::thread;

#[derive(Debug, Deserialize, Serialize)]
struct Point {
    x: f64,
    name: Option<String>,
}

fn main() -> Result<()> {
    let (sender, receiver) = mpsc::channel();
    for (x, name) in [(1.5, Some("a".to_owned())), (-2.0, None)] {
        let sender = sender.clone();
        thread::spawn(move || {
            let text = serde_json::to_string(&Point { x, name }).unwrap();
            sender.send(text).unwrap();
        });
    }
    drop(sender);
    for text in receiver {
        let point: Point = serde_json::from_str(&text).context("no point")?;
        println!("{point:?} {text}");
    }
    let (never, receiver) = mpsc::channel::<u8>();
    thread::spawn(move || receiver.recv());
    std::mem::forget(never);
    serde_json::from_str::<Point>("{\"x\": 1.0,\n}").context("the end").map(|_| ())
}
"#;

const EVERY: &str = r#"
use anyhow::Context;
use arrayvec::{ArrayString, ArrayVec};
use either::Either;
use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::{Arc, Mutex};
use std::thread;
use tools::Itertools;

bitflags::bitflags! {
    #[derive(Debug, Clone, Copy)]
    struct Rights: u8 {
        const READ = 1;
        const WRITE = 2;
    }
}

#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error("no number in {text:?}")]
    Number { text: String, source: std::num::ParseIntError },
    #[error(transparent)]
    Other(#[from] serde_json::Error),
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Message {
    Words { all: Vec<String>, by: BTreeMap<String, f64> },
    Nothing,
}

fn number(text: &str) -> Result<u32, Wrong> {
    text.parse().map_err(|source| Wrong::Number { text: text.to_owned(), source })
}

fn read(text: &str) -> Result<Message, Wrong> {
    Ok(serde_json::from_str(text)?)
}

fn main() {
    let said = Arc::new(Mutex::new(SmallVec::<[String; 1]>::new()));
    let all = ["one", "two"].map(|name| {
        let said = Arc::clone(&said);
        thread::spawn(move || said.lock().unwrap().push(name.to_owned()))
    });
    for one in all {
        one.join().unwrap();
    }
    println!("{}", said.lock().unwrap().iter().join(", "));

    println!("{:?}", Rights::READ | Rights::WRITE);
    println!("{:#}", anyhow::Error::from(number("x").unwrap_err()));
    println!("{:?}", number("y").context("outer").unwrap_err().to_string());
    println!("{:?}", read("{\"kind\": 1}").unwrap_err().to_string());
    let by = [("pi".to_owned(), 3.25e-7)].into();
    let message = Message::Words { all: vec!["é\n".to_owned()], by };
    let text = serde_json::to_string(&message).unwrap();
    assert_eq!(read(&text).unwrap(), message);
    assert_eq!(read("{\"kind\":\"nothing\"}").unwrap(), Message::Nothing);
    println!("{text}");

    let few: SmallVec<[u8; 2]> = smallvec![1, 2, 3];
    let fixed: ArrayVec<u8, 4> = few.iter().copied().chain([4]).collect();
    let either: Either<u8, &str> = if fixed.is_full() { Either::Right("full") } else { Either::Left(0) };
    println!("{either} {} {}", hex::encode(&fixed), ArrayString::<4>::from("abcd").unwrap());

    let mut hasher = fnv::FnvHasher::default();
    hasher.write(b"interleaved");
    println!("{:x}", hasher.finish());
    println!("{:?}", (1..=6).tuple_windows::<(_, _, _)>().map(|(a, b, c)| a * b + c).sorted().dedup().collect_vec());
}
"#;

/// Where the registry's crates are built once for all.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/dependencies");

fn outcomes(folder: &Path, arguments: &[&str]) -> Output {
    support::outcomes_with(folder, arguments, &[("CARGO_TARGET_DIR", TARGET)])
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    outcomes(folder, &[&["run"], arguments].concat())
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn texts(answer: &Value) -> Vec<&str> {
    let listed = answer["listed"].as_array().unwrap().iter();
    listed.map(|it| it["text"].as_str().unwrap()).collect()
}

/// What is said of a program with this in its `main`.
fn of_main(folder: &Path, code: &str) -> Output {
    let text = format!("fn main() {{\n    println!(\"{{:?}}\", {code});\n}}\n");
    fs::write(folder.join("examples/any.rs"), text).unwrap();
    run(folder, &["--example", "any", "--json"])
}

#[test]
fn crates_that_cannot_tell_are_used_as_they_are() {
    let folder = package();
    let answer = json(folder.path(), &["--example", "sorted"]);
    assert_eq!(answer["complete"], true);
    assert_eq!(texts(&answer), ["1-2-3\nhello you\n", "hello you\n1-2-3\n"]);

    let answer = json(
        folder.path(),
        &["--example", "points", "--features", "loud", "--stderr"],
    );
    assert_eq!(answer["complete"], true, "{answer}");
    assert_eq!(answer["outputs"], 2);
    let first = "Point { x: 1.5, name: Some(\"a\") } {\"x\":1.5,\"name\":\"a\"}\n";
    let second = "Point { x: -2.0, name: None } {\"x\":-2.0,\"name\":null}\n";
    let end = "Error: the end\n\nCaused by:\n    trailing comma at line 2 column 1\n";
    let mut expected = [
        format!("{first}{second}{end}"),
        format!("{second}{first}{end}"),
    ];
    expected.sort();
    let mut texts = texts(&answer);
    texts.sort_unstable();
    assert_eq!(texts, expected);
    // The thread that is stuck, and nothing else.
    assert_eq!(
        answer["leaks"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
    assert_eq!(answer["endings"]["exits"], 2, "{answer}");

    // A feature that is off has no crate.
    let output = run(folder.path(), &["--example", "points"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the crate `anyhow`"), "{said}");
}

#[test]
fn nothing_is_built_for_a_program_that_names_none() {
    let folder = package();
    let output = support::outcomes(folder.path(), &["run", "--bin", "of-others", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(texts(&answer), ["nobody's\n"]);
    assert!(!folder.path().join("target").exists());
}

#[test]
fn others_are_refused_by_name_and_line() {
    let folder = package();
    let said = |code: &str| support::refusal(&of_main(folder.path(), code));
    let unknown = ", which is not modelled and is none of those that are known to be the same in \
         every run: do without it in what you explore";
    assert_eq!(
        said("helper::twice(2)"),
        format!("any can't be explored: it uses the crate `helper` (examples/any.rs:2){unknown}")
    );
    assert_eq!(
        said("rayon::join(|| 1, || 2)"),
        format!("any can't be explored: it uses the crate `rayon` (examples/any.rs:2){unknown}")
    );
    assert_eq!(
        support::refusal(&run(folder.path(), &["--example", "unique"])),
        "unique can't be explored: it uses the crate `tools` (examples/unique.rs:1), in which \
         `unique` can tell one run from another, since it hashes with random numbers: do without \
         it (examples/unique.rs:4)"
    );
    assert_eq!(
        said("bitflags::__private::core::cmp::max(1, 2)"),
        "any can't be explored: it uses what a crate has for its own macros only: do without \
         `__private` (examples/any.rs:2)"
    );
    // One of the same name that isn't the registry's.
    let path = folder.path();
    let text = fs::read_to_string(path.join("Cargo.toml")).unwrap();
    let text = text.replace("fnv = \"1\"", "fnv = { path = \"fnv\" }");
    fs::write(path.join("Cargo.toml"), text).unwrap();
    fs::create_dir_all(path.join("fnv/src")).unwrap();
    fs::write(path.join("fnv/Cargo.toml"), manifest("fnv")).unwrap();
    fs::write(path.join("fnv/src/lib.rs"), "").unwrap();
    assert_eq!(
        said("fnv::FnvHasher::default()"),
        "any can't be explored: it uses the crate `fnv` (examples/any.rs:2), which is not modelled \
         and isn't the registry's: do without it in what you explore"
    );
}

/// However it is written that a program uses what tells.
#[test]
fn what_tells_is_found_wherever_it_stands() {
    let folder = package();
    let path = folder.path();
    let write = |name: &str, text: &str| fs::write(path.join(name), text).unwrap();
    write(
        "examples/in_a_module.rs",
        "mod unique;\nfn main() { unique::main() }\n",
    );
    write("counts.inc", "tools::Itertools::counts([1].into_iter())");
    write(
        "examples/included.rs",
        "fn main() { println!(\"{:?}\", include!(\"../counts.inc\").len()) }\n",
    );
    write(
        "examples/in_a_text.rs",
        "use tools::Itertools as _;
        macro_rules! hide { ($($code:tt)*) => { [u8; { trait Hidden { fn it() -> usize; } \
            impl Hidden for () { fn it() -> usize { $($code)* } } 0 }] } }
        #[derive(serde::Serialize)]
        #[serde(bound = \"hide!{ [1].into_iter().counts().len() }: Sized\")]
        struct One;
        fn main() {}\n",
    );
    write(
        "examples/original.rs",
        "use smallvec::alloc::sync::Arc;\nfn main() { Arc::new(1); }\n",
    );
    for (example, what) in [
        ("in_a_module", "do without it (examples/unique.rs:4)"),
        ("included", "do without it (counts.inc:1)"),
        ("in_a_text", "do without it (examples/in_a_text.rs:"),
        ("original", "do without it (examples/original.rs:1)"),
    ] {
        let said = support::refusal(&run(path, &["--example", example]));
        assert!(said.contains(what), "{said}");
    }
    // What is called so, and is the program's own.
    write(
        "examples/own.rs",
        "use tools::Itertools;
        struct Once { unique: bool }
        fn unique(once: Once) -> bool { once.unique }
        fn main() {
            let counts = [2, 1].into_iter().sorted().join(\" are unique \");
            println!(\"{counts} {}\", unique(Once { unique: true }));
        }\n",
    );
    let said = support::refusal(&run(path, &["--example", "own"]));
    assert!(
        said.contains("`unique`"),
        "in a macro it is anything: {said}"
    );
    let own = fs::read_to_string(path.join("examples/own.rs")).unwrap();
    let own = own.replace(
        "println!(\"{counts} {}\", unique(Once { unique: true }));",
        "let it = unique(Once { unique: true });\nprintln!(\"{counts} {it}\");",
    );
    write("examples/own.rs", &own);
    let answer = json(path, &["--example", "own"]);
    assert_eq!(texts(&answer), ["1 are unique 2 true\n"]);
}

/// A package that is put in the place of a known one isn't it; nor has a binary the
/// features that only tests ask for.
#[test]
fn what_is_built_is_what_cargo_would_build() {
    let folder = package();
    let path = folder.path();
    let manifest_file = path.join("Cargo.toml");
    let text = fs::read_to_string(&manifest_file).unwrap();
    let text = text + "serde_json = { version = \"1\", features = [\"arbitrary_precision\"] }\n";
    fs::write(&manifest_file, &text).unwrap();
    let code = "fn main() { println!(\"{}\", serde_json::from_str::<serde_json::Value>(\"1e2\").unwrap()); }\n";
    fs::write(path.join("src/main.rs"), code).unwrap();
    fs::write(path.join("examples/any.rs"), code).unwrap();
    assert_eq!(texts(&json(path, &["--bin", "of-others"])), ["100.0\n"]);
    assert_eq!(texts(&json(path, &["--example", "any"])), ["1e+2\n"]);

    fs::create_dir_all(path.join("my-fnv/src")).unwrap();
    let lock = fs::read_to_string(path.join("Cargo.lock")).unwrap();
    let (_, locked) = lock.split_once("name = \"fnv\"\nversion = \"").unwrap();
    let (version, _) = locked.split_once('"').unwrap();
    let named = manifest("fnv").replace("0.1.0", version);
    fs::write(path.join("my-fnv/Cargo.toml"), named).unwrap();
    fs::write(path.join("my-fnv/src/lib.rs"), "pub fn it() {}\n").unwrap();
    let text = text + "[patch.crates-io]\nfnv = { path = \"my-fnv\" }\n";
    fs::write(&manifest_file, text).unwrap();
    let said = support::refusal(&of_main(path, "fnv::it()"));
    assert!(
        said.contains(
            "the crate `fnv` (examples/any.rs:2), which is not modelled and isn't the registry's"
        ),
        "{said}"
    );
}

#[test]
fn a_librarys_macros_write_no_unsafe_code() {
    let manifest = manifest("wild") + "[workspace]\n";
    let folder = support::package(&[
        ("Cargo.toml", manifest.as_str()),
        (
            "src/lib.rs",
            "// What is unsafe elsewhere is found by rustc.
            #[macro_export] macro_rules! wild {
                () => { unsafe { *(&raw const $crate::ONE) } };
            }
            pub static ONE: u8 = 1;\n",
        ),
        (
            "src/main.rs",
            "fn main() { println!(\"{}\", wild::wild!()); }",
        ),
    ]);
    let said = support::refusal(&support::outcomes(folder.path(), &["run"]));
    assert!(
        said.contains("its library has a macro that writes `unsafe` code (src/lib.rs:3)"),
        "{said}"
    );
}

#[test]
fn types_that_are_modelled_are_not_handed_over() {
    let folder = package();
    for code in [
        "serde_json::to_string(&std::sync::Mutex::new(1))",
        "{ let all: std::collections::HashMap<u8, u8> = [(1, 2)].into(); serde_json::to_string(&all) }",
    ] {
        let said = support::refusal(&of_main(folder.path(), code));
        assert!(
            said.starts_with(
                "any can't be explored: it compiles, but needs what is not modelled: "
            ),
            "{said}"
        );
        let who = "; of std, `serde_json` (examples/any.rs:2) knows the original";
        assert!(said.contains(who), "{said}");
    }
}

/// A program that uses each crate that is known, and what real runs of it print.
#[test]
fn all_of_them_do_as_in_a_real_run() {
    let folder = package();
    let arguments = ["run", "--quiet", "--example", "every", "--features", "loud"];
    let real = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", TARGET)
        // What is explored isn't told of it.
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let real = String::from_utf8(real.stdout).unwrap();
    assert_eq!(real.lines().count(), 9, "{real}");
    let answer = json(folder.path(), &arguments[2..]);
    assert_eq!(answer["complete"], true, "{answer}");
    assert_eq!(answer["outputs"], 2, "{answer}");
    assert!(texts(&answer).contains(&real.as_str()), "{answer} {real}");
}

#[test]
fn tests_may_use_them_and_so_may_the_library() {
    let folder = package();
    let output = outcomes(folder.path(), &["test", "--json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |test: &str| {
        let mut lines = lines.iter();
        lines
            .find(|it| it["test"] == test)
            .unwrap_or_else(|| panic!("{text}"))
    };
    assert_eq!(of("a_list_is_sent")["result"], "ok", "{text}");
    let first = of("who_comes_first");
    assert_eq!(first["result"], "failed", "{text}");
    let why = first["why"][0].as_str().unwrap();
    assert!(why.starts_with("it can panic: assertion"), "{why}");

    let mut lines = lines.iter();
    let counted = lines.find(|it| it["target"] == "tests/counted.rs").unwrap();
    assert_eq!(counted["result"], "unknown");
    let why = counted["why"][0].as_str().unwrap();
    assert!(
        why.contains("it uses the crate `helper` (tests/counted.rs:1)"),
        "{why}"
    );
}
