//! The machine that a modelled program runs on: its threads as coroutines,
//! its clock, its standard output. It can be put back into any earlier state.
//!
//! The engine runs on the ordinary stack of one OS thread. A modelled thread
//! runs from one announced operation to the next, then hands control back
//! ([`perform`]). So whenever the engine has control every thread is at an
//! operation, and the program's memory, together with [`World`], is its state.

mod alike;
mod choices;
mod clock;
mod ending;
mod fibres;
mod ledger;
mod operations;
mod output;
mod panics;
mod parking;
mod refinements;
mod reports;
mod snapshots;
mod stacks;
mod steps;
mod sweeping;
mod threads;
mod weak;

pub(crate) use alike::{Classes, stands_for_all};
pub(crate) use choices::Alternative;
pub(crate) use clock::{
    clear_timer, moment, now, set_timer, sleep, timer_left, timer_moment, yield_now,
};
pub(crate) use ending::{abort, exit, fatal};
pub(crate) use ledger::{end_gone, end_made, ends_by_panic, gave_back, holding, moves, stands_for};
pub(crate) use operations::{drop_shared, out_of_memory, perform, refuse, without_operations};
pub use output::Stream;
pub(crate) use output::{flush, gives_up, lock, print, showing, unlock, write};
pub(crate) use panics::{panic_caught, panic_started, panicking};
pub(crate) use parking::{park, unpark};
pub use refinements::Refinement;
pub(crate) use refinements::{refine, refined};
pub(crate) use reports::{Waiting, expect, note, note_thread};
pub(crate) use snapshots::Snapshot;
pub(crate) use sweeping::swept;
pub(crate) use threads::{current, spawn, started, with_locals};
pub(crate) use weak::{
    acquire_views, fence, freed, is_weak, joined, read_atomic, receive_views, release_views,
    send_views, views_tell, write_atomic,
};

use crate::memory_model::Watch;
use crate::model::Locals;
use crate::places::nowhere;
use crate::trace::Recorder;
use crate::weak_memory::WeakMemory;
use crate::{Clock, Ending, Expectation, Panic, Place, ThreadPath, memory, pulse};
use corosensei::Yielder;
use ending::main_thread;
use fibres::{Announced, Fibre, stack_pointer_word};
use ledger::Ledger;
use operations::OTHERWISE;
use output::Held;
use panics::{WaitingPanic, install_panic_hook};
use parking::Token;
use refinements::UNREDUCED;
use snapshots::{Static, zero_stack};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;
use std::{process, ptr};
use sweeping::{apart, sweep};
use threads::{Birth, SinceYield, Thread, with_thread};
use weak::{Pending, Weakness};

/// The heap of the thread that made something. What is kept on behalf of an
/// object is best allocated there, whoever is acting on it: its address then
/// doesn't depend on that.
#[derive(Clone, Copy, Debug)]
pub struct Home(u16);

impl Home {
    /// The calling thread's heap.
    pub fn here() -> Home {
        Home(RUNNING.get())
    }

    /// Runs `run` with allocations in this heap.
    pub fn visit<R>(self, run: impl FnOnce() -> R) -> R {
        if !is_modelled() {
            return run();
        }
        let _heap = memory::enter(self.0.into());
        run()
    }

    /// Runs `run` with allocations outside the program's memory, for what is
    /// gone before the program goes on.
    pub fn aside<R>(run: impl FnOnce() -> R) -> R {
        let _system = memory::leave();
        run()
    }
}

/// What belongs to the program's state beside its memory. By default, that of a
/// program that has not started.
#[derive(Clone, Default)]
struct World {
    /// By slot.
    threads: Vec<Thread>,
    /// The time since the start, on the prompt clock.
    now: Duration,
    /// What stdout holds back: an unfinished line.
    pending: String,
    /// Whether stdout has given up its buffer, the process being about to end.
    unbuffered: bool,
    /// Who is ending the process, and dropping what is its own before.
    exiting: Option<u16>,
    /// Whether a panic has told how to get backtraces, as the first one does.
    noted: bool,
    /// Who is about to do so: other panics wait.
    noting: Option<u16>,
    /// Who holds the locks on stdout and stderr.
    held: [Option<Held>; 2],
    /// By address, when the timers that are set are due, on the prompt clock.
    /// Here and not in the program's memory: states that differ in nothing but
    /// the time that has passed are the same.
    timers: BTreeMap<usize, Duration>,
    /// How many threads were started, main included.
    started: u32,
    /// What threads may see of its atomics, where memory is weak.
    weak: Option<Box<WeakMemory>>,
}

/// Why the program can't be run on.
#[derive(Clone, Debug)]
pub(crate) enum Interrupt {
    /// It has ended.
    Ended(Ending),
    /// It has to be started over, in a finer view.
    Restart,
    /// It can't be modelled.
    Refused { reason: String, at: Option<Place> },
}

/// How the machine is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) clock: Clock,
    /// Whether what is written to stderr counts.
    pub(crate) stderr: bool,
    /// Whether to leave out what can't make a difference.
    pub(crate) reduce: bool,
}

/// See the module.
pub(crate) struct Machine {
    setup: Setup,
    world: World,
    /// Which slot the `n`th thread of a thread gets: always the same.
    slots: HashMap<(u16, u32), u16>,
    /// By slot, the way to its thread from main.
    paths: Vec<ThreadPath>,
    statics: Vec<Static>,
    refinements: u16,
    /// What the program does with atomics, since it was started.
    atomics: Watch,
    /// What it asks for that is less than `SeqCst`, once it can tell.
    weakness: Option<Weakness>,
    /// An access that has begun, where memory is weak.
    pending: Option<Pending>,
    interrupt: Option<Interrupt>,
    /// What was printed in this step.
    text: String,
    /// The panics of this step.
    panicked: Vec<Panic>,
    /// What the program says of its outcomes, and where, in the order in which that was
    /// come across.
    expected: Vec<(Expectation, Option<Place>)>,
    /// Panics in flight of which std knows, in this OS thread: it may count more.
    panics: i64,
    /// What tells std that no panic hook is running.
    waiting: WaitingPanic,
    /// Whether a thread was left inside the panic hook.
    in_hook: bool,
    recorder: Option<Recorder>,
    /// Who has what, if that is to be told.
    ledger: Option<Ledger>,
}

/// How many slots of the process have been opened.
static OPENED: std::sync::Mutex<usize> = std::sync::Mutex::new(0);

/// Why a thread may perform no operation, and the place to name, if that isn't the
/// operation's own.
type Forbidden = (&'static str, Option<&'static Location<'static>>);

thread_local! {
    /// The machine whose thread is running.
    static MACHINE: Cell<*mut Machine> = const { Cell::new(ptr::null_mut()) };
    /// The running thread's way back.
    static YIELDER: Cell<*const Yielder<u32, Announced>> = const { Cell::new(ptr::null()) };
    /// The running thread's slot.
    static RUNNING: Cell<u16> = const { Cell::new(0) };
    /// Why the running thread may perform no operation. No thread stops with
    /// this set, so it is no part of the program's state.
    static FORBIDDEN: Cell<Option<Forbidden>> = const { Cell::new(None) };
    /// For which print the running thread is putting text together, if it is.
    /// No thread stops with this set, either.
    static FORMATTING: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

impl Machine {
    /// A machine with nothing on it. One at a time in a process.
    pub(crate) fn new(setup: Setup) -> Machine {
        memory::reserve();
        install_panic_hook();
        stacks::install();
        stack_pointer_word();
        Machine {
            setup,
            world: World::default(),
            slots: HashMap::new(),
            paths: Vec::new(),
            statics: Vec::new(),
            refinements: if setup.reduce { 0 } else { UNREDUCED },
            atomics: Watch::default(),
            weakness: None,
            pending: None,
            interrupt: None,
            text: String::new(),
            panicked: Vec::new(),
            expected: Vec::new(),
            panics: 0,
            waiting: WaitingPanic::new(),
            in_hook: false,
            recorder: None,
            ledger: None,
        }
    }

    /// Starts the program, and runs it to its first choice.
    ///
    /// `main` returns an exit code, `locals` makes what the main thread's
    /// [`with_locals`] gives.
    pub(crate) fn start(&mut self, main: &dyn Fn() -> i32, locals: &dyn Fn() -> Box<dyn Locals>) {
        self.reset();
        self.atomics = Watch::default();
        self.start_weak();
        if self.slots.is_empty() {
            self.slots.insert((u16::MAX, 0), 0);
            self.paths.push(ThreadPath::MAIN);
            self.open_slots(1);
        }
        // SAFETY: the program is reset before `main` and `locals` go away.
        let (main, locals) = unsafe {
            (
                std::mem::transmute::<&dyn Fn() -> i32, &'static dyn Fn() -> i32>(main),
                std::mem::transmute::<
                    &dyn Fn() -> Box<dyn Locals>,
                    &'static dyn Fn() -> Box<dyn Locals>,
                >(locals),
            )
        };
        let stack = stacks::size(Some(stacks::OF_MAIN));
        memory::open_stack(0, stack);
        let fibre = Fibre::new(0, move |yielder| {
            YIELDER.set(yielder);
            let birth = Box::new(Birth {
                name: Some(Arc::new("main".to_owned())),
                at: nowhere(),
                locals: locals(),
            });
            with_thread(|thread| thread.birth = Box::into_raw(birth));
            main_thread(main);
        });
        self.add_thread(0, fibre, ptr::null(), stack);
        self.settle();
    }

    /// Forgets the program that was running.
    fn reset(&mut self) {
        let threads = std::mem::take(&mut self.world.threads);
        for thread in threads {
            let stack_pointer = thread.fibre.stack_pointer();
            zero_stack(thread.slot.into(), stack_pointer);
        }
        for slot in 0..self.slots.len() {
            let (start, length) = memory::heap_in_use(slot);
            let (starts, noted) = memory::starts(slot, length);
            // SAFETY: no thread is left that could use it.
            unsafe {
                memory::zero(start, length);
                memory::zero(starts, noted);
            }
        }
        for item in &self.statics {
            // SAFETY: it was registered by its owner.
            unsafe { memory::write(item.address, &item.initial) };
        }
        self.world = World::default();
        self.stop_weak();
        self.interrupt = None;
        self.text.clear();
        self.panicked.clear();
        self.clear_ledger();
    }

    fn open_slots(&mut self, wanted: usize) {
        let mut opened = OPENED.lock().unwrap_or_else(|poison| poison.into_inner());
        while *opened < wanted {
            memory::open(*opened);
            *opened += 1;
        }
    }

    fn add_thread(&mut self, slot: u16, fibre: Fibre, birth: *const Birth, stack: usize) {
        self.world.started += 1;
        let thread = Thread {
            slot,
            fibre,
            yielder: ptr::null(),
            operation: ptr::null(),
            deadline: None,
            arrived: false,
            polite: false,
            since: SinceYield::Never,
            eager: 0,
            children: 0,
            panicking: 0,
            dropping: 0,
            message: None,
            printing: None,
            token: Token::default(),
            stack,
            birth,
        };
        let place = self
            .world
            .threads
            .partition_point(|other| other.slot < slot);
        self.world.threads.insert(place, thread);
        self.ledger_thread(slot);
    }

    fn find(&self, slot: u16) -> Option<usize> {
        self.world
            .threads
            .binary_search_by_key(&slot, |thread| thread.slot)
            .ok()
    }

    /// Lets one alternative of the current state happen, and whatever then
    /// goes on by itself. Returns what was printed.
    pub(crate) fn step(&mut self, alternative: Alternative) -> &str {
        self.text.clear();
        self.panicked.clear();
        match alternative {
            Alternative::One {
                thread,
                case,
                message,
            } => {
                self.begin_access(thread, message);
                self.resume(thread, case.into());
            }
            Alternative::Spurious { thread, case } => {
                self.begin_access(thread, None);
                self.resume(thread, case.into());
            }
            Alternative::Otherwise { thread } => self.resume(thread, OTHERWISE),
            Alternative::Pass => self.advance(),
            Alternative::Pair {
                from,
                from_case,
                to,
                to_case,
            } => {
                if let Some(weak) = self.weak() {
                    weak.meet(from, to);
                }
                self.resume(from, from_case.into());
                if self.interrupt.is_none() {
                    self.resume(to, to_case.into());
                }
            }
        }
        self.settle();
        &self.text
    }

    /// Takes what stopped the program, if something did.
    pub(crate) fn interrupt(&mut self) -> Option<Interrupt> {
        if std::mem::take(&mut self.in_hook) {
            self.leave_panic_hook();
        }
        self.interrupt.take()
    }

    /// Where a trace is written, if one is.
    pub(crate) fn recorder(&mut self) -> &mut Option<Recorder> {
        &mut self.recorder
    }

    /// Runs one thread to its next operation.
    fn resume(&mut self, slot: u16, answer: u32) {
        let Some(index) = self.find(slot) else {
            return;
        };
        self.record_before(index, answer);
        self.use_token(index);
        let thread = &mut self.world.threads[index];
        if thread.polite {
            thread.since = SinceYield::Nothing;
        }
        thread.polite = false;
        let mut fibre = self.world.threads[index].fibre.clone();
        YIELDER.set(self.world.threads[index].yielder);
        RUNNING.set(slot);
        let at = self.world.threads[index].begin_step();
        let machine: *mut Machine = self;
        MACHINE.set(machine);
        stacks::enter(slot, fibre.trap_handler());
        let announced = {
            let _heap = memory::enter(slot.into());
            fibre.resume(answer)
        };
        let fall = stacks::leave();
        MACHINE.set(ptr::null_mut());
        pulse::step_ends();
        self.record_after();
        if let Some(fall) = fall {
            return self.fallen(slot, fall, at);
        }
        // Threads may have been added meanwhile.
        let index = self.find(slot).expect("it was running");
        if self.interrupt.is_none() && std::mem::take(&mut self.in_hook) {
            self.leave_panic_hook();
        }
        let Some(operation) = announced else {
            zero_stack(slot.into(), memory::stack_limit(slot.into()));
            self.world.threads.remove(index);
            if let Some(weak) = self.weak() {
                weak.end(slot);
            }
            return;
        };
        let thread = &mut self.world.threads[index];
        thread.yielder = YIELDER.get();
        thread.fibre = fibre;
        memory::clear_stack_below(slot.into(), thread.fibre.stack_pointer());
        thread.operation = operation;
        thread.arrived = false;
        thread.deadline = None;
        if operation.is_null() {
            return;
        }
        let otherwise = thread.operation().otherwise;
        self.world.threads[index].deadline = self.deadline(otherwise);
        self.register_statics(index);
        self.atomics
            .announced(self.world.threads[index].operation());
        self.check_weak(index);
    }

    /// Starts threads that are new, lets those go on whose operation nobody
    /// can interfere with, and time pass when there is nothing else to do.
    fn settle(&mut self) {
        if self.interrupt.is_some() {
            return;
        }
        loop {
            while let Some((slot, answer)) = self.next_by_itself() {
                self.resume(slot, answer);
                if self.interrupt.is_some() {
                    return;
                }
            }
            if self.interrupt.is_some() || !self.pass_time() {
                break;
            }
        }
        for thread in &mut self.world.threads {
            thread.eager = 0;
        }
        if self.interrupt.is_none() && self.world.weak.is_none() {
            let threads = self.world.threads.iter();
            self.atomics.together(threads.map(Thread::operation));
        }
        self.forget_weak();
    }

    fn next_by_itself(&mut self) -> Option<(u16, u32)> {
        for index in 0..self.world.threads.len() {
            let thread = &self.world.threads[index];
            if thread.operation.is_null() {
                return Some((thread.slot, 0));
            }
            if !self.is_eager(thread) {
                continue;
            }
            if let Some(answer) = self.ready_answer(thread) {
                let thread = &mut self.world.threads[index];
                thread.eager += 1;
                return Some((thread.slot, answer));
            }
        }
        None
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.reset();
        self.waiting.catch();
    }
}

/// The running thread's machine.
fn with_machine<R>(run: impl FnOnce(&mut Machine) -> R) -> R {
    stacks::check();
    let result = apart(|| run_with_machine(run));
    // Above all the addresses of what the engine keeps.
    sweep();
    result
}

fn run_with_machine<R>(run: impl FnOnce(&mut Machine) -> R) -> R {
    let machine = MACHINE.get();
    if machine.is_null() {
        not_modelled();
    }
    let _heap = memory::leave();
    // SAFETY: set while a modelled thread runs, when the engine, which is
    // below on another stack, touches nothing.
    run(unsafe { &mut *machine })
}

fn not_modelled() -> ! {
    eprintln!(
        "This program was built to be explored. Run it with `interleaved outcomes`, \
         or build it with the real standard library."
    );
    process::exit(1);
}

pub(crate) fn is_modelled() -> bool {
    !MACHINE.get().is_null()
}
