//! What `interleaved outcomes` answers, as a reader sees it: text, JSON and exit
//! codes.

mod support;

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
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
fn json_is_on_one_line_whatever_came_of_it() {
    let (_folder, file) = own("
        use std::{process, thread};
        fn main() {
            let print = |id| (0..3).for_each(|number| println!(\"{id} {number}\"));
            let threads = [1, 2].map(|id| thread::spawn(move || print(id)));
            for thread in threads {
                thread.join().unwrap();
            }
            process::exit(3);
        }");
    let (_endless, endless) = own("fn main() { loop { println!(\"tick\"); } }");
    let limited = ["--max-states", "10"];
    for (arguments, code, outputs, complete) in [
        (vec![file.as_str()], 0, Value::from(20), true),
        (
            [&[file.as_str()], &limited[..]].concat(),
            2,
            Value::Null,
            false,
        ),
        (vec![endless.as_str()], 0, Value::Null, true),
        (
            [&["workers-share-a-channel"], &limited[..]].concat(),
            2,
            Value::Null,
            false,
        ),
    ] {
        let output = outcomes(&[&arguments[..], &["--json"]].concat(), "");
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let object: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(object["outputs"], outputs, "{text}");
        assert_eq!(object["complete"], complete, "{text}");
        assert!(
            object["states"].is_u64() && object["executions"].is_u64(),
            "{text}"
        );
        assert!(object["seconds"].is_f64(), "{text}");
        let endings = object["endings"].as_object().unwrap();
        assert!(endings.values().all(Value::is_u64), "{text}");
        let counted: u64 = endings.values().filter_map(Value::as_u64).sum();
        if let Some(outputs) = outputs.as_u64() {
            assert_eq!(counted, outputs, "{text}");
        } else {
            assert!(object["not_counted"].is_string(), "{text}");
        }
    }
}

#[test]
fn a_deadlock_names_who_waits_for_what() {
    let text = stdout(&outcomes(&["two-locks", "--list", "0"], ""));
    for part in [
        "Deadlock: nobody can go on",
        "thread 1 (started at two-locks.rs:9) waits at two-locks.rs:18",
        "to lock (mutex `paper`)",
        "mutex `paper`, made at two-locks.rs:6, is held by thread 2",
        "in a circle, thread 1 waits for thread 2, and thread 2 for thread 1",
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

    let (_folder, file) = own("fn main() {\n    print!(\"all of it\");\n}\n");
    let said = stdout(&outcomes(&[&file], ""));
    assert!(said.contains("(and no end of the line)"), "{said}");
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

/// The guard of an `if let` lives on into its `else` until edition 2024.
#[test]
fn an_edition_is_taken_and_named() {
    let (_folder, file) = own("use std::sync::Mutex;
fn main() {
    let numbers = Mutex::new(vec![1]);
    if let Some(2) = numbers.lock().unwrap().pop() {
        println!(\"two\");
    } else {
        numbers.lock().unwrap().push(3);
    }
    println!(\"{:?}\", numbers.lock().unwrap());
}");
    for (edition, deadlocks) in [("2015", 1), ("2018", 1), ("2021", 1), ("2024", 0)] {
        let object = json(&[&file, "--edition", edition]);
        assert_eq!(object["edition"], edition);
        let endings = &object["endings"];
        assert_eq!(
            endings["deadlocks"].as_u64().unwrap_or(0),
            deadlocks,
            "{object}"
        );
        assert_eq!(
            endings["returns"].as_u64().unwrap_or(0),
            1 - deadlocks,
            "{object}"
        );
    }
    assert_eq!(json(&[&file])["edition"], "2024");
    let text = stdout(&outcomes(&[&file, "--edition", "2021"], ""));
    assert!(text.starts_with("own.rs (edition 2021, "), "{text}");
    let output = outcomes(&[&file, "--edition", "2020"], "");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("2018, 2021 or 2024"), "{error}");
}

/// What editions have changed: names of crates, traits without `dyn`, patterns
/// in macros, panics that are no format.
#[test]
fn programs_of_every_edition_are_explored() {
    let (_folder, file) = own("extern crate crossbeam_channel;
use std::cell::Cell;
use std::{panic, thread};
thread_local!(static NUMBER: Cell<u8> = Cell::new(1));
mod inner {
    use crossbeam_channel::Sender;
    pub fn send(sender: &Sender<Box<Fn() -> u8 + Send>>) {
        let async = 2;
        sender.send(Box::new(move || async + ::NUMBER.with(|number| number.get()))).unwrap();
    }
}
fn main() {
    let (sender, receiver) = crossbeam_channel::unbounded();
    let thread = thread::spawn(move || inner::send(&sender));
    println!(\"{}\", receiver.recv().unwrap()());
    thread.join().unwrap();
    eprintln!(\"done\");
    let words = panic::catch_unwind(|| panic!(\"{}\")).unwrap_err();
    print!(\"{}\", words.downcast_ref::<&str>().unwrap());
}");
    let object = json(&[&file, "--edition", "2015"]);
    assert_eq!(object["listed"][0]["text"], "3\n{}", "{object}");
    assert_eq!(object["outputs"], 1);
    let text = refusal(&outcomes(&[&file, "--edition", "2024"], ""));
    assert!(text.contains("does not compile"), "{text}");
}

#[test]
fn what_computes_without_end_is_stopped_in_time() {
    let (_folder, file) = own("use std::{hint, thread};
fn main() {
    let digger = thread::Builder::new().name(\"digger\".to_owned());
    let digger = digger.spawn(|| {
        println!(\"digging\");
        let mut odd = 1_u64;
        while odd != 0 {
            odd = hint::black_box(odd | 1);
        }
    });
    println!(\"waiting\");
    digger.unwrap().join().unwrap();
}");
    let limit = ["--max-seconds", "1"];
    let object = json(&[&[file.as_str()], &limit[..]].concat());
    assert_eq!(object["complete"], false);
    assert_eq!(object["computing"]["name"], "digger");
    assert_eq!(object["computing"]["at"]["line"], 5);
    let output = outcomes(&[&[file.as_str()], &limit[..]].concat(), "");
    assert_eq!(output.status.code(), Some(2));
    let text = stdout(&output);
    let sentence = "Then digger was still computing, without another step since own.rs:5.";
    assert!(text.contains(sentence), "{text}");
    assert!(text.contains("less to compute"), "{text}");
    let possible = [&[file.as_str(), "--possible", "-"], &limit[..]].concat();
    let output = outcomes(&possible, "never\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains(sentence), "{}", stdout(&output));
}

#[test]
fn long_steps_are_counted_one_by_one() {
    let (_folder, file) = own("use std::{hint, thread};
fn main() {
    let threads: Vec<_> = (0..4).map(|_| thread::spawn(work)).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
fn work() {
    for round in 0..4 {
        println!(\"{round}\");
        (0..100_000_000_u64).for_each(|number| {
            hint::black_box(number);
        });
    }
}");
    let object = json(&[file.as_str(), "--max-seconds", "1"]);
    assert_eq!(object["complete"], false);
    assert!(object["seconds"].as_f64().unwrap() < 10.0, "{object}");
}

#[test]
fn a_limit_says_what_to_try_next() {
    let listing = "workers-share-a-channel";
    for (limit, named) in [
        (["--max-states", "50"], "--max-states 500"),
        (["--max-memory", "0"], "--max-memory 4"),
        (["--max-seconds", "0"], "--max-seconds 10"),
    ] {
        let text = stdout(&outcomes(&[&[listing], &limit[..]].concat(), ""));
        for named in [
            named,
            "--clock prompt",
            "--possible FILE",
            "smaller numbers",
        ] {
            assert!(text.contains(named), "{text}");
        }
    }
    let possible = ["--possible", "-", "--max-states", "5", "--clock", "prompt"];
    let text = stdout(&outcomes(
        &[&[listing], &possible[..]].concat(),
        "sending 1 to channel\n",
    ));
    assert!(text.contains("--max-states 50; or smaller"), "{text}");
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

/// A listing's program, with some of its text exchanged.
fn changed(listing: &str, exchanged: &[(&str, &str)]) -> String {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../listings/examples");
    let source = fs::read_to_string(examples.join(format!("{listing}.rs"))).unwrap();
    exchanged.iter().fold(source, |source, (from, to)| {
        assert!(source.contains(from), "{listing} no longer has {from}");
        source.replacen(from, to, 1)
    })
}

/// What the chapters say of programs that they don't show.
#[test]
fn programs_that_chapters_only_speak_of_have_so_many_outputs() {
    let count = |listing: &str, exchanged: &[(&str, &str)]| {
        let (_folder, file) = own(&changed(listing, exchanged));
        json(&[&file])["outputs"].clone()
    };
    let named = [
        ("fn greeting()", "fn greeting(name: &str)"),
        ("looking up", "{name} looks up"),
        ("greeting()));", "greeting(\"Pam\")));"),
        ("greeting()));", "greeting(\"Jim\")));"),
    ];
    assert_eq!(count("made-once", &[]), 2);
    assert_eq!(count("made-once", &named), 4);

    let named = [
        ("fn length(", "fn length(name: &str, "),
        ("counting", "{name} counts"),
        ("|| length(\"", "|| length(\"Pam\", \""),
        ("|| length(\"r", "|| length(\"Jim\", \"r"),
    ];
    assert_eq!(count("looked-up-twice", &[]), 2);
    assert_eq!(count("looked-up-twice", &named), 4);

    let two_guards = [
        ("let mut sold = sold.lock().unwrap();", ""),
        ("*sold += 1;", "*sold.lock().unwrap() += 1;"),
        ("    *sold\n", "    *sold.lock().unwrap()\n"),
    ];
    assert_eq!(count("guard-held-briefly", &[]), 12);
    assert_eq!(count("guard-held-briefly", &two_guards), 18);

    let printed_by_main = [
        ("amount: u32) {", "amount: u32) -> String {"),
        (
            "println!(\"{name} bids {amount}\")",
            "format!(\"{name} bids {amount}\")",
        ),
        (
            "println!(\"{name} is too late with {amount}\");",
            "format!(\"{name} is too late with {amount}\")",
        ),
        ("scope.spawn(", "let pam = scope.spawn("),
        ("        scope.spawn(", "        let jim = scope.spawn("),
        (
            "    });\n",
            "        println!(\"{} {}\", pam.join().unwrap(), jim.join().unwrap());\n    });\n",
        ),
    ];
    assert_eq!(count("highest-bid", &[]), 4);
    assert_eq!(count("highest-bid", &printed_by_main), 2);

    let printed_by_threads = [
        (
            "JIM.load(SeqCst)\n",
            "println!(\"Pam saw Jim: {}\", JIM.load(SeqCst))\n",
        ),
        (
            "PAM.load(SeqCst)\n",
            "println!(\"Jim saw Pam: {}\", PAM.load(SeqCst))\n",
        ),
        (
            "println!(\"Pam saw Jim: {}\", pam.join().unwrap())",
            "pam.join().unwrap()",
        ),
        (
            "println!(\"Jim saw Pam: {}\", jim.join().unwrap())",
            "jim.join().unwrap()",
        ),
    ];
    assert_eq!(count("each-sees-the-other", &[]), 3);
    assert_eq!(count("each-sees-the-other", &printed_by_threads), 6);
}

#[test]
fn main_returns_what_it_may() {
    for (main, ending) in [
        ("fn main() {}", "returns"),
        ("fn main() -> ! { std::process::exit(2) }", "exits"),
        (
            "fn main() -> Result<(), String> { Err(String::new()) }",
            "exits",
        ),
        (
            "fn main() -> Result<(), Box<dyn std::error::Error>> { Ok(()) }",
            "returns",
        ),
        (
            "use std::process::ExitCode; fn main() -> ExitCode { ExitCode::from(7) }",
            "exits",
        ),
    ] {
        let (_folder, file) = own(main);
        assert_eq!(json(&[&file])["endings"][ending], 1, "{main}");
    }
}

/// As it does when it is run: that isn't optimized, either.
#[test]
fn an_overflow_panics() {
    let (_folder, file) =
        own("fn main() { let full = vec![255_u8]; println!(\"{}\", full[0] + full.len() as u8); }");
    let object = json(&[&file]);
    assert_eq!(object["endings"], serde_json::json!({ "panics": 1 }));
}

#[test]
fn what_prints_without_end_has_no_count() {
    let (_folder, file) = own("fn main() { loop { println!(\"tick\"); } }");
    let output = outcomes(&[&file], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("Infinitely many"));
}

/// It is refused in one sentence, which holds these words and says where.
fn is_refused(source: &str, words: &[&str]) {
    let (folder, file) = own(source);
    let output = outcomes(&[&file], "");
    let sentence = refusal(&output);
    let is_whole = sentence.starts_with("own.rs can't be explored: ");
    assert!(is_whole, "{sentence}\n{source}");
    for part in words {
        assert!(sentence.contains(part), "{part}: {sentence}\n{source}");
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, behind) = stderr.split_once(&sentence).unwrap();
    assert_eq!(behind, "\n", "{stderr}");
    let folder = folder.path().display().to_string();
    for machine in [&folder, env!("CARGO_MANIFEST_DIR"), "panicked", "backtrace"] {
        assert!(!stderr.contains(machine), "{stderr}");
    }
}

#[test]
fn what_is_not_modelled_is_named() {
    for (source, name) in [
        ("fn main() { std::fs::read(\"x\").unwrap_err(); }", "`fs`"),
        ("use std::net::TcpListener;\nfn main() {}", "`std::net`"),
        (
            "fn main() { std::process::Command::new(\"ls\"); }",
            "`Command`",
        ),
        ("fn main() { std::io::stdin(); }", "`stdin`"),
        (
            "fn main() { std::panic::set_hook(Box::new(|_| {})); }",
            "`set_hook`",
        ),
    ] {
        is_refused(source, &["needs what is not modelled", name, "own.rs:1"]);
    }
}

#[test]
fn what_cannot_be_modelled_is_refused() {
    for (source, reason) in [
        (
            "fn main() { std::env::var(\"HOME\").unwrap(); }",
            "it reads the environment variable \"HOME\"",
        ),
        (
            "fn main() { std::time::SystemTime::now(); }",
            "it asks for the time of day",
        ),
        (
            "use std::hash::{BuildHasher, RandomState};
            fn main() { println!(\"{}\", RandomState::new().hash_one(1)); }",
            "it hashes with RandomState",
        ),
        (
            "use std::sync::{Mutex, atomic::*};
            static ONE: AtomicBool = AtomicBool::new(true);
            static OTHER: AtomicBool = AtomicBool::new(true);
            fn main() {
                std::thread::spawn(|| ONE.store(false, Ordering::SeqCst));
                std::thread::spawn(|| OTHER.store(false, Ordering::SeqCst));
                let lock = Mutex::new(ONE.load(Ordering::SeqCst));
                OTHER.load(Ordering::Relaxed);
                println!(\"{}\", lock.try_lock().is_ok());
            }",
            "Ordering::Relaxed, so that threads may see changes in different orders, and what it \
             looks at without waiting for it can't be explored together with that",
        ),
        (
            "use std::time::Instant;
            fn main() { println!(\"{:?}\", Instant::now().elapsed()); }",
            "reads the clock",
        ),
        (
            "use std::time::{Duration, Instant};
            fn main() {
                let end = Instant::now() + Duration::from_millis(1);
                while Instant::now() < end {}
            }",
            "reads the clock",
        ),
        (
            "fn main() { println!(\"{:?}\", std::time::Instant::now()); }",
            "shows a moment",
        ),
        (
            "fn main() { println!(\"{:?}\", std::thread::available_parallelism()); }",
            "up to the machine",
        ),
        (
            "use std::collections::HashMap;
            fn main() { for (n, _) in (0..5).zip(1..).collect::<HashMap<_, _>>() { println!(\"{n}\"); } }",
            "whose order is random; with a BTree in place of the Hash it can be explored (own.rs:2)",
        ),
        (
            "fn main() { println!(\"{:?}\", std::collections::HashSet::from([1, 2, 3, 4, 5])); }",
            "whose order is random",
        ),
        (
            "fn main() { println!(\"at {:p}\", Box::new(1)); }",
            "prints an address, which is another in every run (own.rs:1)",
        ),
        (
            "static mut COUNT: u32 = 0;
            fn main() {
                let thread = std::thread::spawn(|| unsafe { COUNT += 1 });
                thread.join().unwrap();
            }",
            "unsafe code, which goes past the engine: usage of an `unsafe` block (own.rs:3)",
        ),
        (
            "unsafe extern \"C\" { safe fn rand() -> i32; }
            fn main() { println!(\"{}\", rand()); }",
            "unsafe code",
        ),
        (
            "fn main() { loop { std::thread::spawn(|| {}); } }",
            "more than 1024 threads",
        ),
        ("fn main() { let _big = vec![1_u8; 100 << 20]; }", "memory"),
    ] {
        is_refused(source, &[reason]);
    }
}

/// They bring schedulers of their own, and print by the real std.
#[test]
fn crates_that_nobody_modelled_are_named() {
    let only = "only std, crossbeam, crossbeam_channel and crossbeam_utils are modelled";
    for (source, name) in [
        (
            "use rayon::prelude::*;
            fn main() { (0..3).into_par_iter().for_each(|_| {}); }",
            "`rayon`",
        ),
        ("fn main() { rayon::join(|| {}, || {}); }", "`rayon`"),
        ("#[tokio::main]\nasync fn main() {}", "`tokio`"),
        // Its library lies beside the engine's.
        ("extern crate serde_json;\nfn main() {}", "`serde_json`"),
        ("extern crate outcomes_std;\nfn main() {}", "`outcomes_std`"),
    ] {
        is_refused(source, &[name, only]);
    }
}

/// What is there by other names is modelled too: original atomics would go
/// past the engine.
#[test]
fn there_is_no_way_round_the_look_alikes() {
    let lost = "fn main() {
        let add = || COUNT.store(COUNT.load(Ordering::SeqCst) + 1, Ordering::SeqCst);
        let thread = std::thread::spawn(add);
        add();
        thread.join().unwrap();
        println!(\"{}\", COUNT.load(Ordering::SeqCst));
    }
    static COUNT: AtomicU32 = AtomicU32::new(0);";
    let counted = "fn main() {
        let arc = Arc::new(1);
        let theirs = Arc::clone(&arc);
        let thread = std::thread::spawn(move || drop(theirs));
        println!(\"{}\", Arc::strong_count(&arc));
        thread.join().unwrap();
    }";
    for (imports, main) in [
        ("use std::sync::atomic::{AtomicU32, Ordering};", lost),
        ("use core::sync::atomic::{AtomicU32, Ordering};", lost),
        (
            "extern crate core as c; use c::sync::atomic::{AtomicU32, Ordering};",
            lost,
        ),
        (
            "extern crate std as s; use s::sync::atomic::{AtomicU32, Ordering};",
            lost,
        ),
        ("use std::sync::Arc;", counted),
        ("extern crate alloc; use alloc::sync::Arc;", counted),
    ] {
        let (_folder, file) = own(&format!("{imports}\n{main}"));
        assert_eq!(json(&[&file])["outputs"], 2, "{imports}");
    }
}

/// A program that must not compile isn't explored either.
#[test]
fn broken_listings_do_not_compile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../listings");
    let listings = mdbook_interleaved::listings::Listings::load(root).unwrap();
    let broken = listings.iter().filter(|(_, it)| it.is_broken());
    for (name, _) in broken {
        let file = listings.source_path(name).unwrap();
        let sentence = refusal(&outcomes(&[&file.display().to_string()], ""));
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(sentence, format!("{name} does not compile"));
    }
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
    let dest_dir = site.display().to_string();
    let mut build = command(
        &book,
        &["build", "--in-browser", "none", "--dest-dir", &dest_dir],
    );
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
    let page = server.get("/chapter.html").body;
    let is_there = || server.get("/outcomes/hello.json").status == 200;
    wait_until("the outcomes are served", is_there);
    let data = server.get("/outcomes/hello.json").json();
    assert_eq!(data["name"], "hello");
    // The very data that the page wants, without another page.
    let address = format!("outcomes/hello.json?{}", data["version"].as_str().unwrap());
    assert!(page.contains(&address));
    assert_eq!(server.get("/chapter.html").body, page);

    book.write(
        "listings/examples/hello.rs",
        "fn main() {\n    println!(\"Changed!\");\n}\n",
    );
    wait_until("the change is explored", || {
        let data = server.get("/outcomes/hello.json").json();
        data["listed"][0]["text"] == "Changed!\n"
    });
}
