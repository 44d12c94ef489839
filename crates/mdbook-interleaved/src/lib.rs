//! Puts listings into an mdBook: their code, their recorded output, and the
//! page's tools to run them.
//!
//! It is an mdBook preprocessor, used in process (see [`Interleaved`]) or as the
//! program `mdbook-interleaved` over standard input. It knows no kernel: the
//! page speaks to one over Jupyter's protocol. It also makes a Jupyter notebook
//! of every chapter: see [`notebook`].
//!
//! # In a book
//!
//! One line of `book.toml`, which is enough:
//!
//! ```toml
//! [preprocessor.interleaved]
//! ```
//!
//! Every fence of Rust that mdBook gives a play button then has the page's tools
//! below it. What else it may say, each as seen from `book.toml`:
//!
//! ```toml
//! manifest = "../Cargo.toml"   # fences may use this package, and what it depends on
//! outcomes = true              # programs with threads are explored
//! theme = true                 # the whole page is styled, not only what is ours
//! listings = "../listings"     # a folder of programs, with listings.toml: see below
//! ```
//!
//! The preprocessor names the page's scripts and styles in every chapter, and
//! writes them, with all else that a page reads, into the folder `interleaved` of
//! the book's `src`; it writes them again only when they differ, so that `mdbook
//! watch` comes to rest. Let git ignore that folder. `editable = true` in
//! `[output.html.playground]` gives listings mdBook's own editor.
//!
//! # Listings
//!
//! With a folder of listings, chapters can include programs that are tested, have
//! titles and recorded outputs, and more. Name `before = ["links"]`, too.
//!
//! With `libraries = "../target/book-libs"` besides, `mdbook test` can compile
//! listings that use other crates than std: the preprocessor has cargo build
//! them and puts them there, for `mdbook test -L target/book-libs`.
//!
//! With `outcomes = true`, every listing is explored, and every other fence that uses
//! threads; what can come of them is written for the page's tools: see [`outcomes`].
//! The stock `mdbook` waits for it; in process, [`outcomes::write`] is the caller's to
//! call.
//!
//! Pages tell of the names in listings that come from std and other crates what they
//! are, where [`names::write`] was called: by the stock `mdbook`, too.
//!
//! With `programs = "../target/programs"` besides, which is for whoever builds the
//! book in process, pages run the listings by themselves: see [`programs`].
//!
//! With `notebooks = "../notebooks"` besides, every page links to its chapter's
//! notebook in that folder, seen from the root of the site; and with
//! `notebook-help = "in-a-notebook.md"` every notebook links to that chapter.
//!
//! With `downloads = ["book.epub", "book.pdf"]` besides, the first chapter links to these
//! files, which whoever builds the book puts beside its page.
//!
//! What is counted as if no thread were ever late says so; with `clock-help =
//! "possible.md#two-clocks"` these words lead there.
//!
//! mdBook shows no preprocessor the page that tells of a wrong address: it has our
//! scripts and styles where the book is built in process (see [`site::build`]), and not
//! where the stock `mdbook` builds it.
//!
//! # In a chapter
//!
//! | Directive | What it becomes |
//! |---|---|
//! | a `rust` fence that includes `…/NAME.rs` | the listing, to read, edit and run |
//! | a `rust,session` fence | code that is no program: a cell in the notebook, and only shown elsewhere |
//! | `{{#outcome NAME}}` | its recorded output, how it ends, and its buttons; follows the fence |
//! | `{{#answer NAME hint="…"}}` | below an exercise: a check of the reader's program, a hint and the answer to open |
//! | `{{#answer NAME same-text needs="…" without="…"}}` | the same, with more that is checked (see [`exercises`]) |
//! | `{{#answer NAME in-words="…"}}` | the same, where what is asked in words is answered in words |
//! | `{{#quiz NAME}}` | outputs of the listing for the reader to judge: possible, or not (see [`quizzes`]) |
//! | `{{#goals NAME}}` | what the reader is to bring about as the listing's scheduler |
//! | `{{#count NAME}}` | how many outputs the listing can have, exactly |
//! | `{{#deadlock NAME}}` | the recorded report on how it gets stuck |
//! | `{{#figure NAME row="4 threads"}}` | a number that the listing printed, with its unit |
//! | `{{#figure NAME row="4 threads" column="time"}}` | the same, from a row of several |
//! | `{{#figure NAME line=3}}` | the third line that it printed |
//! | `{{#chart NAME}}` | a chart of all the rows that it printed, with the same as a table |
//! | `{{#listings}}` | a table of all listings: title, chapter, outputs, endings |
//! | `{{#machine}}` | the machine on which the outputs were recorded |
//! | `{{#picture figures/cores.svg}}` | a drawing, put into the page so that it follows the theme |
//!
//! See [`recorded`] for what counts as a row. Where `{{#figure}}` and `{{#chart}}`
//! name `measured/NAME` instead of a listing, the rows are in the file
//! `measured/NAME.txt` of the listings' folder: figures that other programs
//! measured, and that nobody records anew. `{{#chart}}` takes `title=`, `x=`
//! and `y=` to name itself and its axes. Of rows whose labels are
//! no numbers it makes a table, with a scale in each cell, and where a cell says
//! `340 ns (83 ns to 9.0 µs)` with a line from the least to the most; that takes
//! `title=` alone. A backslash before a directive leaves
//! it as it is.

mod assets;
mod chapter;
mod chart;
#[cfg(feature = "command")]
pub mod command;
mod directives;
mod escape;
pub mod exercises;
#[cfg(feature = "command")]
mod fences;
mod html;
mod libraries;
pub mod links;
pub mod listings;
mod markdown;
pub mod names;
#[cfg(feature = "command")]
mod not_found;
pub mod notebook;
pub mod outcomes;
pub mod paper;
pub mod programs;
pub mod quizzes;
mod readable;
pub mod recorded;
mod renderer;
mod rustc;
mod shown;
#[cfg(feature = "command")]
pub mod site;
mod spreads;
mod whole_file;

use anyhow::{Context, Result, ensure};
use chapter::Site;
use listings::Listings;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::config::{Config, RustEdition};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use programs::Programs;
use renderer::Renderer;
use serde::Deserialize;
use std::path::{Component, Path, PathBuf};

/// What reads the text of others, for `tests/fuzz`.
#[cfg(fuzzing)]
pub mod fuzzing {
    use super::*;

    /// Where a chapter has directives and fences, in bytes.
    ///
    /// # Errors
    /// Says which can't be read.
    pub fn parts(chapter: &str) -> Result<Vec<std::ops::Range<usize>>, String> {
        readable::check(chapter).map_err(|error| format!("{error:#}"))?;
        let parts = directives::parts(chapter).map_err(|error| format!("{error:#}"))?;
        directives::editions(chapter);
        Ok(parts.iter().map(|part| part.range().clone()).collect())
    }

    /// Reads a `book.toml`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn settings(book: &str) -> Result<(), String> {
        let settings = book.parse().and_then(|config| Settings::of(&config));
        settings.map(drop).map_err(|error| format!("{error:#}"))
    }
}

/// The preprocessor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interleaved;

/// The script that keeps a published site in its readers' browsers. Whoever builds the
/// site puts its version and its files in the place of `__VERSION__` and `__FILES__`,
/// and the script into the site's root; and has the attribute `data-service` of the
/// pages' first script name it.
pub const SERVICE_WORKER: &str = include_str!("../assets/service-worker.js");

/// What `[preprocessor.interleaved]` in `book.toml` may say. Paths are relative
/// to `book.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    /// The folder that holds `listings.toml`, if the book has listings.
    listings: Option<PathBuf>,
    /// The manifest of the package which fences may use, with all that it depends
    /// on. They have std alone if it isn't named.
    #[cfg_attr(not(feature = "command"), expect(dead_code, reason = "needs cargo"))]
    manifest: Option<PathBuf>,
    /// Where `mdbook test -L` looks for the crates that listings use. Filled
    /// when the book is tested, if it is named.
    libraries: Option<PathBuf>,
    /// Whether the whole page is styled, or only what is ours.
    #[serde(default)]
    theme: bool,

    /// Whether programs are explored, and where in the book's `src` what can come
    /// of them is written.
    #[serde(default)]
    outcomes: Outcomes,

    /// The folder that holds the listings' programs as WebAssembly. No page runs
    /// a listing by itself if it isn't named.
    programs: Option<PathBuf>,

    /// Where the chapters' notebooks are, from the root of the site. Pages
    /// don't link to them if it isn't named.
    notebooks: Option<String>,
    /// The chapter, as a path in the book's `src`, that tells how to use the
    /// notebooks.
    notebook_help: Option<String>,

    /// Files beside the book's first page that hold all of it, such as its PDF. That
    /// page links to them.
    #[serde(default)]
    downloads: Vec<String>,

    /// Where the book tells how time passes when programs are explored:
    /// `possible.md#two-clocks`, as a path in the book's `src`.
    clock_help: Option<String>,

    // mdBook's own.
    #[serde(rename = "command")]
    _command: Option<String>,
    #[serde(rename = "before")]
    _before: Option<Vec<String>>,
    #[serde(rename = "after")]
    _after: Option<Vec<String>>,
    #[serde(rename = "optional")]
    _optional: Option<bool>,
    #[serde(rename = "renderers")]
    _renderers: Option<Vec<String>>,
}

/// What `outcomes` may be: `true`, or the folder.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Outcomes {
    Wanted(bool),
    In(String),
}

impl Default for Outcomes {
    fn default() -> Outcomes {
        Outcomes::Wanted(false)
    }
}

impl Outcomes {
    /// The folder in the book's `src`; `None` if nothing is to be explored.
    fn folder(&self) -> Option<String> {
        match self {
            Outcomes::Wanted(false) => None,
            Outcomes::Wanted(true) => Some(format!("{}/outcomes", assets::FOLDER)),
            Outcomes::In(folder) => Some(folder.clone()),
        }
    }
}

impl Preprocessor for Interleaved {
    fn name(&self) -> &str {
        "interleaved"
    }

    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let settings = Settings::of(&ctx.config)?;
        let renderer = Renderer::named(&ctx.renderer);
        let mut listings = settings.listings(&ctx.root, &ctx.config)?;
        for chapter in book.chapters() {
            let path = chapter.path.as_deref().unwrap_or(Path::new(&chapter.name));
            readable::check(&chapter.content).with_context(|| path.display().to_string())?;
            listings.learn_editions(&chapter.content);
        }
        match (renderer, &settings.libraries) {
            (Renderer::Html, _) => {
                let source = ctx.root.join(&ctx.config.book.src);
                assets::write(&source)?;
                if !listings.is_empty() {
                    names::prepare(&source)?;
                }
            }
            (Renderer::Test, Some(folder)) => libraries::link(&listings, &ctx.root.join(folder))?,
            _ => {}
        }

        let source_folder = ctx.root.join(&ctx.config.book.src);
        let first = book.chapters().find_map(|chapter| chapter.path.clone());
        let mut failure = None;
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && failure.is_none()
            {
                failure = expand(
                    chapter,
                    &listings,
                    &ctx.root,
                    &source_folder,
                    &settings,
                    renderer,
                )
                .err();
                if renderer == Renderer::Html && chapter.path.is_some() && chapter.path == first {
                    chapter.content =
                        notebook::with_downloads(&chapter.content, &settings.downloads);
                }
            }
        });
        failure.map_or(Ok(book), Err)
    }
}

fn expand(
    chapter: &mut Chapter,
    listings: &Listings,
    root: &Path,
    source_folder: &Path,
    settings: &Settings,
    renderer: Renderer,
) -> Result<()> {
    let Some(path) = chapter.path.clone() else {
        return Ok(());
    };
    let parent = path.parent().unwrap_or(Path::new(""));
    let folder = source_folder.join(parent);
    let up = "../".repeat(parent.components().count());
    let from_root = |path: &String| format!("{up}{path}");
    let site = Site {
        outcomes: settings.outcomes.folder().as_ref().map(from_root),
        programs: settings.programs.as_ref().map(|programs| Programs {
            folder: root.join(programs),
            address: from_root(&programs::FOLDER.to_owned()),
        }),
        clock_help: settings.clock_help.as_ref().map(from_root),
    };
    let content =
        paper::only_here(&chapter.content, renderer).with_context(|| path.display().to_string())?;
    let content = chapter::expand(&content, &path, &folder, listings, &site, renderer)?;
    chapter.content = match renderer {
        Renderer::Html => {
            let content = match &settings.notebooks {
                Some(notebooks) => {
                    let notebook = Path::new(notebooks).join(notebook::file_of(&path));
                    notebook::with_link(&content, &from_root(&notebook.display().to_string()))
                }
                None => content,
            };
            let outcomes = settings.outcomes.folder().as_ref().map(from_root);
            assets::with_scripts(&content, &up, settings.theme, outcomes.as_deref())
        }
        Renderer::Notebooks => {
            let help = settings.notebook_help.as_ref();
            let help = help.filter(|help| Path::new(help) != path).map(from_root);
            notebook::with_help(
                &notebook::with_pictures(&content, &folder)?,
                help.as_deref(),
            )
        }
        Renderer::Test | Renderer::Paper | Renderer::Markdown => content,
    };
    Ok(())
}

/// The folders in a book's `src` that are no part of what it is made from: into them
/// go the preprocessor's scripts and styles, and what can come of the listings.
///
/// # Errors
/// When `book.toml` is wrong.
pub fn made_folders(root: &Path, config: &Config) -> Result<Vec<PathBuf>> {
    let outcomes = Settings::of(config)?.outcomes.folder();
    let source = root.join(&config.book.src);
    let all = [Some(assets::FOLDER.to_owned()), outcomes];
    Ok(all
        .into_iter()
        .flatten()
        .map(|it| source.join(it))
        .collect())
}

/// Whether a book's programs are to be explored.
///
/// # Errors
/// When `book.toml` is wrong.
#[cfg(feature = "command")]
fn is_explored(config: &Config) -> Result<bool> {
    Ok(Settings::of(config)?.outcomes.folder().is_some())
}

/// What can come of a book's listings: where they are, and where that is
/// written. `None` if the book doesn't want it.
///
/// # Errors
/// When `book.toml` or `listings.toml` is wrong.
pub fn explored(root: &Path, config: &Config) -> Result<Option<(Listings, PathBuf)>> {
    let settings = Settings::of(config)?;
    let Some(outcomes) = settings.outcomes.folder() else {
        return Ok(None);
    };
    let folder = root.join(&config.book.src).join(outcomes);
    let listings = listings(root, config)?;
    // Of anyone's code, whoever serves it finds out what can come when that is asked.
    Ok((!listings.is_empty()).then_some((listings, folder)))
}

/// A book's listings, in the editions that it gives them.
///
/// # Errors
/// When `book.toml` or `listings.toml` is wrong.
pub fn listings(root: &Path, config: &Config) -> Result<Listings> {
    let mut listings = Settings::of(config)?.listings(root, config)?;
    listings.learn_editions_in(&root.join(&config.book.src))?;
    Ok(listings)
}

impl Settings {
    fn of(config: &Config) -> Result<Settings> {
        let settings: Option<Settings> = config
            .get("preprocessor.interleaved")
            .context("book.toml: [preprocessor.interleaved] has a wrong key or value")?;
        let settings = settings.unwrap_or_default();
        if let Outcomes::In(folder) = &settings.outcomes {
            let mut parts = Path::new(folder).components();
            ensure!(
                !folder.is_empty() && parts.all(|part| matches!(part, Component::Normal(_))),
                "book.toml: outcomes is the name of a folder in the book's src, and {folder:?} is \
                 none: `outcomes = true` takes one that is free"
            );
        }
        Ok(settings)
    }

    /// The listings, in the edition that the book in `root` gives them.
    fn listings(&self, root: &Path, config: &Config) -> Result<Listings> {
        let edition = edition_of(config);
        let Some(folder) = &self.listings else {
            return Ok(Listings::default());
        };
        let folder = root.join(folder);
        // Without `..` where it is named.
        let folder = folder.canonicalize().unwrap_or(folder);
        let listings = Listings::load(folder)?;
        Ok(listings.in_edition(edition.map(str::to_owned)))
    }
}

/// The edition of a book's programs, if it says so.
fn edition_of(config: &Config) -> Option<&'static str> {
    config.rust.edition.map(|edition| match edition {
        RustEdition::E2015 => "2015",
        RustEdition::E2018 => "2018",
        RustEdition::E2021 => "2021",
        _ => "2024",
    })
}
