//! The crates that programs may use which belong to a package: that package's own
//! library, and whatever it depends on, for its tests and examples too.
//!
//! What a package depends on has no name of its own in cargo's commands, and may
//! be built twice: once for the machine that it is for, and once for build
//! scripts and macros, with other features. So cargo is given a package of ours
//! that depends on the same, and told which machine it is for: then the one kind
//! is in another folder than the other.
//!
//! The package's own programs are here, too, and which of its features are on.

use crate::cargo::{self, Crate, Error, Progress, Wanted};
use crate::libraries::Libraries;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What the package is called that depends on them.
const PACKAGE: &str = "interleaved-crates";

/// What a manifest says that wants any version.
const ANY: &str = "*";

/// How dependencies are built whose programs are explored, whatever the profile: as
/// those are. With registers and without dead variables, fewer bytes that mean
/// nothing are in memory.
const OPTIONS: [&str; 10] = [
    "--config",
    "profile.dev.opt-level=1",
    "--config",
    "profile.dev.debug=false",
    "--config",
    "profile.dev.debug-assertions=true",
    "--config",
    "profile.dev.overflow-checks=true",
    "--config",
    "profile.dev.panic='unwind'",
];

/// A package, by its manifest.
#[derive(Clone, Debug)]
pub struct Manifest {
    package: Package,
    chosen: Features,
    on: On,
    for_tests: bool,
    lock: PathBuf,
    target_directory: PathBuf,
}

/// Which features of a package are chosen, as on cargo's command line.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// These.
    pub named: Vec<String>,
    /// Every one.
    pub all: bool,
    /// Those that are on by default, too, are not.
    pub no_default: bool,
}

/// What is on with the features that are chosen.
#[derive(Clone, Debug, Default)]
struct On {
    features: BTreeSet<String>,
    /// The optional dependencies, by their names in the manifest.
    dependencies: BTreeSet<String>,
}

/// A program of a package.
#[derive(Clone, Debug, Deserialize)]
pub struct Target {
    /// What cargo calls it.
    pub name: String,
    kind: Vec<String>,
    /// Its file, or that of its root module.
    pub src_path: PathBuf,
    /// The edition that it is written in.
    pub edition: String,
    /// Whether cargo tests it.
    test: bool,
    /// The features that it needs.
    #[serde(default, rename = "required-features")]
    pub required_features: Vec<String>,
    /// Whether its tests are run by its own `main`, and not by libtest.
    #[serde(skip)]
    pub has_own_harness: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
struct Package {
    name: String,
    edition: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
    features: BTreeMap<String, Vec<String>>,
    default_run: Option<String>,
    version: String,
    authors: Vec<String>,
    description: Option<String>,
    homepage: Option<String>,
    repository: Option<String>,
    license: Option<String>,
    license_file: Option<String>,
    rust_version: Option<String>,
    readme: Option<String>,
}

/// What a manifest wants, as cargo reads it: what a workspace says for all its
/// members is filled in, and paths are absolute.
#[derive(Clone, Debug, Deserialize)]
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
        let Some(mut package) = metadata.packages.into_iter().find(is_it) else {
            return Err(sentence(format!(
                "{} is the manifest of a workspace, and of no package: name that of a package.",
                file.display()
            )));
        };
        package.find_harnesses();
        let chosen = Features::default();
        Ok(Manifest {
            on: package.on(&chosen)?,
            package,
            chosen,
            for_tests: true,
            lock: metadata.workspace_root.join("Cargo.lock"),
            target_directory: metadata.target_directory,
        })
    }

    /// The same with other features than the default ones.
    ///
    /// # Errors
    /// When there is no such feature.
    pub fn with_features(mut self, chosen: Features) -> Result<Manifest, Error> {
        self.on = self.package.on(&chosen)?;
        self.chosen = chosen;
        Ok(self)
    }

    /// The same for its binaries, which have no dependencies that are for tests and
    /// examples only.
    #[must_use]
    pub fn for_binaries(self) -> Manifest {
        Manifest {
            for_tests: false,
            ..self
        }
    }

    /// The names of the features that are on.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.on.features.iter().map(String::as_str)
    }

    /// The package's name.
    pub fn name(&self) -> &str {
        &self.package.name
    }

    /// The binary that `cargo run` runs, if the manifest names it.
    pub fn default_run(&self) -> Option<&str> {
        self.package.default_run.as_deref()
    }

    /// The package's programs: its binaries and examples.
    pub fn programs(&self) -> impl Iterator<Item = &Target> {
        let targets = self.package.targets.iter();
        targets.filter(|target| target.is("bin") || target.is("example"))
    }

    /// The first feature that a target needs and that is off.
    pub fn lacks<'a>(&self, target: &'a Target) -> Option<&'a str> {
        let mut needed = target.required_features.iter().map(String::as_str);
        needed.find(|feature| !self.on.features.contains(*feature))
    }

    /// What has tests: the library, the binaries, and the files in `tests`.
    pub fn tested(&self) -> impl Iterator<Item = &Target> {
        let targets = self.package.targets.iter();
        targets.filter(|it| it.test && (it.is_library() || it.is("bin") || it.is("test")))
    }

    /// The package's library, if it has one that programs can be linked with.
    pub fn own_library(&self) -> Option<&Target> {
        let mut targets = self.package.targets.iter();
        targets.find(|target| target.is_library())
    }

    /// The folder that the package is in.
    pub fn folder(&self) -> &Path {
        let manifest = self.package.manifest_path.parent();
        manifest.unwrap_or(Path::new("/"))
    }

    /// The package's edition.
    pub fn edition(&self) -> &str {
        &self.package.edition
    }

    /// Where cargo puts what it builds of its workspace.
    pub fn target_directory(&self) -> &Path {
        &self.target_directory
    }

    /// What cargo tells whoever compiles the package's programs, for `env!`; of the
    /// table in <https://doc.rust-lang.org/cargo/reference/environment-variables.html>
    /// what is called `CARGO_PKG_*` and `CARGO_MANIFEST_*`.
    pub fn variables(&self) -> Vec<(String, String)> {
        let package = &self.package;
        let (numbers, rest) = match package.version.find(['-', '+']) {
            Some(end) => package.version.split_at(end),
            None => (package.version.as_str(), ""),
        };
        let before = rest.split('+').next().unwrap_or_default();
        let mut numbers = numbers.split('.');
        let mut number = || numbers.next().unwrap_or_default().to_owned();
        let said = |it: &Option<String>| it.clone().unwrap_or_default();
        let all = [
            ("VERSION", package.version.clone()),
            ("VERSION_MAJOR", number()),
            ("VERSION_MINOR", number()),
            ("VERSION_PATCH", number()),
            ("VERSION_PRE", before.trim_start_matches('-').to_owned()),
            ("NAME", package.name.clone()),
            ("AUTHORS", package.authors.join(":")),
            ("DESCRIPTION", said(&package.description)),
            ("HOMEPAGE", said(&package.homepage)),
            ("REPOSITORY", said(&package.repository)),
            ("LICENSE", said(&package.license)),
            ("LICENSE_FILE", said(&package.license_file)),
            ("RUST_VERSION", said(&package.rust_version)),
            ("README", said(&package.readme)),
        ];
        let of_the_package = all.map(|(name, value)| (format!("CARGO_PKG_{name}"), value));
        let of_its_manifest = [("DIR", self.folder()), ("PATH", &package.manifest_path)]
            .map(|(name, path)| (format!("CARGO_MANIFEST_{name}"), path.display().to_string()));
        of_the_package.into_iter().chain(of_its_manifest).collect()
    }

    /// The packages that programs may use, by the names of the packages.
    pub fn dependencies(&self) -> impl Iterator<Item = &str> {
        self.wanted().map(|dependency| dependency.name.as_str())
    }

    /// Those of them that are the public registry's, and those in folders of which
    /// `is_known` says so, given their names: what source text calls each, and its
    /// package's name.
    pub fn dependencies_known_by(
        &self,
        is_known: impl Fn(&str, &Path) -> bool,
    ) -> impl Iterator<Item = (&str, &str)> {
        let is_it = move |it: &&Dependency| match (&it.path, &it.source) {
            (Some(path), _) => is_known(&it.name, path),
            (None, Some(source)) => source == cargo::PUBLIC_REGISTRY,
            (None, None) => false,
        };
        self.wanted().filter(is_it).map(|it| {
            let name = it.rename.as_ref().unwrap_or(&it.name);
            (name.as_str(), it.name.as_str())
        })
    }

    /// What programs may use, the package's own library apart, and what those crates
    /// are linked with. cargo is asked, which knows versions and features.
    ///
    /// # Errors
    /// When there is no cargo or rustc, or cargo can't find them.
    pub fn linked_crates(&self, folder: &Path) -> Result<Vec<Crate>, Error> {
        let folder = self.write_below(folder)?;
        let own = self.own_library().map(|it| it.name.replace('-', "_"));
        let mut crates = cargo::linked_crates(&folder, PACKAGE)?;
        for it in &mut crates {
            it.linked_by.retain(|name| own.as_ref() != Some(name));
        }
        crates.retain(|it| !it.linked_by.is_empty());
        Ok(crates)
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
        let wanted = Wanted {
            package: PACKAGE,
            name: &self.package.name,
            only: None,
            options: &[],
        };
        let folder = self.write_below(folder)?;
        cargo::build_dependencies(&folder, &wanted, progress)
    }

    /// Has cargo build some of what the package depends on, as source text names
    /// them, with the features that they have for it.
    ///
    /// # Errors
    /// When there is no cargo or rustc, or anything can't be built.
    pub fn build_dependencies(
        &self,
        folder: &Path,
        names: &BTreeSet<String>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Libraries, Error> {
        let wanted = Wanted {
            package: PACKAGE,
            name: &self.package.name,
            only: Some(names),
            options: &OPTIONS,
        };
        let folder = self.write_below(folder)?;
        cargo::build_dependencies(&folder, &wanted, progress)
    }

    /// Writes a package that depends on the same, and returns its folder.
    fn write_below(&self, folder: &Path) -> Result<PathBuf, Error> {
        let manifest = self.to_depend_on();
        let mut hasher = DefaultHasher::new();
        (&self.package.manifest_path, self.for_tests).hash(&mut hasher);
        let folder = folder.join(format!("crates-{:016x}", hasher.finish()));
        self.write(&folder, &manifest)
            .map_err(|error| sentence(format!("Cannot write {}: {error}.", folder.display())))?;
        Ok(folder)
    }

    fn write(&self, folder: &Path, manifest: &str) -> io::Result<()> {
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("src/lib.rs"), "")?;
        let file = folder.join("Cargo.toml");
        let is_same = fs::read_to_string(&file).is_ok_and(|there| there == manifest);
        // The very versions that the author has. cargo completes our copy, so what
        // was copied is kept beside it, to be compared.
        let lock = fs::read(&self.lock).ok();
        let taken = folder.join("Cargo.lock.taken");
        if let Some(lock) = lock
            && !(is_same && fs::read(&taken).is_ok_and(|there| there == lock))
        {
            fs::write(folder.join("Cargo.lock"), &lock)?;
            fs::write(taken, lock)?;
        }
        match is_same {
            true => Ok(()),
            false => fs::write(file, manifest),
        }
    }

    /// Build scripts use the rest.
    fn wanted(&self) -> impl Iterator<Item = &Dependency> {
        let dependencies = self.package.dependencies.iter();
        let is_on = |it: &&Dependency| {
            let name = it.rename.as_ref().unwrap_or(&it.name);
            !it.optional || self.on.dependencies.contains(name)
        };
        dependencies
            .filter(|it| match it.kind.as_deref() {
                Some("build") => false,
                Some("dev") => self.for_tests,
                _ => true,
            })
            .filter(is_on)
    }

    /// The manifest of a package that depends on the same, and on the library.
    fn to_depend_on(&self) -> String {
        let mut by_target: BTreeMap<Option<&str>, BTreeMap<&str, Dependency>> = BTreeMap::new();
        let library = self.library();
        for dependency in library.iter().chain(self.wanted()) {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            let table = by_target.entry(dependency.target.as_deref()).or_default();
            match table.get_mut(name.as_str()) {
                Some(there) => there.join(dependency),
                None => {
                    table.insert(name, dependency.clone());
                }
            }
        }
        let mut manifest = Table::from_iter([
            (
                "package".to_owned(),
                Table::from_iter([
                    ("name".to_owned(), PACKAGE.into()),
                    ("version".to_owned(), "0.0.0".into()),
                    ("edition".to_owned(), self.package.edition.as_str().into()),
                    ("publish".to_owned(), false.into()),
                ])
                .into(),
            ),
            // Not a part of the one that it is in.
            ("workspace".to_owned(), self.workspace().into()),
        ]);
        for (name, patched) in self.patches() {
            manifest.insert(name, patched);
        }
        let mut targets = Table::new();
        for (target, table) in by_target {
            let table = table.into_iter();
            let table: Table = table
                .map(|(name, dependency)| (name.to_owned(), dependency.as_toml()))
                .collect();
            match target {
                None => {
                    manifest.insert("dependencies".to_owned(), table.into());
                }
                Some(target) => {
                    let table = Table::from_iter([("dependencies".to_owned(), table.into())]);
                    targets.insert(target.to_owned(), table.into());
                }
            }
        }
        manifest.insert("target".to_owned(), targets.into());
        manifest.to_string()
    }

    /// The manifest of the workspace that the package is in.
    fn root_manifest(&self) -> Table {
        let file = self.lock.with_file_name("Cargo.toml");
        let text = fs::read_to_string(file).unwrap_or_default();
        text.parse().unwrap_or_default()
    }

    /// A workspace that resolves features as that one.
    fn workspace(&self) -> Table {
        let root = self.root_manifest();
        let tables = ["workspace", "package"].map(|name| root.get(name));
        let mut tables = tables.into_iter().flatten();
        let resolver = tables.find_map(|table| table.get("resolver"));
        let resolver = resolver.map(|resolver| ("resolver".to_owned(), resolver.clone()));
        Table::from_iter(resolver)
    }

    /// What that workspace puts in the place of others' packages, with whole paths.
    fn patches(&self) -> Vec<(String, Value)> {
        let folder = self.lock.parent().unwrap_or(Path::new("/"));
        let mut root = self.root_manifest();
        let tables = ["patch", "replace"].map(|name| Some((name, root.remove(name)?)));
        let tables = tables.into_iter().flatten();
        tables
            .map(|(name, mut table)| {
                make_absolute(&mut table, folder);
                (name.to_owned(), table)
            })
            .collect()
    }

    /// What depends on the package itself, if it has a library.
    fn library(&self) -> Option<Dependency> {
        let kinds = ["lib", "rlib", "dylib", "proc-macro"];
        let mut all = self.package.targets.iter().flat_map(|target| &target.kind);
        all.any(|kind| kinds.contains(&kind.as_str()))
            .then(|| Dependency {
                name: self.package.name.clone(),
                req: ANY.to_owned(),
                source: None,
                kind: None,
                rename: None,
                optional: false,
                uses_default_features: !self.chosen.no_default,
                features: self.on.features.iter().cloned().collect(),
                target: None,
                path: self.package.manifest_path.parent().map(Path::to_owned),
                registry: None,
            })
    }
}

impl Package {
    /// What cargo doesn't tell, so the manifest is asked.
    fn find_harnesses(&mut self) {
        let text = fs::read_to_string(&self.manifest_path).unwrap_or_default();
        let manifest: Table = text.parse().unwrap_or_default();
        let has_own = |table: &Value| table.get("harness").and_then(Value::as_bool) == Some(false);
        for target in &mut self.targets {
            target.has_own_harness = match &target.kind[..] {
                [kind] if kind == "bin" || kind == "test" => {
                    let tables = manifest.get(kind).and_then(Value::as_array);
                    let mut tables = tables.into_iter().flatten();
                    tables.any(|it| {
                        it.get("name").and_then(Value::as_str) == Some(&target.name) && has_own(it)
                    })
                }
                _ => target.is_library() && manifest.get("lib").is_some_and(has_own),
            };
        }
    }

    fn on(&self, chosen: &Features) -> Result<On, Error> {
        let mut on = On::default();
        let mut wanted: Vec<&str> = chosen.named.iter().map(String::as_str).collect();
        if let Some(unknown) = wanted.iter().find(|it| !self.features.contains_key(**it)) {
            return Err(sentence(format!(
                "The package {} has no feature {unknown:?}.",
                self.name
            )));
        }
        if chosen.all {
            wanted.extend(self.features.keys().map(String::as_str));
        }
        if !chosen.no_default {
            wanted.push("default");
        }
        // As in <https://doc.rust-lang.org/cargo/reference/features.html>.
        while let Some(feature) = wanted.pop() {
            if let Some(dependency) = feature.strip_prefix("dep:") {
                on.dependencies.insert(dependency.to_owned());
            } else if let Some((dependency, _)) = feature.split_once('/') {
                if !dependency.ends_with('?') {
                    on.dependencies.insert(dependency.to_owned());
                    wanted.push(dependency);
                }
            } else if let Some(enables) = self.features.get(feature)
                && on.features.insert(feature.to_owned())
            {
                wanted.extend(enables.iter().map(String::as_str));
            }
        }
        Ok(on)
    }
}

impl Target {
    /// Whether it is a library that programs can be linked with.
    pub fn is_library(&self) -> bool {
        self.is("lib") || self.is("rlib")
    }

    /// Whether it is of this kind: `bin` or `example`.
    pub fn is(&self, kind: &str) -> bool {
        self.kind.iter().any(|it| it == kind)
    }
}

impl Dependency {
    /// Takes in what another table of the same manifest wants of the same package:
    /// both hold where cargo builds tests.
    fn join(&mut self, other: &Dependency) {
        self.uses_default_features |= other.uses_default_features;
        for feature in &other.features {
            if !self.features.contains(feature) {
                self.features.push(feature.clone());
            }
        }
        if self.req == ANY {
            self.req.clone_from(&other.req);
        } else if other.req != ANY && other.req != self.req {
            self.req += &format!(", {}", other.req);
        }
    }

    fn as_toml(&self) -> Value {
        let mut table = Table::from_iter([("package".to_owned(), self.name.as_str().into())]);
        let mut say = |key: &str, value: Value| table.insert(key.to_owned(), value);
        if let Some(path) = &self.path {
            say("path", path.display().to_string().into());
        } else if let Some(git) = self.source.as_ref().and_then(|it| it.strip_prefix("git+")) {
            let (address, reference) = git.split_once('?').unwrap_or((git, ""));
            say("git", address.into());
            if let Some((kind, name)) = reference.split_once('=') {
                say(kind, name.into());
            }
        } else {
            say("version", self.req.as_str().into());
        }
        if let Some(registry) = &self.registry {
            say("registry-index", registry.as_str().into());
        }
        if !self.uses_default_features {
            say("default-features", false.into());
        }
        if !self.features.is_empty() {
            say("features", self.features.clone().into());
        }
        table.into()
    }
}

/// Has each `path` in it start at the root.
fn make_absolute(value: &mut Value, folder: &Path) {
    let Value::Table(table) = value else { return };
    for (key, value) in table {
        match value {
            Value::String(path) if key == "path" => {
                *path = folder.join(&*path).display().to_string();
            }
            _ => make_absolute(value, folder),
        }
    }
}

fn sentence(sentence: String) -> Error {
    Error {
        sentence,
        details: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A package and its lock, as far as cargo must know them to name them.
    fn manifest_of_a_package(folder: &Path) -> Manifest {
        let package =
            "[package]\nname = \"mine\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
        fs::write(folder.join("Cargo.toml"), package).unwrap();
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/lib.rs"), "").unwrap();
        fs::write(folder.join("Cargo.lock"), "# first\nversion = 4\n").unwrap();
        Manifest::read(&folder.join("Cargo.toml")).unwrap()
    }

    #[test]
    fn the_authors_versions_are_taken_whenever_they_change() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = manifest_of_a_package(folder.path());
        let ours = folder.path().join("ours");
        let write = || manifest.write(&ours, &manifest.to_depend_on()).unwrap();
        let lock = || fs::read_to_string(ours.join("Cargo.lock")).unwrap();
        write();
        assert_eq!(lock(), "# first\nversion = 4\n");
        // As cargo does, which adds our package.
        fs::write(ours.join("Cargo.lock"), "# completed\n").unwrap();
        write();
        assert_eq!(lock(), "# completed\n");
        fs::write(&manifest.lock, "# updated\nversion = 4\n").unwrap();
        write();
        assert_eq!(lock(), "# updated\nversion = 4\n");
    }
}
