//! Anyone's book, served.

use super::somebodys::Somebodys;
use crate::{outcomes, site};
use anyhow::Result;
use cargo_outcomes::Modelled;
use interleaved_server::Book;
use interleaved_server::progress::LateProgress;
use interleaved_server::stderr::say;
use kernel::LookAlikes;
use runner::{Builder, Stop};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

impl Book for Somebodys {
    fn build(&self, site: &Path) -> Result<()> {
        let mut config = self.config()?;
        config.build.build_dir = site.to_owned();
        let ((), complaints) = site::with_somebodys(&self.folder, config, |book| book.build())?;
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
        let edition = self.edition.clone();
        let crates = self.manifest.as_ref().map(|manifest| {
            let names = manifest.dependencies();
            names.map(|name| name.replace('-', "_")).collect::<Vec<_>>()
        });
        LookAlikes::new(move |tell| {
            let mut progress = LateProgress::new("Building what explores programs");
            let built = Modelled::brought_along(&mut |step| {
                if progress.has_begun() || !step.fresh {
                    progress.begin().step(step.done, step.total, &step.name);
                }
                tell(step);
            });
            progress.end(&built);
            let crates = crates.iter().flatten().map(String::as_str);
            let crates: Vec<&str> = crates.collect();
            Ok(built?.only_with(&crates).with_edition(&edition))
        })
    }

    fn folders(&self) -> Result<Vec<PathBuf>> {
        let config = site::read_config(&self.folder)?;
        let mut folders = vec![self.folder.clone()];
        for more in &config.build.extra_watch_dirs {
            folders.extend(self.folder.join(more).canonicalize());
        }
        Ok(folders)
    }

    /// Neither from what mdBook, cargo or we make there, nor from what is hidden.
    fn is_made_from(&self, file: &Path) -> bool {
        let Ok(config) = site::read_config(&self.folder) else {
            // It is to be rebuilt, and to say what is wrong.
            return true;
        };
        let made = [
            self.folder.join(&config.build.build_dir),
            crate::own_folder(&self.folder, &config),
            self.cache.clone(),
        ];
        let target = self.manifest.as_ref().map(|it| it.target_directory());
        let is_target = |folder: &Path| {
            // Marked so by cargo, wherever it is.
            folder.join("CACHEDIR.TAG").exists()
        };
        let within = file.strip_prefix(&self.folder).unwrap_or(file);
        let is_hidden = within.components().any(|part| {
            let name = part.as_os_str().to_string_lossy();
            name.starts_with('.') && name.len() > 1 && name != ".."
        });
        let folders = file.ancestors().skip(1);
        let mut below = folders.take_while(|folder| folder.starts_with(&self.folder));
        !(is_hidden
            || made.iter().any(|folder| file.starts_with(folder))
            || target.is_some_and(|folder| file.starts_with(folder))
            || below.any(is_target))
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
