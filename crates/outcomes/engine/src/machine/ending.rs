//! How a program ends: by returning, exiting or aborting.

use super::operations::{perform, stop};
use super::output::Stream;
use super::panics::{message_of, panic_caught};
use super::{Interrupt, with_machine};
use crate::Ending;
use crate::model::{Case, Operation, Ready};
use crate::places::nowhere;
use std::panic;
use std::panic::{AssertUnwindSafe, Location};

pub(super) fn main_thread(main: &dyn Fn() -> i32) {
    let at = nowhere();
    let result = panic::catch_unwind(AssertUnwindSafe(main));
    let ending = match result {
        Ok(0) => Ending::Returned,
        Ok(code) => Ending::Exited { code },
        Err(payload) => {
            panic_caught();
            let message = message_of(&*payload).to_owned();
            Ending::Panicked { message }
        }
    };
    end_process("return from main", ending, at)
}

pub(crate) fn exit(code: i32, at: &'static Location<'static>) -> ! {
    let ending = match code & 0xFF {
        0 => Ending::Returned,
        code => Ending::Exited { code },
    };
    end_process("exit", ending, at)
}

/// std empties and gives up stdout's buffer, and later ends the process; in
/// between other threads may still run.
fn end_process(action: &'static str, ending: Ending, at: &'static Location<'static>) -> ! {
    let case = |ready| Case {
        action,
        object: None,
        ready,
    };
    // Where another thread holds stdout at that moment, std lets it be.
    let cases = [case(Ready::Lock(Stream::Stdout)), case(Ready::StdoutHeld)];
    if perform(&Operation::new(&cases, at)) == Some(0) {
        with_machine(|machine| {
            machine.flush_out();
            machine.world.unbuffered |= machine.world.threads.len() > 1;
        });
    }
    crate::model::act("end the process", None, at);
    stop(Interrupt::Ended(ending))
}

pub(crate) fn abort(at: &'static Location<'static>) -> ! {
    crate::model::act("abort", None, at);
    stop(Interrupt::Ended(Ending::Aborted))
}
