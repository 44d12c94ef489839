//! Answers what is asked of a program.

use crate::explore::{explore_and_label, search, trace};
use crate::pulse;
use crate::surroundings::within;
use crate::{
    Answer, Check, Checked, Ends, Expectation, Expected, Exploration, Membership, Message,
    NotCounted, Outputs, Program, Progress, Refused, Request, Sample, Schedule, Settings, SoFar,
    without_thread_numbers,
};
use std::time::Instant;

/// Answers a request. `tell` gets every message, the last one being
/// [`Message::Answer`] or [`Message::Refused`].
pub fn answer(program: &Program<'_>, request: &Request, tell: &mut dyn FnMut(Message)) {
    let mut request = request.clone();
    if request.settings.stderr {
        for check in checks_of(&mut request) {
            check.text = without_thread_numbers(&check.text);
        }
    }
    let answered = within(&request.surroundings, || {
        try_answer(program, &request, tell)
    });
    let last = match answered {
        Ok(mut answer) => {
            if pulse::is_stopped() {
                answer.was_asked_to_stop();
            }
            Message::Answer(Box::new(answer))
        }
        Err(refused) => Message::Refused(refused),
    };
    tell(last);
}

/// All outputs that a request names.
fn checks_of(request: &mut Request) -> impl Iterator<Item = &mut Check> {
    let traced = match &mut request.trace {
        Some(Sample::Of(check)) => Some(check),
        _ => None,
    };
    request.checks.iter_mut().chain(traced)
}

fn try_answer(
    program: &Program<'_>,
    request: &Request,
    tell: &mut dyn FnMut(Message),
) -> Result<Answer, Refused> {
    let mut answer = Answer::default();
    let started = Instant::now();
    let explored = if request.search_only {
        None
    } else {
        let mut progress = |progress: &Progress| tell(Message::Progress(*progress));
        let settings = &request.settings;
        Some(explore_and_label(
            program,
            settings,
            request.graph,
            &mut progress,
        )?)
    };
    let outputs = explored.as_ref().and_then(|explored| {
        let outputs = explored.outputs();
        describe(&mut answer, explored, &outputs, request);
        outputs.ok()
    });
    for check in &request.checks {
        let checked = self::check(program, &request.settings, explored.as_ref(), check)?;
        answer.checked.push(checked);
    }
    for (expectation, at) in explored.iter().flat_map(|it| &it.expected) {
        let expected = Expected {
            expectation: expectation.clone(),
            at: at.clone(),
            met: None,
            schedule: None,
        };
        // All that is looked for has the time together that exploring has left.
        let mut settings = request.settings;
        let limits = &mut settings.limits;
        limits.time = limits.time.saturating_sub(started.elapsed());
        let looked_up = look_up(program, &settings, explored.as_ref(), expected, &answer)?;
        answer.expected.push(looked_up);
    }
    let Some(sample) = &request.trace else {
        return Ok(answer);
    };
    let schedule = match sample {
        Sample::Schedule(schedule) => Some(schedule.clone()),
        Sample::Deadlock(number) => {
            let deadlock = answer.deadlocks.get(*number);
            deadlock.map(|deadlock| deadlock.schedule.clone())
        }
        Sample::Leak(number) => {
            let leak = answer.leaks.get(*number);
            leak.map(|leak| leak.schedule.clone())
        }
        Sample::Panic(number) => {
            let panic = answer.panics.get(*number);
            panic.map(|panic| panic.schedule.clone())
        }
        Sample::Output(number) => {
            let output = outputs.and_then(|outputs| outputs.nth(u128::from(*number)));
            let check = output.map(|output| Check {
                text: output.text,
                ending: Some(output.ending),
            });
            way_to(
                program,
                &request.settings,
                explored.as_ref(),
                check.as_ref(),
            )?
        }
        Sample::Of(check) => way_to(program, &request.settings, explored.as_ref(), Some(check))?,
    };
    if let Some(schedule) = schedule {
        match trace(program, &request.settings, &schedule) {
            Ok(trace) => answer.trace = Some(trace),
            Err(why) => answer.no_trace = Some(why.to_string()),
        }
    }
    Ok(answer)
}

fn endings_of(outputs: &Outputs) -> Vec<Ends> {
    let endings = outputs.endings().into_iter();
    endings
        .map(|(ending, outputs)| Ends { ending, outputs })
        .collect()
}

fn describe(
    answer: &mut Answer,
    explored: &Exploration,
    outputs: &Result<Outputs, NotCounted>,
    request: &Request,
) {
    answer.complete = explored.stopped.is_none();
    // Not what was looked at: how many states that is depends on how the program was
    // compiled, since what a compiler leaves in memory can tell equal ones apart.
    let distinct = explored.distinct();
    answer.states = distinct.map_or(explored.graph.states(), |it| it.states);
    answer.executions = distinct.map_or(explored.executions, |it| it.executions());
    answer.alike_threads = explored.alike;
    answer.deadlocks = explored.deadlocks.clone();
    answer.leaks = explored.leaks.clone();
    answer.panics = explored.panics.clone();
    answer.seconds = explored.seconds();
    answer.graph = explored
        .labels
        .as_ref()
        .map(|labels| explored.graph.to_data(labels.clone()));
    match outputs {
        Err(reason) => {
            answer.not_counted = Some(reason.clone());
            let so_far = explored
                .stopped
                .and_then(|_| explored.outputs_so_far().ok());
            answer.so_far = so_far.map(|outputs| SoFar {
                outputs: outputs.count(),
                endings: endings_of(&outputs),
                listed: outputs.iter().take(request.list).collect(),
            });
        }
        Ok(outputs) => {
            answer.outputs = Some(outputs.count());
            answer.listed = outputs.iter().take(request.list).collect();
            answer.endings = endings_of(outputs);
        }
    }
}

fn check(
    program: &Program<'_>,
    settings: &Settings,
    explored: Option<&Exploration>,
    check: &Check,
) -> Result<Checked, Refused> {
    if let Some(explored) = explored {
        let found = explored.graph.find(&check.text, check.ending.as_ref());
        if explored.stopped.is_none() || found.is_possible() {
            return Ok(Checked::Known(found));
        }
    }
    match search(program, settings, &check.text, check.ending.as_ref()) {
        Ok(found) => Ok(Checked::Known(found)),
        Err(Ok(stopped)) => Ok(Checked::Unknown(stopped)),
        Err(Err(refused)) => Err(refused),
    }
}

/// Whether it is as the program says.
fn look_up(
    program: &Program<'_>,
    settings: &Settings,
    explored: Option<&Exploration>,
    mut expected: Expected,
    answer: &Answer,
) -> Result<Expected, Refused> {
    let (text, is_to_be) = match &expected.expectation {
        Expectation::Outputs(count) => {
            expected.met = match (answer.outputs, &answer.not_counted) {
                (Some(outputs), _) => Some(outputs == *count),
                (None, Some(NotCounted::Unbounded)) => Some(false),
                (None, _) => None,
            };
            return Ok(expected);
        }
        Expectation::Possible(text) => (text, true),
        Expectation::Impossible(text) => (text, false),
    };
    let text = match settings.stderr {
        true => without_thread_numbers(text),
        false => text.clone(),
    };
    // With a line break at its end: that may be left out.
    let with_break = (!text.is_empty() && !text.ends_with('\n')).then(|| format!("{text}\n"));
    let mut met = Some(!is_to_be);
    for text in with_break.into_iter().chain([text]) {
        let wanted = Check { text, ending: None };
        let checked = check(program, settings, explored, &wanted)?;
        match checked {
            Checked::Known(Membership::Possible(schedule)) => {
                met = Some(is_to_be);
                expected.schedule = Some(schedule);
                break;
            }
            Checked::Known(Membership::NotPossible(_)) => {}
            Checked::Unknown(_) => met = None,
        }
    }
    expected.met = met;
    Ok(expected)
}

fn way_to(
    program: &Program<'_>,
    settings: &Settings,
    explored: Option<&Exploration>,
    check: Option<&Check>,
) -> Result<Option<Schedule>, Refused> {
    let Some(check) = check else {
        return Ok(None);
    };
    Ok(match self::check(program, settings, explored, check)? {
        Checked::Known(Membership::Possible(schedule)) => Some(schedule),
        _ => None,
    })
}
