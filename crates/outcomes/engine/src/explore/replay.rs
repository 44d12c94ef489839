//! Runs one schedule again, and tells all.

use super::halt::{Halt, ended, is_stuck};
use super::{engine, machine};
use crate::machine::{Alternative, Machine};
use crate::trace::Recorder;
use crate::{Ending, Program, Refused, Schedule, Settings, Trace};

/// Runs one schedule and tells all. After the schedule's end the program goes
/// on by each state's first alternative, up to `more` steps.
///
/// # Errors
/// Says what the program does that can't be modelled.
///
/// # Panics
/// If the schedule is not one of this program's under these settings.
pub fn trace(
    program: &Program<'_>,
    settings: &Settings,
    schedule: &Schedule,
    more: usize,
) -> Result<Trace, Refused> {
    let _engine = engine();
    let mut machine = machine(settings);
    loop {
        match trace_once(&mut machine, program, schedule, more) {
            Ok(trace) => return Ok(trace),
            Err(Halt::Restart) => {}
            Err(Halt::Refused(refused)) => return Err(refused),
        }
    }
}

fn trace_once(
    machine: &mut Machine,
    program: &Program<'_>,
    schedule: &Schedule,
    more: usize,
) -> Result<Trace, Halt> {
    *machine.recorder() = Some(Recorder::new());
    machine.start(program.main, program.locals);
    let mut choices = schedule.0.iter().map(|&choice| usize::from(choice));
    let mut ending;
    let mut left = more;
    loop {
        ending = ended(machine.interrupt())?;
        if ending.is_some() {
            break;
        }
        let positions = machine.positions();
        recorder(machine).positions(positions);
        let alternatives = machine.alternatives();
        let Some(choice) = choices.next().or_else(|| {
            left = left.checked_sub(1)?;
            (!is_stuck(&alternatives)).then_some(0)
        }) else {
            if is_stuck(&alternatives) {
                ending = Some(Ending::Deadlocked);
            }
            break;
        };
        let alternative = alternatives[choice];
        recorder(machine).next_step(matches!(alternative, Alternative::Pair { .. }));
        machine.step(alternative);
    }
    let blocked = match ending {
        None | Some(Ending::Deadlocked) => machine.blocked(),
        _ => Vec::new(),
    };
    recorder(machine).ended(ending, blocked);
    Ok(machine.recorder().take().expect("recording").finish())
}

fn recorder(machine: &mut Machine) -> &mut Recorder {
    machine.recorder().as_mut().expect("recording")
}
