//! Anyone's book, served.

use super::somebodys::Somebodys;
use crate::{outcomes, site};
use anyhow::Result;
use cargo_outcomes::Modelled;
use cargo_outcomes::stderr::say;
use interleaved_server::Book;
use kernel::LookAlikes;
use runner::{Builder, Stop};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

impl Book for Somebodys {
    fn build(&self, site: &Path) -> Result<()> {
        let mut config = self.config()?;
        config.build.build_dir = site.to_owned();
        // Wherever it is published.
        config.set("output.html.site-url", "/")?;
        let ((), complaints) =
            site::with_somebodys(&self.folder, config, |book| site::build(book))?;
        for complaint in complaints.errors().into_iter().chain(complaints.warnings()) {
            say(format_args!("warning: {complaint}"));
        }
        Ok(())
    }

    fn scratch(&self) -> PathBuf {
        self.own()
    }

    fn builder(&self) -> Result<Builder> {
        Somebodys::builder(self)
    }

    /// None before it is run: there may be thousands.
    fn build_programs(&self, builder: &Builder) {
        builder.warm_up("fn main() { println!(\"{}\", 1); }\n", &Stop::new());
    }

    fn look_alikes(&self) -> LookAlikes {
        let explored = self.explored();
        LookAlikes::new(move |tell| explored.modelled(tell))
    }

    fn folders(&self) -> Result<Vec<PathBuf>> {
        let config = site::read_config(&self.folder)?;
        let mut folders = vec![self.folder.clone()];
        for more in &config.build.extra_watch_dirs {
            folders.extend(self.folder.join(more).canonicalize());
        }
        Ok(folders)
    }

    /// Not what mdBook, cargo or we make there, nor what is hidden.
    fn retain_sources(&self, files: &mut BTreeSet<PathBuf>) {
        let made = || {
            let config = site::read_config(&self.folder)?;
            let mut made = crate::made_folders(&self.folder, &config)?;
            made.push(self.folder.join(&config.build.build_dir));
            anyhow::Ok(made)
        };
        // Without a configuration it is to be rebuilt, and to say what is wrong.
        let mut made = made().unwrap_or_default();
        made.push(self.cache.clone());
        made.extend(
            self.manifest
                .as_ref()
                .map(|it| it.target_directory().to_owned()),
        );
        let watched = self.folders().unwrap_or_default();
        files.retain(|file| {
            let root = watched.iter().filter(|folder| file.starts_with(folder));
            let root = root.max_by_key(|folder| folder.as_os_str().len());
            let root = root.unwrap_or(&self.folder);
            !(is_hidden(file.strip_prefix(root).unwrap_or(file))
                || made.iter().any(|folder| file.starts_with(folder))
                || is_in_target(file, root))
        });
    }

    fn is_explored(&self) -> bool {
        let config = site::read_config(&self.folder);
        config
            .and_then(|config| crate::is_explored(&config))
            .unwrap_or_default()
    }

    fn changed(&self, _: &BTreeSet<PathBuf>, _: &Builder) -> bool {
        true
    }

    fn explore(
        &self,
        prepare: &dyn Fn() -> Result<Modelled>,
        written: &mut dyn FnMut(String, Vec<u8>),
    ) -> Result<()> {
        let config = site::read_config(&self.folder)?;
        let Some((listings, folder)) = crate::explored(&self.folder, &config)? else {
            return Ok(());
        };
        let source = self.folder.join(&config.book.src);
        let place = folder.strip_prefix(&source).unwrap_or(&folder).to_owned();
        outcomes::write(
            &listings,
            &prepare()?,
            &folder,
            &mut |step| match step.json {
                Ok(json) => written(format!("{}/{}.json", place.display(), step.name), json),
                Err(error) => say(format_args!("warning: {}: {error:#}", step.name)),
            },
        )
    }
}

/// Whether a part of a path is.
fn is_hidden(path: &Path) -> bool {
    path.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        name.starts_with('.') && name.len() > 1 && name != ".."
    })
}

/// Whether a folder below `root` that the file is in was marked by cargo as its own,
/// wherever it is.
fn is_in_target(file: &Path, root: &Path) -> bool {
    let folders = file.ancestors().skip(1);
    let mut below = folders.take_while(|folder| folder.starts_with(root));
    below.any(|folder| folder.join("CACHEDIR.TAG").exists())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Or the book would be built again for ever.
    #[test]
    fn what_is_made_from_a_book_is_no_source_of_it() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let (folder, beside) = (home.join("book"), home.join(".hidden/examples"));
        for folder in ["src/explored", "src/interleaved", "built", "work"] {
            fs::create_dir_all(home.join("book").join(folder)).unwrap();
        }
        fs::create_dir_all(&beside).unwrap();
        fs::write(folder.join("work/CACHEDIR.TAG"), "").unwrap();
        fs::write(
            folder.join("book.toml"),
            "[build]\nbuild-dir = \"built\"\nextra-watch-dirs = [\"../.hidden/examples\"]\n\
             [preprocessor.interleaved]\noutcomes = \"explored\"\n",
        )
        .unwrap();
        let book = Somebodys::find(&folder).unwrap();
        assert!(book.is_explored());
        let sources = [
            folder.join("book.toml"),
            folder.join("src/one.md"),
            beside.join("one.rs"),
        ];
        let made = [
            folder.join("src/explored/one.json"),
            folder.join("src/interleaved/page.js"),
            folder.join("built/index.html"),
            folder.join("work/debug/one"),
            folder.join(".git/index"),
            beside.join(".one.rs.swp"),
        ];
        let mut files: BTreeSet<_> = sources.iter().chain(&made).cloned().collect();
        book.retain_sources(&mut files);
        assert_eq!(files, BTreeSet::from(sources));
    }

    #[test]
    fn nothing_is_built_for_a_book_that_explores_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("book.toml"), "").unwrap();
        assert!(!Somebodys::find(folder.path()).unwrap().is_explored());
    }
}
