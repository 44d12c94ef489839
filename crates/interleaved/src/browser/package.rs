//! The package in which cargo builds listings for browsers. It depends on what
//! they use, in the versions that their workspace has, and on nothing else.

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use mdbook_interleaved::listings::Listings;
use mdbook_interleaved::programs::TARGET;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A package whose programs are the listings.
#[derive(Debug)]
pub(super) struct Package {
    folder: PathBuf,
    names: Vec<String>,
    /// What panics call files is what the pages call them: relative to this.
    sources: PathBuf,
}

impl Package {
    /// Writes it into a folder, where that differs from what is there: cargo
    /// builds again what is newer than what it made.
    pub(super) fn write(
        workspace: &Workspace,
        listings: &Listings,
        names: &[String],
        folder: &Path,
    ) -> Result<Package> {
        let cannot = || format!("cannot write {}", folder.display());
        fs::create_dir_all(folder).with_context(cannot)?;
        let manifest = manifest(listings, names)?;
        replace(&folder.join("Cargo.toml"), &manifest).with_context(cannot)?;
        let lock = workspace.root.join("Cargo.lock");
        if let Ok(lock) = fs::read_to_string(lock) {
            fs::write(folder.join("Cargo.lock"), lock).with_context(cannot)?;
        }
        Ok(Package {
            folder: folder.to_owned(),
            names: names.to_vec(),
            sources: workspace.root.clone(),
        })
    }

    /// Builds it. Gives the file of each program, and leaves out what doesn't
    /// compile; and what rustc says of that. `step` gets how many there are, and the
    /// last one's name.
    pub(super) fn build(
        &self,
        step: &mut dyn FnMut(usize, &str),
    ) -> Result<(BTreeMap<String, PathBuf>, String)> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(["build", "--release", "--keep-going", "--target", TARGET])
            // rustc's words are for people, and not part of the messages.
            .args(["--quiet", "--message-format", "json-render-diagnostics"])
            .args(["--target-dir", "target"])
            .args(self.names.iter().flat_map(|name| ["--bin", name]))
            .current_dir(&self.folder)
            // Whatever else is set is for this machine's programs.
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags())
            .env_remove("CARGO_BUILD_TARGET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut cargo = command.spawn().context("cannot start cargo")?;
        let said = cargo.stderr.take().context("cargo says nothing")?;
        let said = std::thread::spawn(move || std::io::read_to_string(said));
        let mut built = BTreeMap::new();
        for line in BufReader::new(cargo.stdout.take().context("cargo says nothing")?).lines() {
            let line = line.context("cannot hear cargo")?;
            let Ok(Message::Artifact { target, executable }) = serde_json::from_str(&line) else {
                continue;
            };
            if let Some(program) = executable {
                built.insert(target.name.clone(), program);
                step(built.len(), &target.name);
            }
        }
        cargo.wait().context("cannot wait for cargo")?;
        let said = said.join().ok().and_then(Result::ok).unwrap_or_default();
        if built.is_empty() && !self.names.is_empty() {
            bail!(
                "cargo could not build the listings for {TARGET}:\n{}",
                said.trim_end()
            );
        }
        Ok((built, said))
    }

    /// The compiler's flags, as cargo takes them. No path of this machine goes
    /// into a module that is published.
    fn flags(&self) -> String {
        let mut flags = vec!["--allow=warnings".to_owned()];
        let home = env::home_dir();
        let in_home = |name: &str| home.as_ref().map(|home| home.join(name));
        let named = |name: &str| env::var_os(name).map(PathBuf::from);
        let folders = [
            named("CARGO_HOME").or_else(|| in_home(".cargo")),
            named("RUSTUP_HOME").or_else(|| in_home(".rustup")),
            Some(self.sources.clone()),
        ];
        // The last that fits is taken.
        for folder in folders.into_iter().flatten() {
            flags.push(format!("--remap-path-prefix={}/=", folder.display()));
        }
        flags.join("\u{1f}")
    }
}

fn manifest(listings: &Listings, names: &[String]) -> Result<String> {
    let mut dependencies = toml::Table::new();
    let mut programs = Vec::new();
    for name in names {
        for (name, wanted) in listings.dependencies_of(&listings.source(name)?)? {
            dependencies.insert(name, from_root(wanted, listings.root()));
        }
        let mut program = toml::Table::new();
        program.insert("name".to_owned(), name.clone().into());
        let path = listings.source_path(name)?;
        program.insert("path".to_owned(), path.display().to_string().into());
        if let Some(edition) = listings.edition(name) {
            program.insert("edition".to_owned(), edition.into());
        }
        programs.push(toml::Value::Table(program));
    }
    // What is smallest, and still fast.
    let profile = toml::toml! {
        opt-level = "s"
        codegen-units = 1
        panic = "abort"
        strip = true
    };
    let package = toml::toml! {
        name = "listings-for-browsers"
        version = "0.0.0"
        edition = "2024"
        publish = false
    };
    let table = toml::Table::from_iter([
        ("package".to_owned(), package.into()),
        ("dependencies".to_owned(), dependencies.into()),
        ("bin".to_owned(), programs.into()),
        // Not a part of the one that it is in.
        ("workspace".to_owned(), toml::Table::new().into()),
        (
            "profile".to_owned(),
            toml::Table::from_iter([("release".to_owned(), toml::Value::from(profile))]).into(),
        ),
    ]);
    toml::to_string(&table).context("a manifest is plain data")
}

/// The same dependency, where its path is relative to another folder.
fn from_root(mut wanted: toml::Value, root: &Path) -> toml::Value {
    let table = wanted.as_table_mut();
    if let Some(path) = table.and_then(|table| table.get_mut("path"))
        && let Some(relative) = path.as_str()
    {
        *path = root.join(relative).display().to_string().into();
    }
    wanted
}

fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(file, text)
}

// cargo's messages, as far as we read them:
// https://doc.rust-lang.org/cargo/reference/external-tools.html

#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-artifact")]
    Artifact {
        target: Target,
        executable: Option<PathBuf>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
