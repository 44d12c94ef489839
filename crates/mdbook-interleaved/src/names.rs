//! What the page tells of the names in a listing that come from std, or from
//! another crate that listings use: its signature, and the first sentence of its
//! documentation.
//!
//! Both are the toolchain's own, found where the book is built; nothing of them is
//! in the repository. All of it comes from rustdoc, which says it from the crates'
//! metadata, so that no source of std is needed:
//!
//! - [`links`] has it make pages of the listings' sources. In these every name is
//!   a link to where it is defined, methods included: the compiler knows their
//!   types.
//! - [`pages`] has it document a crate that only hands on the public modules of std
//!   and the other crates, and reads the pages.
//! - A definition's own place isn't always public (`std::sync::Mutex` is defined in
//!   `std::sync::poison::mutex`). So a third crate names each thing by its public
//!   path, and rustdoc links these, too.
//!
//! One run makes the pages of all listings, each a module of one crate: 0.8 s of
//! CPU for 230, where a run for each would take a minute.
//!
//! What is read are classes and addresses in rustdoc's pages, which may change. So
//! a listing has no cards if its page doesn't give back its text, and a name has none
//! that isn't found; where nothing can be read, the book is built without.
//!
//! # The file
//! `names.json` in the folder of the page's scripts. As JSON:
//!
//! ```text
//! {
//!   "sources": [{ "name": "Rust’s standard library 1.95.0", "license": "MIT OR Apache-2.0" }],
//!   "cards": [["std::thread::spawn", "pub fn spawn…", "Spawns a new thread…", "https://…", 0]],
//!   // Line from 1, column from 0, card; and its name here, if it has another one.
//!   "listings": { "two-threads": [[1, 10, 0], [1, 24, 1, "Own"], …] }
//! }
//! ```
//!
//! A card holds the path, the signature, the sentence (code in backticks), the
//! address of its documentation, and whose it is. A column counts UTF-16 units, as
//! the page does. `null` stands for the whole while nothing is known.

mod arguments;
mod html;
mod links;
mod pages;
mod rustdoc;
mod select;
mod tokens;

use crate::assets::FOLDER;
use crate::listings::Listings;
use crate::whole_file;
use anyhow::{Context, Result, ensure};
use pages::{Docs, Entry};
use runner::Libraries;
use rustdoc::Rustdoc;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// The file in the folder of the page's scripts.
const FILE: &str = "names.json";

/// Differs when what is made here does.
const FORM: [&str; 8] = [
    include_str!("names.rs"),
    include_str!("names/arguments.rs"),
    include_str!("names/html.rs"),
    include_str!("names/links.rs"),
    include_str!("names/pages.rs"),
    include_str!("names/rustdoc.rs"),
    include_str!("names/select.rs"),
    include_str!("names/tokens.rs"),
];

/// All that a page is told.
#[derive(Debug, Default, Serialize)]
struct Names {
    sources: Vec<Source>,
    cards: Vec<Card>,
    listings: BTreeMap<String, Vec<Place>>,
}

/// Line, column, and the number of its card; and what the program calls it, if that isn't
/// what its documentation does.
#[derive(Debug, Serialize)]
struct Place(
    usize,
    usize,
    usize,
    #[serde(skip_serializing_if = "Option::is_none")] Option<String>,
);

/// Whose documentation it is.
#[derive(Debug, Serialize)]
struct Source {
    name: String,
    license: Option<String>,
}

/// Path, signature, sentence, address, and the number of its source.
#[derive(Debug, Serialize)]
struct Card(String, String, String, String, usize);

/// Writes what the pages of a book are told of the names in its listings: into
/// its `src`, and from there into its site. What is made is kept in a folder.
/// Returns the file's path in the site, and what it holds.
///
/// # Errors
/// Says why there is nothing to tell. Then the pages are told so.
pub fn write(
    listings: &Listings,
    libraries: &Libraries,
    source: &Path,
    kept: &Path,
) -> Result<(String, Vec<u8>)> {
    let made = kept_or_made(listings, libraries, kept);
    let nothing = || b"null".to_vec();
    let json = made.as_ref().map_or_else(|_| nothing(), Clone::clone);
    let folder = source.join(FOLDER);
    let cannot = || format!("cannot write {}", folder.display());
    fs::create_dir_all(&folder).with_context(cannot)?;
    whole_file::write(&folder.join(FILE), &json).with_context(cannot)?;
    made.map(|json| (format!("{FOLDER}/{FILE}"), json))
}

/// Makes sure that there is a file, so that a page which asks for it finds one.
///
/// # Errors
/// When it can't be written.
pub(crate) fn prepare(source: &Path) -> Result<()> {
    let file = source.join(FOLDER).join(FILE);
    match file.exists() {
        true => Ok(()),
        false => whole_file::write(&file, b"null")
            .with_context(|| format!("cannot write {}", file.display())),
    }
}

fn kept_or_made(listings: &Listings, libraries: &Libraries, kept: &Path) -> Result<Vec<u8>> {
    let mut hasher = DefaultHasher::new();
    (FORM, libraries.fingerprint()).hash(&mut hasher);
    let docs = kept.join(format!("docs-{:016x}.json", hasher.finish()));
    let mut programs = Vec::new();
    for (name, _) in listings.iter() {
        let edition = listings.edition(name).unwrap_or(libraries.edition());
        programs.push((name.to_owned(), edition.to_owned(), listings.source(name)?));
    }
    programs.hash(&mut hasher);
    let file = kept.join(format!("names-{:016x}.json", hasher.finish()));
    if let Ok(json) = fs::read(&file)
        && serde_json::from_slice::<serde_json::Value>(&json).is_ok()
    {
        return Ok(json);
    }
    let names = make(&programs, libraries, &docs)?;
    let json = serde_json::to_vec(&names).context("the names are plain")?;
    keep(&file, &json);
    Ok(json)
}

/// `programs` are names, editions and sources.
fn make(
    programs: &[(String, String, String)],
    libraries: &Libraries,
    kept: &Path,
) -> Result<Names> {
    let below = kept.parent().unwrap_or(Path::new(""));
    let rustdoc = Rustdoc::prepare(libraries, below)?;
    let docs = match fs::read(kept).map(|json| serde_json::from_slice::<Docs>(&json)) {
        Ok(Ok(docs)) => docs,
        _ => {
            let docs = Docs::make(&rustdoc)?;
            let json = serde_json::to_vec(&docs).context("the pages are plain")?;
            keep(kept, &json);
            docs
        }
    };
    let mut names = Names::default();
    let mut cards = BTreeMap::new();
    let mut sources = BTreeMap::new();
    let links = links::of(&rustdoc, programs)?;
    ensure!(
        links.values().any(|links| !links.is_empty()) || programs.is_empty(),
        "in the pages of rustdoc {} there are no links, as far as can be read",
        libraries.release()
    );
    for (name, _, source) in programs {
        let mut known = Vec::new();
        for link in links.get(name).into_iter().flatten() {
            let Some(found) = docs.find(link) else {
                continue;
            };
            // Where a crate comes from elsewhere, nobody knows who has its name on
            // docs.rs.
            if found.owner != "std" && libraries.package_of(&found.owner).is_none() {
                continue;
            }
            // `use … as` gives a name that isn't the documentation's; others are no names
            // of it: `Self`, or what a type of the program's own stands for.
            let is_renamed = found.path.rsplit("::").next() != Some(link.text.as_str());
            if is_renamed && !tokens::renames(source, &link.text) {
                continue;
            }
            let called = is_renamed.then(|| link.text.clone());
            let card = *cards.entry(found.page.clone()).or_insert_with(|| {
                let owner = found.owner.clone();
                let source = *sources.entry(owner).or_insert_with_key(|owner| {
                    names.sources.push(source_of(libraries, owner));
                    names.sources.len() - 1
                });
                let Entry {
                    signature,
                    sentence,
                    ..
                } = found.entry;
                let address = format!("{}/{}", site(libraries, &found.owner), found.page);
                let card = Card(found.path, signature, sentence, address, source);
                names.cards.push(card);
                names.cards.len() - 1
            });
            known.push(Place(link.line, link.column, card, called));
        }
        names.listings.insert(name.clone(), known);
    }
    Ok(names)
}

/// Whose a crate's documentation is.
fn source_of(libraries: &Libraries, owner: &str) -> Source {
    if owner == "std" {
        return Source {
            name: format!("Rust’s standard library {}", libraries.release()),
            license: Some("MIT OR Apache-2.0".to_owned()),
        };
    }
    let package = || -> Option<toml::Table> {
        let manifest = libraries.package_of(owner)?.join("Cargo.toml");
        let manifest: toml::Table = toml::from_str(&fs::read_to_string(manifest).ok()?).ok()?;
        manifest.get("package")?.as_table().cloned()
    };
    let package = package().unwrap_or_default();
    let of = |key: &str| package.get(key).and_then(toml::Value::as_str);
    let name = of("name").unwrap_or(owner);
    Source {
        name: match of("version") {
            Some(version) => format!("{name} {version}"),
            None => name.to_owned(),
        },
        license: of("license").map(str::to_owned),
    }
}

/// Where a crate's documentation is published.
fn site(libraries: &Libraries, owner: &str) -> String {
    if owner == "std" {
        let release = match libraries.release() {
            it if it.contains("-beta") => "beta",
            it if it.contains('-') || it.is_empty() => "nightly",
            it => it,
        };
        return format!("https://doc.rust-lang.org/{release}");
    }
    let folder = libraries.package_of(owner).and_then(Path::file_name);
    let folder = folder.unwrap_or_default().to_string_lossy().into_owned();
    let version = folder.get(owner.len() + 1..).unwrap_or("latest");
    format!("https://docs.rs/{owner}/{version}")
}

/// Keeps a file, in place of others of its kind. What can't be kept is made again.
fn keep(file: &Path, bytes: &[u8]) {
    let folder = file.parent().unwrap_or(Path::new(""));
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let kind = name(file);
    let kind = kind.split('-').next().unwrap_or_default();
    let _ = fs::create_dir_all(folder);
    for other in fs::read_dir(folder).into_iter().flatten().flatten() {
        let other = other.path();
        let is_whole = other.extension().is_some_and(|it| it == "json");
        if is_whole && name(&other).starts_with(kind) {
            let _ = fs::remove_file(other);
        }
    }
    let _ = whole_file::write(file, bytes);
}

#[cfg(test)]
mod tests;
