//! Whether the engine and the book agree: on how many outputs a listing has,
//! on how it ends, on what is recorded, and on what can't be.

use super::{Orders, Programs};
use crate::order;
use anyhow::{Context, Result, bail, ensure};
use cargo_outcomes::{Modelled, NoAnswer, report};
use mdbook_interleaved::listings::{Ends, Listing, Listings};
use mdbook_interleaved::outcomes::{ask, settings};
use outcomes_protocol::{Answer, Check, Checked, Clock, NotCounted, Output, Request};
use runner::Stop;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// As many outputs are held against the guarantee one by one.
const LISTED: usize = 4000;

/// As many impossible outputs of each kind are tried at most.
const DOCTORED: usize = 12;

/// As many must be, of all kinds.
const FEWEST_DOCTORED: usize = 3;

/// How a recorded output is made impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Doctoring {
    /// A line is left out.
    Lost,
    /// A line is there twice: a value was read twice, for example.
    Twice,
    /// A line is elsewhere: across a join, if there is one.
    Moved,
    /// There is something that nobody prints.
    Foreign,
}

/// For each listing, in which ways it can't be doctored, and why.
pub(super) type Undoctored = BTreeMap<String, BTreeMap<Doctoring, String>>;

/// Why a listing may be marked as unexplored, each with what is in the source
/// of a listing for which that is true.
const REASONS: [(&str, &str); 2] = [
    (
        "it measures how long things take on a real machine",
        ".elapsed()",
    ),
    (
        "how many threads run at the same time is up to the machine",
        "available_parallelism()",
    ),
];

/// Explores a listing, and holds what is known of it against that.
pub(super) fn check(
    programs: &Programs,
    modelled: &Modelled,
    orders: &Orders,
    undoctored: &Undoctored,
    name: &str,
) -> Result<()> {
    let listing = programs.listings.get(name)?;
    let orders = orders
        .get(name)
        .with_context(|| format!("tests/orders.toml says nothing of {name}"))?;
    let file = programs.listings.transcript_path(name);
    let recorded =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let doctored = doctored(&recorded, &listing.ends, orders);
    let reasons = undoctored.get(name).cloned().unwrap_or_default();
    check_doctored(&doctored, &reasons, &recorded, orders)?;
    let texts = std::iter::once(&recorded).chain(doctored.iter().map(|(_, text)| text));
    let request = Request {
        settings: settings(listing),
        list: LISTED,
        checks: texts.map(|text| any_ending(text)).collect(),
        ..Request::default()
    };
    let answer = ask(&programs.listings, modelled, name, &request, &mut |_| {})?;

    check_count(listing, &answer)?;
    check_endings(listing, &answer)?;
    check_guarantee(orders, &answer)?;
    check_deadlocks(&programs.listings, name, &answer)?;
    check_panics(listing, &answer)?;
    for (check, checked) in request.checks.iter().zip(&answer.checked) {
        let is_recorded = check.text == recorded;
        ensure!(
            is_possible(checked) == Some(is_recorded),
            "this should be {}possible, and the engine says {checked:?}:\n{}",
            if is_recorded { "" } else { "im" },
            check.text
        );
    }
    check_stderr(programs, modelled, name, &recorded)
}

/// There are impossible outputs of every kind, unless tests/doctored.toml says
/// why not.
fn check_doctored(
    doctored: &[(Doctoring, String)],
    reasons: &BTreeMap<Doctoring, String>,
    recorded: &str,
    orders: &[order::Order],
) -> Result<()> {
    ensure!(
        doctored.len() >= FEWEST_DOCTORED,
        "there are only {} impossible outputs to try",
        doctored.len()
    );
    for kind in [Doctoring::Lost, Doctoring::Twice, Doctoring::Moved] {
        let is_there = doctored.iter().any(|(other, _)| *other == kind);
        match reasons.get(&kind) {
            None => ensure!(
                is_there,
                "no impossible output has a line {kind:?}, and tests/doctored.toml doesn't say why"
            ),
            Some(reason) => ensure!(
                !is_there,
                "tests/doctored.toml says that no impossible output has a line {kind:?} \
                 ({reason}), and there is one"
            ),
        }
    }
    let crosses = |(kind, text): &(_, String)| {
        *kind == Doctoring::Moved && !order::ends_with_a_join(orders, text)
    };
    ensure!(
        !order::ends_with_a_join(orders, recorded) || doctored.iter().any(crosses),
        "no impossible output has a line moved across the join"
    );
    Ok(())
}

/// What is recorded of its standard error can come with what is recorded of
/// its standard output.
fn check_stderr(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
    recorded: &str,
) -> Result<()> {
    let Ok(stderr) = fs::read_to_string(programs.listings.stderr_path(name)) else {
        return Ok(());
    };
    let stderr = as_the_engine_writes(&stderr);
    let mut request = Request {
        settings: settings(programs.listings.get(name)?),
        list: LISTED,
        ..Request::default()
    };
    request.settings.stderr = true;
    let answer = ask(&programs.listings, modelled, name, &request, &mut |_| {})?;
    let lines = |text| str::lines(text).collect::<Vec<_>>();
    let (stdout, stderr) = (lines(recorded), lines(&stderr));
    let mut outputs = answer.listed.iter();
    ensure!(
        outputs.any(|output| is_merged(&lines(&output.text), &stdout, &stderr)),
        "its recorded standard error can't be: {:#?}",
        answer.listed
    );
    Ok(())
}

/// A panic's message without the thread's number and the file's folder.
fn as_the_engine_writes(stderr: &str) -> String {
    super::without_numbers_of_threads(stderr).replace("crates/listings/examples/", "")
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
    let (_, evidence) = known.with_context(|| format!("nothing tests that {reason}"))?;
    let source = programs.listings.source(name)?;
    ensure!(
        source.contains(evidence),
        "it is not true that {reason}: there is no {evidence}"
    );
    let request = Request {
        settings: settings(listing),
        ..Request::default()
    };
    match modelled.ask(
        &format!("{name}.rs"),
        &source,
        &request,
        &mut |_| {},
        &Stop::new(),
    ) {
        Err(NoAnswer::Refused(_)) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(answer) => bail!("it can be explored: {:?} outputs", answer.outputs),
    }
}

/// The recorded report on deadlocks is the engine's.
fn check_deadlocks(listings: &Listings, name: &str, answer: &Answer) -> Result<()> {
    if !listings.get(name)?.ends.contains(&Ends::Deadlocks) {
        return Ok(());
    }
    let file = listings.deadlock_path(name);
    let recorded =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let report = report::of_deadlocks(&answer.deadlocks);
    ensure!(
        recorded == report,
        "the recorded report on its deadlocks is another than the engine's: \
         record it again\n{report}"
    );
    Ok(())
}

/// The panics that listings.toml states are those that some schedule allows: a
/// listing whose output doesn't show a panic is not right by luck.
fn check_panics(listing: &Listing, answer: &Answer) -> Result<()> {
    let stated: BTreeSet<&str> = listing.panics.iter().map(String::as_str).collect();
    let found = answer.panics.iter();
    let found: BTreeSet<&str> = found
        .map(|possible| possible.panic.message.as_str())
        .collect();
    let all: Vec<String> = answer
        .panics
        .iter()
        .map(|possible| possible.panic.to_string())
        .collect();
    ensure!(
        stated == found,
        "listings.toml says that its panics are {stated:?}, and the engine finds {all:?}"
    );
    Ok(())
}

/// The figure in listings.toml is the engine's.
fn check_count(listing: &Listing, answer: &Answer) -> Result<()> {
    ensure!(
        answer.complete,
        "it could not be explored to the end: {:?}",
        answer.not_counted
    );
    let is_right = match (listing.outputs, answer.outputs) {
        (Some(stated), counted) => counted == Some(stated.into()),
        (None, None) => answer.not_counted == Some(NotCounted::Unbounded),
        (None, Some(_)) => false,
    };
    ensure!(
        is_right,
        "listings.toml says outputs = {:?}, and the engine counts {:?}",
        listing.outputs,
        answer.outputs
    );
    Ok(())
}

/// The ways to end that listings.toml states are those that there are.
fn check_endings(listing: &Listing, answer: &Answer) -> Result<()> {
    let words = |ends: &[Ends]| ends.iter().map(Ends::to_string).collect::<BTreeSet<_>>();
    let found = answer.endings.iter().map(|ends| &ends.ending);
    let found: Option<Vec<Ends>> = found.map(Ends::of).collect();
    let found = found.context("it aborts, which listings.toml has no word for")?;
    ensure!(
        words(&found) == words(&listing.ends) || answer.outputs.is_none(),
        "listings.toml says that it {:?}, and it {:?}",
        words(&listing.ends),
        words(&found)
    );
    Ok(())
}

/// What the engine finds is what tests/orders.toml allows: every output, and
/// as many, where the guarantee can count them.
fn check_guarantee(orders: &[order::Order], answer: &Answer) -> Result<()> {
    for Output { text, ending } in &answer.listed {
        let ends = Ends::of(ending).context("it aborts")?;
        ensure!(
            order::is_possible(orders, text, ends),
            "tests/orders.toml doesn't allow what the engine finds (and then it {ends}):\n{text}"
        );
    }
    let is_whole = |output: &&Output| output.text.is_empty() || output.text.ends_with('\n');
    let whole = answer.listed.iter().filter(is_whole).count() as u128;
    let all_listed = answer.outputs == Some(answer.listed.len() as u128);
    let counted = if all_listed {
        Some(whole)
    } else {
        answer.outputs
    };
    if let (Some(allowed), Some(counted)) = (order::count(orders), counted) {
        ensure!(
            u128::from(allowed) == counted,
            "tests/orders.toml allows {allowed} outputs with whole lines, and the engine finds {counted}"
        );
    }
    Ok(())
}

/// Outputs that can't be: the recorded one with a line lost, doubled or moved,
/// or with a line that nobody prints. Only those that the guarantee forbids,
/// some of each kind.
fn doctored(recorded: &str, ends: &[Ends], orders: &[order::Order]) -> Vec<(Doctoring, String)> {
    let is_allowed = |text: &String| {
        ends.iter()
            .any(|&ends| order::is_possible(orders, text, ends))
    };
    let mut seen = BTreeSet::from([recorded.to_owned()]);
    let mut all = Vec::new();
    for (kind, mut texts) in in_every_way(recorded) {
        texts.retain(|text| seen.insert(text.clone()) && !is_allowed(text));
        let step = texts.len().div_ceil(DOCTORED).max(1);
        all.extend(texts.into_iter().step_by(step).map(|text| (kind, text)));
    }
    all
}

/// The recorded output, doctored in every way.
fn in_every_way(recorded: &str) -> [(Doctoring, Vec<String>); 4] {
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
    let foreign = vec![
        format!("{recorded}one line more\n"),
        format!("\n{recorded}"),
        format!("{recorded}without an end"),
    ];
    [
        (Doctoring::Lost, lost),
        (Doctoring::Twice, twice),
        (Doctoring::Moved, moved),
        (Doctoring::Foreign, foreign),
    ]
}

/// Whether the engine knows of every output that real runs had.
pub(super) fn check_seen(
    programs: &Programs,
    modelled: &Modelled,
    name: &str,
    seen: &BTreeSet<(String, String)>,
) -> Result<()> {
    let listing = programs.listings.get(name)?;
    // A real machine is never quite prompt.
    if !listing.is_explorable() || listing.clock == Clock::Prompt {
        return Ok(());
    }
    let mut checks = Vec::new();
    for (stdout, ends) in seen {
        let ends = Ends::try_from(ends.clone()).map_err(anyhow::Error::msg)?;
        checks.push(Check {
            text: stdout.clone(),
            ending: Some(ends.to_ending()),
        });
    }
    let request = Request {
        settings: settings(listing),
        checks,
        ..Request::default()
    };
    let answer = ask(&programs.listings, modelled, name, &request, &mut |_| {})?;
    for (check, checked) in request.checks.iter().zip(&answer.checked) {
        ensure!(
            is_possible(checked) == Some(true),
            "a real run printed this, and the engine says {checked:?}:\n{}",
            check.text
        );
    }
    Ok(())
}

fn any_ending(text: &str) -> Check {
    Check {
        text: text.to_owned(),
        ending: None,
    }
}

fn is_possible(checked: &Checked) -> Option<bool> {
    match checked {
        Checked::Known(membership) => Some(membership.is_possible()),
        Checked::Unknown(_) => None,
    }
}
