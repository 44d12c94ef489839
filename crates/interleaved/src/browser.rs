//! Listings as programs that run in a reader's browser: what
//! [`mdbook_interleaved::programs`] is about, built.
//!
//! cargo builds them as it builds others, in a package of its own
//! ([`package`]): not the listings' own, which may depend on what no browser
//! has. So it also knows which of them are as they were. What it made is then
//! made to [count its threads that wait](waits).

mod package;
mod waits;

use crate::progress::LateProgress;
use crate::stderr::say;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use mdbook_interleaved::listings::Listings;
use mdbook_interleaved::programs::{self, FOLDER, SCRIPTS, TARGET};
use package::Package;
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// What takes no longer than this needs no progress shown.
const SOON: Duration = Duration::from_secs(1);

/// Which listings to build.
#[derive(Clone, Debug)]
pub enum Which {
    /// All that can run in a browser.
    All,
    /// None.
    None,
    /// These.
    Named(Vec<String>),
}

impl FromStr for Which {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Which, Self::Err> {
        Ok(match text {
            "all" => Which::All,
            "none" => Which::None,
            names => Which::Named(names.split(',').map(|it| it.trim().to_owned()).collect()),
        })
    }
}

/// The modules that were built.
#[derive(Debug)]
pub struct Modules {
    /// Holds them.
    pub folder: PathBuf,
    names: Vec<String>,
}

/// Builds listings for browsers. `None` if there are to be none; or if the
/// compiler can't build them here, which it says.
///
/// # Errors
/// When a listing is named that can't run there, or nothing can be written.
pub fn build(workspace: &Workspace, which: &Which) -> Result<Option<Modules>> {
    let named = match which {
        Which::None => return Ok(None),
        Which::All => None,
        Which::Named(names) => Some(names),
    };
    let listings = workspace.listings()?;
    for name in named.into_iter().flatten() {
        if let Some(needs) = programs::needs(&listings, name)? {
            bail!("{name} can't run in a browser: it needs {needs}");
        }
    }
    let names = named.map_or_else(|| all(&listings), |names| Ok(names.clone()))?;
    if !has_target(workspace) {
        say(format_args!(
            "Run needs a server on this site, as the compiler lacks the target {TARGET}: \
             `rustup target add {TARGET}` gets it, and listings then run in the reader's browser"
        ));
        return Ok(None);
    }
    // Each book has a folder of its own.
    let mut hasher = DefaultHasher::new();
    listings.root().hash(&mut hasher);
    let name = format!("interleaved/browser/{:016x}", hasher.finish());
    let root = workspace.target().join(name);
    let package = Package::write(workspace, &listings, &names, &root)?;
    let mut progress = LateProgress::new("Building the listings for browsers");
    let started = Instant::now();
    let built = package.build(&mut |done, name| {
        if started.elapsed() > SOON {
            progress.begin().step(done, names.len(), name);
        }
    });
    progress.end(&built);
    let (built, said) = built?;
    let missing: Vec<_> = names.iter().filter(|it| !built.contains_key(*it)).collect();
    if !missing.is_empty() {
        say(said.trim_end());
    }
    for name in missing {
        say(format_args!(
            "warning: {name} doesn't compile for {TARGET}, so it won't run in a browser"
        ));
    }
    let modules = Modules::write(&built, root.join(FOLDER))?;
    Ok(Some(modules))
}

fn all(listings: &Listings) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (name, _) in listings.iter() {
        if programs::needs(listings, name)?.is_none() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Whether the compiler has std for the target.
fn has_target(workspace: &Workspace) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(&workspace.root)
        .output();
    let Ok(said) = said else {
        return false;
    };
    Path::new(String::from_utf8_lossy(&said.stdout).trim()).is_dir()
}

impl Modules {
    /// Keeps what cargo built, as pages need it, and nothing else.
    fn write(built: &BTreeMap<String, PathBuf>, folder: PathBuf) -> Result<Modules> {
        let cannot = || format!("cannot write {}", folder.display());
        let mut names = Vec::new();
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(cannot);
            }
            _ => fs::create_dir_all(&folder).with_context(cannot)?,
        }
        for (name, file) in built {
            let module =
                fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            match waits::counted(&module) {
                Ok(module) => {
                    fs::write(folder.join(format!("{name}.wasm")), module).with_context(cannot)?;
                    names.push(name.clone());
                }
                Err(error) => say(format_args!(
                    "warning: {name} won't run in a browser, as its module can't be read: {error:#}"
                )),
            }
        }
        Ok(Modules { folder, names })
    }

    /// Puts them into a site, with what runs them.
    ///
    /// # Errors
    /// When the site can't be written.
    pub fn copy_into(&self, site: &Path) -> Result<()> {
        let cannot = || format!("cannot write {}", site.join(FOLDER).display());
        fs::create_dir_all(site.join(FOLDER)).with_context(cannot)?;
        for name in &self.names {
            let file = format!("{name}.wasm");
            fs::copy(self.folder.join(&file), site.join(FOLDER).join(&file))
                .with_context(cannot)?;
        }
        for (path, script) in SCRIPTS {
            fs::write(site.join(path), script).with_context(cannot)?;
        }
        Ok(())
    }
}
