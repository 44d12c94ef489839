//! Building the book, in this process: mdBook as a library, with our
//! preprocessor in place of the command that `book.toml` names for the stock
//! `mdbook`.

mod colours;
mod from_files;
mod light;
mod offline;
mod published;

use crate::browser::{self, Modules, Which};
use crate::outcomes;
use crate::progress::{LateProgress, Progress};
use crate::stderr::say;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use cargo_outcomes::Modelled;
use mdbook_interleaved::command::WithFences;
use mdbook_interleaved::names;
use mdbook_interleaved::notebook::Notebooks;
use mdbook_interleaved::outcomes as explored;
pub(crate) use mdbook_interleaved::site::read_config;
use mdbook_interleaved::site::{self, with_mdbook};
use mdbook_renderer::{RenderContext, Renderer};
use published::Address;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What takes no longer than this needs no progress shown.
const SOON: Duration = Duration::from_millis(500);

/// What `interleaved build` may be told.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Where to write the site [default: the build-dir of book.toml]
    #[arg(long, short, value_name = "DIR")]
    dest_dir: Option<PathBuf>,

    /// Which listings readers can run in their browser, with no server: `all`,
    /// `none`, or some by name, separated by commas
    #[arg(long, value_name = "WHICH", default_value = "all")]
    in_browser: Which,

    /// Where the site will be, if that is known: for search engines, for pictures
    /// beside links to it, and for the page that tells of a wrong address
    #[arg(long, value_name = "URL")]
    address: Option<Address>,

    /// A file to offer on the first page: the book's EPUB, or its PDF. It is copied
    /// into the site. May be said several times
    #[arg(long, value_name = "FILE")]
    download: Vec<PathBuf>,
}

/// Builds the book as a static site, and says where that is.
///
/// # Errors
/// Says in one sentence what is wrong with the book.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let dest_dir = match &options.dest_dir {
        Some(dir) => std::path::absolute(dir)?,
        None => {
            let build_dir = read_config(&workspace.book)?.build.build_dir;
            workspace.book.join(build_dir)
        }
    };
    // Before what takes time.
    let gone = options.download.iter().find(|file| !file.is_file());
    if let Some(file) = gone {
        bail!(
            "there is no file {} to offer: `interleaved epub` and `interleaved pdf` make one",
            file.display()
        );
    }
    tell_names(workspace, &mut |_, _| {})?;
    explore(workspace, &|| outcomes::prepare(workspace), &mut |_, _| {})?;
    let modules = browser::build(workspace, &options.in_browser)?;
    let progress = Progress::begin("Building the book");
    let site = Site {
        fences: true,
        modules: modules.as_ref(),
        address: options.address.as_ref(),
        served: false,
        downloads: &options.download,
    };
    let built = publish(&workspace.book, &dest_dir, &site)
        .and_then(|()| published::complete(&pages_in(&dest_dir), &workspace.book, site.address))
        .and_then(|()| {
            let pages = pages_in(&dest_dir);
            let is_left_out = |path: &str| {
                let mut downloads = options.download.iter().filter_map(|file| file.file_name());
                from_files::is_one(path) || downloads.any(|name| name == path)
            };
            let version = offline::version(&pages, &is_left_out)?;
            light::lighten(&pages, &version)?;
            from_files::write(&pages)?;
            offline::write(&pages, &version, &is_left_out)
        });
    match built {
        Ok(()) => progress.done(),
        Err(error) => {
            progress.failed();
            return Err(error);
        }
    }
    let index = pages_in(&dest_dir).canonicalize()?.join("index.html");
    // Nobody may be reading.
    let _ = writeln!(io::stdout(), "The book is in {}", index.display());
    Ok(())
}

/// Explores the book's listings and writes what can come of them, for the
/// pages, if the book wants it; only then `prepare` is called. Says which can't
/// be explored. `written` gets each file when it is there: its path in the site,
/// and what it holds.
///
/// # Errors
/// When there is nothing to explore them with, or nothing can be written.
pub(crate) fn explore(
    workspace: &Workspace,
    prepare: &dyn Fn() -> Result<Modelled>,
    written: &mut dyn FnMut(String, Vec<u8>),
) -> Result<()> {
    let config = read_config(&workspace.book)?;
    let Some((listings, folder)) = mdbook_interleaved::explored(&workspace.book, &config)? else {
        return Ok(());
    };
    let source = workspace.book.join(&config.book.src);
    let place = folder.strip_prefix(&source).unwrap_or(&folder);
    let modelled = prepare()?;
    let started = Instant::now();
    let mut progress = LateProgress::new("Exploring the listings");
    let mut failed = Vec::new();
    let result = explored::write(&listings, &modelled, &folder, &mut |step| {
        // Those that are known already take no time.
        if started.elapsed() > SOON {
            progress.begin().step(step.done, step.total, step.name);
        }
        match step.json {
            Ok(json) => written(format!("{}/{}.json", place.display(), step.name), json),
            Err(error) => failed.push((step.name.to_owned(), error)),
        }
    });
    progress.end(&result);
    for (name, error) in failed {
        say(format_args!("warning: {name}: {error:#}"));
    }
    result
}

/// Writes what pages tell of the names in the book's listings: see [`names`]. Where
/// that can't be had, it says so, and the book is built without. `written` is as in
/// [`explore`].
///
/// # Errors
/// When `book.toml` or `listings.toml` is wrong.
pub(crate) fn tell_names(
    workspace: &Workspace,
    written: &mut dyn FnMut(String, Vec<u8>),
) -> Result<()> {
    let config = read_config(&workspace.book)?;
    let listings = mdbook_interleaved::listings(&workspace.book, &config)?;
    if listings.is_empty() {
        return Ok(());
    }
    let source = workspace.book.join(&config.book.src);
    let kept = workspace.target().join("interleaved/names");
    let libraries = workspace.package().and_then(|package| {
        runner::build_libraries_of_examples(&workspace.root, &package, &mut |_| {})
            .map_err(anyhow::Error::from)
    });
    let told = libraries.and_then(|libraries| names::write(&listings, &libraries, &source, &kept));
    match told {
        Ok((path, json)) => written(path, json),
        Err(error) => say(format_args!(
            "warning: the pages don't tell what the names in listings are: {error:#}"
        )),
    }
    Ok(())
}

/// Builds the book in `folder` into `dest_dir`, to be served from there, with every
/// renderer that `book.toml` names. Notebooks are put beside the pages, unless it names them
/// itself.
///
/// # Errors
/// Says in one sentence what is wrong with the book. What mdBook only logs as
/// an error, like an include of a file that isn't there, is one too.
pub fn book(folder: &Path, dest_dir: &Path) -> Result<()> {
    let site = Site {
        served: true,
        ..Site::default()
    };
    publish(folder, dest_dir, &site)
}

/// Where the pages are: mdBook gives each renderer a folder where there are several.
fn pages_in(dest_dir: &Path) -> PathBuf {
    let own = dest_dir.join("html");
    match !dest_dir.join("index.html").exists() && own.join("index.html").exists() {
        true => own,
        false => dest_dir.to_owned(),
    }
}

/// What a site has for readers who may have no server.
#[derive(Default)]
struct Site<'a> {
    /// Whether what can come of the book's fences is in it.
    fences: bool,
    /// The listings that run in their browsers.
    modules: Option<&'a Modules>,
    /// Where it will be.
    address: Option<&'a Address>,
    /// Whether it is for a server on this machine, wherever else it may be.
    served: bool,
    /// Files that hold the whole book.
    downloads: &'a [PathBuf],
}

impl Site<'_> {
    /// Where it will be on its host, if that is known.
    fn path(&self) -> Option<&str> {
        match self.served {
            true => Some("/"),
            false => self.address.map(Address::path),
        }
    }
}

/// The same, with what else a site has.
fn publish(folder: &Path, dest_dir: &Path, site: &Site<'_>) -> Result<()> {
    let mut config = read_config(folder)?;
    config.build.build_dir = dest_dir.to_owned();
    let are_named = config.contains_key("output.notebooks");
    if !are_named {
        config
            .set("preprocessor.interleaved.notebooks", ".")
            .context("cannot make the pages link to their notebooks")?;
    }
    if let Some(path) = site.path() {
        config
            .set("output.html.site-url", path)
            .context("cannot tell mdBook where the site will be")?;
    }
    if !site.downloads.is_empty() {
        let names = site.downloads.iter().filter_map(|file| file.file_name());
        let names: Vec<String> = names.map(|it| it.display().to_string()).collect();
        config
            .set("preprocessor.interleaved.downloads", &names)
            .context("cannot make the first page link to what is to be offered")?;
    }
    if let Some(modules) = site.modules {
        config
            .set("preprocessor.interleaved.programs", &modules.folder)
            .context("cannot make the pages run their listings")?;
    }
    let warnings = with_mdbook(folder, config, |book| {
        if site.fences {
            // Of the same name as the one that does without.
            book.with_preprocessor(WithFences);
        }
        if are_named {
            // Of the same name as the command in book.toml, so it takes its
            // place.
            book.with_renderer(Notebooks);
        }
        site::build(book)
    })?;
    say_all(&warnings);
    if !are_named {
        // mdBook has emptied the folder. It has nothing new to say.
        render_notebooks(folder, dest_dir)?;
    }
    for file in site.downloads {
        let name = file.file_name().unwrap_or_default();
        fs::copy(file, pages_in(dest_dir).join(name))
            .with_context(|| format!("cannot copy {}", file.display()))?;
    }
    site.modules
        .map_or(Ok(()), |modules| modules.copy_into(&pages_in(dest_dir)))
}

/// Makes a notebook of each chapter of the book in `folder`, in `dest_dir`.
///
/// # Errors
/// See [`book`].
pub fn notebooks(folder: &Path, dest_dir: &Path) -> Result<()> {
    say_all(&render_notebooks(folder, dest_dir)?);
    Ok(())
}

fn render_notebooks(folder: &Path, dest_dir: &Path) -> Result<Vec<String>> {
    with_mdbook(folder, read_config(folder)?, |book| {
        let (chapters, _) = book.preprocess_book(&Notebooks)?;
        let config = book.config.clone();
        Notebooks.render(&RenderContext::new(&book.root, chapters, config, dest_dir))
    })
}

fn say_all(warnings: &[String]) {
    for warning in warnings {
        say(format_args!("warning: {warning}"));
    }
}
