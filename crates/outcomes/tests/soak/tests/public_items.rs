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
