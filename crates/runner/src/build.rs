//! Turning source text into a program, as fast as rustc can, and never twice.
//!
//! rustc is called directly, with the exact libraries that cargo built, under
//! a supervisor like any program's: it is bounded, and when it is stopped its
//! linker goes with it. A program is known by its whole source text, the
//! libraries and the compiler; the cache is a folder that holds a folder for
//! each, and can be shared and deleted at any time.
//!
//! rustc compiles incrementally, which takes half the time for a listing that
//! was edited, and still saves some for another listing. It reuses only what
//! was compiled in the same folder, so there are a few *desks*: folders with
//! a memory, each used by one compiler at a time.
//!
//! The compiler's environment is as bare as a program's, so `env!` finds nothing
//! in it but what cargo would tell a package's programs. `include!` and its like do read files: see the
//! [crate's documentation](crate#what-is-kept-from-a-program).

use crate::cargo::{self, Progress};
use crate::containment::Confinement;
use crate::diagnostics::Diagnostics;
use crate::disk;
use crate::event::{Ending, Event, Limit, Stream};
use crate::libraries::{Libraries, link_or_copy};
use crate::limits::Limits;
use crate::removal::remove_directory;
use crate::run::{self, RunError};
use crate::sources::Sources;
use crate::stop::Stop;
use crate::supervisor::{Order, Scratch, Source};
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::env;
use std::fmt;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// What a program's file is called in rustc's words and in a panic's message.
pub const FILE_NAME: &str = "listing.rs";

/// The cache's size, in bytes, from which on the programs that were not used
/// for longest are removed. A book's listings have room in it: some 200, of 4 MB
/// each, and as many that a reader made of them.
const CACHE_SIZE: u64 = 2 << 30;

/// A program used as recently as this stays in the cache: someone may be
/// about to run it.
const IN_USE: Duration = Duration::from_secs(120);

/// What a build that was cut off leaves behind is removed after this time.
const ABANDONED: Duration = Duration::from_secs(3600);

/// How soon a build that waits for another notices that it was stopped.
const NOTICE_STOP: Duration = Duration::from_millis(20);

/// What the cache says of a program is in this file.
const RECORD: &str = "program.json";

/// It was in this one once. Nobody reads it any more.
const EARLIER_RECORD: &str = "record.json";

/// The names of the folders in which programs are being built start so.
const BUILDING: &str = "building-";

/// The names of the folders of packages that programs ask for start so.
const PACKAGES: &str = "packages-";

/// What the package is called that depends on them.
const PACKAGE: &str = "cell";

/// How long packages are kept that no program asks for.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 3600);

/// The variables that the compiler and its linker are given as they are here,
/// besides a program's own.
const ENVIRONMENT: [&str; 6] = [
    "DEVELOPER_DIR",
    "LIBRARY_PATH",
    "MACOSX_DEPLOYMENT_TARGET",
    "NIX_CFLAGS_COMPILE",
    "NIX_LDFLAGS",
    "SDKROOT",
];

/// Builds programs, and remembers those that it has built. Its clones share
/// everything.
#[derive(Clone, Debug)]
pub struct Builder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    libraries: Libraries,
    fingerprint: u64,
    cache: PathBuf,
    limits: Limits,
    /// What else rustc is told.
    options: Vec<String>,
    /// What lies beside a program's file.
    sources: Sources,
    /// What `env!` finds.
    variables: Vec<(String, String)>,
    /// What rustc is to make.
    kind: Kind,
    /// Libraries that were built here, as programs are: their names, and their files.
    built_libraries: Vec<(String, PathBuf)>,
    /// A nightly compiler without any libraries, once there is one.
    nightly: OnceLock<Builder>,
    /// Who builds, and who waits.
    queue: Mutex<Queue>,
    built: Condvar,
    at_once: usize,
}

/// What rustc makes of a file, and what it calls that in a program's types.
#[derive(Clone, Debug, Hash)]
enum Kind {
    /// A program, called like its file.
    Program,
    /// A program of a package, which gives it a name.
    Named(String),
    /// A library, by its name.
    Library(String),
}

/// A program that was built.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// The executable file. It stays where it is for some minutes at least.
    pub program: PathBuf,
    /// Whether it was there already.
    pub cached: bool,
    /// How long that took.
    pub took: Duration,
    /// rustc's warnings, coloured by ANSI sequences. May be empty.
    pub warnings: String,
    /// What the program itself calls its file, if not [`FILE_NAME`]: cargo
    /// built it. See [`Running::naming_its_file`](crate::Running::naming_its_file).
    pub file: Option<String>,
}

/// Where somebody is in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// How many are served at the same time.
    pub at_once: usize,
    /// How many wait before him.
    pub before: usize,
}

/// Why there is no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// It doesn't compile.
    Rejected {
        /// rustc's words, coloured by ANSI sequences.
        rendered: String,
        /// The errors' codes (`E0499`) in their order, each once. Not every
        /// error has one.
        codes: Vec<String>,
    },
    /// Whoever asked for it asked for it to be stopped.
    Stopped,
    /// The compiler hit one of its limits, and was stopped.
    OverLimit(Limit),
    /// Anything else (no rustc, a full disk), as a sentence.
    Failed(String),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Rejected { codes, .. } if codes.is_empty() => {
                f.write_str("The program doesn't compile.")
            }
            BuildError::Rejected { codes, .. } => {
                write!(f, "The program doesn't compile: {}.", codes.join(", "))
            }
            BuildError::Stopped => f.write_str("The build was stopped."),
            BuildError::OverLimit(limit) => {
                write!(f, "The compiler was stopped: {limit}.")
            }
            BuildError::Failed(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for BuildError {}

/// What the cache says of a program, beside the program itself.
#[derive(Serialize, Deserialize)]
struct Record {
    source: String,
    rendered: String,
    /// The errors' codes, if it was rejected.
    rejected: Option<Vec<String>>,
    /// What the program calls its file, if cargo built it.
    #[serde(default)]
    file: Option<String>,
}

impl Record {
    /// Whether it was the linker that found something. Linkers have many words for what
    /// isn't the program's fault: it may go well the next time.
    fn is_of_a_linker(&self) -> bool {
        self.rejected.is_some() && self.rendered.contains(LINKING_FAILED)
    }
}

impl Builder {
    /// A builder for programs that use these libraries, with its cache in a
    /// folder that is made when it is needed.
    pub fn new(libraries: Libraries, cache_dir: PathBuf) -> Builder {
        Builder::with_limits(libraries, cache_dir, Builder::usual_limits())
    }

    /// What a compiler may use that is not told otherwise.
    pub fn usual_limits() -> Limits {
        Limits {
            wall_clock: Duration::from_secs(60),
            memory: 2 << 30,
            file: 1 << 30,
            disk: u64::MAX,
            ..Limits::default()
        }
    }

    /// The same with other limits for the compiler than one minute and 2 GiB.
    pub fn with_limits(libraries: Libraries, cache_dir: PathBuf, limits: Limits) -> Builder {
        Builder::with_options(libraries, cache_dir, limits, &[])
    }

    /// The same with more options for rustc.
    pub fn with_options(
        libraries: Libraries,
        cache_dir: PathBuf,
        limits: Limits,
        options: &[&str],
    ) -> Builder {
        let cache = std::path::absolute(&cache_dir).unwrap_or(cache_dir);
        remove_abandoned(&cache);
        Builder(Arc::new(Shared {
            fingerprint: libraries.fingerprint(),
            libraries,
            cache,
            limits,
            options: options.iter().map(ToString::to_string).collect(),
            sources: Sources::default(),
            variables: Vec::new(),
            kind: Kind::Program,
            built_libraries: Vec::new(),
            nightly: OnceLock::new(),
            queue: Mutex::default(),
            built: Condvar::new(),
            at_once: thread::available_parallelism().map_or(1, usize::from),
        }))
    }

    /// The same for programs in another edition: `2021`, for example.
    #[must_use]
    pub fn with_edition(&self, edition: &str) -> Builder {
        if edition == self.0.libraries.edition {
            return self.clone();
        }
        self.with_libraries(self.0.libraries.clone().with_edition(edition))
    }

    /// The same for programs that know the libraries by other names, or not at all:
    /// `names` says by which, given a library's own.
    #[must_use]
    pub fn with_names(&self, names: impl Fn(&str) -> Vec<String>) -> Builder {
        let mut libraries = self.0.libraries.clone();
        let direct = libraries.direct.into_iter();
        libraries.direct = direct
            .flat_map(|(name, file)| names(&name).into_iter().map(move |it| (it, file.clone())))
            .collect();
        self.with_libraries(libraries)
    }

    /// The same for programs of a package in which these features are on.
    #[must_use]
    pub fn with_features(&self, features: &[String]) -> Builder {
        let names = features.iter();
        let options = names.map(|name| format!("--cfg=feature={name:?}"));
        self.but(|shared| shared.options.extend(options))
    }

    /// The same for programs of a package that has these files: a program's file
    /// may name others, as its own name is a path among them. It is called `name`
    /// where it names itself, in the name of a type for one.
    #[must_use]
    pub fn with_sources(&self, sources: &Sources, name: &str) -> Builder {
        self.but(|shared| {
            shared.sources = sources.clone();
            shared.kind = Kind::Named(name.replace('-', "_"));
        })
    }

    /// The same for programs of a package that find these variables by `env!`,
    /// besides `CARGO_CRATE_NAME`.
    #[must_use]
    pub fn with_variables(&self, variables: &[(String, String)]) -> Builder {
        self.but(|shared| shared.variables = variables.to_vec())
    }

    /// The same for programs that may use a library, too, which is compiled from
    /// this source in this edition. It may use whatever programs may.
    ///
    /// # Errors
    /// When it doesn't compile, or can't be compiled.
    pub fn with_library(
        &self,
        name: &str,
        file_name: &str,
        source: &str,
        edition: &str,
        stop: &Stop,
    ) -> Result<Builder, BuildError> {
        let library = self.for_library(name, edition);
        let built = library.build_as(file_name, source, stop)?.program;
        // By its name rustc knows what it is.
        let file = built.with_file_name(format!("lib{name}.rlib"));
        if !file.exists() {
            link_or_copy(&built, &file).map_err(|error| self.no_cache(&error))?;
        }
        Ok(self.but(|shared| shared.built_libraries.push((name.to_owned(), file))))
    }

    /// The same for a library of that name, written in this edition.
    fn for_library(&self, name: &str, edition: &str) -> Builder {
        self.with_edition(edition).but(|shared| {
            shared.kind = Kind::Library(name.to_owned());
        })
    }

    /// The files that rustc reads of a program: its own, those of its modules, and what
    /// it includes; paths as rustc knows them.
    ///
    /// # Errors
    /// See [`build`](Builder::build).
    pub fn files(
        &self,
        file_name: &str,
        source: &str,
        stop: &Stop,
    ) -> Result<Vec<String>, BuildError> {
        let lister = self.but(|shared| shared.options.push("--emit=dep-info".to_owned()));
        let list = lister.build_as(file_name, source, stop)?.program;
        let list = fs::read_to_string(list).map_err(|error| self.no_cache(&error))?;
        Ok(files_in(&list))
    }

    /// Those of a library: see [`with_library`](Builder::with_library).
    ///
    /// # Errors
    /// See [`build`](Builder::build).
    pub fn files_of_library(
        &self,
        name: &str,
        file_name: &str,
        source: &str,
        edition: &str,
        stop: &Stop,
    ) -> Result<Vec<String>, BuildError> {
        self.for_library(name, edition)
            .files(file_name, source, stop)
    }

    /// The same for programs that may use these libraries, too. Of two with one name
    /// they use the one that they could use before.
    #[must_use]
    pub fn with_more_libraries(&self, more: &Libraries) -> Builder {
        self.with_libraries(self.0.libraries.clone().with_others(more))
    }

    /// The same for programs of which the tests are to run, in place of `main`.
    #[must_use]
    pub fn for_tests(&self) -> Builder {
        self.but(|shared| shared.options.push("--test".to_owned()))
    }

    /// The same for programs that are tests by themselves, and run no others: `main`
    /// stays what it is, and `cfg(test)` is on.
    #[must_use]
    pub fn with_own_harness(&self) -> Builder {
        self.but(|shared| shared.options.push("--cfg=test".to_owned()))
    }

    /// The same for programs that are only checked: they needn't be linked, and what
    /// is built can't run.
    #[must_use]
    pub fn for_checking(&self) -> Builder {
        self.but(|shared| shared.options.push("--emit=metadata".to_owned()))
    }

    /// The same for programs that use other libraries.
    fn with_libraries(&self, libraries: Libraries) -> Builder {
        self.but(|shared| {
            shared.fingerprint = libraries.fingerprint();
            shared.libraries = libraries;
        })
    }

    /// The same but for something.
    fn but(&self, change: impl FnOnce(&mut Shared)) -> Builder {
        let mut shared = Shared {
            fingerprint: self.0.fingerprint,
            libraries: self.0.libraries.clone(),
            cache: self.0.cache.clone(),
            limits: self.0.limits.clone(),
            options: self.0.options.clone(),
            sources: self.0.sources.clone(),
            variables: self.0.variables.clone(),
            kind: self.0.kind.clone(),
            built_libraries: self.0.built_libraries.clone(),
            nightly: OnceLock::new(),
            queue: Mutex::default(),
            built: Condvar::new(),
            at_once: self.0.at_once,
        };
        change(&mut shared);
        Builder(Arc::new(shared))
    }

    /// The same for programs that use these packages besides, each given by its
    /// name and by what stands after `name =` in a `Cargo.toml`. cargo builds
    /// them in the cache, once.
    ///
    /// # Errors
    /// When there is no such package, or it can't be built.
    pub fn with_packages(
        &self,
        packages: &[(String, String)],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Builder, cargo::Error> {
        let mut hasher = DefaultHasher::new();
        (packages, &self.0.libraries.rustc, &self.0.libraries.version).hash(&mut hasher);
        let folder = self
            .0
            .cache
            .join(format!("{PACKAGES}{:016x}", hasher.finish()));
        write_package(&folder, packages, &self.0.libraries.edition).map_err(|error| {
            cargo::Error {
                sentence: self.no_cache(&error).to_string(),
                details: String::new(),
            }
        })?;
        let built = cargo::build_examples(&folder, PACKAGE, progress)?;
        Ok(self.with_libraries(self.0.libraries.clone().with(built.libraries)))
    }

    /// The compiler and libraries that it builds with.
    pub fn libraries(&self) -> &Libraries {
        &self.0.libraries
    }

    /// Takes in a program that cargo built from exactly this source text, from a
    /// file that it called so.
    pub fn adopt(&self, source: &str, program: PathBuf, file: Option<&str>) {
        let key = self.key(FILE_NAME, source);
        let record = Record {
            source: source.to_owned(),
            rendered: String::new(),
            rejected: None,
            // Whoever writes that name into the program means it.
            file: file
                .filter(|file| !source.contains(file))
                .map(str::to_owned),
        };
        if let Some(known) = self.known(&key, source) {
            if known.rejected.is_none() {
                // One that was compiled here is as good.
                if known.file == record.file {
                    // In place, since another process may be about to run it.
                    let _ = link_or_copy(&program, &self.program(&key));
                }
                return;
            }
            let _ = fs::remove_dir_all(self.0.cache.join(&key));
        }
        // If it can't be taken in, it is built when it is needed.
        let _ = self.folder_for_building().and_then(|folder| {
            link_or_copy(&program, &folder.path().join("program"))?;
            self.store(&key, folder, &record)
        });
    }

    /// Builds a program, unless that was done before.
    ///
    /// # Errors
    /// When it doesn't compile, or can't be compiled.
    pub fn build(&self, source: &str, stop: &Stop) -> Result<Build, BuildError> {
        self.build_as(FILE_NAME, source, stop)
    }

    /// Builds a program whose file is called something else (`hello.rs`) in
    /// rustc's words and in a panic's message.
    ///
    /// # Errors
    /// See [`build`](Builder::build).
    pub fn build_as(
        &self,
        file_name: &str,
        source: &str,
        stop: &Stop,
    ) -> Result<Build, BuildError> {
        self.build_in_line(file_name, source, stop, &mut |_| {})
    }

    /// The same, where whoever waits until the compiler is free for him is told where in
    /// the line he is, many times a second.
    ///
    /// # Errors
    /// See [`build`](Builder::build).
    pub fn build_in_line(
        &self,
        file_name: &str,
        source: &str,
        stop: &Stop,
        tell: &mut dyn FnMut(Queued),
    ) -> Result<Build, BuildError> {
        let started = Instant::now();
        if self.needs_nightly(source) {
            let nightly = self.nightly()?;
            return nightly.build_in_line(file_name, source, stop, tell);
        }
        let key = self.key(file_name, source);
        if let Some(known) = self.look_up(&key, source, started) {
            return known;
        }
        let _turn = self.turn(&key, stop, tell)?;
        // Somebody may have built it since.
        if let Some(known) = self.look_up(&key, source, started) {
            return known;
        }
        let record = self.compile(&key, file_name, source, stop)?;
        self.make_room();
        self.answer(&key, record, false, started)
    }

    /// Whether a program asks for what only a nightly compiler gives. Against
    /// other libraries than its own, no other compiler can build it.
    fn needs_nightly(&self, source: &str) -> bool {
        let libraries = &self.0.libraries;
        !libraries.is_nightly()
            && !libraries.names().any(|name| name == "std")
            && source.contains("#![feature(")
    }

    /// The same with the nightly compiler that is installed, which knows none of
    /// the libraries.
    fn nightly(&self) -> Result<&Builder, BuildError> {
        if let Some(nightly) = self.0.nightly.get() {
            return Ok(nightly);
        }
        let libraries = cargo::nightly(self.libraries().edition()).ok_or_else(no_nightly)?;
        let nightly = self.with_libraries(libraries);
        Ok(self.0.nightly.get_or_init(|| nightly))
    }

    fn key(&self, file_name: &str, source: &str) -> String {
        let mut hasher = DefaultHasher::new();
        let shared = &self.0;
        (shared.fingerprint, &shared.options, file_name, source).hash(&mut hasher);
        (shared.sources.fingerprint(), &shared.kind).hash(&mut hasher);
        shared.variables.hash(&mut hasher);
        shared.built_libraries.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    fn program(&self, key: &str) -> PathBuf {
        self.0.cache.join(key).join("program")
    }

    fn record(&self, key: &str) -> PathBuf {
        self.0.cache.join(key).join(RECORD)
    }

    fn look_up(
        &self,
        key: &str,
        source: &str,
        started: Instant,
    ) -> Option<Result<Build, BuildError>> {
        let record = self.known(key, source)?;
        if let Ok(file) = File::options().write(true).open(self.record(key)) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(self.answer(key, record, true, started))
    }

    /// What the cache has of a source, if it has all of it.
    fn known(&self, key: &str, source: &str) -> Option<Record> {
        let record: Record = serde_json::from_slice(&fs::read(self.record(key)).ok()?).ok()?;
        let is_rejected = record.rejected.is_some() && !record.is_of_a_linker();
        let is_whole = is_rejected || self.program(key).exists();
        // The key is a short hash: two sources may share it.
        (record.source == source && is_whole).then_some(record)
    }

    fn answer(
        &self,
        key: &str,
        record: Record,
        cached: bool,
        started: Instant,
    ) -> Result<Build, BuildError> {
        match record.rejected {
            Some(codes) => Err(BuildError::Rejected {
                rendered: record.rendered,
                codes,
            }),
            None => Ok(Build {
                program: self.program(key),
                cached,
                took: started.elapsed(),
                warnings: record.rendered,
                file: record.file,
            }),
        }
    }

    /// Waits for a processor and for others who build the same. Who came first goes
    /// first.
    fn turn(
        &self,
        key: &str,
        stop: &Stop,
        tell: &mut dyn FnMut(Queued),
    ) -> Result<Turn<'_>, BuildError> {
        let mut queue = self.queue();
        let number = queue.line_up(key);
        while !stop.is_stopped() && !queue.may_go(number, self.0.at_once) {
            let before = queue.before(number);
            // Others go on meanwhile.
            drop(queue);
            tell(Queued {
                at_once: self.0.at_once,
                before,
            });
            queue = self.queue();
            if queue.may_go(number, self.0.at_once) {
                break;
            }
            queue = self
                .0
                .built
                .wait_timeout(queue, NOTICE_STOP)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        queue.waiting.remove(&number);
        if stop.is_stopped() {
            return Err(BuildError::Stopped);
        }
        queue.building.insert(key.to_owned());
        Ok(Turn {
            builder: self,
            key: key.to_owned(),
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile(
        &self,
        key: &str,
        file_name: &str,
        source: &str,
        stop: &Stop,
    ) -> Result<Record, BuildError> {
        let no_cache = |error: io::Error| self.no_cache(&error);
        let desk = Desk::take(&self.0.cache).map_err(no_cache)?;
        let (folder, said, ending) = self.compile_at(&desk, file_name, source, stop)?;
        let diagnostics = Diagnostics::read(&said);
        let rendered = self.without_machine(&diagnostics.rendered, &desk.work());
        let rejected = match ending {
            Ending::Returned => None,
            Ending::Stopped => return Err(BuildError::Stopped),
            Ending::OverLimit { limit } => return Err(BuildError::OverLimit(limit)),
            Ending::Signalled { signal: 9 } if !diagnostics.has_errors => {
                return Err(BuildError::Failed(
                    "The compiler was killed, and not by us: is there too little memory? Run it \
                     again."
                        .to_owned(),
                ));
            }
            _ if !diagnostics.has_errors => {
                return Err(BuildError::Failed(format!(
                    "The compiler itself failed: {}",
                    diagnostics
                        .rest
                        .lines()
                        .next()
                        .unwrap_or("it said nothing.")
                )));
            }
            // Those of the program mostly have a code, those of the machine none.
            _ => match trouble(&rendered).filter(|_| diagnostics.codes.is_empty()) {
                Some(sentence) => return Err(BuildError::Failed(sentence)),
                None => Some(diagnostics.codes),
            },
        };
        let record = Record {
            source: source.to_owned(),
            rendered,
            rejected,
            file: None,
        };
        if !record.is_of_a_linker() {
            self.store(key, folder, &record)
                .map_err(|error| self.no_cache(&error))?;
        }
        Ok(record)
    }

    /// Compiles at a desk. Returns the folder in which the program is if there
    /// is one, what the compiler said, and how it ended.
    fn compile_at(
        &self,
        desk: &Desk,
        file_name: &str,
        source: &str,
        stop: &Stop,
    ) -> Result<(TempDir, String, Ending), BuildError> {
        let no_cache = |error: io::Error| self.no_cache(&error);
        let libraries = self.linked_libraries().map_err(no_cache)?;
        let folder = self.folder_for_building().map_err(no_cache)?;
        desk.clear(file_name).map_err(no_cache)?;
        let work = desk.work();
        self.0.sources.write_into(&work).map_err(no_cache)?;
        fs::write(work.join(file_name), source).map_err(no_cache)?;
        let (said, ending) = self.rustc(desk, &folder, file_name, source, &libraries, stop)?;
        if ending == Ending::Returned {
            let program = folder.path().join("program");
            fs::rename(desk.work().join("program"), program).map_err(no_cache)?;
        }
        Ok((folder, said, ending))
    }

    /// Makes the first build of an edited listing as fast as the later ones, by
    /// compiling a source like it, unless that was done before. Takes a second;
    /// meant for a thread of its own.
    pub fn warm_up(&self, source: &str, stop: &Stop) {
        if let Ok(desk) = Desk::take(&self.0.cache)
            && !desk.memory().exists()
        {
            // If that fails, the next build is a little slower.
            let _ = self.compile_at(&desk, FILE_NAME, source, stop);
        }
    }

    /// Runs the compiler. Returns what it said and how it ended.
    fn rustc(
        &self,
        desk: &Desk,
        folder: &TempDir,
        file_name: &str,
        source: &str,
        libraries: &Path,
        stop: &Stop,
    ) -> Result<(String, Ending), BuildError> {
        let mut environment = run::environment(folder.path());
        for name in ENVIRONMENT {
            if let Ok(value) = env::var(name) {
                environment.push((name.to_owned(), value));
            }
        }
        if let Kind::Named(name) | Kind::Library(name) = &self.0.kind {
            environment.extend(self.0.variables.iter().cloned());
            environment.push(("CARGO_CRATE_NAME".to_owned(), name.clone()));
        }
        let order = Order {
            program: self.0.libraries.rustc.clone(),
            arguments: self.arguments(desk, file_name, source, libraries),
            environment: Some(environment),
            directory: desk.work(),
            scratch: Some(Scratch {
                folder: folder.path().to_owned(),
                hand_over: true,
            }),
            input: Source::Nothing,
            limits: self.0.limits.clone(),
            notice_deadlock: false,
            confinement: Some(self.confinement(desk, libraries)),
        };
        let running = run::start(order, None, stop).map_err(|error| {
            BuildError::Failed(match error {
                RunError::Missing(_) => {
                    "The compiler is gone: has Rust been updated? Start again.".to_owned()
                }
                RunError::Failed(sentence) => sentence.replace("the program", "the compiler"),
            })
        })?;
        let mut said = Vec::new();
        let mut end = Ending::Stopped;
        for event in running {
            match event {
                Event::Output {
                    stream: Stream::Stderr,
                    bytes,
                    ..
                } => said.extend(bytes),
                Event::Output { .. } => {}
                Event::Ended { ending, .. } => end = ending,
            }
        }
        Ok((String::from_utf8_lossy(&said).into_owned(), end))
    }

    /// What a compiler may read besides the system: itself, the libraries, and
    /// their sources, which it quotes. It can write at its desk, and nowhere
    /// else: `include_str!` is no way to read a stranger's files.
    fn confinement(&self, desk: &Desk, libraries: &Path) -> Confinement {
        let mut readable = vec![libraries.to_owned()];
        let built = self.0.built_libraries.iter();
        readable.extend(
            built
                .filter_map(|(_, file)| file.parent())
                .map(Path::to_owned),
        );
        readable.extend(self.0.libraries.readable());
        // By whatever path a program names its package's files.
        readable.extend(self.0.sources.folder().map(Path::to_owned));
        // A linker may be anywhere in there.
        let path = env::var_os("PATH").unwrap_or_default();
        readable.extend(env::split_paths(&path).filter(|folder| folder.is_absolute()));
        readable.extend(env::var_os("SDKROOT").map(PathBuf::from));
        let more = env::var_os("LIBRARY_PATH").unwrap_or_default();
        readable.extend(env::split_paths(&more).filter(|folder| folder.is_absolute()));
        Confinement {
            as_other_user: false,
            folder_in_memory: false,
            readable,
            writable: vec![desk.folder.clone()],
        }
    }

    fn arguments(
        &self,
        desk: &Desk,
        file_name: &str,
        source: &str,
        libraries: &Path,
    ) -> Vec<String> {
        let (kind, crate_name) = match &self.0.kind {
            Kind::Program => {
                let letters = file_name.trim_end_matches(".rs").chars();
                let name = letters.map(|it| if it.is_ascii_alphanumeric() { it } else { '_' });
                ("bin", name.collect())
            }
            Kind::Named(name) => ("bin", name.clone()),
            Kind::Library(name) => ("rlib", name.clone()),
        };
        // rustc wants it to be the one that the program gives itself.
        let crate_name = match source.contains("#![crate_name") {
            true => None,
            false => Some(format!("--crate-name={crate_name}")),
        };
        let mut arguments: Vec<String> = [
            file_name,
            &format!("--crate-type={kind}"),
            "--edition",
            &self.0.libraries.edition,
            "--error-format=json",
            "--json=diagnostic-rendered-ansi",
            "-Cdebuginfo=0",
            "-Cstrip=debuginfo",
            "-o",
            // Always there: what is written elsewhere each time is compiled
            // anew each time.
            "program",
            &format!("-Cincremental={}", desk.memory().display()),
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.extend(crate_name);
        if let Kind::Library(_) = self.0.kind {
            // A program may be called like its package's library.
            arguments.push("-Cmetadata=library".to_owned());
        }
        arguments.extend_from_slice(&self.0.options);
        arguments.push(format!("-Ldependency={}", libraries.display()));
        for (name, library) in &self.0.libraries.direct {
            let library = libraries.join(library.file_name().unwrap_or_default());
            arguments.push("--extern".to_owned());
            arguments.push(format!("{name}={}", library.display()));
        }
        for (name, file) in &self.0.built_libraries {
            arguments.push("--extern".to_owned());
            arguments.push(format!("{name}={}", file.display()));
        }
        arguments
    }

    /// The folder that holds the libraries, made when it isn't there.
    fn linked_libraries(&self) -> io::Result<PathBuf> {
        let name = format!("libraries-{:016x}", self.0.fingerprint);
        let folder = self.0.cache.join(name);
        if folder.exists() {
            return Ok(folder);
        }
        // Whole or not at all: with a part of them, good programs are rejected.
        let new = self.folder_for_building()?;
        self.0.libraries.link_into(new.path())?;
        match fs::rename(new.path(), &folder) {
            // Another process was faster: its folder is as good.
            Err(_) if folder.exists() => Ok(folder),
            result => result.map(|()| folder),
        }
    }

    fn folder_for_building(&self) -> io::Result<TempDir> {
        fs::create_dir_all(&self.0.cache)?;
        tempfile::Builder::new()
            .prefix(BUILDING)
            .tempdir_in(&self.0.cache)
    }

    /// Puts a folder that holds the program, or nothing if it was rejected,
    /// into the cache, whole.
    fn store(&self, key: &str, folder: TempDir, record: &Record) -> io::Result<()> {
        for entry in fs::read_dir(folder.path())? {
            let path = entry?.path();
            match path.is_dir() {
                true => remove_directory(&path),
                false if path.ends_with("program") => {}
                false => fs::remove_file(path)?,
            }
        }
        fs::write(
            folder.path().join(RECORD),
            serde_json::to_vec(record).map_err(io::Error::other)?,
        )?;
        let target = self.0.cache.join(key);
        let put = || match fs::rename(folder.path(), &target) {
            // Another process was faster: its program is as good, and may be
            // about to run.
            Err(_) if self.known(key, &record.source).is_some() => Ok(()),
            other => other,
        };
        put().or_else(|_| {
            // A part of a program is in the way, or one whose key is the same.
            let _ = fs::remove_dir_all(&target);
            put()
        })
    }

    /// Removes what was not used for longest, if the cache is too big.
    fn make_room(&self) {
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.0.cache).into_iter().flatten().flatten() {
            let folder = entry.path();
            let records = [RECORD, EARLIER_RECORD].map(|name| modified(&folder.join(name)));
            let Some(used) = records.into_iter().find_map(Result::ok) else {
                continue;
            };
            let size = fs::metadata(folder.join("program")).map_or(0, |file| file.len());
            entries.push((used, size, folder));
        }
        let mut size: u64 = entries.iter().map(|(_, size, _)| size).sum();
        entries.sort();
        for (used, bytes, folder) in entries {
            if size <= CACHE_SIZE || used.elapsed().is_ok_and(|age| age < IN_USE) {
                return;
            }
            let _ = fs::remove_dir_all(folder);
            size -= bytes;
        }
    }

    /// rustc's words without the paths of this machine.
    fn without_machine(&self, text: &str, folder: &Path) -> String {
        let libraries = &self.0.libraries;
        let text = match libraries.std_source() {
            Some((here, anywhere)) => text.replace(&here, &anywhere),
            None => text.to_owned(),
        };
        let hidden = libraries.folders.iter().map(PathBuf::as_path);
        hidden.chain([folder]).fold(text, |text, folder| {
            text.replace(&format!("{}/", folder.display()), "")
        })
    }

    fn no_cache(&self, error: &io::Error) -> BuildError {
        BuildError::Failed(disk::sentence(error, || {
            let cache = self.0.cache.display();
            format!("Cannot keep programs in {cache}: {error}.")
        }))
    }
}

fn no_nightly() -> BuildError {
    BuildError::Failed(
        "This program needs a nightly compiler, for its #![feature]: \
         `rustup toolchain install nightly` gets one."
            .to_owned(),
    )
}

/// How rustc begins to say that there is no program although it compiled it.
const LINKING_FAILED: &str = "linking with `";

/// What looks like an error in the program but is one of the machine.
fn trouble(rendered: &str) -> Option<String> {
    // A linker writes the program through memory: where there is no room for a
    // page of it, the operating system has only a signal to say so.
    let full = ["No space left on device", "[Bus error]"];
    if full.iter().any(|words| rendered.contains(words)) {
        return Some(disk::FULL.to_owned());
    }
    let words = crate::without_colours(rendered);
    // By whoever wants its memory, for one. gcc says the same of what it started.
    let killed = [
        "(SIGKILL)",
        "terminated with signal 9",
        "Killed signal terminated program",
        "due to signal",
    ];
    if words.contains(LINKING_FAILED) && killed.iter().any(|it| words.contains(it)) {
        return Some(
            "The linker was killed: there may be too little memory. Run it again.".to_owned(),
        );
    }
    let linker = words.split_once("linker `")?.1.split_once("` not found")?.0;
    Some(format!(
        "There is no linker: rustc needs {linker}. Install your system's C compiler."
    ))
}

/// A folder to compile in, ours until it is dropped. Other processes that use
/// the cache keep away meanwhile.
#[derive(Debug)]
struct Desk {
    folder: PathBuf,
    lock: File,
}

impl Desk {
    /// The first one that is free.
    fn take(cache: &Path) -> io::Result<Desk> {
        let mut number = 0;
        loop {
            let folder = cache.join(format!("desk-{number}"));
            fs::create_dir_all(folder.join("work"))?;
            let lock = File::create(folder.join("lock"))?;
            match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {
                    return Ok(Desk { folder, lock });
                }
                Err(Errno::WOULDBLOCK) => number += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Removes what other builds have left, which a `mod` would find. A file of
    /// the same name stays, to be written over.
    fn clear(&self, file_name: &str) -> io::Result<()> {
        for entry in fs::read_dir(self.work())? {
            let entry = entry?;
            if entry.file_name() == file_name {
                continue;
            }
            match entry.file_type()?.is_dir() {
                true => remove_directory(&entry.path()),
                false => fs::remove_file(entry.path())?,
            }
        }
        Ok(())
    }

    /// Where the source is, and where the compiler runs.
    fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// What rustc remembers of what it compiled here.
    fn memory(&self) -> PathBuf {
        self.folder.join("incremental")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that another thread is
        // starting has it open, too, until it runs its program.
        let _ = rustix::fs::flock(&self.lock, FlockOperation::Unlock);
    }
}

/// Who builds, and who waits for that, in the order in which they came.
#[derive(Debug, Default)]
struct Queue {
    /// The programs that are being built now, by key.
    building: HashSet<String>,
    /// The keys of those that will be.
    waiting: BTreeMap<u64, String>,
    /// The number of whoever comes next.
    next: u64,
}

impl Queue {
    /// Returns the number of who lines up.
    fn line_up(&mut self, key: &str) -> u64 {
        let number = self.next;
        self.next += 1;
        self.waiting.insert(number, key.to_owned());
        number
    }

    /// Whether it is this one's turn. Who waits for another to build the same is
    /// passed by those behind.
    fn may_go(&self, number: u64, at_once: usize) -> bool {
        let is_next = self.waiting.contains_key(&number) && self.before(number) == 0;
        let is_built = |key: &String| self.building.contains(key);
        let is_free = self.building.len() < at_once;
        is_free && is_next && !self.waiting.get(&number).is_some_and(is_built)
    }

    /// How many wait before this one and for no other to build the same.
    fn before(&self, number: u64) -> usize {
        let earlier = self.waiting.range(..number);
        let can = earlier.filter(|(_, key)| !self.building.contains(*key));
        can.count()
    }
}

/// The right to build one program, and the duty to say when that is done.
struct Turn<'a> {
    builder: &'a Builder,
    key: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.builder.queue().building.remove(&self.key);
        self.builder.0.built.notify_all();
    }
}

/// The files that are named in what rustc writes for `make`: each is a target without
/// anything that it is made of, and spaces are escaped.
fn files_in(list: &str) -> Vec<String> {
    list.lines()
        .filter_map(|line| line.strip_suffix(':'))
        .map(|file| file.replace("\\ ", " "))
        .collect()
}

fn remove_abandoned(cache: &Path) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        let is_older_than = |age: Duration| {
            modified(&entry.path()).is_ok_and(|time| time.elapsed().is_ok_and(|it| it > age))
        };
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_abandoned = name.starts_with(BUILDING) && is_older_than(ABANDONED)
            || name.starts_with(PACKAGES) && is_older_than(UNUSED);
        if is_abandoned {
            remove_directory(&entry.path());
        }
    }
}

/// Writes a package that depends on others and has nothing of its own.
fn write_package(folder: &Path, packages: &[(String, String)], edition: &str) -> io::Result<()> {
    let mut manifest = format!(
        "[package]\nname = {PACKAGE:?}\nversion = \"0.0.0\"\nedition = {edition:?}\n\
         publish = false\n\n[workspace]\n\n[dependencies]\n"
    );
    for (name, config) in packages {
        manifest += &format!("{name} = {config}\n");
    }
    let examples = folder.join("examples");
    fs::create_dir_all(&examples)?;
    // Whole or not at all, since another kernel may write the same.
    let files = [
        (folder.join("Cargo.toml"), manifest),
        (examples.join("nothing.rs"), "fn main() {}\n".to_owned()),
    ];
    for (file, text) in files {
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(text.as_bytes())?;
        new.persist(file).map_err(|error| error.error)?;
    }
    Ok(())
}

fn modified(path: &Path) -> io::Result<SystemTime> {
    fs::metadata(path)?.modified()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A builder that can build nothing.
    fn builder(all: &[PathBuf], cache: &Path) -> Builder {
        let libraries = Libraries {
            rustc: PathBuf::from("rustc"),
            version: String::new(),
            edition: "2024".to_owned(),
            direct: Vec::new(),
            all: all.iter().cloned().collect(),
            sources: Default::default(),
            folders: Default::default(),
        };
        Builder::new(libraries, cache.to_owned())
    }

    #[test]
    fn who_came_first_is_built_first() {
        let mut queue = Queue::default();
        let numbers = ["a", "a", "b", "c"].map(|key| queue.line_up(key));
        let who_may_go = |queue: &Queue| {
            let may_go = numbers.iter().position(|it| queue.may_go(*it, 2));
            let others = numbers.iter().filter(|it| queue.may_go(**it, 2)).count();
            (may_go, others)
        };
        assert_eq!(who_may_go(&queue), (Some(0), 1));
        assert_eq!(numbers.map(|it| queue.before(it)), [0, 1, 2, 3]);
        queue.waiting.remove(&numbers[0]);
        queue.building.insert("a".to_owned());
        // The same is being built: once it is there, there is nothing to do.
        assert_eq!(who_may_go(&queue), (Some(2), 1));
        assert_eq!(queue.before(numbers[3]), 1);
        queue.waiting.remove(&numbers[2]);
        queue.building.insert("b".to_owned());
        assert_eq!(who_may_go(&queue), (None, 0));
        queue.building.remove("b");
        assert_eq!(who_may_go(&queue), (Some(3), 1));
    }

    #[test]
    fn files_are_those_that_are_made_of_nothing() {
        let list = "program: a.rs b\\ c.rs\n\na.rs:\nb\\ c.rs:\n\n# env-dep:CARGO_PKG_NAME=x\n";
        assert_eq!(super::files_in(list), ["a.rs", "b c.rs"]);
    }

    #[test]
    fn a_linker_that_is_killed_says_nothing_of_the_program() {
        let of_rustc = "error: linking with `cc` failed: signal: 9 (SIGKILL)\n";
        let of_gcc = "error: linking with `cc` failed: exit status: 1\n  = note: collect2: fatal \
                      error: ld terminated with signal 9 [Killed]\n";
        let of_what_gcc_starts = "error: linking with `cc` failed: exit status: 1\n  = note: cc: \
                                  fatal error: Killed signal terminated program collect2\n";
        for words in [of_rustc, of_gcc, of_what_gcc_starts] {
            let sentence = trouble(words).expect("it is none of the program's");
            assert!(sentence.starts_with("The linker was killed"), "{sentence}");
        }
        let of_the_program = "error: linking with `cc` failed: exit status: 1\n  = note: rust-lld: \
                              error: undefined symbol: elsewhere\n";
        assert_eq!(trouble(of_the_program), None);
    }

    #[test]
    fn a_folder_of_libraries_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("liba.rlib");
        fs::write(&there, "").unwrap();
        let missing = folder.path().join("libb.rlib");
        let cache = folder.path().join("cache");
        let builder = builder(&[there, missing], &cache);
        assert!(builder.linked_libraries().is_err());
        assert_eq!(fs::read_dir(&cache).unwrap().count(), 0);
    }

    /// Those too whose record has the name that it had once.
    #[test]
    fn a_full_cache_loses_what_was_used_longest_ago() {
        let cache = tempfile::tempdir().unwrap();
        let day = Duration::from_secs(24 * 3600);
        let programs = [
            ("of-old", "record.json", 4),
            ("longest-ago", "program.json", 3),
            ("lately", "program.json", 2),
        ];
        for (name, record, days) in programs {
            let folder = cache.path().join(name);
            fs::create_dir(&folder).unwrap();
            // Holds nothing, so that it takes no room.
            let program = File::create(folder.join("program")).unwrap();
            program.set_len(CACHE_SIZE / 2 + 1).unwrap();
            let record = File::create(folder.join(record)).unwrap();
            record.set_modified(SystemTime::now() - days * day).unwrap();
        }
        builder(&[], cache.path()).make_room();
        let left = fs::read_dir(cache.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["lately"]);
    }
}
