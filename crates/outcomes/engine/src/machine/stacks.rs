//! Stacks that overflow, and panics that std can't tell, either of which ends
//! the program as it would end the original.
//!
//! A thread's stack has what the program asked for, and room for the engine
//! on top of it. Where the program runs into the guard below, the processor
//! says so by a signal, whose handler leads the coroutine back to the engine
//! for good. Where the engine is called with less than its own room left, it
//! does the same without a signal: it must not be interrupted.
//!
//! Where a panic's message panics while it is put together, std aborts by a
//! signal, too, before it asks anybody.

use super::ending::abort;
use super::fibres::Fibre;
use super::operations::{stop, suspend};
use super::panics::WHILE_PANICKING;
use super::threads::with_thread;
use super::{FORBIDDEN, FORMATTING, Interrupt, Machine, YIELDER, with_machine};
use crate::model::act;
use crate::places::{nowhere, place};
use crate::{Ending, memory};
use corosensei::trap::CoroutineTrapHandler;
use std::cell::Cell;
use std::panic::Location;
use std::ptr;

/// The main thread's stack, as systems have it.
pub(super) const OF_MAIN: usize = 8 << 20;

/// Another thread's, as std has it.
const OF_OTHERS: usize = 2 << 20;

/// The least that systems give.
const LEAST: usize = 16 << 10;

/// What the engine needs of a stack when it is called.
const ROOM: usize = 64 << 10;

/// What std calls a thread without a name when its stack overflows.
const UNNAMED: &str = "<unknown>";

/// What is added to a stack that has overflowed, to end the program from there.
const ROOM_TO_END: usize = 2 * ROOM;

thread_local! {
    /// Leads the running coroutine back to the engine.
    static RUNNING_STACK: Cell<Option<(u16, CoroutineTrapHandler<()>)>> = const { Cell::new(None) };
    /// Below this address the running thread has overflowed its stack.
    static LOWEST: Cell<usize> = const { Cell::new(0) };
    /// Why the coroutine was led back, if it was.
    static FALL: Cell<Option<Fall>> = const { Cell::new(None) };
}

/// What makes a thread end the program where it can't be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fall {
    /// Its stack has overflowed.
    Overflow,
    /// std has aborted.
    Abort,
}

/// The size to open for a stack for which the program asked.
pub(super) fn size(asked: Option<usize>) -> usize {
    let asked = asked.unwrap_or(OF_OTHERS).max(LEAST);
    asked.saturating_add(ROOM).min(memory::LARGEST_STACK)
}

/// A coroutine is about to run on a slot's stack.
pub(super) fn enter(slot: u16, handler: CoroutineTrapHandler<()>) {
    RUNNING_STACK.set(Some((slot, handler)));
    LOWEST.set(memory::stack_bottom(slot.into()) + ROOM);
}

/// It has stopped. Why it can't go on, if it can't.
pub(super) fn leave() -> Option<Fall> {
    RUNNING_STACK.set(None);
    LOWEST.set(0);
    FALL.take()
}

/// Leaves the running thread if it has left the engine no room.
pub(super) fn check() {
    let here = 0_u8;
    let address = std::ptr::from_ref(&here) as usize;
    if address >= LOWEST.get() {
        return;
    }
    LOWEST.set(0);
    FALL.set(Some(Fall::Overflow));
    loop {
        suspend(ptr::null());
    }
}

impl Machine {
    /// A thread was left where it was, after it had begun at `at`. Until it comes
    /// to end the program, others go on, and may use what is on its stack. So it
    /// does that from below.
    pub(super) fn fallen(&mut self, slot: u16, fall: Fall, at: Option<&'static Location<'static>>) {
        FORMATTING.set(None);
        FORBIDDEN.set(None);
        self.leave_panic_hook();
        let index = self.find(slot).expect("it was running");
        let thread = &self.world.threads[index];
        if fall == Fall::Abort && self.setup.stderr {
            self.interrupt = Some(Interrupt::Refused {
                reason: WHILE_PANICKING.to_owned(),
                at: at.and_then(place),
            });
            return;
        }
        if thread.stack + ROOM_TO_END > memory::LARGEST_STACK {
            self.interrupt = Some(Interrupt::Refused {
                reason: format!(
                    "its thread '{}' needs a stack of more than {} MB",
                    thread.name().unwrap_or(UNNAMED),
                    memory::LARGEST_STACK >> 20
                ),
                at: at.and_then(place),
            });
            return;
        }
        let base = memory::stack_bottom(slot.into());
        let thread = &mut self.world.threads[index];
        thread.stack += ROOM_TO_END;
        memory::open_stack(slot.into(), thread.stack);
        thread.fibre = Fibre::below(slot.into(), base, move |yielder| {
            YIELDER.set(yielder);
            match fall {
                Fall::Overflow => overflow(),
                Fall::Abort => abort(nowhere()),
            }
        });
        thread.yielder = ptr::null();
        thread.operation = ptr::null();
        thread.deadline = None;
        thread.arrived = false;
    }
}

/// What std does about it.
fn overflow() -> ! {
    act("overflow the stack", None, nowhere());
    let name = with_thread(|thread| thread.name().unwrap_or(UNNAMED).to_owned());
    let text = format!(
        "\nthread '{name}' has overflowed its stack\n\
         fatal runtime error: stack overflow, aborting\n"
    );
    with_machine(|machine| machine.write_error(&text));
    stop(Interrupt::Ended(Ending::Aborted))
}

/// Makes the signals known, once for the process, and gives this OS thread a
/// stack to handle them on, for the one that it was on is full.
pub(super) fn install() {
    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    signal::install();
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod signal {
    use super::{FALL, Fall, RUNNING_STACK};
    use crate::memory;
    use std::cell::Cell;
    use std::ffi::c_int;
    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::OnceLock;

    /// Of the stack that the signals are handled on.
    const SIZE: usize = 64 << 10;

    /// What is handled.
    const SIGNALS: [c_int; 2] = [libc::SIGSEGV, libc::SIGABRT];

    /// What was done about each before.
    static BEFORE: OnceLock<[libc::sigaction; 2]> = OnceLock::new();

    thread_local! {
        static HAS_STACK: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn install() {
        BEFORE.get_or_init(|| {
            // SAFETY: all zero is a valid `sigaction`; the handler only does
            // what a handler may.
            unsafe {
                let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
                action.sa_sigaction = handle as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                SIGNALS.map(|signal| {
                    let mut before = MaybeUninit::zeroed();
                    libc::sigaction(signal, &raw const action, before.as_mut_ptr());
                    before.assume_init()
                })
            }
        });
        if !HAS_STACK.replace(true) {
            give_stack();
        }
    }

    /// Unless it has one already, from std.
    fn give_stack() {
        // SAFETY: all zero is a valid `stack_t`; the memory is never freed.
        unsafe {
            let mut stack: libc::stack_t = MaybeUninit::zeroed().assume_init();
            libc::sigaltstack(ptr::null(), &raw mut stack);
            if stack.ss_flags & libc::SS_DISABLE == 0 {
                return;
            }
            let memory = Box::leak(vec![0_u8; SIZE].into_boxed_slice());
            stack.ss_sp = memory.as_mut_ptr().cast();
            stack.ss_size = SIZE;
            stack.ss_flags = 0;
            libc::sigaltstack(&raw const stack, ptr::null_mut());
        }
    }

    /// Leads a coroutine whose stack has overflowed, or in which std has aborted,
    /// back to the engine. What else the signals may mean is left to whoever
    /// handled them before.
    unsafe extern "C" fn handle(
        signal: c_int,
        info: *mut libc::siginfo_t,
        context: *mut libc::c_void,
    ) {
        let is_meant = |slot: usize| match signal {
            // SAFETY: as the system has called it.
            libc::SIGSEGV => memory::is_below_stack(slot, unsafe { (*info).si_addr() } as usize),
            // Not in what the engine does for it.
            _ => memory::is_served(slot),
        };
        let running = RUNNING_STACK.get();
        let Some((_, handler)) = running.filter(|(slot, _)| is_meant((*slot).into())) else {
            let which = SIGNALS.iter().position(|known| *known == signal);
            if let (Some(before), Some(which)) = (BEFORE.get(), which) {
                // SAFETY: it was in force before. What was interrupted is
                // tried again, and comes to that.
                unsafe { libc::sigaction(signal, &raw const before[which], ptr::null_mut()) };
            }
            return;
        };
        let fall = if signal == libc::SIGSEGV {
            Fall::Overflow
        } else {
            Fall::Abort
        };
        FALL.set(Some(fall));
        // SAFETY: the coroutine runs, and is never resumed. It holds nothing
        // of the engine's, which is not called with so little room, see
        // `check`, and was not called when it aborted.
        unsafe {
            let registers = handler.setup_trap_handler(|| ());
            let context = &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext;
            #[cfg(target_arch = "x86_64")]
            {
                let register = |register: c_int| usize::try_from(register).unwrap_or_default();
                let mut set = |which: c_int, value: u64| {
                    context.gregs[register(which)] = value.cast_signed();
                };
                set(libc::REG_RIP, registers.rip);
                set(libc::REG_RSP, registers.rsp);
                set(libc::REG_RBP, registers.rbp);
                set(libc::REG_RDI, registers.rdi);
                set(libc::REG_RSI, registers.rsi);
            }
            #[cfg(target_arch = "aarch64")]
            {
                context.pc = registers.pc;
                context.sp = registers.sp;
                context.regs[0] = registers.x0;
                context.regs[1] = registers.x1;
                context.regs[29] = registers.x29;
                context.regs[30] = registers.lr;
            }
        }
    }
}
