//! Nothing of std's modules that threads are about is silently absent.

use outcomes_soak::public_items::scan::{self, PublicItem, What};
use outcomes_soak::public_items::source::{self, NONE, Source, plain};
use outcomes_soak::public_items::{self, Fate};
use std::collections::BTreeSet;

#[test]
fn no_item_is_absent() {
    let Some(source) = Source::find() else {
        return println!("skipped: {NONE}");
    };
    let table = public_items::table(&source).unwrap();
    let absent: Vec<String> = table
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Absent(_) | Fate::NotLookedFor))
        .map(|(item, fate)| format!("{} is {fate}", item.path))
        .collect();
    assert!(absent.is_empty(), "{absent:#?}");
    let fate = |path: &str| {
        let mut rows = table.iter().filter(|(item, _)| item.path == path);
        rows.next().map(|(_, fate)| fate.clone())
    };
    assert_eq!(fate("std::sync::Mutex::lock"), Some(Fate::Modelled));
    assert_eq!(fate("std::sync::atomic::AtomicU64"), Some(Fate::Modelled));
    assert_eq!(fate("std::cell::Cell::set"), Some(Fate::Own));
    assert_eq!(fate("Debug for std::time::Instant"), Some(Fate::Modelled));
    let refused = fate("std::sync::atomic::AtomicU8::as_ptr");
    assert!(matches!(refused, Some(Fate::Refused(reason)) if reason.contains("pointer")));
}

/// Other eyes on the same items: what rustdoc made of std's source.
#[test]
fn the_scan_finds_what_the_documentation_lists() {
    let Some(source) = Source::find() else {
        return println!("skipped: {NONE}");
    };
    let items = scan::items(&source);
    let mut compared = 0;
    for item in &items {
        if !matches!(item.what, What::Type(_)) {
            continue;
        }
        let Some(page) = page_of(item) else { continue };
        let documented = stable_functions(&page);
        let found: BTreeSet<&str> = items
            .iter()
            .filter(|other| matches!(&other.what, What::Method { of } if *of == item.path))
            .filter_map(|other| other.path.rsplit("::").next())
            .collect();
        // Some types have two paths, and their functions are listed by one.
        if found.is_empty() && items.iter().any(|other| is_shorter(other, item)) {
            continue;
        }
        let documented: BTreeSet<&str> = documented.iter().map(String::as_str).collect();
        assert_eq!(found, documented, "functions of {}", item.path);
        compared += 1;
    }
    if compared == 0 {
        return println!("skipped: the documentation of std is not on this machine");
    }
    assert!(compared > 80, "only {compared} types were compared");
}

fn is_shorter(one: &PublicItem, other: &PublicItem) -> bool {
    let name = |path: &str| path.rsplit("::").next().map(str::to_owned);
    one.path.len() < other.path.len() && name(&one.path) == name(&other.path)
}

fn page_of(item: &PublicItem) -> Option<String> {
    let (module, name) = item.path.rsplit_once("::")?;
    let folder = module.replace("::", "/");
    let mut kinds = ["struct", "enum", "union"].iter();
    kinds.find_map(|kind| source::documentation_of(&format!("{folder}/{kind}.{name}.html")))
}

/// The names of functions and constants on a type's page that are its own, and
/// may be used on stable Rust.
fn stable_functions(page: &str) -> Vec<String> {
    let own = page.find("id=\"implementations\"").unwrap_or(page.len());
    let others = [
        "id=\"trait-implementations\"",
        "id=\"deref-methods",
        "id=\"synthetic-implementations\"",
    ];
    let end = others.iter().filter_map(|other| page.find(other)).min();
    let page = page.get(own..end.unwrap_or(page.len())).unwrap_or_default();
    let sections = ["<section id=\"method.", "<section id=\"associatedconstant."]
        .iter()
        .flat_map(|start| page.split(start).skip(1));
    sections
        .filter(|section| {
            let next = section.find("<section id=").unwrap_or(section.len());
            !section[..next].contains("nightly-only experimental API")
        })
        .filter_map(|section| {
            let name = plain(section.split('"').next()?);
            let (name, _) = name.split_once('-').unwrap_or((&name, ""));
            Some(name.to_owned())
        })
        .collect()
}

/// What stands at std's root and is missing on purpose: programs that use it
/// would go past the engine, or it is no part of any program.
const NOT_AT_THE_ROOT: [&str; 13] = [
    "alloc",
    "arch",
    "backtrace",
    "f128",
    "f16",
    "ffi",
    "fs",
    "intrinsics",
    "is_x86_feature_detected",
    "net",
    "os",
    "path",
    "rt",
];

/// Macros that nobody can call on stable Rust, though they are exported with
/// others, and `try`, which is a keyword.
const NO_MACROS: [&str; 5] = [
    "const_format_args",
    "format_args_nl",
    "log_syntax",
    "r#try",
    "trace_macros",
];

#[test]
fn nothing_is_absent_at_the_root() {
    let Some(source) = Source::find() else {
        return println!("skipped: {NONE}");
    };
    let original = at_the_root(&source.read("std", "lib.rs").unwrap());
    assert!(original.contains("sync") && original.contains("assert_eq"));
    let ours = include_str!("../../../look-alikes/std/src/lib.rs");
    let mut ours = at_the_root(ours);
    ours.extend(
        [
            "print",
            "println",
            "eprint",
            "eprintln",
            "dbg",
            "thread_local",
        ]
        .map(String::from),
    );
    let absent: Vec<&String> = original
        .difference(&ours)
        .filter(|name| !NOT_AT_THE_ROOT.contains(&name.as_str()))
        .filter(|name| !NO_MACROS.contains(&name.as_str()))
        .collect();
    assert!(absent.is_empty(), "{absent:?}");
    let mut refused = NOT_AT_THE_ROOT.iter();
    assert!(!refused.any(|name| ours.contains(*name)));
}

/// The names of what a `lib.rs` has that is public, and stable.
fn at_the_root(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut is_unstable = false;
    let mut items = text.split_inclusive([';', '{', ']']);
    while let Some(item) = items.next() {
        // What comes before an item: comments, and whole attributes.
        let start = item.lines().position(|line| line.starts_with("pub "));
        if item.lines().any(|line| line.starts_with("#[unstable(")) {
            is_unstable = true;
            continue;
        }
        let Some(start) = start else { continue };
        let item: Vec<&str> = item.lines().skip(start).collect();
        let item = item.join(" ");
        if !std::mem::take(&mut is_unstable) {
            if let Some(path) = item.strip_prefix("pub use ") {
                let listed = match path.strip_suffix('{') {
                    Some(_) => items.next().unwrap_or_default(),
                    None => path.rsplit("::").next().unwrap_or_default(),
                };
                let listed = listed.trim_end_matches(['}', ';', '\n']).split(',');
                names.extend(listed.map(|name| name.trim().to_owned()));
            } else if let Some(name) = item.strip_prefix("pub mod ") {
                names.insert(name.trim_end_matches([';', '{', ' ']).to_owned());
            }
        }
    }
    names.retain(|name| !name.is_empty() && name != "*");
    names
}
