//! `cargo outcomes test`: each `#[test]` of a package under every schedule.
//!
//! A test is explored as if it were a program of its own. It fails if any schedule
//! makes it fail, as `cargo test` understands that, and if any makes it deadlock,
//! abort, exit with an error, go on for ever, or leave a thread behind that is stuck.

mod junit;

use super::page::{self, Execution, Part};
use super::targets::{self, FeatureOptions, Found};
use super::{How, Originals, check_lints, ctrl_c, explain, show, while_telling};
use crate::exit::Exit;
use crate::interruption::is_interrupted;
use crate::{Front, Modelled, Report, advice};
use anyhow::{Context, Result, bail, ensure};
use outcomes_protocol::{
    Answer, Check, Checked, Clock, Ending, Expected, Membership, Request, Sample, Schedule, Test,
    counted, duration, in_one_line, with_controls_escaped,
};
use runner::crates::{Manifest, Target};
use runner::{Builder, Stop};
use serde::Serialize;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// What an exit code says, for a command's help.
pub const EXIT_CODES: &str = "\
Exit code: 0 if every test passes under every schedule; 1 if one can fail; 2 if \
there is no telling of one, within the limits or at all.";

/// How many outputs are listed below a test that fails.
const LISTED: usize = 3;

/// So many reasons are told in the line of a test. The report below has all of them.
const REASONS: usize = 5;

/// What the one test is called of a program that has a harness of its own.
const MAIN: &str = "main";

/// Among so many outputs one is looked for that ends as it shouldn't.
const LOOKED_AT: usize = 1000;

/// Which tests are explored, and how.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub struct Options {
    /// Only the tests whose names contain this
    #[arg(value_name = "FILTER")]
    filter: Option<String>,

    /// Only the test whose name is exactly FILTER
    #[arg(long, requires = "filter")]
    exact: bool,

    /// Only the library's tests
    #[arg(long, conflicts_with_all = ["bin", "test"])]
    lib: bool,

    /// Only the tests of this binary
    #[arg(long, value_name = "NAME", conflicts_with = "test")]
    bin: Option<String>,

    /// Only those of this file in `tests`
    #[arg(long, value_name = "NAME")]
    test: Option<String>,

    /// Only those with `#[ignore]`
    #[arg(long, conflicts_with = "include_ignored")]
    ignored: bool,

    /// Those with `#[ignore]`, too
    #[arg(long)]
    include_ignored: bool,

    /// List the tests, and explore none
    #[arg(long)]
    list: bool,

    /// Let a test pass that can leave threads behind which are stuck for good
    #[arg(long)]
    allow_leaks: bool,

    /// Show one execution of the one test that is chosen, by the schedule that was
    /// printed when it failed
    #[arg(long, value_name = "SCHEDULE", conflicts_with_all = ["json", "list"])]
    replay: Option<Schedule>,

    #[command(flatten)]
    features: FeatureOptions,

    #[command(flatten)]
    how: How,

    /// Answer with a JSON object on a line for each test
    #[arg(long, conflicts_with = "list")]
    json: bool,

    /// Write what came of the tests to this file, too, as JUnit's XML
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "replay"])]
    junit: Option<PathBuf>,

    /// Write a page to this file, too, to step in a browser through what breaks the
    /// tests
    #[arg(long, value_name = "FILE", conflicts_with = "list")]
    html: Option<PathBuf>,
}

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Failed,
    Ignored,
    /// There is no telling.
    Unknown,
}

/// What `--json` prints of a test.
#[derive(Serialize)]
struct Object<'a> {
    target: &'a str,
    test: Option<&'a str>,
    result: Verdict,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    why: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    expected: &'a [Expected],
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    states: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
}

/// How many came to what.
#[derive(Debug, Default)]
struct Totals {
    ok: u128,
    failed: u128,
    ignored: u128,
    unknown: u128,
    left_out: u128,
}

/// What has been told so far.
#[derive(Debug, Default)]
struct Told {
    totals: Totals,
    /// What a person reads of the tests that don't pass.
    failures: String,
    /// For `--junit` and `--html`.
    cases: Vec<Case>,
}

/// What came of a test, or of all of a target's if they couldn't be explored.
#[derive(Debug)]
struct Case {
    /// What it is in: `the library`, for example.
    target: String,
    name: String,
    verdict: Verdict,
    /// In a sentence.
    why: String,
    /// On a line, as it is told.
    line: String,
    /// All that a person is told besides.
    details: String,
    /// What `details` speaks of.
    execution: Option<Execution>,
    seconds: f64,
}

/// Tests that share a program.
struct Group {
    found: Found,
    modelled: Modelled,
    /// What to call it: `the library`, for example.
    name: String,
    /// The option that names it.
    option: String,
    /// Whether they are one test for cargo: the program's own `main`.
    has_own_harness: bool,
}

impl Options {
    /// Explores the tests, and says what came of it.
    ///
    /// # Errors
    /// Says in one sentence what can't be done at all.
    pub fn answer(&self) -> Result<Exit> {
        let manifest = self.features.here("")?;
        let mut told = Told::default();
        let chosen = self.targets(&manifest)?;
        let look_alikes = targets::look_alikes()?;
        ctrl_c::is_heard();
        for target in chosen {
            if is_interrupted() {
                break;
            }
            let found = Found::of(&target.src_path, Some((manifest.clone(), target.clone())))?;
            let group = Group::new(target, found, &look_alikes);
            self.explore_all(&group, &mut told)?;
        }
        let Told {
            totals,
            failures,
            cases,
        } = told;
        if let Some(file) = &self.junit {
            let document = junit::document(manifest.name(), &cases);
            fs::write(file, document)
                .with_context(|| format!("--junit {}: can't be written", file.display()))?;
        }
        if let Some(file) = &self.html {
            let all = Part {
                heading: None,
                words: cases
                    .iter()
                    .map(|case| case.line.as_str())
                    .collect::<String>()
                    + &totals.sentence(),
                executions: Vec::new(),
            };
            let shown = cases.into_iter().filter(|case| !case.details.is_empty());
            let shown = shown.map(|case| Part {
                heading: Some(format!("{} ({})", case.name, case.target)),
                words: case.details,
                executions: case.execution.into_iter().collect(),
            });
            let parts: Vec<Part> = [all].into_iter().chain(shown).collect();
            page::write(file, &format!("The tests of {}", manifest.name()), &parts)?;
        }
        if let Some(schedule) = &self.replay {
            let known = totals.ok + totals.failed + totals.unknown;
            ensure!(
                known == 1,
                "--replay {schedule}: {} are chosen, and a schedule is of one: name it, with --exact",
                counted(known, "test")
            );
        }
        if !self.json && !self.list {
            if !failures.is_empty() {
                show(&format!("\n{failures}"))?;
            }
            show(&totals.sentence())?;
        }
        Ok(match totals {
            Totals { failed: 1.., .. } => Exit::No,
            Totals { unknown: 1.., .. } => Exit::Unknown,
            _ => Exit::Yes,
        })
    }

    fn targets<'a>(&self, manifest: &'a Manifest) -> Result<Vec<&'a Target>> {
        let is_on = |it: &&Target| manifest.lacks(it).is_none();
        let is_wanted = |it: &&Target| match (&self.bin, &self.test) {
            _ if self.lib => it.is_library(),
            (Some(name), _) => it.is("bin") && it.name == *name,
            (_, Some(name)) => it.is("test") && it.name == *name,
            (None, None) => true,
        };
        let targets: Vec<&Target> = manifest.tested().filter(is_on).filter(is_wanted).collect();
        if targets.is_empty() {
            let what = match (&self.bin, &self.test) {
                (Some(name), _) => format!("binary {name:?} with tests"),
                (_, Some(name)) => format!("file tests/{name}.rs"),
                _ if self.lib => "library with tests".to_owned(),
                _ => "program or library with tests".to_owned(),
            };
            bail!("{} has no {what}", manifest.name());
        }
        Ok(targets)
    }

    fn explore_all(&self, group: &Group, told: &mut Told) -> Result<()> {
        let tests = match self.tests(group) {
            Ok(tests) => tests,
            Err(error) => {
                let why = [format!("{error:#}")];
                return self.tell(group, None, Verdict::Unknown, &why, None, told);
            }
        };
        let chosen: Vec<&Test> = tests.iter().filter(|test| self.is_chosen(test)).collect();
        told.totals.left_out += (tests.len() - chosen.len()) as u128;
        if self.list {
            for test in chosen {
                show(&format!("{}: test ({})\n", test.name, group.name))?;
            }
            return Ok(());
        }
        if !self.json && !chosen.is_empty() {
            let count = counted(chosen.len() as u128, "test");
            show(&format!("\nexploring {count} of {}\n", group.name))?;
        }
        for test in chosen {
            if is_interrupted() {
                let why = ["it was stopped before".to_owned()];
                self.tell(group, Some(test), Verdict::Unknown, &why, None, told)?;
                continue;
            }
            self.explore(group, test, told)?;
        }
        Ok(())
    }

    fn tests(&self, group: &Group) -> Result<Vec<Test>> {
        let (program, modelled) = (&group.found.program, &group.modelled);
        let originals: Originals<'_> = &|| group.originals();
        check_lints(program, modelled, originals)?;
        if group.has_own_harness {
            return Ok(vec![Test {
                name: MAIN.to_owned(),
                ignored: false,
                why_ignored: None,
                should_panic: None,
            }]);
        }
        let stop = Stop::new();
        let tests = modelled.tests(&program.file_name, &program.source, &stop);
        tests.map_err(|error| explain(error, program, modelled, originals))
    }

    fn is_chosen(&self, test: &Test) -> bool {
        let is_named = match &self.filter {
            None => true,
            Some(filter) if self.exact => test.name == *filter,
            Some(filter) => test.name.contains(filter),
        };
        is_named && (!self.ignored || test.ignored)
    }

    fn explore(&self, group: &Group, test: &Test, told: &mut Told) -> Result<()> {
        if test.ignored && !self.ignored && !self.include_ignored {
            let why: Vec<String> = test.why_ignored.iter().cloned().collect();
            return self.tell(group, Some(test), Verdict::Ignored, &why, None, told);
        }
        let mut request = Request {
            settings: self.how.settings(Clock::Any),
            list: LOOKED_AT,
            trace: self.replay.clone().map(Sample::Schedule),
            surroundings: self.how.surroundings(&[]),
            ..Request::default()
        };
        let mut answer = match group.ask(test, &request) {
            Ok(answer) => answer,
            Err(error) => {
                let why = [format!("{error:#}")];
                return self.tell(group, Some(test), Verdict::Unknown, &why, None, told);
            }
        };
        let mut why = what_breaks(test, &answer, self.allow_leaks);
        let verdict = match (why.is_empty(), answer.complete) {
            (false, _) => Verdict::Failed,
            (true, is_complete) => {
                let not = answer.not_counted.as_ref().filter(|_| !is_complete);
                why.extend(not.map(ToString::to_string));
                why.extend(expectations(&answer, None));
                match why.is_empty() {
                    true => Verdict::Ok,
                    false => Verdict::Unknown,
                }
            }
        };
        if verdict == Verdict::Failed && self.replay.is_none() && !is_interrupted() {
            // The same again, and then an execution that breaks it.
            request.trace = execution_that_breaks(test, &answer, self.allow_leaks);
            request.list = LISTED;
            if let Some(Sample::Of(check)) = &request.trace {
                request.checks = vec![check.clone()];
            }
            answer = group.ask(test, &request).unwrap_or(answer);
        }
        let schedule = schedule_of(&request, &answer);
        let known = Some((&answer, schedule.as_ref()));
        self.tell(group, Some(test), verdict, &why, known, told)?;
        if self.json && self.junit.is_none() && self.html.is_none() {
            return Ok(());
        }
        if let (Verdict::Unknown, Some(advice)) =
            (verdict, advice(&request, &answer, Front::Command))
            && !self.json
        {
            show(&format!("    {advice}\n"))?;
        }
        if verdict == Verdict::Failed || self.replay.is_some() {
            let title = why.first().map_or("An execution", String::as_str);
            let trace = answer.trace.as_ref().filter(|_| self.html.is_some());
            let execution = trace
                .map(|trace| Execution::new(title, trace, &group.found.program, &group.modelled))
                .transpose()?;
            let details = report(group, test, request, answer);
            let failures = &mut told.failures;
            writeln!(failures, "---- {} ----\n\n{details}", test.name)?;
            if let (None, Some(schedule)) = (&self.replay, schedule) {
                writeln!(
                    failures,
                    "See it again: cargo outcomes test {} {} --exact --replay '{schedule}'\n",
                    group.option, test.name
                )?;
            }
            if let Some(case) = told.cases.last_mut() {
                case.details = details;
                case.execution = execution;
            }
        }
        Ok(())
    }

    /// Says what came of a test, or of all of a group's.
    fn tell(
        &self,
        group: &Group,
        test: Option<&Test>,
        result: Verdict,
        why: &[String],
        known: Option<(&Answer, Option<&Schedule>)>,
        told: &mut Told,
    ) -> Result<()> {
        let answer = known.map(|(answer, _)| answer);
        let name = test.map(|test| test.name.as_str());
        told.totals.count(result);
        if self.json {
            let object = Object {
                target: &group.name,
                test: name,
                result,
                why,
                expected: answer.map_or(&[], |it| &it.expected),
                schedule: known.and_then(|it| it.1).map(ToString::to_string),
                outputs: answer.and_then(|it| it.outputs),
                states: answer.map(|it| it.states),
                seconds: answer.map(|it| it.seconds),
            };
            show(&(serde_json::to_string(&object)? + "\n"))?;
        }
        let reasons = in_words(why);
        let why = why.join("; ");
        let words = match (result, answer) {
            (Verdict::Ok, Some(answer)) => {
                let outputs = answer.outputs.map(|it| counted(it, "output") + ", ");
                let states = counted(answer.states as u128, "state");
                let seconds = duration(answer.seconds);
                format!("ok ({}{states}, {seconds})", outputs.unwrap_or_default())
            }
            (Verdict::Ok, None) => "ok".to_owned(),
            (Verdict::Failed, _) => format!("FAILED: {reasons}"),
            (Verdict::Ignored, _) if reasons.is_empty() => "ignored".to_owned(),
            (Verdict::Ignored, _) => format!("ignored, {reasons}"),
            (Verdict::Unknown, _) => format!("not known: {reasons}"),
        };
        let line = match name {
            Some(name) => format!("test {name} ... {words}\n"),
            None => format!("\ntests of {} ... {words}\n", group.name),
        };
        if !self.json {
            show(&line)?;
        }
        told.cases.push(Case {
            target: group.name.clone(),
            name: name.unwrap_or("all tests").to_owned(),
            verdict: result,
            why,
            line,
            details: String::new(),
            execution: None,
            seconds: answer.map_or(0.0, |it| it.seconds),
        });
        Ok(())
    }
}

/// Why something is so, in a line of a terminal.
fn in_words(why: &[String]) -> String {
    let (shown, more) = why.split_at(why.len().min(REASONS));
    let mut words: Vec<String> = shown.iter().map(|it| with_controls_escaped(it)).collect();
    if !more.is_empty() {
        words.push(format!(
            "and {}",
            counted(more.len() as u128, "more reason")
        ));
    }
    words.join("; ")
}

impl Group {
    fn new(target: &Target, found: Found, look_alikes: &Modelled) -> Group {
        let own = &target.name;
        let (name, option) = if target.is_library() {
            ("the library".to_owned(), "--lib".to_owned())
        } else if target.is("bin") {
            (format!("the binary {own}"), format!("--bin {own}"))
        } else {
            (format!("tests/{own}.rs"), format!("--test {own}"))
        };
        let mut modelled = found.modelled(look_alikes);
        if target.has_own_harness {
            modelled = modelled.with_own_harness();
        }
        Group {
            modelled,
            found,
            name,
            option,
            has_own_harness: target.has_own_harness,
        }
    }

    /// What compiles them with the originals of what they use.
    fn originals(&self) -> Result<Builder> {
        let builder = self.found.originals()?;
        Ok(match self.has_own_harness {
            true => builder.with_own_harness(),
            false => builder.for_tests(),
        })
    }

    fn ask(&self, test: &Test, request: &Request) -> Result<Answer> {
        let (program, modelled) = (&self.found.program, &self.modelled);
        let (file_name, source) = (&program.file_name, &program.source);
        let stop = Stop::new();
        let answer = while_telling(&test.name, |tell| match self.has_own_harness {
            true => modelled.ask(file_name, source, request, tell, &stop),
            false => modelled.ask_test(file_name, source, &test.name, request, tell, &stop),
        });
        let originals: Originals<'_> = &|| self.originals();
        answer.map_err(|error| {
            let mut program = program.clone();
            program.name.clone_from(&test.name);
            explain(error, &program, modelled, originals)
        })
    }
}

impl Totals {
    fn count(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Ok => &mut self.ok,
            Verdict::Failed => &mut self.failed,
            Verdict::Ignored => &mut self.ignored,
            Verdict::Unknown => &mut self.unknown,
        } += 1;
    }

    fn sentence(&self) -> String {
        let result = match self {
            Totals { failed: 1.., .. } => "FAILED",
            Totals { unknown: 1.., .. } => "not known",
            _ => "ok",
        };
        let mut sentence = format!(
            "\ntest result: {result}. {} passed under every schedule; {} failed; {} ignored; \
             {} not known",
            self.ok, self.failed, self.ignored, self.unknown
        );
        if self.left_out > 0 {
            sentence += &format!("; {} filtered out", self.left_out);
        }
        sentence + "\n"
    }
}

/// What a person reads of a test that doesn't pass.
fn report(group: &Group, test: &Test, mut request: Request, mut answer: Answer) -> String {
    // Whether it can print that isn't what was asked.
    request.checks.clear();
    answer.checked.clear();
    answer.listed.truncate(LISTED);
    if answer.listed.iter().all(|output| output.text.is_empty()) {
        // The endings are told already.
        answer.listed.clear();
    }
    if answer.deadlocks.len() == 1 && matches!(request.trace, Some(Sample::Deadlock(_))) {
        // The trace ends in it.
        answer.deadlocks.clear();
    }
    Report::new(&test.name, group.modelled.edition(), &request, &answer).to_string()
}

/// Whether `cargo test` would call this a success, where it comes to that.
fn is_success(test: &Test, ending: &Ending) -> bool {
    match (&test.should_panic, ending) {
        (None, Ending::Returned) => true,
        (Some(part), Ending::Panicked { message }) => message.contains(part),
        _ => false,
    }
}

/// What keeps a test from passing, each in a few words.
fn what_breaks(test: &Test, answer: &Answer, allow_leaks: bool) -> Vec<String> {
    let endings = answer.known_endings().iter().map(|ends| &ends.ending);
    let mut why: Vec<String> = endings
        .filter(|ending| !is_success(test, ending))
        .map(|ending| match (ending, &test.should_panic) {
            (Ending::Deadlocked, _) => "it can deadlock".to_owned(),
            (Ending::Panicked { message }, None) => {
                format!("it can panic: {}", in_one_line(message))
            }
            (Ending::Panicked { message }, Some(_)) => {
                format!("it can panic with other words: {}", in_one_line(message))
            }
            (Ending::Returned, _) => "it can return without a panic".to_owned(),
            // Who exits by himself has mostly another code.
            (Ending::Exited { code: 1 }, None) => "it can return an error".to_owned(),
            (ending, _) => format!("it can be that {ending}"),
        })
        .collect();
    if !allow_leaks && !answer.leaks.is_empty() {
        why.push("it can leave threads behind that are stuck for good".to_owned());
    }
    why.extend(expectations(answer, Some(false)));
    why
}

/// What is told of the expectations that are met, or not, or of which there is no telling.
fn expectations(answer: &Answer, met: Option<bool>) -> impl Iterator<Item = String> {
    let all = answer.expectations();
    all.filter(move |(expected, _)| expected.met == met)
        .map(|(_, told)| told)
}

/// An execution to show of a test that doesn't pass.
fn execution_that_breaks(test: &Test, answer: &Answer, allow_leaks: bool) -> Option<Sample> {
    if !answer.deadlocks.is_empty() {
        return Some(Sample::Deadlock(0));
    }
    let breaks = |ending: &Ending| !is_success(test, ending);
    if let Some(output) = answer.known_outputs().iter().find(|it| breaks(&it.ending)) {
        return Some(Sample::Of(Check {
            text: output.text.clone(),
            ending: Some(output.ending.clone()),
        }));
    }
    let ends_it = |message: &String| {
        let message = message.clone();
        let ending = Ending::Panicked { message };
        let endings = answer.known_endings().iter().map(|ends| &ends.ending);
        breaks(&ending) && endings.into_iter().any(|it| *it == ending)
    };
    let panics = answer.panics.iter().map(|it| &it.panic);
    let of_main = panics
        .into_iter()
        .position(|it| it.who.thread == 0 && ends_it(&it.message));
    if let Some(index) = of_main {
        return Some(Sample::Panic(index));
    }
    if !answer.leaks.is_empty() && !allow_leaks {
        return Some(Sample::Leak(0));
    }
    // It prints what it should never print.
    let mut unmet = answer
        .expected
        .iter()
        .filter(|expected| expected.met == Some(false));
    unmet
        .find_map(|expected| expected.schedule.clone())
        .map(Sample::Schedule)
}

/// The schedule of the execution that was asked for.
fn schedule_of(request: &Request, answer: &Answer) -> Option<Schedule> {
    let schedule = match request.trace.as_ref()? {
        Sample::Deadlock(index) => &answer.deadlocks.get(*index)?.schedule,
        Sample::Leak(index) => &answer.leaks.get(*index)?.schedule,
        Sample::Panic(index) => &answer.panics.get(*index)?.schedule,
        Sample::Schedule(schedule) => schedule,
        Sample::Of(_) => match answer.checked.first()? {
            Checked::Known(Membership::Possible(schedule)) => schedule,
            _ => return None,
        },
        Sample::Output(_) => return None,
    };
    Some(schedule.clone())
}
