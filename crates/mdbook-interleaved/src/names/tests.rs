use super::*;
use std::sync::LazyLock;

/// What is told of some programs, with std alone and with the compiler that there is.
static NAMES: LazyLock<serde_json::Value> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let libraries = runner::cargo::std_alone(folder.path(), "2021").unwrap();
    let programs: Vec<_> = PROGRAMS
        .iter()
        .map(|(name, source)| ((*name).to_owned(), "2021".to_owned(), (*source).to_owned()))
        .collect();
    let kept = folder.path().join("docs-kept.json");
    let names = make(&programs, &libraries, &kept).unwrap();
    // Once more, from what is kept.
    let again = make(&programs, &libraries, &kept).unwrap();
    let names = serde_json::to_value(names).unwrap();
    assert_eq!(names, serde_json::to_value(again).unwrap());
    names
});

const PROGRAMS: [(&str, &str); 7] = [
    (
        "joins",
        "use std::sync::{Arc, Mutex};\nuse std::thread;\n\nstruct Own;\n\nimpl Own {\n    \
         fn join(self) {}\n}\n\nfn main() {\n    let shared = Arc::new(Mutex::new(1));\n    \
         let handle = thread::spawn(|| 1);\n    handle.join().unwrap();\n    \
         Own.join();\n    println!(\"é {}\", shared.lock().unwrap());\n    \
         thread::scope(|scope| scope.spawn(|| 1).join()).unwrap();\n    \
         for word in [\"x\"] {\n        let mut rest = vec![word.to_string()];\n        \
         while let Some(last) = rest.pop() {\n            drop(last.len());\n        }\n    \
         }\n}\n",
    ),
    (
        "refused",
        "fn main() {\n    let x: u32 = \"no\";\n    drop(x);\n}\n",
    ),
    (
        "constants",
        "const N: usize = {\n    let mut n = 0;\n    while n < 3 {\n        n += 1;\n    }\n    \
         n\n};\n\nfn main() {\n    drop([0; N]);\n}\n",
    ),
    ("unknown", "use std::nothing::Like;\n\nfn main() {}\n"),
    (
        "waits",
        "use std::future::ready;\nuse std::sync::Mutex;\n\n\
         async fn first<F: Fn() -> u8>(shared: &Mutex<u8>, _: F) -> u8\nwhere\n    F: Send,\n{\n    \
         let guard = shared.lock().unwrap();\n    guard.wrapping_add(u8::MAX)\n}\n\n\
         async fn second() {\n    let held = Mutex::new(1);\n    \
         drop(first(&held, || 1).await.to_string());\n    \
         let later = async move { held.lock().unwrap().count_ones() };\n    \
         drop(ready(1).await);\n    drop(later);\n}\n\nfn main() {\n    drop(second());\n}\n",
    ),
    (
        "selects",
        "use std::sync::mpsc::channel;\n\n\
         macro_rules! select {\n    ($($all:tt)*) => {};\n}\n\nfn main() {\n    \
         let (sender, words) = channel::<String>();\n    loop {\n        select! {\n            \
         recv(words) -> word => println!(\"{}\", word.unwrap().len()),\n            \
         send(sender, String::new()) -> sent => {\n                sent.unwrap();\n            \
         }\n            default => std::thread::yield_now(),\n        }\n        \
         select! {\n            Some(x) = async { Some(1_u8) } => drop(x.is_power_of_two()),\n            \
         else => break,\n        }\n    }\n    \
         drop(matches!(words.recv(), Ok(word) if word.is_empty()));\n}\n",
    ),
    (
        "renamed",
        "use std::sync::mpsc::{Sender as Tx, channel};\nuse std::thread::r#spawn as begin;\n\n\
         struct Own;\n\nimpl Clone for Own {\n    fn clone(&self) -> Self {\n        Own\n    \
         }\n}\n\ntype Alias = String;\n\nfn main() {\n    \
         let (tx, rx): (Tx<u32>, _) = channel();\n    \
         begin(move || tx.r#send(1_u32.pow(2)).unwrap());\n    \
         drop((Own.clone(), Alias::new()));\n    rx.recv().unwrap();\n}\n",
    ),
];

/// The path and the sentence that stand at this place.
fn card(program: &str, line: usize, name: &str) -> Option<(String, String)> {
    let (_, source) = PROGRAMS.iter().find(|(it, _)| *it == program).unwrap();
    let text = source.lines().nth(line - 1).unwrap();
    let column = text[..text.find(name).unwrap()].encode_utf16().count();
    let listing = NAMES["listings"][program].as_array()?;
    let found = listing.iter().find(|it| it[0] == line && it[1] == column)?;
    let card = &NAMES["cards"][usize::try_from(found[2].as_u64()?).ok()?];
    let of = |index: usize| card[index].as_str().unwrap().to_owned();
    assert!(of(3).starts_with("https://doc.rust-lang.org/"), "{card}");
    assert!(!of(2).is_empty(), "{card}");
    Some((of(0), of(1)))
}

#[test]
fn methods_are_those_of_their_types() {
    let (path, signature) = card("joins", 13, "join").unwrap();
    assert_eq!(path, "std::thread::JoinHandle::join");
    assert!(signature.contains("fn join(self)"), "{signature}");
    assert_eq!(
        card("joins", 16, "join").unwrap().0,
        "std::thread::ScopedJoinHandle::join"
    );
    assert_eq!(card("joins", 14, "join"), None, "the program’s own");
    assert_eq!(
        card("joins", 13, "unwrap").unwrap().0,
        "std::result::Result::unwrap"
    );
}

#[test]
fn paths_are_those_that_people_write() {
    for (line, name, path) in [
        (1, "Mutex", "std::sync::Mutex"),
        (2, "thread", "std::thread"),
        (11, "Arc", "std::sync::Arc"),
        (11, "new", "std::sync::Arc::new"),
        (12, "spawn", "std::thread::spawn"),
    ] {
        assert_eq!(card("joins", line, name).unwrap().0, path);
    }
    let spawn = card("joins", 12, "spawn").unwrap().1;
    assert!(
        spawn.contains("F: FnOnce() -> T + Send + 'static"),
        "{spawn}"
    );
}

#[test]
fn arguments_of_macros_are_seen() {
    assert_eq!(
        card("joins", 15, "lock").unwrap().0,
        "std::sync::Mutex::lock"
    );
    assert_eq!(
        card("joins", 15, "unwrap").unwrap().0,
        "std::result::Result::unwrap"
    );
}

#[test]
fn what_is_in_loops_is_seen() {
    for (line, name, path) in [
        (18, "to_string", "std::string::ToString::to_string"),
        (19, "pop", "std::vec::Vec::pop"),
        (20, "len", "std::string::String::len"),
    ] {
        assert_eq!(card("joins", line, name).unwrap().0, path);
    }
}

#[test]
fn what_waits_is_seen() {
    for (line, name, path) in [
        (8, "lock", "std::sync::Mutex::lock"),
        (9, "wrapping_add", "{integer}::wrapping_add"),
        (9, "MAX", "u8::MAX"),
        (14, "to_string", "std::string::ToString::to_string"),
        (15, "lock", "std::sync::Mutex::lock"),
        (15, "count_ones", "{integer}::count_ones"),
        (16, "ready", "std::future::ready"),
        (17, "drop", "std::mem::drop"),
    ] {
        assert_eq!(
            card("waits", line, name).map(|it| it.0).as_deref(),
            Some(path)
        );
    }
}

#[test]
fn the_arms_of_a_select_are_seen() {
    for (line, name, path) in [
        (11, "unwrap", "std::result::Result::unwrap"),
        (11, "len", "std::string::String::len"),
        (12, "new", "std::string::String::new"),
        (13, "unwrap", "std::result::Result::unwrap"),
        (15, "yield_now", "std::thread::yield_now"),
        (18, "is_power_of_two", "{integer}::is_power_of_two"),
        (22, "recv", "std::sync::mpsc::Receiver::recv"),
        (22, "is_empty", "std::string::String::is_empty"),
    ] {
        assert_eq!(
            card("selects", line, name).map(|it| it.0).as_deref(),
            Some(path)
        );
    }
    assert_eq!(card("selects", 11, "recv"), None, "the macro’s");
}

#[test]
fn numbers_have_signatures_and_an_address() {
    let (_, signature) = card("waits", 9, "wrapping_add").unwrap();
    assert_eq!(
        signature,
        "pub const fn wrapping_add(self, rhs: Self) -> Self"
    );
    let cards = NAMES["cards"].as_array().unwrap();
    let one = cards
        .iter()
        .find(|it| it[0] == "{integer}::wrapping_add")
        .unwrap();
    let address = one[3].as_str().unwrap();
    assert!(
        address.ends_with("/std/primitive.i64.html#method.wrapping_add"),
        "{address}"
    );
}

#[test]
fn a_name_that_the_program_gives_is_told() {
    for (line, name, path) in [
        (1, "Sender", "std::sync::mpsc::Sender"),
        (15, "Tx", "std::sync::mpsc::Sender"),
        (16, "begin", "std::thread::spawn"),
        (16, "send", "std::sync::mpsc::Sender::send"),
        (17, "clone", "std::clone::Clone::clone"),
    ] {
        let found = card("renamed", line, name).map(|it| it.0);
        assert_eq!(found.as_deref(), Some(path), "{name}");
    }
    assert_eq!(card("renamed", 7, "Self"), None);
    assert_eq!(card("renamed", 17, "Alias"), None, "the program’s own");
    let listing = NAMES["listings"]["renamed"].as_array().unwrap();
    let called: Vec<_> = listing
        .iter()
        .filter_map(|it| it.get(3)?.as_str())
        .collect();
    assert_eq!(called, ["Tx", "begin"]);
}

/// rustdoc works them out: there is an end to that.
#[test]
fn a_constant_may_have_a_loop() {
    assert_eq!(card("constants", 10, "drop").unwrap().0, "std::mem::drop");
}

#[test]
fn what_the_compiler_refuses_takes_nothing_from_others() {
    assert_eq!(card("unknown", 1, "Like"), None);
    assert_eq!(card("refused", 3, "drop").unwrap().0, "std::mem::drop");
}

#[test]
fn a_toolchain_without_rustdoc_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let libraries = runner::cargo::std_alone(folder.path(), "2021").unwrap();
    let libraries = libraries.with_rustc(folder.path().join("rustc"));
    let error = make(&[], &libraries, &folder.path().join("docs-kept.json")).unwrap_err();
    assert!(format!("{error}").starts_with("cannot run "), "{error}");
}
