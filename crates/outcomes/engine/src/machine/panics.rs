//! Panics: what is counted, what is printed, and what std must not notice.

use super::ending::abort;
use super::fibres::{Announced, ENGINE_STACK, Fibre};
use super::operations::suspend;
use super::output::print_message;
use super::stacks;
use super::threads::with_thread;
use super::{FORMATTING, Interrupt, Machine, RUNNING, is_modelled, with_machine};
use crate::places::{nowhere, place};
use crate::{Panic, memory};
use corosensei::Yielder;
use std::any::Any;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, Location, PanicHookInfo};
use std::sync::Once;
use std::{panic, ptr};

/// Why a program can't be explored that panics while it panics.
pub(super) const WHILE_PANICKING: &str = "it panics while it panics, and writes a backtrace to \
    standard error then; where standard error doesn't count it can be explored";

/// What a panic was given, where that is text.
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("Box<dyn Any>")
}

pub(crate) fn panicking() -> bool {
    is_modelled() && with_thread(|thread| thread.panicking > 0)
}

pub(crate) fn panic_started() {
    with_thread(|thread| thread.panicking += 1);
    with_machine(|machine| machine.panics += 1);
}

pub(crate) fn panic_caught() {
    with_thread(|thread| thread.panicking = thread.panicking.saturating_sub(1));
    with_machine(|machine| machine.panics -= 1);
    print_message(nowhere());
}

pub(super) fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if is_modelled() {
                on_panic(info);
            } else {
                before(info);
            }
        }));
    });
}

/// Keeps the message; it is printed as an operation of its own, after the
/// hook, which must not be interrupted.
fn on_panic(info: &PanicHookInfo<'_>) {
    stacks::check();
    let _heap = memory::leave();
    let message = message_of(info.payload());
    panic_started();
    let counts = with_machine(|machine| machine.setup.stderr);
    if counts && with_thread(|thread| thread.panicking > 1) {
        leave_hook(Some(Interrupt::Refused {
            reason: WHILE_PANICKING.to_owned(),
            at: info.location().and_then(place),
        }))
    }
    if message.contains("panic in a destructor during cleanup")
        || message.contains("panic in a function that cannot unwind")
    {
        leave_hook(None);
        abort(nowhere());
    }
    let at = info.location().map(ToString::to_string).unwrap_or_default();
    tell_panic(message, info.location());
    with_thread(|thread| {
        let name = thread.name().unwrap_or("<unnamed>").to_owned();
        let mut text = thread.message.take().unwrap_or_default();
        let _ = writeln!(
            text,
            // The thread's number within the system, which is another in every
            // run, is left out.
            "\nthread '{name}' panicked at {at}:\n{message}"
        );
        thread.message = Some(text);
    });
}

/// Keeps what is reported of a panic, whether it is printed or not.
fn tell_panic(message: &str, at: Option<&Location<'_>>) {
    with_machine(|machine| {
        let index = machine.find(RUNNING.get()).expect("it is running");
        let panic = Panic {
            who: machine.who(&machine.world.threads[index]),
            message: message.to_owned(),
            at: at.and_then(place),
        };
        machine.ledger_panic(&panic);
        machine.panicked.push(panic);
    });
}

/// Has std's hook left for good, in which the thread still is: it can't be set
/// any more after that, since std holds it as in use. Returns if there is no
/// interrupt, when others may have what the thread does next.
fn leave_hook(interrupt: Option<Interrupt>) {
    FORMATTING.set(None);
    with_machine(|machine| {
        machine.in_hook = true;
        machine.interrupt.clone_from(&interrupt);
    });
    suspend(ptr::null());
}

/// A panic of the engine's own that is under way and waits to be caught, which
/// tells std that no hook is running. It must be under way before: std aborts
/// where a panic starts while a hook is running.
pub(super) struct WaitingPanic(Fibre);

impl WaitingPanic {
    /// Starts it, on a stack of its own. One at a time in a process.
    pub(super) fn new() -> WaitingPanic {
        memory::open_stack(memory::WAITING, ENGINE_STACK);
        let mut fibre = Fibre::new(memory::WAITING, |yielder| {
            let _ = panic::catch_unwind(AssertUnwindSafe(|| panic_and_wait(yielder)));
        });
        fibre.resume(0);
        WaitingPanic(fibre)
    }

    /// Catches it, in the OS thread that has started it.
    pub(super) fn catch(&mut self) {
        self.0.resume(0);
    }
}

/// Starts a panic that never ends, on a stack that is then abandoned. All
/// that remains of it is std's count, one higher.
fn start_panic_for_good() {
    let mut fibre = Fibre::new(memory::SCRATCH, |yielder| panic_and_wait(yielder));
    fibre.resume(0);
}

/// Panics, and stops in the middle of it until the coroutine is resumed.
fn panic_and_wait(yielder: *const Yielder<u32, Announced>) -> ! {
    struct Wait(*const Yielder<u32, Announced>);
    impl Drop for Wait {
        fn drop(&mut self) {
            // SAFETY: the coroutine is the one that is running.
            unsafe { (*self.0).suspend(ptr::null()) };
        }
    }
    let _wait = Wait(yielder);
    panic::resume_unwind(Box::new(()))
}

impl Machine {
    /// Tells std that no hook is running any more, after [`leave_hook`].
    pub(super) fn leave_panic_hook(&mut self) {
        self.waiting.catch();
        self.waiting = WaitingPanic::new();
    }

    /// Threads in the middle of a panic will tell std when it is over. std
    /// must not then count fewer than none, so let it count more first.
    pub(super) fn match_panics(&mut self) {
        let wanted: i64 = self
            .world
            .threads
            .iter()
            .map(|thread| i64::from(thread.panicking))
            .sum();
        while self.panics < wanted {
            start_panic_for_good();
            self.panics += 1;
        }
    }
}
