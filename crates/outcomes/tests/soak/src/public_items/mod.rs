//! What becomes of each stable public item of std's modules that threads are
//! about: modelled, std's own, refused, or absent.
//!
//! What there is, std's own source says (`scan`); what the look-alike has,
//! the compiler says of a program that names it (`proof`); what it refuses,
//! the look-alike's source says (`refusals`).

mod parse;
mod proof;
mod refusals;
pub mod scan;
pub mod source;

use proof::LookAlike;
use scan::{PublicItem, What};
use source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What becomes of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The look-alike has its own.
    Modelled,
    /// It is the original's.
    Own,
    /// A program that calls it is refused, for this reason.
    Refused(String),
    /// It isn't there; with what the compiler says.
    Absent(String),
    /// It is a trait that programs can't name, or one that isn't looked for.
    NotLookedFor,
}

impl fmt::Display for Fate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Modelled => formatter.write_str("modelled"),
            Fate::Own => formatter.write_str("std's own"),
            Fate::Refused(reason) => write!(formatter, "refused: {reason}"),
            Fate::Absent(error) => write!(formatter, "absent: {error}"),
            Fate::NotLookedFor => formatter.write_str("not looked for"),
        }
    }
}

/// All items in order, and what becomes of each.
///
/// # Errors
/// When the compiler can't be asked.
pub fn table(source: &Source) -> Result<Vec<(PublicItem, Fate)>, String> {
    let items = scan::items(source);
    let look_alike = LookAlike::build()?;
    let missing = missing(&items, &look_alike)?;
    let modelled = modelled(&items, &missing, &look_alike)?;
    let refusals = refusals::read();
    let fate = |item: &PublicItem| -> Fate {
        if let Some(error) = missing.get(item) {
            return Fate::Absent(error.clone());
        }
        let path: Vec<&str> = item.path.split("::").collect();
        if let (What::Method { .. } | What::Function, [.., owner, name]) = (&item.what, &*path) {
            let reason = refusals.get(&((*owner).to_owned(), (*name).to_owned()));
            if let Some(reason) = reason {
                return Fate::Refused(reason.clone());
            }
        }
        let of = match &item.what {
            What::Impl { name, .. } if proof::trait_path(name).is_none() => {
                return Fate::NotLookedFor;
            }
            What::Method { of } | What::Impl { of, .. } => of,
            _ => &item.path,
        };
        let inner = format!("{of}::");
        let is_module = item.what == What::Module;
        let mut ours = modelled.iter();
        if ours.any(|path| path == of || is_module && path.starts_with(&inner)) {
            Fate::Modelled
        } else {
            Fate::Own
        }
    };
    let fates: Vec<Fate> = items.iter().map(fate).collect();
    Ok(items.into_iter().zip(fates).collect())
}

/// The items that the look-alike lacks, each with what the compiler says.
fn missing(
    items: &[PublicItem],
    look_alike: &LookAlike,
) -> Result<BTreeMap<PublicItem, String>, String> {
    let parameters = items.iter().filter_map(|item| match item.what {
        What::Type(parameters) => Some((&*item.path, parameters)),
        _ => None,
    });
    let parameters: BTreeMap<&str, usize> = parameters.collect();
    let mut missing = BTreeMap::new();
    let is_part = |item: &PublicItem| matches!(item.what, What::Method { .. } | What::Impl { .. });
    // As long as a name isn't known, rustc says nothing about types.
    for parts in [false, true] {
        let is_there = |item: &&PublicItem| match &item.what {
            What::Method { of } | What::Impl { of, .. } => {
                !missing.keys().any(|other: &PublicItem| other.path == *of)
            }
            _ => true,
        };
        let asked: Vec<(&PublicItem, String)> = items
            .iter()
            .filter(|item| is_part(item) == parts)
            .filter(is_there)
            .filter_map(|item| Some((item, proof::presence(item, &parameters)?)))
            .collect();
        let lines = proof::apart(asked.iter().map(|(_, line)| line.clone()));
        let complaints = look_alike.complaints("std", &lines)?;
        for (line, (code, words)) in complaints {
            let Some((item, _)) = asked.get(line) else {
                return Err(format!("rustc complains about line {line}: {words}"));
            };
            if !proof::is_about_types(&code) {
                missing.insert((*item).clone(), format!("{words} [{code}]"));
            }
        }
    }
    // What belongs to a type that is missing is missing too.
    let gone: BTreeSet<String> = missing.keys().map(|item| item.path.clone()).collect();
    for item in items {
        if let What::Method { of } | What::Impl { of, .. } = &item.what
            && gone.contains(of)
        {
            missing.insert(item.clone(), format!("{of} is absent"));
        }
    }
    Ok(missing)
}

/// The paths of those that the look-alike has of its own.
fn modelled(
    items: &[PublicItem],
    missing: &BTreeMap<PublicItem, String>,
    look_alike: &LookAlike,
) -> Result<BTreeSet<String>, String> {
    let there = items.iter().filter(|item| !missing.contains_key(item));
    let asked: Vec<(&PublicItem, String)> = there
        .filter_map(|item| Some((item, proof::sameness(item)?)))
        .collect();
    let lines = proof::apart(asked.iter().map(|(_, line)| line.clone()));
    let complaints = look_alike.complaints("ours", &lines)?;
    let differs = complaints
        .into_iter()
        .filter(|(_, (code, _))| code == "E0308");
    let paths = differs.filter_map(|(line, _)| Some(asked.get(line)?.0.path.clone()));
    Ok(paths.collect())
}
