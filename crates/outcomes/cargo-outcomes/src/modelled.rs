//! Exploring a program: building it against look-alikes of the libraries that
//! it uses, and asking the result what the program can do.
//!
//! The program's text stays as it is; one line at its end, [`START`], makes the
//! process answer a [`Request`] before `main` would run. The request comes by
//! standard input, the answer by standard output, one [`Message`] a line.

use crate::dependencies::{self, Dependencies, File};
use crate::interruption::Asking;
use crate::look_alikes::{self, LookAlikes, build_look_alikes, is_original};
use crate::packages;
use crate::rejection::{first_error, missing_among, possibly_missing};
use outcomes_protocol::{Answer, Message, Progress, Refused, Request, Test};
use runner::{
    Build, BuildError, Builder, Ending, Event, Libraries, Limit, Limits, Sources, Stop, Stream,
    cargo, without_colours,
};
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The standard crates, which every program may use.
const STANDARD: [&str; 3] = ["std", "core", "alloc"];

/// The line that makes a program one that can be explored.
const START: &str = "::std::program!(main);";

/// How programs are compiled.
///
/// What `unsafe` code does, the engine doesn't see: other languages' functions,
/// and variables that threads share without a lock. With registers and without dead variables, bytes
/// that mean nothing are in a program's memory less often, and so it is in
/// fewer states. All the same it panics where a program does that isn't
/// optimized: at an overflow, for one.
const OPTIONS: [&str; 3] = ["-Funsafe_code", "-Copt-level=1", "-Cdebug-assertions=on"];

/// The lint that finds it, as rustc names it in place of an error's code.
const UNSAFE_CODE: &str = "unsafe_code";

/// The variable that says where the request is: `-` for standard input.
const REQUEST: &str = "OUTCOMES_REQUEST";

/// The variable that names the test that it is about.
const TEST: &str = "OUTCOMES_TEST";

/// The library that rustc has a program call whose tests are to run: its name, its
/// file, its text, and its edition.
const HARNESS: (&str, &str, &str, &str) = (
    "test",
    "test.rs",
    "pub use ::std::program::tests::*;\n",
    "2024",
);

/// What the process may use besides what the engine may: the libraries, and
/// the answer as text.
const MEMORY_ASIDE: u64 = 512 << 20;

/// How long it may take besides exploring and searching: tracing, writing.
const TIME_ASIDE: Duration = Duration::from_secs(30);

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: u64 = 1 << 30;

/// Builds programs modelled, and asks them. Its clones share everything.
#[derive(Clone, Debug)]
pub struct Modelled {
    builder: Builder,
    folder: PathBuf,
    sources: Sources,
    library: Option<OwnLibrary>,
    dependencies: Option<Dependencies>,
}

/// What a program needs besides the look-alikes, as rustc misses it.
#[derive(Default)]
struct Needs {
    library: bool,
    dependencies: BTreeSet<String>,
}

fn in_file<'a>((path, text): &'a (String, &'a str)) -> File<'a> {
    File { path, text }
}

/// A path without its `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts
                .last()
                .is_some_and(|last| !last.is_empty() && *last != "..") =>
            {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Refuses a program, if there is a reason.
fn refuse_for(reason: Option<String>) -> Result<(), NoAnswer> {
    match reason {
        Some(reason) => Err(NoAnswer::Refused(Refused { reason, at: None })),
        None => Ok(()),
    }
}

/// The library of a package, for the package's own programs.
#[derive(Clone, Debug)]
pub struct OwnLibrary {
    /// What programs call it.
    pub name: String,
    /// Its file in the package's folder.
    pub file: String,
    /// The edition that it is written in.
    pub edition: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum NoAnswer {
    /// It doesn't compile against the look-alikes. If it does against the
    /// originals, it needs what is not modelled.
    Rejected {
        /// rustc's first error with its place, on one line without colours.
        first: String,
        /// All of rustc's words, coloured by ANSI sequences.
        rendered: String,
    },
    /// It does what can't be modelled.
    Refused(Refused),
    /// Whoever asked asked for it to be stopped.
    Stopped,
    /// It hit a limit that the engine should have kept.
    OverLimit(Limit),
    /// Anything else, as a sentence.
    Failed(String),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoAnswer::Rejected { first, .. } => write!(
                f,
                "This program can't be explored: it needs what is not modelled: {first}."
            ),
            NoAnswer::Refused(refused) => refused.fmt(f),
            NoAnswer::Stopped => f.write_str("Exploring was stopped."),
            NoAnswer::OverLimit(limit) => write!(f, "Exploring was stopped: {limit}."),
            NoAnswer::Failed(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for NoAnswer {}

impl Modelled {
    /// Has cargo build the look-alikes of std and of what a package depends
    /// on: those of its workspace or, where that has none, those that are brought
    /// along. `manifest_dir` is any folder of that workspace. Programs are built in
    /// the package's edition, and kept in cargo's target folder.
    ///
    /// # Errors
    /// When they can't be built.
    pub fn prepare(
        manifest_dir: &Path,
        package: &str,
        progress: &mut dyn FnMut(cargo::Progress),
    ) -> Result<Modelled, cargo::Error> {
        let workspace = cargo::Workspace::read(manifest_dir)?;
        if !look_alikes::are_in(&workspace) {
            let brought = Modelled::brought_along(progress).map_err(|sentence| cargo::Error {
                sentence,
                details: String::new(),
            })?;
            let used = workspace.dependencies_known_by(package, is_original)?;
            let used: Vec<(&str, &str)> = used.collect();
            let edition = workspace.edition(package)?;
            return Ok(brought.only_with(&used).with_edition(edition));
        }
        Modelled::of_workspace(&workspace, package, progress)
    }

    fn of_workspace(
        workspace: &cargo::Workspace,
        package: &str,
        progress: &mut dyn FnMut(cargo::Progress),
    ) -> Result<Modelled, cargo::Error> {
        let LookAlikes {
            libraries,
            target_directory,
        } = build_look_alikes(workspace, package, progress)?;
        Ok(Modelled::of(
            libraries,
            target_directory.join("interleaved"),
        ))
    }

    /// The same with the look-alikes that are brought along, for programs outside of
    /// any workspace that has them. An error is a sentence.
    ///
    /// # Errors
    /// When there is no place for them, or they can't be built.
    pub fn brought_along(progress: &mut dyn FnMut(cargo::Progress)) -> Result<Modelled, String> {
        let folder = packages::unpacked()?;
        cargo::Workspace::read_apart(&folder)
            .and_then(|it| Modelled::of_workspace(&it, packages::PROGRAMS, progress))
            .map_err(|error| error.to_string())
    }

    /// The same for programs that may use these crates only, of those that there
    /// are look-alikes of, besides the standard ones. Of each it is said what programs
    /// call it, and what its package is called.
    #[must_use]
    pub fn only_with(&self, crates: &[(&str, &str)]) -> Modelled {
        let in_source = |name: &str| name.replace('-', "_");
        let names = |own: &str| {
            let standard = STANDARD.contains(&own).then(|| own.to_owned());
            let used = crates
                .iter()
                .filter(|(_, package)| in_source(package) == own);
            standard
                .into_iter()
                .chain(used.map(|(name, _)| in_source(name)))
                .collect()
        };
        self.with_builder(self.builder.with_names(names))
    }

    fn of(libraries: Libraries, folder: PathBuf) -> Modelled {
        let cache = folder.join("modelled");
        let limits = Builder::usual_limits();
        Modelled {
            builder: Builder::with_options(libraries, cache, limits, &OPTIONS),
            folder,
            sources: Sources::default(),
            library: None,
            dependencies: None,
        }
    }

    /// Whether programs may have modules in files of their own.
    #[cfg(feature = "command")]
    pub(crate) fn is_in_package(&self) -> bool {
        self.texts().next().is_some()
    }

    /// The texts of the package's files, if programs are of one.
    #[cfg(feature = "command")]
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.sources.rust()
    }

    /// The text of one of them.
    #[cfg(feature = "command")]
    pub(crate) fn text(&self, file: &str) -> Option<&str> {
        self.sources.text(file)
    }

    fn with_builder(&self, builder: Builder) -> Modelled {
        Modelled {
            builder,
            ..self.clone()
        }
    }

    /// The same for programs of a package: its files lie beside them, and they may
    /// use its library, if it has one. One that doesn't is explored even where the
    /// library can't be. `name` is what cargo calls the program, and the variables
    /// are those that it tells rustc.
    #[must_use]
    pub fn in_package(
        &self,
        sources: &Sources,
        library: Option<OwnLibrary>,
        name: &str,
        variables: &[(String, String)],
    ) -> Modelled {
        let builder = self.builder.with_sources(sources, name);
        Modelled {
            builder: builder.with_variables(variables),
            folder: self.folder.clone(),
            sources: sources.clone(),
            library,
            dependencies: self.dependencies.clone(),
        }
    }

    /// The same for programs of a package that depends on these: they may use what
    /// can't tell one run from another. One that names none is explored without
    /// anything built for it.
    #[must_use]
    pub fn with_dependencies(&self, dependencies: Dependencies) -> Modelled {
        Modelled {
            dependencies: Some(dependencies),
            ..self.clone()
        }
    }

    /// The same for programs in another edition: `2021`, for example.
    #[must_use]
    pub fn with_edition(&self, edition: &str) -> Modelled {
        self.with_builder(self.builder.with_edition(edition))
    }

    /// The same for programs of a package in which these features are on.
    #[must_use]
    pub fn with_features(&self, features: &[String]) -> Modelled {
        self.with_builder(self.builder.with_features(features))
    }

    /// The same for programs that are tests by themselves, without libtest.
    #[must_use]
    pub fn with_own_harness(&self) -> Modelled {
        self.with_builder(self.builder.with_own_harness())
    }

    /// The edition that programs are written in.
    pub fn edition(&self) -> &str {
        self.libraries().edition()
    }

    /// The compiler and the look-alikes.
    pub fn libraries(&self) -> &Libraries {
        self.builder.libraries()
    }

    /// What programs can be explored with, in words: std, which every program
    /// has, and other crates. By `outcomes` a program speaks to the engine, and does
    /// nothing.
    pub fn crates(&self) -> String {
        let names = self.libraries().names();
        let mut names: Vec<&str> = names
            .filter(|name| !["core", "alloc", "outcomes"].contains(name))
            .collect();
        names.sort_unstable_by_key(|name| (*name != "std", *name));
        match names.split_last() {
            Some((last, [_, ..])) => {
                format!("{} and {last}", names[..names.len() - 1].join(", "))
            }
            _ => names.join(""),
        }
    }

    /// The same with its verb: `std is`, or `std and crossbeam_channel are`.
    #[cfg(feature = "command")]
    pub(crate) fn crates_that_are(&self) -> String {
        let crates = self.crates();
        let verb = if crates == "std" { "is" } else { "are" };
        format!("{crates} {verb}")
    }

    /// Differs when the compiler or a look-alike does: then answers may too.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.libraries().fingerprint(), OPTIONS, START).hash(&mut hasher);
        hasher.finish()
    }

    /// A folder in cargo's target folder for what is made of answers.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Asks a program. Its file's name is what places in the answer name.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub fn ask(
        &self,
        file_name: &str,
        source: &str,
        request: &Request,
        progress: &mut dyn FnMut(&Progress),
        stop: &Stop,
    ) -> Result<Answer, NoAnswer> {
        let with_start = format!("{source}\n{START}\n");
        let build = self.build(file_name, &with_start, false, stop)?;
        let answer = ask(&build.program, request, &[(REQUEST, "-")], progress, stop)?;
        Ok(self.naming_things(answer, file_name, source))
    }

    /// The tests that a program, or a library, has.
    ///
    /// # Errors
    /// Says why there is no telling.
    pub fn tests(&self, file_name: &str, source: &str, stop: &Stop) -> Result<Vec<Test>, NoAnswer> {
        let build = self.build(file_name, source, true, stop)?;
        let request = Request::default();
        match run(&build.program, &request, &[], &mut |_| {}, stop)? {
            (Some(Message::Tests(tests)), ..) => Ok(tests),
            (last, ending, stderr) => conclude(last, &ending, &stderr).map(|_| Vec::new()),
        }
    }

    /// Asks one of them, as if it were a program.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub fn ask_test(
        &self,
        file_name: &str,
        source: &str,
        test: &str,
        request: &Request,
        progress: &mut dyn FnMut(&Progress),
        stop: &Stop,
    ) -> Result<Answer, NoAnswer> {
        let build = self.build(file_name, source, true, stop)?;
        let variables = [(REQUEST, "-"), (TEST, test)];
        let answer = ask(&build.program, request, &variables, progress, stop)?;
        Ok(self.naming_things(answer, file_name, source))
    }

    fn naming_things(&self, mut answer: Answer, file_name: &str, source: &str) -> Answer {
        answer.name_things(|file| match file == file_name {
            true => Some(source),
            false => self.sources.text(file),
        });
        answer
    }

    /// Builds a program, or its tests, unless that was done before.
    fn build(
        &self,
        file_name: &str,
        source: &str,
        for_tests: bool,
        stop: &Stop,
    ) -> Result<Build, NoAnswer> {
        let mut needs = Needs::default();
        loop {
            let built = self.dependencies_of(&needs)?;
            let build = self
                .builder_for(&needs, built.as_deref(), for_tests, stop)
                .and_then(|builder| builder.build_as(file_name, source, stop));
            let error = match build {
                Ok(build) => {
                    let program = (file_name, source);
                    self.refuse_what_tells(&needs, built.as_deref(), program, for_tests, stop)?;
                    return Ok(build);
                }
                Err(error) => error,
            };
            if let BuildError::Rejected { rendered, .. } = &error
                && self.add_missing(&mut needs, &without_colours(rendered))?
            {
                self.refuse_what_is_unknown(&needs, (file_name, source))?;
                continue;
            }
            return Err(self.no_answer(error, &needs, (file_name, source)));
        }
    }

    /// Refuses a program that uses crates of which nobody knows whether they are the same
    /// in every run.
    fn refuse_what_is_unknown(&self, needs: &Needs, program: (&str, &str)) -> Result<(), NoAnswer> {
        let Some(dependencies) = &self.dependencies else {
            return Ok(());
        };
        let reason = dependencies.unknown(&needs.dependencies, &self.roots(needs, program));
        refuse_for(reason.map_err(NoAnswer::Failed)?)
    }

    /// Refuses a program that uses what can tell of crates that are known, and one whose
    /// library's macros write `unsafe` code. It compiles.
    fn refuse_what_tells(
        &self,
        needs: &Needs,
        built: Option<&Libraries>,
        (file_name, source): (&str, &str),
        for_tests: bool,
        stop: &Stop,
    ) -> Result<(), NoAnswer> {
        let failed = |error| self.no_answer(error, needs, (file_name, source));
        let may_be_unsafe = needs.library && self.sources.rust().any(|it| it.contains("unsafe"));
        if needs.dependencies.is_empty() && !may_be_unsafe {
            return Ok(());
        }
        let mut files = Vec::new();
        if let Some(library) = self.library.as_ref().filter(|_| needs.library)
            && let Some(text) = self.sources.text(&library.file)
        {
            let builder = self.builder_with(built);
            let OwnLibrary {
                name,
                file,
                edition,
            } = library;
            let read = builder.files_of_library(name, file, text, edition, stop);
            files = self.texts_of(read.map_err(failed)?, (file, text))?;
            let files: Vec<File<'_>> = files.iter().map(in_file).collect();
            if let Some(at) = dependencies::unsafe_in_macros(&files) {
                return refuse_for(Some(format!(
                    "its library has a macro that writes `unsafe` code ({at}), and what that does \
                     isn't seen"
                )));
            }
        }
        let Some(dependencies) = &self.dependencies else {
            return Ok(());
        };
        if needs.dependencies.is_empty() {
            return Ok(());
        }
        let builder = self
            .builder_for(needs, built, for_tests, stop)
            .map_err(failed)?;
        let read = builder.files(file_name, source, stop).map_err(failed)?;
        files.extend(self.texts_of(read, (file_name, source))?);
        let files: Vec<File<'_>> = files.iter().map(in_file).collect();
        let reason = dependencies.telling(&needs.dependencies, &files);
        refuse_for(reason.map_err(NoAnswer::Failed)?)
    }

    /// The files that rustc reads of a program, or of a library: its own, and others of
    /// the package. Of one that is no text nothing is in it.
    fn texts_of<'a>(
        &'a self,
        paths: Vec<String>,
        (own, source): (&str, &'a str),
    ) -> Result<Vec<(String, &'a str)>, NoAnswer> {
        let text_of = |path: String| {
            if path == own {
                return Ok((path, source));
            }
            let path = normal(&path);
            match self.sources.text(&path) {
                Some(text) => Ok((path, text)),
                None if self.sources.has(&path) => Ok((path, "")),
                None => Err(NoAnswer::Failed(format!(
                    "There is no telling what is in {path}, which isn't in the program's package."
                ))),
            }
        };
        paths.into_iter().map(text_of).collect()
    }

    /// Adds what rustc misses and the package has. Returns whether that is anything
    /// new.
    fn add_missing(&self, needs: &mut Needs, words: &str) -> Result<bool, NoAnswer> {
        let mut is_new = false;
        if let Some(library) = &self.library
            && !needs.library
            && possibly_missing(words).any(|name| name == library.name)
        {
            needs.library = true;
            is_new = true;
        }
        if let Some(dependencies) = &self.dependencies
            && possibly_missing(words).next().is_some()
        {
            let names = match dependencies.names() {
                Ok(names) => names,
                // Perhaps it is about something else.
                Err(_) if !possibly_missing(words).any(|it| dependencies.may_have(it)) => {
                    return Ok(is_new);
                }
                Err(sentence) => return Err(NoAnswer::Failed(sentence)),
            };
            for name in missing_among(words, &names) {
                is_new |= needs.dependencies.insert(name);
            }
        }
        Ok(is_new)
    }

    fn dependencies_of(&self, needs: &Needs) -> Result<Option<Arc<Libraries>>, NoAnswer> {
        let Some(dependencies) = &self.dependencies else {
            return Ok(None);
        };
        if needs.dependencies.is_empty() {
            return Ok(None);
        }
        let built = dependencies
            .build(&needs.dependencies)
            .map_err(NoAnswer::Failed)?;
        let (ours, theirs) = (self.libraries(), &built);
        if ours.rustc_version() != theirs.rustc_version() {
            return Err(NoAnswer::Failed(format!(
                "Its package is built by {}, and programs are explored by {}: explore it where both \
                 are the same, for example by RUSTUP_TOOLCHAIN.",
                theirs.rustc_version(),
                ours.rustc_version()
            )));
        }
        Ok(Some(built))
    }

    /// What compiles with these libraries, too.
    fn builder_with(&self, built: Option<&Libraries>) -> Builder {
        match built {
            Some(built) => self.builder.with_more_libraries(built),
            None => self.builder.clone(),
        }
    }

    /// What compiles a program that needs that.
    fn builder_for(
        &self,
        needs: &Needs,
        built: Option<&Libraries>,
        for_tests: bool,
        stop: &Stop,
    ) -> Result<Builder, BuildError> {
        let mut builder = self.builder_with(built);
        if let Some(library) = self.library.as_ref().filter(|_| needs.library)
            && let Some(source) = self.sources.text(&library.file)
        {
            let OwnLibrary {
                name,
                file,
                edition,
            } = library;
            builder = builder.with_library(name, file, source, edition, stop)?;
        }
        if for_tests {
            let (name, file, source, edition) = HARNESS;
            builder = builder.with_library(name, file, source, edition, stop)?;
            builder = builder.for_tests();
        }
        Ok(builder)
    }

    /// Where a program names something, as a rule: in its own file, or in its library's.
    fn roots<'a>(&'a self, needs: &Needs, (path, text): (&'a str, &'a str)) -> Vec<File<'a>> {
        let library = self.library.as_ref().filter(|_| needs.library);
        let library = library.map(|it| it.file.as_str());
        let library = library.and_then(|path| Some((path, self.sources.text(path)?)));
        let files = [(path, text)].into_iter().chain(library);
        files.map(|(path, text)| File { path, text }).collect()
    }

    fn no_answer(&self, error: BuildError, needs: &Needs, program: (&str, &str)) -> NoAnswer {
        match error {
            BuildError::Rejected { rendered, codes } if codes == [UNSAFE_CODE] => {
                NoAnswer::Refused(Refused {
                    reason: format!(
                        "it uses unsafe code, which goes past the engine: {}",
                        first_error(&without_colours(&rendered))
                    ),
                    at: None,
                })
            }
            BuildError::Rejected { rendered, .. } => {
                let words = without_colours(&rendered);
                let mut first = first_error(&words);
                first += &self.about_dependencies(&words, needs, program);
                NoAnswer::Rejected { first, rendered }
            }
            BuildError::Stopped => NoAnswer::Stopped,
            BuildError::OverLimit(_) | BuildError::Failed(_) => NoAnswer::Failed(error.to_string()),
        }
    }

    /// What types may have to do with an error, where a program uses crates that are
    /// compiled as they are; those that rustc's first error names, if it names any.
    fn about_dependencies(&self, words: &str, needs: &Needs, program: (&str, &str)) -> String {
        if needs.dependencies.is_empty() {
            return String::new();
        }
        let lines = words.lines().skip_while(|line| !line.starts_with("error"));
        let error: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        let has = |name: &str| {
            let mut parts = error
                .iter()
                .flat_map(|line| line.split(|it| !is_letter(it)));
            parts.any(|part| part == name)
        };
        let all = || needs.dependencies.iter();
        let mut names: Vec<&String> = all().filter(|name| has(name)).collect();
        if names.is_empty() {
            names = all().collect();
        }
        let files = self.roots(needs, program);
        let list: Vec<String> = names
            .iter()
            .map(|name| format!("`{name}`{}", dependencies::place(name, &files)))
            .collect();
        format!(
            "; of std, {} {} the original, compiled as it is, and the program has modelled types in \
             place of some: hand over only what is in both, a `Vec` or a `BTreeMap` for example",
            list.join(" and "),
            if list.len() == 1 { "knows" } else { "know" }
        )
    }
}

fn ask(
    program: &Path,
    request: &Request,
    variables: &[(&str, &str)],
    progress: &mut dyn FnMut(&Progress),
    stop: &Stop,
) -> Result<Answer, NoAnswer> {
    let (last, ending, stderr) = run(program, request, variables, progress, stop)?;
    conclude(last, &ending, &stderr)
}

/// Runs a program that answers. Returns its last message, how it ended, and what it
/// said besides.
fn run(
    program: &Path,
    request: &Request,
    variables: &[(&str, &str)],
    progress: &mut dyn FnMut(&Progress),
    stop: &Stop,
) -> Result<(Option<Message>, Ending, Vec<u8>), NoAnswer> {
    let failed = |sentence: String| NoAnswer::Failed(sentence);
    let json = serde_json::to_vec(request).map_err(|error| failed(error.to_string()))?;
    let running = runner::run_on(program, &json, variables, &limits(request), stop)
        .map_err(|error| failed(error.to_string()))?;

    let _asking = Asking::from_file(running.input());
    let mut lines = Lines::default();
    let mut stderr = Vec::new();
    let mut last = None;
    for event in running {
        match event {
            Event::Output {
                stream: Stream::Stderr,
                bytes,
                ..
            } => stderr.extend(bytes),
            Event::Output { bytes, .. } => {
                for line in lines.read(&bytes) {
                    match serde_json::from_slice(&line) {
                        Ok(Message::Progress(far)) => progress(&far),
                        Ok(message) => last = Some(message),
                        Err(error) => {
                            let sentence = format!("The engine's answer can't be read: {error}.");
                            return Err(failed(sentence));
                        }
                    }
                }
            }
            Event::Ended { ending, .. } => return Ok((last, ending, stderr)),
        }
    }
    Err(NoAnswer::Stopped)
}

/// What the engine is allowed, and some more: a backstop.
fn limits(request: &Request) -> Limits {
    let allowed = &request.settings.limits;
    // Exploring, every search, and the search for what is to be traced.
    let parts = u32::try_from(request.checks.len()).unwrap_or(u32::MAX);
    Limits {
        wall_clock: allowed
            .time
            .saturating_mul(parts.saturating_add(2))
            .saturating_add(TIME_ASIDE),
        memory: (allowed.memory as u64).saturating_add(MEMORY_ASIDE),
        output: LONGEST_ANSWER,
        ..Limits::default()
    }
}

fn conclude(last: Option<Message>, ending: &Ending, stderr: &[u8]) -> Result<Answer, NoAnswer> {
    match (last, ending) {
        (Some(Message::Answer(answer)), _) => Ok(*answer),
        (Some(Message::Refused(refused)), _) => Err(NoAnswer::Refused(refused)),
        (_, Ending::Stopped) => Err(NoAnswer::Stopped),
        (_, Ending::OverLimit { limit }) => Err(NoAnswer::OverLimit(*limit)),
        (_, ending) => {
            let words = String::from_utf8_lossy(stderr);
            let first = words.lines().find(|line| !line.is_empty());
            Err(NoAnswer::Failed(format!(
                "The engine failed, which is a mistake in it. {ending} {}",
                first.unwrap_or("It said nothing.")
            )))
        }
    }
}

/// Puts lines together from pieces.
#[derive(Default)]
struct Lines {
    unfinished: Vec<u8>,
}

impl Lines {
    /// The lines that these bytes complete.
    fn read(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            self.unfinished.extend(piece);
            if pieces.peek().is_some() {
                lines.push(std::mem::take(&mut self.unfinished));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_come_in_pieces() {
        let mut lines = Lines::default();
        assert!(lines.read(b"on").is_empty());
        assert_eq!(
            lines.read(b"e\ntwo\nth"),
            [b"one".to_vec(), b"two".to_vec()]
        );
        assert_eq!(lines.read(b"ree\n"), [b"three".to_vec()]);
        assert!(lines.unfinished.is_empty());
    }
}
