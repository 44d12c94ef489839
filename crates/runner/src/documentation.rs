//! rustdoc, with the libraries that programs are linked with.

use crate::libraries::Libraries;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

impl Libraries {
    /// The compiler's own rustdoc, in the programs' edition and with their
    /// libraries, which [`link_into`](Libraries::link_into) has put into a folder.
    /// Options that are not stable are allowed, where it lets itself be told so.
    pub fn rustdoc(&self, folder: &Path) -> Command {
        let mut command = Command::new(self.rustc.with_file_name("rustdoc"));
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .arg("--edition")
            .arg(&self.edition)
            .arg(format!("-Ldependency={}", folder.display()));
        for (name, library) in &self.direct {
            let library = folder.join(library.file_name().unwrap_or_default());
            command
                .arg("--extern")
                .arg(format!("{name}={}", library.display()));
        }
        command
    }

    /// The names of all crates, those that a program can't use included.
    pub fn crates(&self) -> BTreeSet<String> {
        let name = |file: &PathBuf| {
            let stem = file.file_stem()?.to_str()?.strip_prefix("lib")?;
            Some(stem.rsplit_once('-')?.0.to_owned())
        };
        self.all.iter().filter_map(name).collect()
    }

    /// The folder of a package that a program can use, by its crate's name, where it is
    /// called so and by its version, as in cargo's registry.
    pub fn package_of(&self, name: &str) -> Option<&Path> {
        let is_its = |folder: &&Path| {
            let folder = folder.file_name().unwrap_or_default().to_string_lossy();
            let folder = folder.replace('-', "_");
            let version = folder.strip_prefix(name);
            let version = version.and_then(|rest| rest.strip_prefix('_'));
            version.is_some_and(|version| version.starts_with(char::is_numeric))
        };
        let folders = self.sources.iter().flat_map(|it| it.ancestors().take(3));
        folders.into_iter().find(is_its)
    }

    /// What the compiler calls its release: `1.95.0`, `1.96.0-beta.3`.
    pub fn release(&self) -> &str {
        let release = self
            .version
            .lines()
            .find_map(|line| line.strip_prefix("release: "));
        release.unwrap_or_default()
    }
}
