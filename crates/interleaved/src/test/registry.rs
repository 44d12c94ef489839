//! Whether every listing has its files and its chapter, and every file its
//! listing.

use super::findings::Findings;
use crate::chapters::Chapter;
use crate::words::Compilers;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use mdbook_interleaved::listings::{Ends, Listings};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// Checks it all.
pub(super) fn check(
    workspace: &Workspace,
    listings: &Listings,
    chapters: &[Chapter],
) -> Result<()> {
    let mut findings = Findings::new();
    let folders = Folders {
        listings,
        root: &workspace.root,
    };
    folders.check_programs(false, &mut findings)?;
    folders.check_programs(true, &mut findings)?;
    folders.check_records(&mut findings)?;
    check_chapters(workspace, listings, chapters, &mut findings)?;
    findings.report()
}

/// The folders that hold what belongs to listings.
struct Folders<'a> {
    listings: &'a Listings,
    root: &'a Path,
}

impl Folders<'_> {
    /// A folder or file as a reader may type it.
    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    fn names(&self, is_broken: bool) -> BTreeSet<String> {
        let named = self
            .listings
            .iter()
            .filter(|(_, it)| it.is_broken() == is_broken);
        named.map(|(name, _)| name.to_owned()).collect()
    }

    /// Every program is in `listings.toml`, and nothing else is.
    fn check_programs(&self, is_broken: bool, findings: &mut Findings) -> Result<()> {
        let folder = if is_broken { "broken" } else { "examples" };
        let folder = self.listings.root().join(folder);
        let registered = self.names(is_broken);
        let others = self.names(!is_broken);
        let files = if folder.is_dir() {
            files_in(&folder, ".rs")?
        } else {
            BTreeSet::new()
        };
        for name in files.difference(&registered) {
            let file = self.shown(&folder.join(format!("{name}.rs")));
            findings.add(if others.contains(name) {
                format!(
                    "{file} is in the other folder than listings.toml says: `ends` is for \
                     examples/, `error` for broken/; `cargo run -- add {name}` writes what is true"
                )
            } else {
                format!(
                    "{file} isn't in listings.toml: `cargo run -- add {name}` puts it there, \
                     once a chapter shows it (or with --chapter)"
                )
            });
        }
        for name in registered.difference(&files) {
            let file = self.shown(&folder.join(format!("{name}.rs")));
            findings.add(format!(
                "listings.toml has [{name}], and there is no {file}: write that program, or \
                 remove the entry"
            ));
        }
        Ok(())
    }

    /// What should be recorded is, and nothing else.
    fn check_records(&self, findings: &mut Findings) -> Result<()> {
        let outputs = self.listings.root().join("outputs");
        let recorded = if outputs.is_dir() {
            files_in(&outputs, ".txt")?
        } else {
            BTreeSet::new()
        };
        for (name, listing) in self.listings.iter() {
            let stuck = listing.ends.contains(&Ends::Deadlocks);
            let is_missing = |file: &str| !recorded.contains(file);
            if is_missing(name) || stuck && is_missing(&format!("{name}.deadlock")) {
                findings.add(format!(
                    "not all of {name} is recorded: run `cargo run -- record {name}`"
                ));
            }
        }
        let compilers = Compilers::read(&outputs)?.listings();
        let mut worded = self.names(true);
        for file in &recorded {
            let (name, kind) = file.split_once('.').unwrap_or((file, ""));
            let listing = self.listings.get(name).ok();
            let belongs = listing.is_some_and(|listing| match kind {
                "" => true,
                "stderr" => !listing.is_broken(),
                "deadlock" => listing.ends.contains(&Ends::Deadlocks),
                _ => false,
            });
            if !belongs {
                let file = self.shown(&outputs.join(format!("{file}.txt")));
                findings.add(format!(
                    "{file} belongs to no listing, or to one that has no such record: remove it"
                ));
            } else if kind == "stderr" {
                worded.insert(name.to_owned());
            }
        }
        for name in worded.symmetric_difference(&compilers) {
            let file = self.shown(&outputs.join("compilers.toml"));
            findings.add(if self.listings.get(name).is_ok() {
                format!(
                    "{file} is wrong about {name}: `cargo run -- record {name}` writes what is true"
                )
            } else {
                format!("{file} has {name}, which is no listing: remove that line")
            });
        }
        Ok(())
    }
}

/// The summary names every chapter, and every listing's is one.
fn check_chapters(
    workspace: &Workspace,
    listings: &Listings,
    chapters: &[Chapter],
    findings: &mut Findings,
) -> Result<()> {
    let source = workspace.book.join("src");
    let named: BTreeSet<&str> = chapters.iter().map(|it| it.name.as_str()).collect();
    let included = |file: &str| {
        let file = format!("{file}.md");
        chapters.iter().any(|chapter| chapter.includes(&file))
    };
    for file in files_in(&source, ".md")? {
        if !["SUMMARY", "404"].contains(&file.as_str())
            && !named.contains(file.as_str())
            && !included(&file)
        {
            findings.add(format!(
                "SUMMARY.md doesn't name the chapter {file}.md, so the book is without it: add \
                 the line `- [Its title]({file}.md)`"
            ));
        }
    }
    let quizzes = listings.root().join("quizzes");
    if quizzes.is_dir() {
        for file in files_in(&quizzes, ".toml")? {
            findings.hold(named.contains(file.as_str()), || {
                format!(
                    "quizzes/{file}.toml asks about the chapter {file:?}, which SUMMARY.md \
                     doesn't name: correct the one or the other"
                )
            });
        }
    }
    for (name, listing) in listings.iter() {
        if let Some(question) = &listing.answers {
            let mut here = chapters.iter().filter(|it| it.name == listing.chapter);
            let is_asked = here.any(|chapter| chapter.shows(question));
            findings.hold(listings.get(question).is_ok() && is_asked, || {
                format!(
                    "listings.toml says that {name} answers {question:?}, which is no listing \
                     that the same chapter shows: correct the one or the other"
                )
            });
        }
        findings.hold(named.contains(listing.chapter.as_str()), || {
            format!(
                "listings.toml says that {name} is in the chapter {:?}, which SUMMARY.md doesn't \
                 name: correct the one or the other",
                listing.chapter
            )
        });
    }
    Ok(())
}

/// The names of the files in a folder, without this ending.
fn files_in(folder: &Path, ending: &str) -> Result<BTreeSet<String>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names: Vec<String> = names.collect::<io::Result<_>>()?;
    let ours = names.iter().filter_map(|name| name.strip_suffix(ending));
    Ok(ours.map(str::to_owned).collect())
}
