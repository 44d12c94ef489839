//! How a program ends: by returning, exiting or aborting.

use super::operations::{perform, stop};
use super::output::{Stream, print_error};
use super::panics::{message_of, panic_caught};
use super::sweeping::apart;
use super::threads::with_locals;
use super::{Interrupt, RUNNING, with_machine};
use crate::Ending;
use crate::model::{Case, Locals, Operation, Ready};
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
            let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
            if let Err(another) = dropped {
                panic_caught();
                std::mem::forget(another);
                fatal("drop of the panic payload panicked");
            }
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
/// between other threads may still run. Whether the thread's own data is
/// dropped then depends on the platform.
fn end_process(action: &'static str, ending: Ending, at: &'static Location<'static>) -> ! {
    // How that went is known to the machine, not by what it leaves on the stack.
    apart(|| give_up_stdout(action, at));
    let drops = with_locals(Locals::need_drop);
    let end = case("end the process", Ready::Always);
    let cases = [end, case("drop thread-local values", Ready::Always)];
    let cases = if drops { &cases } else { &cases[..1] };
    let chosen = perform(&Operation::new(cases, nowhere()));
    let me = RUNNING.get();
    match with_machine(|machine| machine.world.exiting) {
        Some(thread) if thread == me => fatal("std::process::exit called re-entrantly"),
        // Only one can end the process; std lets the others wait for it.
        Some(_) => wait_for_the_end(),
        None => {}
    }
    if chosen == Some(1) {
        with_machine(|machine| machine.world.exiting = Some(me));
        with_locals(Locals::drop_all);
        perform(&Operation::new(&[end], nowhere()));
    }
    stop(Interrupt::Ended(ending))
}

fn give_up_stdout(action: &'static str, at: &'static Location<'static>) {
    // Where another thread holds stdout at that moment, std lets it be.
    let cases = [
        case(action, Ready::Lock(Stream::Stdout)),
        case(action, Ready::StdoutHeld),
    ];
    if perform(&Operation::new(&cases, at)) == Some(0) {
        let drops = with_locals(Locals::need_drop);
        with_machine(|machine| {
            machine.flush_out();
            machine.world.unbuffered |= drops || machine.world.threads.len() > 1;
        });
    }
}

fn case<'a>(action: &'static str, ready: Ready<'a>) -> Case<'a> {
    Case {
        action,
        object: None,
        ready,
    }
}

fn wait_for_the_end() -> ! {
    let cases = [case("wait for the end of the process", Ready::Never)];
    loop {
        perform(&Operation::new(&cases, nowhere()));
    }
}

pub(crate) fn fatal(what: &str) -> ! {
    let text = format!("fatal runtime error: {what}, aborting\n");
    print_error(&text, Ready::Always, nowhere());
    abort(nowhere())
}

pub(crate) fn abort(at: &'static Location<'static>) -> ! {
    crate::model::act("abort", None, at);
    stop(Interrupt::Ended(Ending::Aborted))
}
