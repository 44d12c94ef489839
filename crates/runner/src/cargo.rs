//! What cargo built: the examples of a package, and the libraries that they
//! are linked with; or other libraries, to be linked in place of those.

use crate::build::Builder;
use crate::event::{Ending, Event, Stream};
use crate::libraries::Libraries;
use crate::limits::Limits;
use crate::run::{self, RunError};
use crate::stop::Stop;
use crate::supervisor::{Order, Source};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The examples of a package as cargo built them.
#[derive(Clone, Debug)]
pub struct CargoBuild {
    /// The compiler and the libraries.
    pub libraries: Libraries,
    /// Each example that was built, by name: its program.
    pub programs: BTreeMap<String, PathBuf>,
    /// The source text that each of those was built from. An example whose
    /// file changed while cargo was at it is in neither map.
    pub sources: BTreeMap<String, String>,
    /// What cargo had rustc call the file of each: where it lies in the
    /// workspace.
    pub files: BTreeMap<String, String>,
    /// rustc's words, coloured by ANSI sequences, on the examples that don't
    /// compile. Empty if all do.
    pub rejected: String,
}

impl CargoBuild {
    /// Gives a builder every program, so that their unedited sources are
    /// never compiled again.
    pub fn adopt_into(&self, builder: &Builder) {
        for (name, program) in &self.programs {
            if let Some(source) = self.sources.get(name) {
                let file = self.files.get(name).map(String::as_str);
                builder.adopt(source, program.clone(), file);
            }
        }
    }
}

/// What a package is linked with.
#[derive(Clone, Debug)]
pub struct Crate {
    /// Its package's name.
    pub package: String,
    /// Its package's version.
    pub version: String,
    /// Whether it comes from the public registry, as it is there.
    pub is_published: bool,
    /// What source text calls it, if the package depends on it itself.
    pub names: Vec<String>,
    /// The package's own dependencies that link it, as source text names them.
    pub linked_by: Vec<String>,
}

/// How far cargo is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Libraries and examples built so far.
    pub done: usize,
    /// Libraries and examples in all.
    pub total: usize,
    /// The one just built.
    pub name: String,
    /// Whether there was nothing to do for it.
    pub fresh: bool,
}

/// Why cargo could not build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What was wrong and what to do, in a sentence.
    pub sentence: String,
    /// What cargo or rustc said about it. May be empty, or coloured by ANSI
    /// sequences.
    pub details: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        if !self.details.is_empty() {
            write!(f, "\n{}", self.details.trim_end())?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Builds a package's examples with cargo, and learns from it which files its
/// libraries are. `manifest_dir` is any folder of the package's workspace.
///
/// An example that doesn't compile is no error: see [`CargoBuild::rejected`].
///
/// # Errors
/// When there is no cargo or rustc, or a library can't be built.
pub fn build_examples(
    manifest_dir: &Path,
    package: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<CargoBuild, Error> {
    build_examples_of(&Workspace::read(manifest_dir)?, package, progress)
}

/// The same of a workspace that is known.
///
/// # Errors
/// See [`build_examples`].
pub fn build_examples_of(
    workspace: &Workspace,
    package: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<CargoBuild, Error> {
    let plan = Plan::of_examples(&workspace.metadata, workspace.package(package)?);
    let before = plan.sources();

    let mut what = vec!["--examples", "--keep-going", "--package", package];
    what.extend(workspace.metadata.built_besides(package));
    let built = build(workspace, package, &what, &plan, progress)?;

    let after = plan.sources();
    let unchanged =
        |name: &String| before.contains_key(name) && before.get(name) == after.get(name);
    let libraries = workspace.libraries(&plan, &built);
    let programs: BTreeMap<_, _> = built
        .programs
        .into_iter()
        .filter(|(name, _)| unchanged(name))
        .collect();
    let sources = before
        .into_iter()
        .filter(|(name, _)| programs.contains_key(name))
        .collect();
    let root = &workspace.metadata.workspace_root;
    let files = plan.examples.iter().filter_map(|(name, file)| {
        let within = file.strip_prefix(root).ok()?;
        Some((name.clone(), within.to_str()?.to_owned()))
    });
    Ok(CargoBuild {
        libraries,
        programs,
        sources,
        files: files.collect(),
        rejected: built.rejected,
    })
}

/// The same libraries, before all of those examples are built: cargo is asked
/// for one of them only, since that alone gives every library the features that
/// it has for them all.
///
/// # Errors
/// See [`build_examples`].
pub fn build_libraries_of_examples(
    manifest_dir: &Path,
    package: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<Libraries, Error> {
    let workspace = Workspace::read(manifest_dir)?;
    let mut plan = Plan::of_examples(&workspace.metadata, workspace.package(package)?);
    let sources = plan.sources();
    let shortest = sources.iter().min_by_key(|(_, source)| source.len());
    let shortest = shortest.map(|(name, _)| name.as_str());
    plan.examples
        .retain(|name, _| Some(name.as_str()) == shortest);
    let mut what = match shortest {
        Some(example) => vec!["--example", example, "--package", package],
        None => vec!["--examples", "--package", package],
    };
    what.extend(workspace.metadata.built_besides(package));
    let built = build(&workspace, package, &what, &plan, progress)?;
    Ok(workspace.libraries(&plan, &built))
}

/// What is asked of cargo where a package's dependencies are built.
pub(crate) struct Wanted<'a> {
    /// The package, which is in a workspace of its own.
    pub(crate) package: &'a str,
    /// What to call it all in an error.
    pub(crate) name: &'a str,
    /// Only these of its dependencies, as source text names them, and what they
    /// depend on; they have the features that they have for all.
    pub(crate) only: Option<&'a BTreeSet<String>>,
    /// What else cargo is told.
    pub(crate) options: &'a [&'a str],
}

/// Builds what a package depends on, for this machine and apart from what build
/// scripts and macros use.
pub(crate) fn build_dependencies(
    folder: &Path,
    wanted: &Wanted<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Libraries, Error> {
    let workspace = Workspace::read(folder)?;
    let root = workspace.package(wanted.package)?;
    let direct: Vec<(String, String)> = workspace
        .metadata
        .direct(&root.id)
        .filter(|(name, _)| wanted.only.is_none_or(|it| it.contains(*name)))
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .collect();
    let host = host(&workspace.version);
    let mut plan = Plan::new(&workspace.metadata, root, direct, BTreeMap::new());
    plan.only_in = Some(workspace.target_directory().join(host));
    let mut what = vec!["--lib", "--target", host];
    if wanted.only.is_some() {
        let ids = plan.direct.iter();
        what.extend(ids.flat_map(|(_, id)| ["--package", id.as_str()]));
    }
    what.extend(wanted.options);
    let built = build(&workspace, wanted.name, &what, &plan, progress)?;
    Ok(workspace.libraries(&plan, &built))
}

/// What a package, which is in a workspace of its own, is linked with.
pub(crate) fn linked_crates(folder: &Path, package: &str) -> Result<Vec<Crate>, Error> {
    let workspace = Workspace::read(folder)?;
    let metadata = &workspace.metadata;
    let root = workspace.package(package)?;
    let mut linked_by: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, id) in metadata.direct(&root.id) {
        names.entry(id).or_default().push(name.to_owned());
        for id in metadata.linked(id) {
            linked_by.entry(id).or_default().push(name.to_owned());
        }
    }
    let crates = linked_by.into_iter().filter_map(|(id, linked_by)| {
        let package = metadata.by_id(id)?;
        Some(Crate {
            package: package.name.clone(),
            version: package.version.clone(),
            is_published: package.is_published(),
            names: names.remove(id).unwrap_or_default(),
            linked_by,
        })
    });
    Ok(crates.collect())
}

/// What `cargo metadata` says of the workspace that a folder is in.
pub(crate) fn metadata(folder: &Path, options: &[&str]) -> Result<String, Error> {
    metadata_in(folder, None, options)
}

/// The same, by a cargo with that environment, if it isn't this process's.
fn metadata_in(
    folder: &Path,
    environment: Option<&Environment>,
    options: &[&str],
) -> Result<String, Error> {
    let mut command = Command::new(cargo());
    if let Some(environment) = environment {
        command.env_clear().envs(environment.iter().cloned());
    }
    output(
        command
            .args(["metadata", "--format-version", "1"])
            .args(options)
            .current_dir(folder),
    )
}

/// A process's variables.
type Environment = Vec<(String, String)>;

/// What somebody's environment asks of his own builds. Cargo's reference, *Environment
/// variables* and *Configuration*.
const OF_OWN_BUILDS: [&str; 7] = [
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_RUSTFLAGS",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
];

/// This process's environment without [`OF_OWN_BUILDS`], and with a target folder in
/// this one. Where this says that there are no flags, no configuration of cargo's adds
/// any.
fn apart(folder: &Path) -> Environment {
    let asks = |name: &str| {
        let profile = name.starts_with("CARGO_PROFILE_");
        profile || OF_OWN_BUILDS.contains(&name)
    };
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let kept = env::vars_os().filter_map(text);
    let target = folder.join("target").to_string_lossy().into_owned();
    kept.filter(|(name, _)| !asks(name))
        .chain([
            ("CARGO_TARGET_DIR".to_owned(), target),
            ("CARGO_ENCODED_RUSTFLAGS".to_owned(), String::new()),
        ])
        .collect()
}

/// A workspace and the compiler that cargo uses in it.
#[derive(Debug)]
pub struct Workspace {
    manifest_dir: PathBuf,
    rustc: PathBuf,
    version: String,
    metadata: Metadata,
    /// The one that cargo has, if it isn't this process's.
    environment: Option<Environment>,
}

impl Workspace {
    /// Reads the workspace that this folder is in.
    ///
    /// # Errors
    /// When there is no cargo or rustc, or no workspace.
    pub fn read(manifest_dir: &Path) -> Result<Workspace, Error> {
        Workspace::read_in(manifest_dir, None)
    }

    /// The same for a workspace that isn't the user's own: it is built in its own
    /// target folder, and without the flags, for whatever platform and profile, that
    /// his environment asks for.
    ///
    /// # Errors
    /// See [`Workspace::read`].
    pub fn read_apart(root: &Path) -> Result<Workspace, Error> {
        Workspace::read_in(root, Some(apart(root)))
    }

    fn read_in(manifest_dir: &Path, environment: Option<Environment>) -> Result<Workspace, Error> {
        let (rustc, version) = compiler(manifest_dir)?;
        let metadata = Metadata::read(manifest_dir, environment.as_ref(), host(&version))?;
        Ok(Workspace {
            manifest_dir: manifest_dir.to_owned(),
            rustc,
            version,
            metadata,
            environment,
        })
    }

    /// Where cargo puts what it builds.
    pub fn target_directory(&self) -> &Path {
        &self.metadata.target_directory
    }

    /// Whether one of its members is named so.
    pub fn has_member(&self, name: &str) -> bool {
        self.metadata.members().any(|member| member.name == name)
    }

    /// A package's edition.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn edition(&self, package: &str) -> Result<&str, Error> {
        Ok(&self.package(package)?.edition)
    }

    /// What a package depends on: the name in source text, and the package's.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn dependencies(&self, package: &str) -> Result<impl Iterator<Item = (&str, &str)>, Error> {
        let root = self.package(package)?;
        let dependencies = self.metadata.dependencies(&root.id);
        Ok(dependencies.filter_map(|dependency| {
            let package = self.metadata.by_id(&dependency.pkg)?;
            Some((dependency.name.as_str(), package.name.as_str()))
        }))
    }

    /// Those of them that are the public registry's, and those in folders of which
    /// `is_known` says so, given their packages' names.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn dependencies_known_by(
        &self,
        package: &str,
        is_known: impl Fn(&str, &Path) -> bool,
    ) -> Result<impl Iterator<Item = (&str, &str)>, Error> {
        let is_it = move |name: &str| {
            let mut packages = self.metadata.packages.iter().filter(|it| it.name == name);
            packages.all(|it| {
                let folder = it.manifest_path.parent().unwrap_or(Path::new(""));
                it.is_published() || is_known(name, folder)
            })
        };
        Ok(self.dependencies(package)?.filter(move |it| is_it(it.1)))
    }

    /// The folder of a package: a member, or what members depend on.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn folder(&self, package: &str) -> Result<&Path, Error> {
        let manifest = &self.package(package)?.manifest_path;
        Ok(manifest.parent().unwrap_or(Path::new("")))
    }

    /// Has cargo build the libraries of members, or of what `package` depends
    /// on, each given after the name that programs are to use it by. Those
    /// programs have the edition of `package`. `name` is what to call it all
    /// in an error.
    ///
    /// # Errors
    /// When there is no such package, or it can't be built.
    pub fn build_libraries(
        &self,
        package: &str,
        name: &str,
        libraries: &[(&str, String)],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Libraries, Error> {
        let root = self.package(package)?;
        let direct = libraries
            .iter()
            .map(|(name, library)| {
                Ok(((*name).to_owned(), self.library(root, library)?.to_owned()))
            })
            .collect::<Result<_, Error>>()?;
        let plan = Plan::new(&self.metadata, root, direct, BTreeMap::new());
        let what: Vec<&str> = libraries
            .iter()
            .flat_map(|(_, library)| ["--package", library.as_str()])
            .collect();
        let built = build(self, name, &what, &plan, progress)?;
        Ok(self.libraries(&plan, &built))
    }

    fn libraries(&self, plan: &Plan, built: &Built) -> Libraries {
        let (rustc, version) = (self.rustc.clone(), self.version.clone());
        plan.libraries(&built.libraries, rustc, version)
    }

    fn package(&self, name: &str) -> Result<&Package, Error> {
        self.metadata.package(name, &self.manifest_dir)
    }

    /// The id of the member of that name, or of such a dependency.
    fn library(&self, root: &Package, name: &str) -> Result<&str, Error> {
        let dependencies = self.metadata.dependencies(&root.id);
        let dependencies =
            dependencies.filter_map(|dependency| self.metadata.by_id(&dependency.pkg));
        let mut packages = self.metadata.members().chain(dependencies);
        let library = packages.find(|package| package.name == name);
        let library = library.ok_or_else(|| no_package(name, &self.manifest_dir))?;
        Ok(&library.id)
    }
}

/// The compiler that cargo uses, itself rather than rustup's stand-in for it,
/// which costs tens of milliseconds a call.
fn compiler(manifest_dir: &Path) -> Result<(PathBuf, String), Error> {
    let named = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = output(
        Command::new(&named)
            .args(["--print", "sysroot"])
            .current_dir(manifest_dir),
    )?;
    let real = Path::new(sysroot.trim_end()).join("bin/rustc");
    let rustc = if real.exists() {
        real
    } else {
        PathBuf::from(named)
    };
    let version = output(Command::new(&rustc).arg("-vV"))?;
    Ok((rustc, version))
}

/// The compiler that is used in a folder, for programs that use std alone.
///
/// # Errors
/// When there is no rustc.
pub fn std_alone(folder: &Path, edition: &str) -> Result<Libraries, Error> {
    let (rustc, version) = compiler(folder)?;
    Ok(Libraries::none(rustc, version, edition))
}

/// The nightly compiler, if rustup has one, for programs that use std alone. It is
/// looked for until there is one.
pub(crate) fn nightly(edition: &str) -> Option<Libraries> {
    static FOUND: OnceLock<(PathBuf, String)> = OnceLock::new();
    let look = || {
        let mut rustup = Command::new("rustup");
        let found = output(rustup.args(["which", "rustc", "--toolchain", "nightly"]));
        let rustc = PathBuf::from(found.ok()?.trim_end());
        let version = output(Command::new(&rustc).arg("-vV")).ok()?;
        Some((rustc, version))
    };
    let (rustc, version) = match FOUND.get() {
        Some(found) => found.clone(),
        None => {
            let found = look()?;
            FOUND.get_or_init(|| found).clone()
        }
    };
    Some(Libraries::none(rustc, version, edition))
}

/// The first line of what the compiler that programs are built with says of its
/// version.
///
/// # Errors
/// When there is no rustc.
pub fn rustc_version() -> Result<String, Error> {
    let named = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = output(Command::new(named).arg("--version"))?;
    Ok(version.trim_end().to_owned())
}

/// Where the source of the standard library is: where `RUST_SRC_PATH` says, as
/// for rust-analyzer, or else with the same compiler; `None` if it isn't
/// installed (`rustup component add rust-src`).
///
/// # Errors
/// When there is no rustc.
pub fn std_source() -> Result<Option<PathBuf>, Error> {
    let is_source = |folder: &PathBuf| folder.join("core").is_dir();
    let named = env::var_os("RUST_SRC_PATH").map(PathBuf::from);
    if let Some(folder) = named.filter(is_source) {
        return Ok(Some(folder));
    }
    let named = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = output(Command::new(named).args(["--print", "sysroot"]))?;
    let folder = Path::new(sysroot.trim_end()).join("lib/rustlib/src/rust/library");
    Ok(Some(folder).filter(is_source))
}

/// The platform's name in what `rustc -vV` says.
fn host(version: &str) -> &str {
    version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default()
}

fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// What a short command prints.
fn output(command: &mut Command) -> Result<String, Error> {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let output = command
        .output()
        .map_err(|error| not_started(&name, &error))?;
    if !output.status.success() {
        return Err(Error {
            sentence: format!("{name} failed."),
            details: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn not_started(name: &str, error: &io::Error) -> Error {
    let advice = match error.kind() {
        io::ErrorKind::NotFound => " Is Rust installed? See https://rustup.rs.",
        _ => "",
    };
    let reason = run::in_words(error);
    Error {
        sentence: format!("Cannot start {name}: {reason}.{advice}"),
        details: String::new(),
    }
}

fn no_package(name: &str, manifest_dir: &Path) -> Error {
    Error {
        sentence: format!(
            "There is no package named {name:?} in {}.",
            manifest_dir.display()
        ),
        details: String::new(),
    }
}

/// What cargo is going to build.
struct Plan {
    edition: String,
    /// The examples' files, by name.
    examples: BTreeMap<String, PathBuf>,
    /// The direct dependencies: the name in source text, and the package's id.
    direct: Vec<(String, String)>,
    /// The ids of all packages that the examples are linked with.
    linked: BTreeSet<String>,
    /// The folders of those packages' sources.
    sources: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
    /// Where cargo puts what is for this machine, if what build scripts and
    /// macros use is elsewhere.
    only_in: Option<PathBuf>,
}

impl Plan {
    /// Every example of this package.
    fn of_examples(metadata: &Metadata, root: &Package) -> Plan {
        let mut direct: Vec<(String, String)> = metadata
            .dependencies(&root.id)
            .filter(|dependency| dependency.is_of(&[None, Some("dev")]))
            .map(|dependency| (dependency.name.clone(), dependency.pkg.clone()))
            .collect();
        // An example can use its own package's library, if there is one.
        if root.targets.iter().any(Target::is_library) {
            direct.push((root.name.replace('-', "_"), root.id.clone()));
        }
        let examples = root
            .targets
            .iter()
            .filter(|target| target.is_example())
            .map(|target| (target.name.clone(), target.src_path.clone()))
            .collect();
        Plan::new(metadata, root, direct, examples)
    }

    fn new(
        metadata: &Metadata,
        root: &Package,
        direct: Vec<(String, String)>,
        examples: BTreeMap<String, PathBuf>,
    ) -> Plan {
        let mut linked = BTreeSet::new();
        let mut unvisited: Vec<&str> = direct.iter().map(|(_, id)| id.as_str()).collect();
        while let Some(id) = unvisited.pop() {
            if !linked.insert(id.to_owned()) {
                continue;
            }
            unvisited.extend(
                metadata
                    .dependencies(id)
                    .filter(|dependency| dependency.is_of(&[None]))
                    .map(|dependency| dependency.pkg.as_str()),
            );
        }
        let folders = metadata
            .packages
            .iter()
            .filter(|package| linked.contains(&package.id))
            .filter_map(|package| Some(package.manifest_path.parent()?.parent()?.to_owned()))
            .collect();
        let sources = metadata
            .packages
            .iter()
            .filter(|package| linked.contains(&package.id))
            .flat_map(|package| package.targets.iter().filter(|target| target.is_library()))
            .filter_map(|library| Some(library.src_path.parent()?.to_owned()))
            .collect();
        Plan {
            edition: root.edition.clone(),
            examples,
            direct,
            linked,
            sources,
            folders,
            only_in: None,
        }
    }

    /// The libraries, given the file of each.
    fn libraries(
        &self,
        files: &BTreeMap<String, PathBuf>,
        rustc: PathBuf,
        version: String,
    ) -> Libraries {
        let direct = self
            .direct
            .iter()
            .filter_map(|(name, package)| Some((name.clone(), files.get(package)?.clone())));
        Libraries {
            rustc,
            version,
            edition: self.edition.clone(),
            direct: direct.collect(),
            all: files.values().cloned().collect(),
            sources: self.sources.clone(),
            folders: self.folders.clone(),
        }
    }

    /// The examples' source texts as they are now.
    fn sources(&self) -> BTreeMap<String, String> {
        self.examples
            .iter()
            .filter_map(|(name, file)| Some((name.clone(), fs::read_to_string(file).ok()?)))
            .collect()
    }
}

/// What cargo has built.
#[derive(Default)]
struct Built {
    programs: BTreeMap<String, PathBuf>,
    /// By the package's id.
    libraries: BTreeMap<String, PathBuf>,
    rejected: String,
}

/// Runs cargo under a supervisor too: it ends when we do. `name` is what to
/// call it all in an error.
fn build(
    workspace: &Workspace,
    name: &str,
    what: &[&str],
    plan: &Plan,
    progress: &mut dyn FnMut(Progress),
) -> Result<Built, Error> {
    let arguments = [
        &["build", "--message-format=json-diagnostic-rendered-ansi"],
        what,
    ]
    .concat();
    let order = Order {
        program: cargo(),
        arguments: arguments.into_iter().map(str::to_owned).collect(),
        environment: workspace.environment.clone(),
        directory: std::path::absolute(&workspace.manifest_dir)
            .map_err(|error| not_started("cargo", &error))?,
        scratch: None,
        input: Source::Nothing,
        limits: Limits::none(),
        notice_deadlock: false,
        confinement: None,
    };
    let running = run::start(order, None, &Stop::new()).map_err(|error| match error {
        RunError::Missing(_) => not_started("cargo", &io::ErrorKind::NotFound.into()),
        RunError::Failed(sentence) => Error {
            sentence: sentence.replace("the program", "cargo"),
            details: String::new(),
        },
    })?;

    let total = plan.linked.len() + plan.examples.len();
    let mut built = Built::default();
    let mut unread = Vec::new();
    let mut said = Vec::new();
    let mut last: Option<Progress> = None;
    for event in running {
        match event {
            Event::Output {
                stream: Stream::Stderr,
                bytes,
                ..
            } => said.extend(bytes),
            Event::Output { bytes, .. } => {
                unread.extend(bytes);
                while let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = unread.drain(..=end).collect();
                    if let Some((name, fresh)) = built.hear(plan, &line) {
                        let done = built.libraries.len() + built.programs.len();
                        let step = Progress {
                            done,
                            total,
                            name,
                            fresh,
                        };
                        progress(step.clone());
                        last = Some(step);
                    }
                }
            }
            Event::Ended { ending, .. } => {
                // With all that these are linked with.
                let has_all = plan
                    .direct
                    .iter()
                    .all(|(_, id)| built.libraries.contains_key(id));
                let failed = ending != Ending::Returned;
                if failed && (built.rejected.is_empty() || !has_all) {
                    return Err(Error {
                        sentence: format!("cargo could not build {name}."),
                        details: built.rejected + &String::from_utf8_lossy(&said),
                    });
                }
            }
        }
    }
    // The plan has what the features need that other packages choose, too.
    if let Some(last) = last.filter(|last| built.rejected.is_empty() && last.done < total) {
        progress(Progress {
            done: total,
            ..last
        });
    }
    Ok(built)
}

impl Built {
    /// Takes in one of cargo's messages. If something is built, returns its
    /// name, and whether it was before.
    fn hear(&mut self, plan: &Plan, line: &[u8]) -> Option<(String, bool)> {
        match serde_json::from_slice(line).ok()? {
            Message::Diagnostic { message } if message.level == "error" => {
                self.rejected += message.rendered.as_deref().unwrap_or_default();
                None
            }
            Message::Artifact {
                target,
                executable: Some(program),
                fresh,
                ..
            } if target.is_example() => {
                self.programs.insert(target.name.clone(), program);
                Some((target.name, fresh))
            }
            Message::Artifact {
                package_id,
                target,
                filenames,
                fresh,
                ..
            } if target.is_library() && plan.linked.contains(&package_id) => {
                let kinds = ["rlib", "so", "dylib"];
                let library = filenames.iter().find(|file| is_of(file, &kinds))?;
                // The very file, and not another name of it: that may be another's, too.
                let unique = filenames.iter().find(|file| is_of(file, &["rmeta"]));
                let unique = unique.map(|it| it.with_extension("rlib"));
                let library = unique
                    .filter(|it| plan.only_in.is_some() && it.exists())
                    .unwrap_or_else(|| library.clone());
                let is_ours = |folder: &PathBuf| target.is_macro() || library.starts_with(folder);
                if !plan.only_in.as_ref().is_none_or(is_ours) {
                    return None;
                }
                self.libraries.insert(package_id, library);
                Some((target.name, fresh))
            }
            _ => None,
        }
    }
}

/// Whether a file's name ends in one of these.
fn is_of(file: &Path, extensions: &[&str]) -> bool {
    let extension = file.extension();
    extension.is_some_and(|it| extensions.iter().any(|wanted| it == *wanted))
}

// cargo's messages and metadata, as far as we read them:
// https://doc.rust-lang.org/cargo/reference/external-tools.html

#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-message")]
    Diagnostic { message: Diagnostic },
    #[serde(rename = "compiler-artifact")]
    Artifact {
        package_id: String,
        target: Target,
        filenames: Vec<PathBuf>,
        executable: Option<PathBuf>,
        fresh: bool,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    /// What cargo builds when it is told no package.
    workspace_default_members: Vec<String>,
    resolve: Resolve,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    source: Option<String>,
    edition: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

/// What cargo calls the public registry, wherever it takes it from, as in every lock.
pub(crate) const PUBLIC_REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

impl Package {
    fn is_published(&self) -> bool {
        self.source.as_deref() == Some(PUBLIC_REGISTRY)
    }

    fn is_macro(&self) -> bool {
        self.targets.iter().any(Target::is_macro)
    }
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

impl Metadata {
    /// Asks cargo for the packages and who depends on whom.
    fn read(
        manifest_dir: &Path,
        environment: Option<&Environment>,
        host: &str,
    ) -> Result<Metadata, Error> {
        let json = metadata_in(manifest_dir, environment, &["--filter-platform", host])?;
        serde_json::from_str(&json).map_err(|error| Error {
            sentence: format!("Cannot read what cargo metadata says: {error}."),
            details: String::new(),
        })
    }

    fn package(&self, name: &str, manifest_dir: &Path) -> Result<&Package, Error> {
        let package = self.packages.iter().find(|package| package.name == name);
        package.ok_or_else(|| no_package(name, manifest_dir))
    }

    fn by_id(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == id)
    }

    fn members(&self) -> impl Iterator<Item = &Package> {
        let is_member = |package: &&Package| self.workspace_members.contains(&package.id);
        self.packages.iter().filter(is_member)
    }

    /// What to tell cargo besides a package whose examples it is to build: the
    /// workspace's default members. Libraries then have the features that both want,
    /// and are built once for `cargo build` and for the examples. Of members that have
    /// no examples nothing else is built.
    fn built_besides(&self, package: &str) -> impl Iterator<Item = &str> {
        let is_default = |it: &&Package| self.workspace_default_members.contains(&it.id);
        let by_default: Vec<&Package> = self.members().filter(is_default).collect();
        let is_among_them = by_default.iter().any(|it| it.name == package);
        let has_none = |it: &&Package| !it.targets.iter().any(Target::is_example);
        by_default
            .into_iter()
            .filter(move |it| !is_among_them && has_none(it))
            .flat_map(|it| ["--package", it.name.as_str()])
    }

    /// The libraries and macros that a package depends on itself: the name in source
    /// text, and the package's id.
    fn direct(&self, id: &str) -> impl Iterator<Item = (&str, &str)> {
        self.dependencies(id)
            .filter(|dependency| dependency.is_of(&[None]))
            .filter(|dependency| {
                let package = self.by_id(&dependency.pkg);
                package.is_some_and(|it| it.targets.iter().any(Target::is_library))
            })
            .map(|dependency| (dependency.name.as_str(), dependency.pkg.as_str()))
    }

    /// A package and all that it is linked with, macros among them, and not what those
    /// are linked with.
    fn linked<'a>(&'a self, id: &'a str) -> BTreeSet<&'a str> {
        let mut linked = BTreeSet::new();
        let mut unvisited = vec![id];
        while let Some(id) = unvisited.pop() {
            let is_macro = self.by_id(id).is_some_and(Package::is_macro);
            if linked.insert(id) && !is_macro {
                unvisited.extend(self.direct(id).map(|(_, id)| id));
            }
        }
        linked
    }

    fn dependencies(&self, id: &str) -> impl Iterator<Item = &Dependency> {
        let node = self.resolve.nodes.iter().find(|node| node.id == id);
        node.into_iter().flat_map(|node| &node.deps)
    }
}

impl Target {
    fn is_macro(&self) -> bool {
        self.kind.iter().any(|kind| kind == "proc-macro")
    }

    fn is_example(&self) -> bool {
        self.kind.iter().any(|kind| kind == "example")
    }

    fn is_library(&self) -> bool {
        let libraries = ["lib", "rlib", "dylib", "proc-macro"];
        self.kind
            .iter()
            .any(|kind| libraries.contains(&kind.as_str()))
    }
}

impl Dependency {
    fn is_of(&self, kinds: &[Option<&str>]) -> bool {
        self.dep_kinds
            .iter()
            .any(|dependency| kinds.contains(&dependency.kind.as_deref()))
    }
}
