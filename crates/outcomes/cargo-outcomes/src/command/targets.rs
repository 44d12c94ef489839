//! Which program is meant, and what it is built with: a binary or an example of the
//! package that one is in, in its edition and with its features; or a file of its
//! own.

use super::Program;
use crate::progress::LateProgress;
use crate::{Dependencies, Modelled, OwnLibrary, is_original, packages};
use anyhow::{Context, Result, anyhow, bail, ensure};
use runner::crates::{Features, Manifest, Target};
use runner::sources::path_in;
use runner::{Builder, Sources};
use std::env;
use std::path::{Path, PathBuf};

/// How a program is named on the command line.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub struct Options {
    /// A file with a program: one of the package that it is in, or one that
    /// belongs to none
    #[arg(value_name = "FILE.rs", conflicts_with_all = ["bin", "example"])]
    file: Option<PathBuf>,

    /// A binary of the package that you are in [default: the only one, or the
    /// one that its manifest calls `default-run`]
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    bin: Option<String>,

    /// An example of the package that you are in
    #[arg(long, value_name = "NAME")]
    example: Option<String>,

    #[command(flatten)]
    features: FeatureOptions,
}

/// Which features of the package are on.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub(super) struct FeatureOptions {
    /// Features of the package to turn on, with commas between them
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    features: Vec<String>,

    /// Turn on all features of the package
    #[arg(long)]
    all_features: bool,

    /// Turn on no feature of the package by default
    #[arg(long)]
    no_default_features: bool,
}

impl FeatureOptions {
    /// Reads the package's manifest.
    fn read(&self, manifest: &Path) -> Result<Manifest> {
        let chosen = Features {
            named: self.features.clone(),
            all: self.all_features,
            no_default: self.no_default_features,
        };
        let manifest = Manifest::read(manifest).and_then(|it| it.with_features(chosen));
        manifest.map_err(|error| anyhow!("{}", error.to_string().trim_end_matches('.')))
    }

    /// The manifest of the package that one is in.
    pub(super) fn here(&self, otherwise: &str) -> Result<Manifest> {
        let here = env::current_dir().context("cannot tell which folder this is")?;
        let Some(manifest) = manifest_above(&here) else {
            bail!("there is no Cargo.toml here: go to a package's folder{otherwise}");
        };
        self.read(&manifest)
    }
}

/// A program, and what it is built with.
#[derive(Debug)]
pub struct Found {
    /// The program.
    pub program: Program,
    package: Option<Package>,
}

/// The package that a program belongs to.
#[derive(Debug)]
struct Package {
    manifest: Manifest,
    /// The program's own edition.
    edition: String,
    /// What lies in its folder.
    sources: Sources,
    /// Whether it is a binary.
    is_binary: bool,
}

impl Options {
    /// Finds the program.
    ///
    /// # Errors
    /// Says which there are, if there is no such one.
    pub fn find(&self) -> Result<Found> {
        if let Some(file) = &self.file {
            return self.find_file(file);
        }
        let manifest = self
            .features
            .here(", or name a file that holds a program")?;
        let target = self.target(&manifest)?.clone();
        Found::of(&target.src_path.clone(), Some(to_run(manifest, target)))
    }

    /// A file may be a package's program, too.
    fn find_file(&self, file: &Path) -> Result<Found> {
        let path = file
            .canonicalize()
            .with_context(|| format!("cannot read {}", file.display()))?;
        if let Some(manifest) = path.parent().and_then(manifest_above)
            && let Ok(manifest) = self.features.read(&manifest)
        {
            let is_it =
                |target: &&Target| target.src_path.canonicalize().is_ok_and(|it| it == path);
            let target = manifest.programs().find(is_it).cloned();
            if let Some(target) = target {
                return Found::of(&path, Some(to_run(manifest, target)));
            }
        }
        ensure!(
            self.features.features.is_empty() && !self.features.all_features,
            "{} belongs to no package, so that it has no features to turn on",
            file.display()
        );
        Found::of(&path, None)
    }

    fn target<'a>(&self, manifest: &'a Manifest) -> Result<&'a Target> {
        let (kind, name) = match (&self.example, &self.bin) {
            (Some(name), _) => ("example", Some(name.as_str())),
            (None, Some(name)) => ("bin", Some(name.as_str())),
            (None, None) => ("bin", manifest.default_run()),
        };
        let programs: Vec<&Target> = manifest.programs().filter(|it| it.is(kind)).collect();
        let there = match programs.as_slice() {
            [] => format!("it has no {kind}"),
            some => {
                let names: Vec<&str> = some.iter().map(|it| it.name.as_str()).collect();
                format!("name one by --{kind}: {}", names.join(", "))
            }
        };
        let package = manifest.name();
        match (name, programs.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => bail!("there is no telling which program of {package} is meant: {there}"),
            (Some(name), some) => {
                let target = some.iter().find(|it| it.name == name).copied();
                target.with_context(|| format!("{package} has no {kind} {name:?}: {there}"))
            }
        }
    }
}

impl Found {
    /// The program in a file, or a target of a package.
    pub(super) fn of(file: &Path, target: Option<(Manifest, Target)>) -> Result<Found> {
        let mut program = Program::from_file(file)?;
        let Some((manifest, target)) = target else {
            return Ok(Found {
                program,
                package: None,
            });
        };
        if let Some(feature) = manifest.lacks(&target) {
            bail!(
                "{} needs the feature {feature:?}: turn it on by --features {feature}",
                target.name
            );
        }
        program.name.clone_from(&target.name);
        // cargo calls it so, too, in a panic's message for one.
        let sources = match path_in(manifest.folder(), &target.src_path) {
            Some(path) => {
                program.file_name = path;
                Sources::read(manifest.folder())
                    .with_context(|| format!("cannot read the files of {}", manifest.name()))?
            }
            None => Sources::default(),
        };
        Ok(Found {
            program,
            package: Some(Package {
                manifest,
                is_binary: target.is("bin"),
                edition: target.edition,
                sources,
            }),
        })
    }

    /// What explores it: with the look-alikes of what it may use, of these.
    pub fn modelled(&self, look_alikes: &Modelled) -> Modelled {
        let Some(package) = &self.package else {
            return look_alikes.clone();
        };
        let manifest = &package.manifest;
        let crates: Vec<(&str, &str)> = manifest.dependencies_known_by(is_original).collect();
        let features: Vec<String> = manifest.features().map(str::to_owned).collect();
        look_alikes
            .only_with(&crates)
            .with_edition(&package.edition)
            .with_features(&features)
            .with_dependencies(Dependencies::new(manifest.clone()))
            .in_package(
                &package.sources,
                package
                    .own_library()
                    .filter(|it| it.file != self.program.file_name),
                &self.program.name,
                &package.variables(&self.program.name),
            )
    }

    /// What compiles it with the originals of what it uses.
    ///
    /// # Errors
    /// When they can't be built.
    pub fn originals(&self) -> Result<Builder> {
        let mut progress = LateProgress::new("Building the crates that it uses");
        let mut tell = |step: runner::Progress| {
            progress.step(step.fresh, step.done, step.total, &step.name);
        };
        let built = match &self.package {
            None => packages::builder(&mut tell),
            Some(package) => {
                let Package {
                    manifest, sources, ..
                } = package;
                let folder = manifest.target_directory().join("outcomes");
                let libraries = manifest.build(&folder, &mut tell);
                let features: Vec<String> = manifest.features().map(str::to_owned).collect();
                libraries
                    .map(|it| {
                        Builder::new(it, folder.join("programs"))
                            .with_features(&features)
                            .with_sources(sources, &self.program.name)
                            .with_variables(&package.variables(&self.program.name))
                    })
                    .map_err(|error| error.to_string())
            }
        };
        progress.end(&built);
        built.map_err(|error| anyhow!("{error}"))
    }
}

/// Has the look-alikes built, and says so if that takes a while.
///
/// # Errors
/// When there is no place for them, or they can't be built.
pub fn look_alikes() -> Result<Modelled> {
    let mut progress = LateProgress::new("Building what explores programs");
    let built = Modelled::brought_along(&mut |step| {
        progress.step(step.fresh, step.done, step.total, &step.name);
    });
    progress.end(&built);
    built.map_err(|error| anyhow!("{error}"))
}

impl Package {
    /// What cargo tells rustc of a program.
    fn variables(&self, name: &str) -> Vec<(String, String)> {
        let mut variables = self.manifest.variables();
        if self.is_binary {
            variables.push(("CARGO_BIN_NAME".to_owned(), name.to_owned()));
        }
        variables
    }

    fn own_library(&self) -> Option<OwnLibrary> {
        let library = self.manifest.own_library()?;
        Some(OwnLibrary {
            name: library.name.replace('-', "_"),
            file: path_in(self.manifest.folder(), &library.src_path)?,
            edition: library.edition.clone(),
        })
    }
}

/// A target that isn't tested: a binary then has no dependencies that are for tests.
fn to_run(manifest: Manifest, target: Target) -> (Manifest, Target) {
    match target.is("bin") {
        true => (manifest.for_binaries(), target),
        false => (manifest, target),
    }
}

/// The nearest manifest, from this folder upwards.
fn manifest_above(folder: &Path) -> Option<PathBuf> {
    let manifests = folder.ancestors().map(|folder| folder.join("Cargo.toml"));
    manifests.into_iter().find(|manifest| manifest.is_file())
}
