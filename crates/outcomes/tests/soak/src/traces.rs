//! Every output against the trace of an execution that has it.

use outcomes::{Ending, Exploration, Membership, Output, Schedule, Settings, Trace};

/// Finds a way to each of the first `most` outputs, replays it on a machine of
/// its own as it would come from a user, as text, and holds the trace against
/// the output: it prints that, and ends like it. Also, with the same conditions,
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
    for output in outputs.iter().take(most) {
        check_one(main, settings, explored, &output)
            .map_err(|why| format!("the trace of {output:?}: {why}"))?;
        count += 1;
    }
    for deadlock in &explored.deadlocks {
        let trace = replay(main, settings, &deadlock.schedule)?;
        if trace.ending != Some(Ending::Deadlocked) || trace.left != deadlock.standstill {
            return Err(format!("{} leads to {:?}", deadlock.schedule, trace.left));
        }
        count += 1;
    }
    Ok(count)
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
    let spurious = trace.events.iter().filter(|event| event.spurious).count();
    let asked = schedule.steps.iter().filter(|step| step.is_spurious());
    if spurious != asked.count() {
        return Err(format!(
            "by {schedule} {spurious} spurious wake-ups are told"
        ));
    }
    Ok(())
}

fn replay(
    main: &dyn Fn() -> i32,
    settings: &Settings,
    schedule: &Schedule,
) -> Result<Trace, String> {
    let read: Schedule = schedule.to_string().parse()?;
    if read != *schedule {
        return Err(format!("{schedule} is read as {read}"));
    }
    let program = outcomes_std::program::program(main);
    outcomes::trace(&program, settings, &read, 0).map_err(|why| format!("by {schedule}: {why}"))
}
