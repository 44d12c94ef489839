//! Whether the engine and the book agree: on how many outputs a listing has,
//! on how it ends, on what is recorded, and on what can't be.

use super::findings::Findings;
use super::runs::{Seen, SeenBoth, without_numbers_of_threads};
use crate::programs::Programs;
use anyhow::{Context, Result, bail, ensure};
use cargo_outcomes::{Modelled, NoAnswer, report};
use mdbook_interleaved::listings::{Ends, Listing, Listings};
use mdbook_interleaved::outcomes::{ask, settings};
use outcomes_protocol::{
    Answer, Check, Checked, Clock, NotCounted, Request, Settings, with_separators,
};
use runner::Stop;
use std::collections::BTreeSet;
use std::fs;

/// As many outputs are held against the answers about single ones.
const LISTED: usize = 4000;

/// As many outputs that are made of the recorded one, of each kind, are asked
/// about at most.
const DOCTORED: usize = 12;

pub(super) const IT_MEASURES: &str = "it measures how long things take on a real machine";

/// Why a listing may be marked as unexplored, each with what is in the source
/// of a listing for which that is true.
const REASONS: [(&str, &str); 6] = [
    (IT_MEASURES, ".elapsed()"),
    (
        "how many threads run at the same time is up to the machine",
        "available_parallelism()",
    ),
    (
        "it uses unsafe code, which goes past the engine",
        "unsafe {",
    ),
    ("it runs on tokio, which is not modelled", "tokio::"),
    ("it uses rayon, which is not modelled", "rayon::"),
    (
        "it uses the network, of which the engine knows nothing",
        "std::net",
    ),
];

/// Why a program may be marked as unexplored, if there is a reason that is known
/// to be true of it.
pub(crate) fn why_unexplored(source: &str) -> Option<&'static str> {
    let mut reasons = REASONS.iter();
    let (reason, _) = reasons.find(|(_, evidence)| source.contains(evidence))?;
    Some(reason)
}

/// Explores a listing, and holds what is known of it against that.
pub(super) fn check(programs: &Programs, modelled: &Modelled, name: &str) -> Result<()> {
    let listing = programs.listings.get(name)?;
    let file = programs.listings.transcript_path(name);
    let recorded = fs::read_to_string(&file)
        .with_context(|| format!("nothing is recorded of it: run `cargo run -- record {name}`"))?;
    let doctored = doctored(&recorded);
    let texts = std::iter::once(&recorded).chain(&doctored);
    let request = request(listing, texts);
    let answer = answer(programs, modelled, name, &request)?;

    let mut findings = Findings::new();
    findings.hold(answer.complete, || {
        format!(
            "it could not be explored to the end: {}. Make the program smaller, or see \
             `cargo run -- outcomes {name}`",
            answer
                .not_counted
                .as_ref()
                .map_or_else(String::new, ToString::to_string)
        )
    });
    check_count(listing, name, &answer, &mut findings);
    check_endings(listing, name, &answer, &mut findings);
    check_deadlocks(&programs.listings, name, &answer, &mut findings)?;
    check_panics(listing, name, &answer, &mut findings);
    check_membership(name, &recorded, &request, &answer, &mut findings);
    check_stderr(programs, modelled, name, &recorded, &mut findings)?;
    findings.report()
}

/// Asks for the first outputs, and whether each of these texts is possible.
pub(super) fn request<'a>(
    listing: &Listing,
    texts: impl IntoIterator<Item = &'a String>,
) -> Request {
    Request {
        settings: settings(listing),
        list: LISTED,
        checks: texts.into_iter().map(|text| any_ending(text)).collect(),
        ..Request::default()
    }
}

pub(super) fn answer(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
    request: &Request,
) -> Result<Answer> {
    ask(&programs.listings, modelled, name, request)
}

/// The first outputs of a listing.
pub(super) fn listed(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
) -> Result<BTreeSet<String>> {
    let request = request(programs.listings.get(name)?, []);
    let answer = answer(programs, modelled, name, &request)?;
    Ok(answer
        .listed
        .into_iter()
        .map(|output| output.text)
        .collect())
}

/// The recorded output is possible, what has a line that nobody prints is not,
/// and a text that is made of the recorded one is if, and only if, it is among
/// all outputs.
fn check_membership(
    name: &str,
    recorded: &str,
    request: &Request,
    answer: &Answer,
    findings: &mut Findings,
) {
    let all: BTreeSet<&str> = answer.listed.iter().map(|it| it.text.as_str()).collect();
    let all_listed = answer.outputs == Some(answer.listed.len() as u128);
    for (check, checked) in request.checks.iter().zip(&answer.checked) {
        let text = check.text.as_str();
        let possible = is_possible(checked);
        if text == recorded {
            findings.hold(possible == Some(true), || {
                format!(
                    "it can't print what is recorded: run `cargo run -- record {name}`. That \
                     is\n{text}"
                )
            });
            continue;
        }
        let expected = if foreign(recorded).iter().any(|foreign| foreign == text) {
            Some(false)
        } else {
            all_listed.then(|| all.contains(text))
        };
        findings.hold(expected.is_none() || possible == expected, || {
            format!(
                "the engine contradicts itself, which is a bug of its own: is this {}possible, as \
                 the list of all outputs says, or not?\n{text}",
                if expected == Some(true) { "" } else { "im" },
            )
        });
    }
}

/// What is recorded of its standard error can come with what is recorded of
/// its standard output.
fn check_stderr(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
    recorded: &str,
    findings: &mut Findings,
) -> Result<()> {
    let stderr = match fs::read_to_string(programs.listings.stderr_path(name)) {
        Ok(stderr) => stderr,
        // Nothing is recorded, which one that always panics can't write.
        Err(_) if !programs.listings.get(name)?.panics.is_empty() => String::new(),
        Err(_) => return Ok(()),
    };
    let both = SeenBoth::from([(recorded.to_owned(), stderr)]);
    let impossible = impossible_with_stderr(programs, modelled, name, &both)?;
    findings.hold(impossible.is_empty(), || {
        format!(
            "it can't write what is recorded of its standard error: run \
             `cargo run -- record {name}`"
        )
    });
    Ok(())
}

/// Which of these, standard output and standard error apart, no execution writes
/// to a terminal, in whatever order of their lines.
pub(super) fn impossible_with_stderr<'a>(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
    both: &'a SeenBoth,
) -> Result<Vec<&'a (String, String)>> {
    if both.is_empty() {
        return Ok(Vec::new());
    }
    let mut request = request(programs.listings.get(name)?, []);
    request.settings.stderr = true;
    let answer = answer(programs, modelled, name, &request)?;
    let file = programs.built.files.get(name);
    let folder = file.and_then(|file| file.strip_suffix(&format!("{name}.rs")));
    let folder = folder.unwrap_or_default();
    let is_possible = |(stdout, stderr): &(String, String)| {
        let stderr = as_the_engine_writes(stderr, folder);
        let (stdout, stderr) = (lines(stdout), lines(&stderr));
        let mut outputs = answer.listed.iter();
        outputs.any(|output| is_merged(&lines(&output.text), &stdout, &stderr))
    };
    Ok(both.iter().filter(|both| !is_possible(both)).collect())
}

/// A panic's message without the thread's number and the file's folder.
fn as_the_engine_writes(stderr: &str, folder: &str) -> String {
    without_numbers_of_threads(stderr).replace(folder, "")
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// Whether these lines are those of both, each in their order.
fn is_merged(lines: &[&str], one: &[&str], other: &[&str]) -> bool {
    let Some((line, rest)) = lines.split_first() else {
        return one.is_empty() && other.is_empty();
    };
    one.first() == Some(line) && is_merged(rest, &one[1..], other)
        || other.first() == Some(line) && is_merged(rest, one, &other[1..])
}

/// The engine refuses a listing that is marked as unexplored, and the reason
/// given is true.
pub(super) fn check_unexplored(programs: &Programs, modelled: &Modelled, name: &str) -> Result<()> {
    let listing = programs.listings.get(name)?;
    let reason = listing.unexplored.as_deref().context("it is explored")?;
    let known = REASONS.iter().find(|(known, _)| *known == reason);
    let known = known.with_context(|| {
        let reasons: Vec<&str> = REASONS.iter().map(|(reason, _)| *reason).collect();
        format!(
            "listings.toml says that it is unexplored because {reason:?}, which nothing tests: \
             write one of {reasons:?}"
        )
    });
    let (_, evidence) = known?;
    let source = programs.listings.source(name)?;
    ensure!(
        source.contains(evidence),
        "listings.toml says that it is unexplored because {reason}, and there is no {evidence} in \
         it: let `cargo run -- add {name}` write what is true"
    );
    let request = request(listing, []);
    let file = format!("{name}.rs");
    match modelled.ask(&file, &source, &request, &mut |_| {}, &Stop::new()) {
        // It compiles, as its own checks show: what is missing is a model.
        Err(NoAnswer::Refused(_) | NoAnswer::Rejected { .. }) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => bail!(
            "listings.toml says that it is unexplored because {reason}, and it can be explored: \
             let `cargo run -- add {name}` write what is true"
        ),
    }
}

/// The recorded report on deadlocks is the engine's.
fn check_deadlocks(
    listings: &Listings,
    name: &str,
    answer: &Answer,
    findings: &mut Findings,
) -> Result<()> {
    if !listings.get(name)?.ends.contains(&Ends::Deadlocks) {
        return Ok(());
    }
    let recorded = fs::read_to_string(listings.deadlock_path(name)).with_context(|| {
        format!("its deadlock isn't recorded: run `cargo run -- record {name}`")
    })?;
    let report = report::of_deadlocks(&answer.deadlocks);
    findings.hold(recorded == report, || {
        format!(
            "the recorded report on its deadlocks isn't the engine's: run \
             `cargo run -- record {name}`. The engine says\n{report}"
        )
    });
    Ok(())
}

/// The panics that listings.toml states are those that some schedule allows: a
/// listing whose output doesn't show a panic is not right by luck.
fn check_panics(listing: &Listing, name: &str, answer: &Answer, findings: &mut Findings) {
    let stated: BTreeSet<&str> = listing.panics.iter().map(String::as_str).collect();
    for possible in &answer.panics {
        findings.hold(stated.contains(possible.panic.message.as_str()), || {
            format!(
                "a thread can panic: {}. If it should, let `cargo run -- add {name}` write that; \
                 `cargo run -- outcomes {name} --trace panic` shows how",
                possible.panic
            )
        });
    }
    let found = answer.panics.iter();
    let found: BTreeSet<&str> = found
        .map(|possible| possible.panic.message.as_str())
        .collect();
    for message in stated.difference(&found) {
        findings.add(format!(
            "listings.toml says that it can panic with {message:?}, and it can't: let \
             `cargo run -- add {name}` write what is true"
        ));
    }
}

/// The figure in listings.toml is the engine's.
fn check_count(listing: &Listing, name: &str, answer: &Answer, findings: &mut Findings) {
    let is_right = match (listing.outputs, answer.outputs) {
        (Some(stated), counted) => counted == Some(stated.into()),
        (None, None) => answer.not_counted == Some(NotCounted::Unbounded),
        (None, Some(_)) => false,
    };
    let said = listing.outputs.map_or_else(
        || "none, as of a program that prints without end".to_owned(),
        |stated| with_separators(stated.into()),
    );
    let counted = answer.outputs.map_or_else(
        || "they can't be counted".to_owned(),
        |counted| format!("it has {}", with_separators(counted)),
    );
    findings.hold(is_right, || {
        format!(
            "the number of its outputs in listings.toml is wrong: it says {said}, and {counted}. \
             Let `cargo run -- add {name}` write what is true"
        )
    });
}

/// The ways to end that listings.toml states are those that there are.
fn check_endings(listing: &Listing, name: &str, answer: &Answer, findings: &mut Findings) {
    let found = answer.endings.iter().map(|ends| &ends.ending);
    let found: Option<Vec<Ends>> = found.map(Ends::of).collect();
    let Some(found) = found else {
        findings.add(
            "it can abort, which listings.toml has no word for: let the program end in another way",
        );
        return;
    };
    let words = |ends: &[Ends]| {
        let words: BTreeSet<_> = ends.iter().map(Ends::to_string).collect();
        words.into_iter().collect::<Vec<_>>().join(" or ")
    };
    findings.hold(
        words(&found) == words(&listing.ends) || answer.outputs.is_none(),
        || {
            format!(
                "listings.toml says that it {}, and it {}: let `cargo run -- add {name}` write \
                 what is true",
                words(&listing.ends),
                words(&found)
            )
        },
    );
}

/// Texts that are made of an output: with a line lost, doubled or moved, or with
/// one that nobody prints. Some of each kind.
fn doctored(recorded: &str) -> Vec<String> {
    let mut seen = BTreeSet::from([recorded.to_owned()]);
    let mut all = Vec::new();
    for mut texts in in_every_way(recorded) {
        texts.retain(|text| seen.insert(text.clone()));
        let step = texts.len().div_ceil(DOCTORED).max(1);
        all.extend(texts.into_iter().step_by(step));
    }
    all
}

/// An output, doctored in every way of each kind.
fn in_every_way(recorded: &str) -> [Vec<String>; 4] {
    let lines: Vec<&str> = recorded.split_inclusive('\n').collect();
    let (mut lost, mut twice, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for from in (0..lines.len()).rev() {
        let mut others = lines.clone();
        let line = others.remove(from);
        let with_line = |lines: &[&str], to| {
            let (before, after) = lines.split_at(to);
            [before, &[line], after].concat().concat()
        };
        moved.extend((0..=others.len()).map(|to| with_line(&others, to)));
        twice.extend((0..=lines.len()).map(|to| with_line(&lines, to)));
        lost.push(others.concat());
    }
    [lost, twice, moved, foreign(recorded).into()]
}

/// An output with something that nobody prints.
fn foreign(recorded: &str) -> [String; 3] {
    [
        format!("{recorded}one line more\n"),
        format!("\n{recorded}"),
        format!("{recorded}without an end"),
    ]
}

/// What real runs printed and the engine calls impossible. `None` if it can't
/// know what a real machine does, since the listing tells the time.
pub(super) fn impossible<'a>(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
    seen: &'a Seen,
) -> Result<Option<Vec<&'a (String, String)>>> {
    let listing = programs.listings.get(name)?;
    let mut request = request(listing, []);
    // A real machine is never quite prompt.
    request.settings = Settings {
        clock: Clock::Any,
        ..request.settings
    };
    for (text, ends) in seen {
        let ends = Ends::try_from(ends.clone()).map_err(anyhow::Error::msg)?;
        request.checks.push(Check {
            text: text.clone(),
            ending: Some(ends.to_ending()),
        });
    }
    let answer = match answer(programs, modelled, name, &request) {
        Err(error) if listing.clock == Clock::Prompt && is_refused(&error) => return Ok(None),
        other => other?,
    };
    let checked = seen.iter().zip(&answer.checked);
    let impossible = checked.filter(|(_, checked)| is_possible(checked) == Some(false));
    Ok(Some(impossible.map(|(seen, _)| seen).collect()))
}

fn is_refused(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(NoAnswer::Refused(_)))
}

fn any_ending(text: &str) -> Check {
    Check {
        text: text.to_owned(),
        ending: None,
    }
}

pub(super) fn is_possible(checked: &Checked) -> Option<bool> {
    match checked {
        Checked::Known(membership) => Some(membership.is_possible()),
        Checked::Unknown(_) => None,
    }
}
