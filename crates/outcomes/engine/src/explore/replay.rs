//! Runs one schedule again, and tells all.

use super::halt::{Halt, ended, is_stuck};
use super::{engine, machine};
use crate::machine::Machine;
use crate::trace::Recorder;
use crate::{Ending, Program, Refused, Schedule, Settings, Standstill, Step, Trace};
use std::fmt;

/// Why a schedule has no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTrace {
    /// The program does what can't be modelled.
    Refused(Refused),
    /// It is no schedule of this program under these settings.
    DoesNotFit(String),
}

impl fmt::Display for NoTrace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoTrace::Refused(refused) => refused.fmt(formatter),
            NoTrace::DoesNotFit(why) => {
                write!(formatter, "The schedule doesn't fit the program: {why}.")
            }
        }
    }
}

impl std::error::Error for NoTrace {}

/// Runs one schedule and tells all.
///
/// # Errors
/// Says what the program does that can't be modelled, or why the schedule
/// doesn't fit it.
pub fn trace(
    program: &Program<'_>,
    settings: &Settings,
    schedule: &Schedule,
) -> Result<Trace, NoTrace> {
    let _engine = engine();
    let mut machine = machine(settings);
    machine.keep_ledger(true);
    let trace = trace_on(&mut machine, program, schedule);
    machine.keep_ledger(false);
    trace
}

fn trace_on(
    machine: &mut Machine,
    program: &Program<'_>,
    schedule: &Schedule,
) -> Result<Trace, NoTrace> {
    machine
        .refine_to(&schedule.view)
        .map_err(NoTrace::DoesNotFit)?;
    loop {
        *machine.recorder() = Some(Recorder::new());
        match replay(machine, program, &schedule.steps) {
            Ok(ending) => {
                tell_end(machine, schedule, ending);
                break;
            }
            Err(Misfit::Halted(Halt::Restart)) => {}
            Err(Misfit::Halted(Halt::Refused(refused))) => return Err(NoTrace::Refused(refused)),
            Err(Misfit::Step(why)) => return Err(NoTrace::DoesNotFit(why)),
        }
    }
    let recorder = machine.recorder().take().expect("recording");
    Ok(recorder.finish())
}

/// Why a schedule can't be followed.
pub(super) enum Misfit {
    /// The program can't be run on.
    Halted(Halt),
    /// A step can't happen, for this reason.
    Step(String),
}

/// Starts the program, and takes these steps. How it has ended, if it has.
pub(super) fn replay(
    machine: &mut Machine,
    program: &Program<'_>,
    steps: &[Step],
) -> Result<Option<Ending>, Misfit> {
    machine.start(program.main, program.locals);
    let mut ending = ended(machine.interrupt()).map_err(Misfit::Halted)?;
    for (index, step) in steps.iter().enumerate() {
        if let Some(ending) = ending {
            let number = index + 1;
            let why = format!("before its step {number} ({step}), {ending}");
            return Err(Misfit::Step(why));
        }
        let Some(alternative) = machine.find_step(step) else {
            let number = index + 1;
            let why = format!("its step {number} ({step}) can't happen there");
            return Err(Misfit::Step(why));
        };
        tell_positions(machine);
        if let Some(recorder) = machine.recorder() {
            recorder.next_step(alternative);
        }
        machine.step(alternative);
        ending = ended(machine.interrupt()).map_err(Misfit::Halted)?;
    }
    Ok(ending)
}

fn tell_positions(machine: &mut Machine) {
    if machine.recorder().is_some() {
        let positions = machine.positions();
        let recorder = machine.recorder().as_mut().expect("just seen");
        recorder.positions(positions);
    }
}

/// Tells how a schedule ends.
fn tell_end(machine: &mut Machine, schedule: &Schedule, mut ending: Option<Ending>) {
    if ending.is_none() {
        tell_positions(machine);
        if is_stuck(&machine.alternatives()) {
            ending = Some(Ending::Deadlocked);
        } else if schedule.forever {
            ending = Some(Ending::NeverEnds);
        }
    }
    let left = match ending {
        None | Some(Ending::Deadlocked) => machine.standstill(),
        _ => Standstill::default(),
    };
    let recorder = machine.recorder().as_mut().expect("recording");
    recorder.ended(ending, left);
}
