//! The crates that programs may use which belong to a package: that package's own
//! library, and whatever it depends on, for its tests and examples too.
//!
//! What a package depends on has no name of its own in cargo's commands, and may
//! be built twice: once for the machine that it is for, and once for build
//! scripts and macros, with other features. So cargo is given a package of ours
//! that depends on the same, and told which machine it is for: then the one kind
//! is in another folder than the other.

use crate::cargo::{self, Error, Progress};
use crate::libraries::Libraries;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// What the package is called that depends on them.
const PACKAGE: &str = "interleaved-crates";

/// A package, by its manifest.
#[derive(Debug)]
pub struct Manifest {
    package: Package,
    lock: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    edition: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
}

/// What a manifest wants, as cargo reads it: what a workspace says for all its
/// members is filled in, and paths are absolute.
#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    req: String,
    source: Option<String>,
    kind: Option<String>,
    rename: Option<String>,
    optional: bool,
    uses_default_features: bool,
    features: Vec<String>,
    target: Option<String>,
    path: Option<PathBuf>,
    registry: Option<String>,
}

impl Manifest {
    /// Reads a package's manifest.
    ///
    /// # Errors
    /// Says that there is none, or that it is of a workspace that is no package.
    pub fn read(file: &Path) -> Result<Manifest, Error> {
        let Ok(file) = file.canonicalize() else {
            return Err(sentence(format!(
                "There is no manifest {}.",
                file.display()
            )));
        };
        let folder = file.parent().unwrap_or(Path::new("/"));
        let json = cargo::metadata(folder, &["--no-deps"])?;
        let metadata: Metadata = serde_json::from_str(&json)
            .map_err(|error| sentence(format!("Cannot read what cargo metadata says: {error}.")))?;
        let is_it = |package: &Package| {
            let named = package.manifest_path.canonicalize();
            named.is_ok_and(|named| named == file)
        };
        let Some(package) = metadata.packages.into_iter().find(is_it) else {
            return Err(sentence(format!(
                "{} is the manifest of a workspace, and of no package: name that of a package.",
                file.display()
            )));
        };
        Ok(Manifest {
            package,
            lock: metadata.workspace_root.join("Cargo.lock"),
            target_directory: metadata.target_directory,
        })
    }

    /// The package's edition.
    pub fn edition(&self) -> &str {
        &self.package.edition
    }

    /// Where cargo puts what it builds of its workspace.
    pub fn target_directory(&self) -> &Path {
        &self.target_directory
    }

    /// The packages that programs may use, by the names of the packages.
    pub fn dependencies(&self) -> impl Iterator<Item = &str> {
        self.wanted().map(|dependency| dependency.name.as_str())
    }

    /// Has cargo build the package's library, and what it depends on, below a
    /// folder of ours.
    ///
    /// # Errors
    /// When there is no cargo or rustc, or anything can't be built.
    pub fn build(
        &self,
        folder: &Path,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Libraries, Error> {
        let manifest = self.to_depend_on();
        let mut hasher = DefaultHasher::new();
        self.package.manifest_path.hash(&mut hasher);
        let folder = folder.join(format!("crates-{:016x}", hasher.finish()));
        self.write(&folder, &manifest)
            .map_err(|error| sentence(format!("Cannot write {}: {error}.", folder.display())))?;
        cargo::build_dependencies(&folder, PACKAGE, &self.package.name, progress)
    }

    fn write(&self, folder: &Path, manifest: &str) -> io::Result<()> {
        fs::create_dir_all(folder.join("src"))?;
        let file = folder.join("Cargo.toml");
        if !fs::read_to_string(&file).is_ok_and(|there| there == manifest) {
            fs::write(&file, manifest)?;
            // The very versions that the author has.
            if self.lock.exists() {
                fs::copy(&self.lock, folder.join("Cargo.lock"))?;
            }
        }
        fs::write(folder.join("src/lib.rs"), "")
    }

    /// Build scripts use the rest.
    fn wanted(&self) -> impl Iterator<Item = &Dependency> {
        let dependencies = self.package.dependencies.iter();
        dependencies.filter(|it| !it.optional && it.kind.as_deref() != Some("build"))
    }

    /// The manifest of a package that depends on the same, and on the library.
    fn to_depend_on(&self) -> String {
        let mut text = format!(
            "[package]\nname = {PACKAGE:?}\nversion = \"0.0.0\"\nedition = {:?}\n\
             publish = false\n\n[workspace]\n\n",
            self.package.edition
        );
        let has_library = self.package.targets.iter().any(|target| {
            let kinds = ["lib", "rlib", "dylib", "proc-macro"];
            target
                .kind
                .iter()
                .any(|kind| kinds.contains(&kind.as_str()))
        });
        let mut by_target: BTreeMap<Option<&str>, BTreeMap<&str, String>> = BTreeMap::new();
        if has_library {
            let path = self
                .package
                .manifest_path
                .parent()
                .unwrap_or(Path::new("/"));
            let value = format!("{{ path = {:?} }}", path.display().to_string());
            let own = by_target.entry(None).or_default();
            own.insert(&self.package.name, value);
        }
        for dependency in self.wanted() {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            let table = by_target.entry(dependency.target.as_deref()).or_default();
            table.insert(name, dependency.as_toml());
        }
        for (target, table) in by_target {
            match target {
                None => text += "[dependencies]\n",
                Some(target) => {
                    let _ = writeln!(text, "[target.'{target}'.dependencies]");
                }
            }
            for (name, value) in table {
                let _ = writeln!(text, "{name} = {value}");
            }
            text += "\n";
        }
        text
    }
}

impl Dependency {
    fn as_toml(&self) -> String {
        let mut parts = vec![format!("package = {:?}", self.name)];
        if let Some(path) = &self.path {
            parts.push(format!("path = {:?}", path.display().to_string()));
        } else if let Some(git) = self.source.as_ref().and_then(|it| it.strip_prefix("git+")) {
            let (address, reference) = git.split_once('?').unwrap_or((git, ""));
            parts.push(format!("git = {address:?}"));
            if let Some((kind, name)) = reference.split_once('=') {
                parts.push(format!("{kind} = {name:?}"));
            }
        } else {
            parts.push(format!("version = {:?}", self.req));
        }
        if let Some(registry) = &self.registry {
            parts.push(format!("registry-index = {registry:?}"));
        }
        if !self.uses_default_features {
            parts.push("default-features = false".to_owned());
        }
        if !self.features.is_empty() {
            parts.push(format!("features = {:?}", self.features));
        }
        format!("{{ {} }}", parts.join(", "))
    }
}

fn sentence(sentence: String) -> Error {
    Error {
        sentence,
        details: String::new(),
    }
}
