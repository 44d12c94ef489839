//! Whether the engine and the book agree: on how many outputs a listing has,
//! on how it ends, on what is recorded, and on what can't be.

use super::{Orders, Programs};
use crate::{order, outcomes};
use anyhow::{Context, Result, ensure};
use mdbook_interleaved::listings::{Ends, Listing, Listings};
use mdbook_interleaved::outcomes::{ask, settings};
use outcomes_protocol::{Answer, Check, Checked, Clock, NotCounted, Output, Request};
use runner::Modelled;
use std::collections::BTreeSet;
use std::fs;

/// As many outputs are held against the guarantee one by one.
const LISTED: usize = 4000;

/// As many impossible outputs are tried at most.
const DOCTORED: usize = 40;

/// As many must be.
const FEWEST_DOCTORED: usize = 3;

/// Explores a listing, and holds what is known of it against that.
pub(super) fn check(
    programs: &Programs,
    modelled: &Modelled,
    orders: &Orders,
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
    ensure!(
        doctored.len() >= FEWEST_DOCTORED,
        "there are only {} impossible outputs to try",
        doctored.len()
    );
    let texts = std::iter::once(&recorded).chain(&doctored);
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
    check_deadlocks(&programs.listings, name, &request, &answer)?;
    for (check, checked) in request.checks.iter().zip(&answer.checked) {
        let is_recorded = check.text == recorded;
        ensure!(
            is_possible(checked) == Some(is_recorded),
            "this should be {}possible, and the engine says {checked:?}:\n{}",
            if is_recorded { "" } else { "im" },
            check.text
        );
    }
    Ok(())
}

/// The recorded report on deadlocks is the engine's.
fn check_deadlocks(
    listings: &Listings,
    name: &str,
    request: &Request,
    answer: &Answer,
) -> Result<()> {
    if !listings.get(name)?.ends.contains(&Ends::Deadlocks) {
        return Ok(());
    }
    let file = listings.deadlock_path(name);
    let recorded =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let report = outcomes::deadlocks_of(listings, name, request, answer)?;
    ensure!(
        recorded == report,
        "the recorded report on its deadlocks is another than the engine's: \
         record it again\n{report}"
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
/// or with a line that nobody prints. Only those that the guarantee forbids.
fn doctored(recorded: &str, ends: &[Ends], orders: &[order::Order]) -> Vec<String> {
    let lines: Vec<&str> = recorded.split_inclusive('\n').collect();
    let mut texts = Vec::new();
    for from in (0..lines.len()).rev() {
        let mut others = lines.clone();
        let line = others.remove(from);
        texts.push(others.concat());
        for to in 0..lines.len() {
            let mut moved = others.clone();
            moved.insert(to, line);
            texts.push(moved.concat());
        }
        let mut doubled = lines.clone();
        doubled.insert(from, line);
        texts.push(doubled.concat());
    }
    texts.push(format!("{recorded}one line more\n"));
    texts.push(format!("\n{recorded}"));
    texts.push(format!("{recorded}without an end"));

    let is_allowed = |text: &String| {
        ends.iter()
            .any(|&ends| order::is_possible(orders, text, ends))
    };
    let mut seen = BTreeSet::from([recorded.to_owned()]);
    texts.retain(|text| seen.insert(text.clone()) && !is_allowed(text));
    // Some of each kind rather than all of one.
    let step = texts.len().div_ceil(DOCTORED).max(1);
    texts.into_iter().step_by(step).collect()
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
