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

const PROGRAMS: [(&str, &str); 4] = [
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
