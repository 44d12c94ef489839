//! Every output against the trace of an execution that has it.

use outcomes_engine::{
    Ending, Exploration, Graph, Membership, Output, Schedule, Settings, Target, ThreadPath, Trace,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};

/// Finds a way to each of the first `most` outputs, replays it on a machine of
/// its own as it would come from a user, as text, and holds the trace against
/// the output: it prints that, and ends like it, and there is no shorter way.
/// Also, with the same conditions,
/// the ways to the deadlocks. How many traces were compared.
///
/// # Errors
/// Says of which output the trace is wrong, and how.
pub fn check(
    main: &dyn Fn() -> i32,
    settings: &Settings,
    explored: &Exploration,
    most: usize,
) -> Result<usize, String> {
    let Ok(outputs) = explored.outputs() else {
        return Ok(0);
    };
    let mut count = 0;
    let mut before: Option<Output> = None;
    for output in outputs.iter().take(most) {
        let number = outputs.position(&output);
        if number != Some(count as u128) {
            return Err(format!(
                "{output:?} is number {count}, and said to be {number:?}"
            ));
        }
        if let Some(before) = before.replace(output.clone())
            && order(&before) >= order(&output)
        {
            return Err(format!("{output:?} comes behind {before:?}"));
        }
        check_one(main, settings, explored, &output)
            .map_err(|why| format!("the trace of {output:?}: {why}"))?;
        count += 1;
    }
    for deadlock in &explored.deadlocks {
        let trace = replay(main, settings, &deadlock.schedule)?;
        if trace.ending != Some(Ending::Deadlocked)
            || trace.left.sentences() != deadlock.standstill.sentences()
        {
            return Err(format!("{} leads to {:?}", deadlock.schedule, trace.left));
        }
        count += 1;
    }
    for possible in &explored.panics {
        let trace = replay(main, settings, &possible.schedule)?;
        let message = &possible.panic.message;
        let printed = trace
            .events
            .iter()
            .map(|event| [&*event.text, &*event.stderr]);
        let is_told = printed
            .flatten()
            .any(|text| text.contains(message.as_str()));
        // An abort may cut the message off, and a print that goes on come first.
        let is_later = trace.ending == Some(Ending::Aborted)
            || trace.ending.is_none()
                && possible
                    .schedule
                    .view
                    .iter()
                    .any(|view| view == "formatting");
        if !is_told && !is_later {
            return Err(format!(
                "{} doesn't lead to the panic {message:?}",
                possible.schedule
            ));
        }
        count += 1;
    }
    for leak in &explored.leaks {
        let trace = replay(main, settings, &leak.schedule)?;
        let stuck = leak.standstill.blocked.iter();
        let is_left = |path: &ThreadPath| {
            let mut left = trace.left.blocked.iter();
            left.any(|blocked| blocked.who.path == *path)
        };
        if !stuck.map(|blocked| &blocked.who.path).all(is_left) {
            return Err(format!(
                "{} doesn't lead to {:?}",
                leak.schedule, leak.standstill
            ));
        }
        count += 1;
    }
    let mut endings: BTreeMap<Ending, u128> = BTreeMap::new();
    if outputs.count() <= most as u128 {
        for output in outputs.iter() {
            *endings.entry(output.ending).or_default() += 1;
        }
        let endings: Vec<_> = endings.into_iter().collect();
        if outputs.endings() != endings {
            return Err(format!(
                "it ends by {endings:?}, and not by {:?}",
                outputs.endings()
            ));
        }
    }
    Ok(count)
}

/// Outputs are in the order of their lines; an unfinished one comes before
/// those that are.
fn order(output: &Output) -> (Vec<(bool, &str)>, &Ending) {
    let lines = output.text.split_inclusive('\n');
    let mut lines: Vec<(bool, &str)> = lines.map(|line| (line.ends_with('\n'), line)).collect();
    if lines.last().is_none_or(|(is_whole, _)| *is_whole) {
        lines.push((false, ""));
    }
    (lines, &output.ending)
}

fn check_one(
    main: &dyn Fn() -> i32,
    settings: &Settings,
    explored: &Exploration,
    output: &Output,
) -> Result<(), String> {
    let found = explored.graph.find(&output.text, Some(&output.ending));
    let Membership::Possible(schedule) = found else {
        return Err("there is no way to it".to_owned());
    };
    let trace = replay(main, settings, &schedule)?;
    let text: String = trace.events.iter().map(|event| &*event.text).collect();
    if text != output.text || trace.ending.as_ref() != Some(&output.ending) {
        let ending = &trace.ending;
        return Err(format!("by {schedule} it prints {text:?} and {ending:?}"));
    }
    let events = trace.events.iter();
    let spurious = events.filter(|event| event.spurious || event.newer.is_some());
    let spurious = spurious.count();
    let asked = schedule.steps.iter().filter(|step| step.is_spurious());
    if spurious != asked.count() {
        return Err(format!(
            "by {schedule} {spurious} spurious wake-ups are told"
        ));
    }
    match shortest(&explored.graph, output) {
        Some(shortest) if shortest != (spurious, schedule.steps.len()) => Err(format!(
            "{schedule} is not the shortest way, which has {} steps, {} of them spurious",
            shortest.1, shortest.0
        )),
        _ => Ok(()),
    }
}

/// How many spurious wake-ups it takes at least to print an output and end
/// like it, and with these how many steps. `None` for what never ends.
fn shortest(graph: &Graph, output: &Output) -> Option<(usize, usize)> {
    let mut open = BinaryHeap::from([Reverse(((0, 0), None, 0, 0))]);
    let mut seen = HashSet::new();
    while let Some(Reverse((cost, ending, state, printed))) = open.pop() {
        if ending.is_some() {
            return Some(cost);
        }
        if !seen.insert((state, printed)) {
            continue;
        }
        for edge in graph.edges_of(state) {
            let text = &*graph.texts()[edge.text];
            if !output.text[printed..].starts_with(text) {
                continue;
            }
            let printed = printed + text.len();
            let step = usize::from(edge.choice.is_some());
            let cost = (cost.0 + usize::from(edge.spurious), cost.1 + step);
            match edge.to {
                Target::State(to) => open.push(Reverse((cost, None, to, printed))),
                Target::End(end) => {
                    if printed == output.text.len() && graph.endings()[end] == output.ending {
                        open.push(Reverse((cost, Some(end), 0, printed)));
                    }
                }
            }
        }
    }
    None
}

/// The trace of a schedule, as it would come from a user, as text.
///
/// # Errors
/// Says why there is none.
pub fn replay(
    main: &dyn Fn() -> i32,
    settings: &Settings,
    schedule: &Schedule,
) -> Result<Trace, String> {
    let read: Schedule = schedule.to_string().parse()?;
    if read != *schedule {
        return Err(format!("{schedule} is read as {read}"));
    }
    let program = outcomes_std::program::program(main);
    outcomes_engine::trace(&program, settings, &read).map_err(|why| format!("by {schedule}: {why}"))
}
