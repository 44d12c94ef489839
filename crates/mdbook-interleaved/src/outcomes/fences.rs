//! What can come of the code in a book's fences, for pages that have no server to
//! ask: explored when the book is built, if it wants that.
//!
//! The data of a fence are in the file `fences/KEY.json` of the folder for outcomes,
//! in the same form as a listing's; or they say why there are none:
//! `{"version": "KEY", "refused": "This program can't be explored: …"}`. The fence
//! gets one word more, `outcomes-KEY`, which mdBook makes a class of the code.
//! Whoever serves a book explores a fence when a reader asks, and needs none of it.

use super::{GRAPH, LISTED, NotToTheEnd, Program, write_each};
use crate::fences::{self, Fence};
use crate::{directives, site, whole_file};
use anyhow::{Context, Result, anyhow};
use cargo_outcomes::{Modelled, NoAnswer};
use kernel::doctest;
use mdbook_driver::builtin_preprocessors::LinkPreprocessor;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use outcomes_protocol::{Limits, Request, Sample, Settings};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The folder in that of all outcomes.
const FOLDER: &str = "fences";

/// How a fence's word for its data begins.
const WORD: &str = "outcomes-";

/// For how long a fence may be explored. A book may have hundreds, and its author
/// waits.
const TIME: Duration = Duration::from_secs(20);

/// How long data are kept that no book asks for.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The words of fences, by the chapter's file and the fence's number among the
/// chapter's.
type Keys = BTreeMap<PathBuf, BTreeMap<usize, String>>;

/// Explores the fences of a book that use threads, and marks them. `modelled` gives
/// what explores programs, and is asked if there is one. `tell` gets a sentence for
/// each that has no data, and how many are done of how many. What a book with listings
/// includes is one of them, and not explored here.
///
/// # Errors
/// When there is nothing to explore them with, or nothing can be written.
pub fn explore(
    ctx: &PreprocessorContext,
    book: &mut Book,
    folder: &Path,
    edition: &str,
    has_listings: bool,
    modelled: &mut dyn FnMut() -> Result<Modelled>,
    tell: &mut dyn FnMut(Option<String>, usize, usize),
) -> Result<()> {
    // With what they include, as mdBook shows it. What is missing there is told when
    // mdBook does the same.
    let whole = site::quietly(|| LinkPreprocessor::new().run(ctx, book.clone()))?;
    let mut programs = BTreeMap::new();
    let mut explored = Keys::new();
    for (chapter, whole) in chapters(book).zip(chapters(&whole)) {
        let Some(path) = &chapter.path else {
            continue;
        };
        let written = written(&chapter.content);
        let fences = fences::of(&whole.content);
        // Some are in what it includes, and no part of this text.
        let infos = written.iter().map(|it| it.info.as_str());
        if !infos.eq(fences.iter().map(|(_, it)| it.info())) {
            if fences.iter().any(|(_, it)| program(it, edition).is_some()) {
                let sentence = format!(
                    "{}: its programs are not explored, since it includes a file with some",
                    path.display()
                );
                tell(Some(sentence), 0, 0);
            }
            continue;
        }
        for (number, (written, (line, fence))) in written.iter().zip(fences).enumerate() {
            let is_included = written.text.trim_start().starts_with("{{#");
            if has_listings && is_included {
                continue;
            }
            let Some(program) = program(&fence, edition) else {
                continue;
            };
            let key = program.version()?;
            let place = format!("{}:{line}", path.display());
            programs.entry(key.clone()).or_insert((place, program));
            let of_chapter = explored.entry(path.clone()).or_default();
            of_chapter.insert(number, key);
        }
    }
    let folder = folder.join(FOLDER);
    if programs.is_empty() {
        if folder.exists() {
            let nothing = |_: &str| Err(anyhow!("nobody asks"));
            write_each(&[], &nothing, &folder, &mut |_| {})?;
            // There may be more in it, which isn't ours.
            let _ = fs::remove_dir(&folder);
        }
        return Ok(());
    }

    let modelled = modelled()?;
    let kept = modelled.folder().join("outcomes").join(FOLDER);
    fs::create_dir_all(&kept).with_context(|| format!("cannot make {}", kept.display()))?;
    remove_unused(&kept);
    let json = |key: &str| {
        let (_, program) = &programs[key];
        let kept = kept.join(format!("{key}-{:016x}.json", modelled.fingerprint()));
        if let Ok(json) = fs::read(&kept) {
            // Lately used. It is as good without.
            let file = fs::File::options().append(true).open(&kept);
            let _ = file.and_then(|it| it.set_modified(SystemTime::now()));
            return Ok(json);
        }
        let json = data(program, key, &modelled)?;
        whole_file::write(&kept, &json)
            .with_context(|| format!("cannot write {}", kept.display()))?;
        Ok(json)
    };
    let keys: Vec<&str> = programs.keys().map(String::as_str).collect();
    let mut known = BTreeSet::new();
    write_each(&keys, &json, &folder, &mut |step| {
        let sentence = match &step.json {
            Ok(_) => {
                known.insert(step.name.to_owned());
                None
            }
            Err(error) => Some(format!("{}: {error:#}", programs[step.name].0)),
        };
        tell(sentence, step.done, step.total);
    })?;
    for keys in explored.values_mut() {
        keys.retain(|_, key| known.contains(key));
    }
    book.for_each_mut(|item| {
        if let BookItem::Chapter(chapter) = item
            && let Some(keys) = chapter.path.as_ref().and_then(|path| explored.get(path))
        {
            mark(&mut chapter.content, keys);
        }
    });
    Ok(())
}

fn chapters(book: &Book) -> impl Iterator<Item = &Chapter> {
    book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => Some(chapter),
        _ => None,
    })
}

/// A fence's program, if it runs and uses threads.
fn program(fence: &Fence, edition: &str) -> Option<Program> {
    let uses_threads = fence.source.contains("thread") || fence.source.contains("crossbeam");
    let runs = !fence.is_ignored() && !fence.is_not_run() && fence.errors().is_none();
    if !uses_threads || !runs || fence.is_only_shown() {
        return None;
    }
    let program = doctest::program(&fence.source);
    // rustc may deny what the look-alikes let pass.
    if program.is_tests || cargo_outcomes::may_be_denied(&program.source) {
        return None;
    }
    Some(Program {
        name: "example".to_owned(),
        source: program.source,
        edition: Some(fence.edition().unwrap_or(edition).to_owned()),
        request: Request {
            settings: Settings {
                limits: Limits {
                    time: TIME,
                    ..Limits::default()
                },
                ..Settings::default()
            },
            list: LISTED,
            trace: Some(Sample::Output(0)),
            graph: GRAPH,
            ..Request::default()
        },
    })
}

/// What the page is told of it.
///
/// # Errors
/// When it could not be asked.
fn data(program: &Program, key: &str, modelled: &Modelled) -> Result<Vec<u8>> {
    let error = match program.explore(modelled) {
        Ok(data) => return serde_json::to_vec(&data).context("the data are plain"),
        Err(error) => error,
    };
    // What is always so is told to readers, and not tried again.
    let refused = match error.downcast_ref::<NoAnswer>() {
        Some(NoAnswer::Stopped | NoAnswer::Failed(_)) => return Err(error),
        Some(answer) => answer.to_string(),
        None if error.is::<NotToTheEnd>() => format!("This program is too big: {error}."),
        None => return Err(error),
    };
    let refusal = Refusal {
        version: key,
        refused: &refused,
    };
    serde_json::to_vec(&refusal).context("the data are plain")
}

/// What a page is told in place of data.
#[derive(Serialize)]
struct Refusal<'a> {
    /// First, as everywhere: by this our files are known.
    version: &'a str,
    /// A sentence for readers.
    refused: &'a str,
}

/// Removes what no book has asked for in a long time.
fn remove_unused(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let used = entry.metadata().and_then(|it| it.modified()).ok();
        let age = used.and_then(|used| used.elapsed().ok());
        if age.is_some_and(|age| age > KEPT) {
            // Next time, then.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The fences of Rust as a chapter's author wrote them.
fn written(content: &str) -> Vec<directives::Fence> {
    let mut fences = directives::fences_in(content);
    fences.retain(|fence| fences::is_rust(&fence.info));
    fences
}

/// Gives fences of a chapter one word more, by their numbers.
fn mark(content: &mut String, keys: &BTreeMap<usize, String>) {
    let fences = written(content);
    // From the end, so that the places before stay.
    for (number, key) in keys.iter().rev() {
        let start = fences[*number].range.start;
        let line = content[start..].lines().next().unwrap_or_default();
        content.insert_str(start + line.trim_end().len(), &format!(",{WORD}{key}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_gets_a_word() {
        let mut content = "```rust\na\n```\n\n- > ~~~rust,edition2018 \r\n  > b\n  > ~~~\n\n\
                           ```toml\n```\n\n```rust\nc\n```\n"
            .to_owned();
        let keys = [(1, "x"), (2, "y")].map(|(number, key)| (number, key.to_owned()));
        mark(&mut content, &BTreeMap::from(keys));
        assert_eq!(
            content,
            "```rust\na\n```\n\n- > ~~~rust,edition2018,outcomes-x \r\n  > b\n  > ~~~\n\n\
             ```toml\n```\n\n```rust,outcomes-y\nc\n```\n"
        );
    }

    #[test]
    fn what_runs_and_uses_threads_is_explored() {
        let is_explored = |info: &str, text: &str| {
            let chapter = format!("```{info}\n{text}\n```\n");
            let all = fences::of(&chapter);
            program(&all[0].1, "2021").is_some()
        };
        let spawns = "std::thread::spawn(|| {});";
        assert!(is_explored("rust", spawns));
        assert!(is_explored("rust,should_panic", spawns));
        for info in [
            "rust,no_run",
            "rust,ignore",
            "rust,noplayground",
            "rust,compile_fail",
        ] {
            assert!(!is_explored(info, spawns), "{info}");
        }
        assert!(!is_explored("rust", "let x = 1;"));
        assert!(!is_explored("rust", "#[test]\nfn thread() {}"));
    }
}
