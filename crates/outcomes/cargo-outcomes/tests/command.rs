//! `cargo outcomes run`, in a package that knows nothing of ours.

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

mod support;

const MANIFEST: &str = r#"
[package]
name = "somebodys"
version = "1.0.0"
edition = "2021"

[features]
default = ["quick"]
quick = []
farewell = ["loud"]
loud = []

[[example]]
name = "only-loud"
required-features = ["loud"]
"#;

const FILES: [(&str, &str); 8] = [
    (
        "src/main.rs",
        "use std::thread;
        fn main() {
            let other = thread::spawn(|| println!(\"one\"));
            println!(\"two\");
            other.join().unwrap();
            #[cfg(feature = \"quick\")]
            println!(\"quick\");
            #[cfg(all(feature = \"farewell\", feature = \"loud\"))]
            println!(\"BYE\");
        }",
    ),
    ("src/lib.rs", "pub fn hello() {}"),
    (
        "examples/locked-twice.rs",
        "fn main() {
            let mutex = std::sync::Mutex::new(1);
            let _first = mutex.lock();
            let _second = mutex.lock();
        }",
    ),
    (
        // The temporary guard lives longer than the block before 2024.
        "examples/older.rs",
        "use std::sync::Mutex;
        fn first(mutex: &Mutex<u8>) -> u8 {
            if let Ok(number) = mutex.try_lock() { *number } else { mutex.is_poisoned().into() }
        }
        fn main() {
            let mutex = Mutex::new(5);
            let taken = if let 6 = *mutex.lock().unwrap() { 0 } else { mutex.try_lock().is_err() as u8 };
            println!(\"{taken}{}\", first(&mutex));
        }",
    ),
    ("examples/of-its-library.rs", "fn main() { somebodys::hello(); }"),
    ("examples/only-loud.rs", "fn main() {}"),
    ("examples/two-files/main.rs", "mod other; fn main() { other::hello() }"),
    ("examples/two-files/other.rs", "pub fn hello() {}"),
];

fn package() -> TempDir {
    let others = [
        ("Cargo.toml", MANIFEST),
        ("apart.rs", "fn main() { println!(\"apart\"); }"),
    ];
    support::package(&[FILES.as_slice(), &others].concat())
}

fn outcomes(folder: &Path, arguments: &[&str]) -> Output {
    support::outcomes(folder, &[&["run"], arguments].concat())
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = outcomes(folder, &[&["--json"], arguments].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn refusal(folder: &Path, arguments: &[&str]) -> String {
    support::refusal(&outcomes(folder, arguments))
}

#[test]
fn the_only_binary_is_explored_with_the_features_that_are_on() {
    let folder = package();
    let answer = json(folder.path(), &[]);
    assert_eq!(answer["program"], "somebodys");
    assert_eq!(answer["edition"], "2021");
    assert_eq!(answer["outputs"], 2);
    assert_eq!(answer["listed"][0]["text"], "one\ntwo\nquick\n");

    let text = |options: &[&str]| json(folder.path(), options)["listed"][0]["text"].clone();
    assert_eq!(text(&["--no-default-features"]), "one\ntwo\n");
    // It turns another one on.
    assert_eq!(text(&["-F", "farewell"]), "one\ntwo\nquick\nBYE\n");
    assert_eq!(text(&["--all-features"]), "one\ntwo\nquick\nBYE\n");
    assert_eq!(
        refusal(folder.path(), &["--features", "quiet"]),
        "The package somebodys has no feature \"quiet\""
    );
}

#[test]
fn an_example_is_explored_from_any_folder_of_the_package() {
    let folder = package();
    let within = folder.path().join("src");
    let answer = json(&within, &["--example", "locked-twice"]);
    assert_eq!(answer["endings"]["deadlocks"], 1);
    // So is a file that is one.
    let file = folder.path().join("examples/locked-twice.rs");
    let answer = json(Path::new("/"), &[file.to_str().unwrap()]);
    assert_eq!(answer["program"], "locked-twice");
    assert_eq!(answer["edition"], "2021");
}

/// What a program hears from who runs it is said beforehand, or it can't be explored.
#[test]
fn a_program_is_told_where_it_runs() {
    let folder = support::package(&[(
        "told.rs",
        r#"
        use std::{env, thread};
        fn main() {
            let mut arguments = env::args();
            assert_eq!((arguments.len(), arguments.next_back().as_deref()), (3, Some("--two")));
            let greeting = env::var("GREETING").unwrap();
            assert_eq!(env::var_os("GREETING").unwrap(), greeting.as_str());
            assert_eq!(env::var("NOBODY"), Err(env::VarError::NotPresent));
            let threads = thread::available_parallelism().unwrap().get();
            thread::scope(|scope| {
                for number in 0..threads {
                    let greeting = &greeting;
                    scope.spawn(move || println!("{greeting} {number}"));
                }
            });
        }
        "#,
    )]);
    let known = [
        "--env",
        "GREETING=a=b",
        "--env",
        "NOBODY",
        "--parallelism",
        "3",
    ];
    let given = ["told.rs", "--", "one", "--two"];
    let answer = json(folder.path(), &[&known[..], &given].concat());
    assert_eq!(answer["outputs"], 6);
    assert_eq!(answer["listed"][0]["text"], "a=b 0\na=b 1\na=b 2\n");
    let without = |index: usize, count: usize| {
        let mut known = known.to_vec();
        known.drain(index..index + count);
        refusal(folder.path(), &[&known[..], &given].concat())
    };
    for (index, part) in [
        (0, "variable \"GREETING\", which is up to who runs it"),
        (2, "variable \"NOBODY\""),
        (4, "`cargo outcomes --parallelism`"),
    ] {
        let said = without(index, 2);
        assert!(said.contains(part), "{said}");
    }
    let said = support::outcomes(folder.path(), &["run", "--env", "=x", "told.rs"]);
    assert!(
        String::from_utf8_lossy(&said.stderr).contains("it has no name"),
        "{said:?}"
    );
    assert_eq!(said.status.code(), Some(2));
}

/// Where a limit was reached, what was found until then is possible all the same.
#[test]
fn a_limit_leaves_what_was_found() {
    let folder = support::package(&[
        (
            "Cargo.toml",
            "[package]\nname = \"many\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        ),
        (
            "src/main.rs",
            r#"
            fn main() {
                std::thread::scope(|scope| {
                    for thread in 0..5 {
                        scope.spawn(move || (0..4).for_each(|it| println!("{thread} {it}")));
                    }
                });
            }
            #[test]
            fn the_last_comes_first() {
                let first = std::sync::Mutex::new(None);
                std::thread::scope(|scope| {
                    for thread in 0..5 {
                        let first = &first;
                        scope.spawn(move || {
                            first.lock().unwrap().get_or_insert(thread);
                            main();
                        });
                    }
                });
                assert_eq!(first.into_inner().unwrap(), Some(4));
            }
            "#,
        ),
    ]);
    let limits = ["--max-states", "500", "--list", "1000"];
    let answer = json(folder.path(), &limits);
    assert_eq!(answer["outputs"], Value::Null);
    assert_eq!(answer["complete"], false);
    let found = answer["so_far"]["listed"].as_array().unwrap();
    assert_eq!(found.len(), 1000);
    // 20! / (4!)⁵ are possible.
    let least = answer["so_far"]["outputs"].as_u64().unwrap();
    assert!((1000..305_540_235_000).contains(&least), "{least}");
    for output in found {
        let mut next = [0; 5];
        for line in output["text"].as_str().unwrap().lines() {
            let (thread, number) = line.split_once(' ').unwrap();
            let next = &mut next[thread.parse::<usize>().unwrap()];
            assert_eq!(*next, number.parse::<u32>().unwrap(), "{output}");
            *next += 1;
        }
        assert_eq!(next, [4; 5], "{output}");
    }
    let said = outcomes(folder.path(), &limits);
    let said = String::from_utf8(said.stdout).unwrap();
    let line = said.lines().find(|line| line.starts_with("At least "));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(
        line.replace(',', ""),
        format!("At least {least} possible outputs: so many were found until then")
    );
    // What breaks a test breaks it, whatever else there is.
    let tested = support::outcomes(folder.path(), &["test", "--max-states", "20000"]);
    let said = String::from_utf8_lossy(&tested.stdout);
    assert_eq!(tested.status.code(), Some(1), "{said}");
    assert!(
        said.contains("the_last_comes_first ... FAILED: it can panic"),
        "{said}"
    );
}

/// Runs the command, and interrupts it as Ctrl-C does, as soon as it says that exploring
/// takes a while. Returns its exit code and what it said.
fn interrupted(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = support::command(folder, arguments);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let stderr = BufReader::new(running.stderr.take().unwrap());
    let mut lines = stderr.lines().map(Result::unwrap);
    let found = lines.find(|line| line.starts_with("Exploring"));
    assert!(found.is_some(), "it says that it explores");
    let process = running.id().to_string();
    let killed = Command::new("kill").args(["-INT", &process]).status();
    assert!(killed.unwrap().success());
    let rest: Vec<String> = lines.collect();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), said + &rest.join("\n"))
}

/// After Ctrl-C it tells what it knows.
#[test]
fn what_is_known_is_told_when_it_is_interrupted() {
    let folder = support::package(&[
        (
            "Cargo.toml",
            "[package]\nname = \"large\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        ),
        (
            "src/main.rs",
            r#"
            fn main() {
                let all = std::sync::Mutex::new(Vec::new());
                std::thread::scope(|scope| {
                    for thread in 0..9 {
                        let all = &all;
                        scope.spawn(move || (0..9).for_each(|_| all.lock().unwrap().push(thread)));
                    }
                });
                println!("{:?}", all.lock().unwrap());
            }
            #[test]
            fn a_large_one() {
                main();
            }
            #[test]
            fn then_a_small_one() {}
            "#,
        ),
    ]);
    // Where there is no memory left for all that was found, a part of it is counted.
    let answer = json(folder.path(), &["--max-memory", "40"]);
    assert_eq!(
        answer["not_counted"],
        "it needed more memory than was allowed"
    );
    assert!(answer["so_far"]["outputs"].as_u64() > Some(0), "{answer}");
    let limits = ["--max-seconds", "3000", "--max-memory", "3000"];
    let (code, said) = interrupted(folder.path(), &[&["run"], &limits[..]].concat());
    assert_eq!(code, Some(2), "{said}");
    for part in [
        "How many outputs it has is not known: it was stopped while exploring",
        "At least ",
        "so many were found until then",
        "What to try: --clock prompt",
    ] {
        assert!(said.contains(part), "{part}\nin\n{said}");
    }
    let (code, said) = interrupted(folder.path(), &[&["test"], &limits[..]].concat());
    assert_eq!(code, Some(2), "{said}");
    for part in [
        "test a_large_one ... not known: it was stopped\n",
        "test then_a_small_one ... not known: it was stopped before\n",
        "0 failed; 0 ignored; 2 not known",
    ] {
        assert!(said.contains(part), "{part}\nin\n{said}");
    }
}

/// What explores programs is not the user's own: it is not built as he has his own
/// things built, nor among them.
#[test]
fn the_users_environment_is_for_his_own_builds() {
    let folder = package();
    let plain = json(folder.path(), &["apart.rs"]);
    let target = TempDir::new().unwrap();
    let variables = [
        ("CARGO_TARGET_DIR", target.path().to_str().unwrap()),
        ("CARGO_BUILD_TARGET", "no-such-platform"),
        ("CARGO_PROFILE_DEV_PANIC", "abort"),
        ("RUSTFLAGS", "--no-such-flag"),
    ];
    let arguments = ["run", "--json", "apart.rs"];
    let asked = support::outcomes_with(folder.path(), &arguments, &variables);
    assert!(asked.status.success(), "{asked:?}");
    let asked: Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!(asked["listed"], plain["listed"]);
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0);
}

#[test]
fn the_edition_decides_how_long_a_guard_lives() {
    let folder = package();
    let text = |options: &[&str]| {
        let all = [&["--example", "older"], options].concat();
        json(folder.path(), &all)["listed"][0]["text"].clone()
    };
    assert_eq!(text(&[]), "15\n");
    assert_eq!(text(&["--edition", "2024"]), "05\n");
}

#[test]
fn a_file_of_no_package_is_explored() {
    let folder = package();
    let answer = json(folder.path(), &["apart.rs"]);
    assert_eq!(answer["program"], "apart.rs");
    assert_eq!(answer["listed"][0]["text"], "apart\n");
    let said = refusal(folder.path(), &["apart.rs", "--features", "loud"]);
    assert_eq!(
        said,
        "apart.rs belongs to no package, so that it has no features to turn on"
    );
}

/// A package of several files, as `cargo new` and a week's work leave it.
fn work_of_a_week() -> TempDir {
    support::package(&[
        (
            "Cargo.toml",
            "[package]\nname = \"bank-of-two\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        ),
        (
            "src/lib.rs",
            "//! Accounts.
            pub mod account;
            mod branch;
            pub use branch::Branch;
            pub const MOTTO: &str = include_str!(\"../motto.txt\");",
        ),
        ("motto.txt", "slowly\n"),
        (
            "src/account.rs",
            "use std::sync::Mutex;
            pub struct Account { pub balance: Mutex<i32> }
            impl Account {
                pub fn new(balance: i32) -> Account {
                    Account { balance: Mutex::new(balance) }
                }
            }",
        ),
        (
            "src/branch/mod.rs",
            "mod clerk;
            use crate::account::Account;
            pub struct Branch { pub left: Account, pub right: Account }
            impl Branch {
                pub fn transfer(&self, from: &Account, to: &Account, sum: i32) {
                    clerk::transfer(from, to, sum);
                }
            }",
        ),
        (
            "src/branch/clerk.rs",
            "use crate::account::Account;
            pub(super) fn transfer(from: &Account, to: &Account, sum: i32) {
                let mut from = from.balance.lock().unwrap();
                let mut to = to.balance.lock().unwrap();
                assert!(*from >= sum, \"too poor\");
                *from -= sum;
                *to += sum;
            }",
        ),
        (
            "src/main.rs",
            "mod report;
            use bank_of_two::{Branch, account::Account};
            use std::thread;
            fn main() {
                let branch = Branch { left: Account::new(5), right: Account::new(5) };
                thread::scope(|scope| {
                    scope.spawn(|| branch.transfer(&branch.left, &branch.right, 1));
                    scope.spawn(|| branch.transfer(&branch.right, &branch.left, 2));
                });
                report::print(&branch);
            }",
        ),
        (
            "src/report.rs",
            "use bank_of_two::{Branch, MOTTO};
            pub fn print(branch: &Branch) {
                print!(\"{} {MOTTO}\", branch.left.balance.lock().unwrap());
            }",
        ),
        (
            "src/bin/audit.rs",
            "fn main() { println!(\"{}\", std::any::type_name::<Auditor>()); } struct Auditor;",
        ),
        (
            "examples/poor.rs",
            "use bank_of_two::{Branch, account::Account};
            fn main() {
                let branch = Branch { left: Account::new(0), right: Account::new(0) };
                branch.transfer(&branch.left, &branch.right, 1);
            }",
        ),
    ])
}

#[test]
fn a_program_has_its_modules_and_its_library() {
    let folder = work_of_a_week();
    let said = |arguments: &[&str]| {
        let output = outcomes(folder.path(), arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    };
    let answer = json(folder.path(), &["--bin", "bank-of-two"]);
    // The other one is that of a deadlock.
    assert_eq!(answer["outputs"], 2);
    assert_eq!(answer["listed"][1]["text"], "6 slowly\n");
    assert_eq!(answer["endings"]["deadlocks"], 1);
    // Both accounts' locks are made in one place.
    let report = said(&["--bin", "bank-of-two", "--trace", "deadlock"]);
    assert!(report.contains("balance"), "{report}");
    assert!(report.contains("src/branch/clerk.rs:4"), "{report}");

    let answer = json(folder.path(), &["--bin", "audit"]);
    assert_eq!(answer["listed"][0]["text"], "audit::Auditor\n");
    let report = said(&["--example", "poor"]);
    assert!(report.contains("src/branch/clerk.rs:5"), "{report}");
    assert!(report.contains("too poor"), "{report}");

    // A change is noticed in whichever file.
    fs::write(folder.path().join("motto.txt"), "quickly\n").unwrap();
    let answer = json(folder.path(), &["--bin", "bank-of-two"]);
    assert_eq!(answer["listed"][1]["text"], "6 quickly\n");
}

#[test]
fn what_its_library_cannot_have_matters_to_those_who_use_it() {
    let folder = work_of_a_week();
    let lib = folder.path().join("src/lib.rs");
    let text = fs::read_to_string(&lib).unwrap();
    fs::write(&lib, format!("{text} pub fn f() {{ unsafe {{}} }}")).unwrap();
    assert_eq!(json(folder.path(), &["--bin", "audit"])["outputs"], 1);
    let sentence = refusal(folder.path(), &["--bin", "bank-of-two"]);
    assert!(sentence.contains("it uses unsafe code"), "{sentence}");
    assert!(sentence.contains("src/lib.rs:5"), "{sentence}");

    fs::write(&lib, format!("{text} fn nothing() {{ nowhere() }}")).unwrap();
    assert_eq!(json(folder.path(), &["--bin", "audit"])["outputs"], 1);
    let said = outcomes(folder.path(), &["--bin", "bank-of-two"]).stderr;
    let said = String::from_utf8(said).unwrap();
    assert!(
        said.contains("error: cargo could not build bank-of-two"),
        "{said}"
    );
    assert!(said.contains("cannot find function `nowhere`"), "{said}");
    assert!(said.contains("src/lib.rs:5"), "{said}");
}

#[test]
fn what_cannot_be_explored_so_far_is_told_in_a_sentence() {
    let folder = package();
    let said = |arguments: &[&str]| refusal(folder.path(), arguments);
    fs::write(folder.path().join("apart.rs"), "mod other; fn main() {}").unwrap();
    assert_eq!(
        said(&["apart.rs"]),
        "apart.rs can't be explored: it has modules in files of their own, which only the \
         binaries and examples of a package may have, for `cargo outcomes run`"
    );
    assert_eq!(
        said(&["--example", "only-loud"]),
        "only-loud needs the feature \"loud\": turn it on by --features loud"
    );
    assert!(json(folder.path(), &["--example", "only-loud", "-F", "loud"])["complete"] == true);
    assert_eq!(
        said(&["--example", "missing"]),
        "somebodys has no example \"missing\": name one by --example: locked-twice, \
         of-its-library, older, only-loud, two-files"
    );
    let empty = TempDir::new().unwrap();
    assert_eq!(
        refusal(empty.path(), &[]),
        "there is no Cargo.toml here: go to a package's folder, or name a file that holds a program"
    );
}

/// What `env!` finds is what cargo tells rustc, by the example of cargo itself.
#[test]
fn a_program_finds_what_cargo_tells_it() {
    let words = [
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PKG_AUTHORS",
        "CARGO_PKG_DESCRIPTION",
        "CARGO_PKG_HOMEPAGE",
        "CARGO_PKG_LICENSE",
        "CARGO_PKG_LICENSE_FILE",
        "CARGO_PKG_NAME",
        "CARGO_PKG_README",
        "CARGO_PKG_REPOSITORY",
        "CARGO_PKG_RUST_VERSION",
        "CARGO_PKG_VERSION",
        "CARGO_PKG_VERSION_MAJOR",
        "CARGO_PKG_VERSION_MINOR",
        "CARGO_PKG_VERSION_PATCH",
        "CARGO_PKG_VERSION_PRE",
    ];
    let printed = words.map(|word| format!("    println!(\"{word}={{}}\", env!({word:?}));\n"));
    let program = format!(
        "fn main() {{\n{}    print!(\"{{}}{{}}\", some_bodys::name(), \
         include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/texts/hello.txt\")));\n}}\n",
        printed.concat()
    );
    let folder = support::package(&[
        (
            "Cargo.toml",
            "[package]\nname = \"some-bodys\"\nversion = \"1.20.3-beta.4+five\"\nedition = \"2024\"\n\
             authors = [\"One <one@example.org>\", \"Two\"]\ndescription = \"Says \\\"hello\\\"\"\n\
             license = \"MIT\"\nrust-version = \"1.88\"\n\n[workspace]\n",
        ),
        ("README.md", "Hello.\n"),
        ("texts/hello.txt", "hello\n"),
        (
            "src/lib.rs",
            "pub fn name() -> &'static str { concat!(env!(\"CARGO_CRATE_NAME\"), \"\\n\") }",
        ),
        ("src/bin/says-hello.rs", &program),
    ]);
    let real = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&real.stderr);
    assert!(real.status.success(), "{stderr}");
    let answer = json(folder.path(), &[]);
    assert_eq!(
        answer["listed"][0]["text"],
        String::from_utf8(real.stdout).unwrap()
    );
}

/// What a page holds to step through: each with its trace and the text of a file.
#[test]
fn a_page_shows_how_it_goes_wrong_first() {
    let folder = package();
    let page = folder.path().join("page.html");
    let page = page.to_str().unwrap();
    let output = outcomes(
        folder.path(),
        &["--example", "locked-twice", "--html", page],
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let html = fs::read_to_string(page).unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(html.contains(told.trim()), "{html}");
    let titles: Vec<&str> = html
        .split("<summary>")
        .skip(1)
        .map(|rest| rest.split("</summary>").next().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "A deadlock of main",
            "It prints nothing; then every thread waits forever: a deadlock"
        ]
    );
    let data = &support::executions(&html)[0];
    assert_eq!(data["file"], "examples/locked-twice.rs");
    assert!(data["source"].as_str().unwrap().contains("let _second"));
    assert_eq!(data["trace"]["ending"]["kind"], "deadlocked");

    assert!(
        refusal_after_an_answer(folder.path(), &["--html", "."])
            .starts_with("--html .: can't be written")
    );
}

/// The sentence of a command that has told what it was asked.
fn refusal_after_an_answer(folder: &Path, arguments: &[&str]) -> String {
    let output = outcomes(folder, arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let sentence = stderr.lines().find_map(|line| line.strip_prefix("error: "));
    sentence.expect("a sentence").to_owned()
}
