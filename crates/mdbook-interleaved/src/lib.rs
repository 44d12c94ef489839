//! Puts listings into an mdBook: their code, their recorded output, and the
//! page's tools to run them.
//!
//! It is an mdBook preprocessor, used in process (see [`Interleaved`]) or as the
//! program `mdbook-interleaved` over standard input. It knows no kernel: the
//! page speaks to one over Jupyter's protocol.
//!
//! # In a book
//!
//! Three lines of `book.toml`, besides mdBook's own `editable = true`:
//!
//! ```toml
//! [preprocessor.interleaved]
//! before = ["links"]
//! listings = "../listings"                                # holds listings.toml
//!
//! [output.html]
//! additional-css = ["theme/interleaved/page.css"]
//! additional-js = ["theme/interleaved/before-mdbook.js", "theme/interleaved/page.js"]
//!
//! [output.html.playground]
//! editable = true
//! ```
//!
//! and one line of `theme/head.hbs`, without which mdBook asks
//! play.rust-lang.org for its list of crates at every page:
//!
//! ```html
//! <script src="{{ resource "theme/interleaved/before-mdbook.js" }}"></script>
//! ```
//!
//! The preprocessor writes these three files next to `book.toml`, and writes
//! them again only when they differ, so that `mdbook watch` comes to rest. Let
//! git ignore `theme/interleaved`.
//!
//! With `libraries = "../target/book-libs"` besides, `mdbook test` can compile
//! listings that use other crates than std: the preprocessor has cargo build
//! them and puts them there, for `mdbook test -L target/book-libs`.
//!
//! # In a chapter
//!
//! | Directive | What it becomes |
//! |---|---|
//! | a `rust` fence that includes `…/NAME.rs` | the listing, to read, edit and run |
//! | `{{#outcome NAME}}` | its recorded output, how it ends, and its buttons; follows the fence |
//! | `{{#figure NAME row="4 threads"}}` | a number that the listing printed, with its unit |
//! | `{{#figure NAME row="4 threads" column="time"}}` | the same, from a row of several |
//! | `{{#figure NAME line=3}}` | the third line that it printed |
//! | `{{#chart NAME}}` | a chart of all the rows that it printed, with the same as a table |
//! | `{{#machine}}` | the machine on which the outputs were recorded |
//! | `{{#picture figures/cores.svg}}` | a drawing, put into the page so that it follows the theme |
//!
//! See [`recorded`] for what counts as a row. `{{#chart}}` takes `title=`, `x=`
//! and `y=` to name itself and its axes. A backslash before a directive leaves
//! it as it is.

mod assets;
mod chapter;
mod chart;
mod directives;
mod html;
mod libraries;
pub mod listings;
mod markdown;
pub mod recorded;
mod rustc;

use anyhow::{Context, Result};
use listings::Listings;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The preprocessor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interleaved;

/// What `[preprocessor.interleaved]` in `book.toml` may say. Paths are relative
/// to `book.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    /// The folder that holds `listings.toml`.
    #[serde(default = "default_listings")]
    listings: PathBuf,
    /// Where `mdbook test -L` looks for the crates that listings use. Filled
    /// when the book is tested, if it is named.
    libraries: Option<PathBuf>,
    /// Where the page's scripts and styles are written.
    #[serde(default = "default_assets")]
    assets: PathBuf,

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

fn default_listings() -> PathBuf {
    "listings".into()
}

fn default_assets() -> PathBuf {
    "theme/interleaved".into()
}

/// Whom a chapter is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renderer {
    /// mdBook's HTML renderer: the page and its tools.
    Html,
    /// `mdbook test`: fences that rustdoc can compile and run.
    Test,
    /// Anything else: plain Markdown.
    Markdown,
}

impl Preprocessor for Interleaved {
    fn name(&self) -> &str {
        "interleaved"
    }

    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let settings = Settings::of(ctx)?;
        let renderer = Renderer::named(&ctx.renderer);
        let listings = Listings::load(ctx.root.join(&settings.listings))?;
        match (renderer, &settings.libraries) {
            (Renderer::Html, _) => assets::write(&ctx.root.join(&settings.assets))?,
            (Renderer::Test, Some(folder)) => libraries::link(&listings, &ctx.root.join(folder))?,
            _ => {}
        }

        let source_folder = ctx.root.join(&ctx.config.book.src);
        let mut failure = None;
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && failure.is_none()
            {
                failure = expand(chapter, &listings, &source_folder, renderer).err();
            }
        });
        failure.map_or(Ok(book), Err)
    }
}

fn expand(
    chapter: &mut Chapter,
    listings: &Listings,
    source_folder: &Path,
    renderer: Renderer,
) -> Result<()> {
    let Some(path) = chapter.path.clone() else {
        return Ok(());
    };
    let folder = source_folder.join(path.parent().unwrap_or(Path::new("")));
    chapter.content = chapter::expand(&chapter.content, &path, &folder, listings, renderer)?;
    Ok(())
}

impl Settings {
    fn of(ctx: &PreprocessorContext) -> Result<Settings> {
        let settings = ctx
            .config
            .get("preprocessor.interleaved")
            .context("book.toml: [preprocessor.interleaved] has a wrong key or value")?;
        Ok(settings.unwrap_or_else(Settings::default))
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            listings: default_listings(),
            libraries: None,
            assets: default_assets(),
            _command: None,
            _before: None,
            _after: None,
            _optional: None,
            _renderers: None,
        }
    }
}

impl Renderer {
    fn named(name: &str) -> Renderer {
        match name {
            "html" => Renderer::Html,
            "test" => Renderer::Test,
            _ => Renderer::Markdown,
        }
    }
}
