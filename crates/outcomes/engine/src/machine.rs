//! The machine that a modelled program runs on: its threads as coroutines,
//! its clock, its standard output. It can be put back into any earlier state.
//!
//! The engine runs on the ordinary stack of one OS thread. A modelled thread
//! runs from one announced operation to the next, then hands control back
//! ([`perform`]). So whenever the engine has control every thread is at an
//! operation, and the program's memory, together with [`World`], is its state.

use crate::memory;
use crate::memory_model::Watch;
use crate::model::{Case, Object, Operation, Otherwise, Ready, ThreadId, Timer};
use crate::trace::Recorder;
use crate::{Blocked, Clock, Ending, Place, Refused, Wait};
use corosensei::stack::{Stack, StackPointer};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write as _};
use std::iter::Peekable;
use std::mem::MaybeUninit;
use std::panic::{self, AssertUnwindSafe, Location, PanicHookInfo};
use std::sync::{Once, OnceLock};
use std::time::Duration;
use std::{process, ptr};
use xxhash_rust::xxh3::xxh3_128;

/// Bytes that stdout holds back at most while a line is unfinished, as std's
/// `LineWriter` does.
const STDOUT_BUFFER: usize = 1024;

/// How often a thread may go on by itself in one step before it has to let
/// the scheduler choose. Any number will do; it keeps a thread that only
/// sleeps in a loop from holding up the engine.
const EAGER_LIMIT: u8 = 8;

/// The answer to an operation when none of its cases was taken.
const OTHERWISE: u32 = u32::MAX;

/// One of a program's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        }
    }

    /// What operations name its lock by.
    fn object(self) -> Object {
        static LOCKS: [u8; 2] = [0; 2];
        Object {
            kind: self.name(),
            address: ptr::from_ref(&LOCKS[self as usize]).cast(),
            size: 0,
            created: None,
        }
    }
}

/// A finer view of the program that is only taken once it turns out that the
/// program can tell the difference. Without it, what a thread gives up
/// (a lock, a sender) it gives up together with the operation before: that
/// can only enable others sooner, which a program that merely waits can't
/// notice, and it saves many states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Refinement {
    /// The program asks for a lock without waiting for it.
    Locks = 1,
    /// It looks at a channel without waiting, or prefers one to another.
    Channels = 2,
    /// It asks whether a thread has finished.
    Threads = 4,
    /// It can tell when the last owner of shared data lets go.
    Owners = 8,
    /// It looks at what the clock has shown it.
    Time = 16,
    /// It asks how many owners shared data has.
    Counts = 32,
    /// It holds the lock on stderr for longer than one write.
    Stderr = 64,
    /// What it prints is put together by code that does more than that: it
    /// performs operations, or panics.
    Formatting = 128,
    /// It shows the numbers that threads have in the order of their start.
    Numbers = 256,
}

impl Refinement {
    /// Whether it is asked for by a look at what others change.
    fn is_look(self) -> bool {
        use Refinement::{Channels, Counts, Locks, Threads};
        matches!(self, Locks | Channels | Threads | Counts)
    }
}

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

/// For operations that no place in the program asks for.
pub fn nowhere() -> &'static Location<'static> {
    Location::caller()
}

type Announced = *const Operation<'static>;
type Fiber = Coroutine<u32, Announced, (), SlotStack>;

/// The stack of a slot.
struct SlotStack {
    slot: usize,
}

// SAFETY: the slot's stack starts with a guard that is never made accessible.
unsafe impl Stack for SlotStack {
    fn base(&self) -> StackPointer {
        StackPointer::new(memory::stack_base(self.slot)).expect("not null")
    }

    fn limit(&self) -> StackPointer {
        StackPointer::new(memory::stack_limit(self.slot)).expect("not null")
    }
}

/// A coroutine that can be copied: a copy stands for the coroutine as it was
/// at the time of copying, and is only resumed after the stack has been put
/// back too. Never dropped, since unwinding is up to the program.
struct Fibre(MaybeUninit<Fiber>);

impl Clone for Fibre {
    fn clone(&self) -> Fibre {
        // SAFETY: a bitwise copy, of which one at a time is in use.
        Fibre(unsafe { ptr::read(&self.0) })
    }
}

impl Fibre {
    fn new(slot: usize, body: impl FnOnce(&Yielder<u32, Announced>) + 'static) -> Fibre {
        let stack = SlotStack { slot };
        Fibre(MaybeUninit::new(Coroutine::with_stack(
            stack,
            move |yielder, _| body(yielder),
        )))
    }

    fn resume(&mut self, answer: u32) -> Option<Announced> {
        // SAFETY: always initialised.
        let fiber = unsafe { self.0.assume_init_mut() };
        match fiber.resume(answer) {
            CoroutineResult::Yield(announced) => Some(announced),
            CoroutineResult::Return(()) => None,
        }
    }

    /// The stack pointer at which it is suspended.
    fn stack_pointer(&self) -> usize {
        self.word(stack_pointer_word())
    }

    fn word(&self, index: usize) -> usize {
        assert!((index + 1) * size_of::<usize>() <= size_of::<Fiber>());
        // SAFETY: in bounds; the fields of a coroutine are pointer-sized.
        unsafe { self.0.as_ptr().cast::<usize>().add(index).read() }
    }
}

/// Which word of a coroutine holds its stack pointer: the one that changes
/// when it is resumed. corosensei doesn't give it away.
fn stack_pointer_word() -> usize {
    static WORD: OnceLock<usize> = OnceLock::new();
    *WORD.get_or_init(|| {
        memory::open(memory::SCRATCH);
        let mut fibre = Fibre::new(memory::SCRATCH, |yielder| {
            yielder.suspend(ptr::null());
        });
        let words = size_of::<Fiber>() / size_of::<usize>();
        let before: Vec<usize> = (0..words).map(|word| fibre.word(word)).collect();
        fibre.resume(0);
        let changed: Vec<usize> = (0..words)
            .filter(|&word| fibre.word(word) != before[word])
            .collect();
        fibre.resume(0);
        let &[word] = changed.as_slice() else {
            panic!("a coroutine is not laid out as expected: {changed:?} changed");
        };
        word
    })
}

/// What is known of a thread from its start, in the program's memory.
struct Birth {
    name: Option<String>,
    at: &'static Location<'static>,
    locals: Box<dyn Any>,
}

/// A thread that has not finished.
#[derive(Clone)]
struct Thread {
    slot: u16,
    fibre: Fibre,
    yielder: *const Yielder<u32, Announced>,
    /// What it does next, on its stack. Null before it has started.
    operation: Announced,
    /// When its waiting is over, in nanoseconds on the prompt clock.
    deadline: Option<u64>,
    /// Whether it surely waits already, time having passed since it came.
    arrived: bool,
    /// Whether it has yielded, so that time may pass it by.
    polite: bool,
    /// How often it went on by itself in this step.
    eager: u8,
    /// How many threads it has started.
    children: u32,
    /// How many panics it is in.
    panicking: u32,
    /// How many drops of formerly shared data it is in.
    dropping: u32,
    /// A panic's message, not yet printed.
    message: Option<String>,
    /// Null when it is about to finish.
    birth: *const Birth,
}

impl Thread {
    fn operation(&self) -> &Operation<'static> {
        // SAFETY: the thread is suspended at this operation, which lies on
        // its stack. (`settle` has started every thread.)
        unsafe { &*self.operation }
    }
}

/// What belongs to the program's state beside its memory.
#[derive(Clone)]
struct World {
    /// By slot.
    threads: Vec<Thread>,
    /// Nanoseconds on the prompt clock.
    now: u64,
    /// What stdout holds back: an unfinished line.
    pending: String,
    /// Whether stdout has given up its buffer, the process being about to end.
    unbuffered: bool,
    /// Who holds the locks on stdout and stderr.
    held: [Option<Held>; 2],
    /// By address, when the timers that are set are due, in nanoseconds on the
    /// prompt clock. Here and not in the program's memory: states that differ
    /// in nothing but the time that has passed are the same.
    timers: BTreeMap<usize, u64>,
    /// How many threads were started, main included.
    started: u32,
}

/// A lock on stdout or stderr that somebody holds.
#[derive(Clone, Copy)]
struct Held {
    thread: u16,
    /// How often it was taken: it is re-entrant.
    times: u32,
    /// Where it was first taken.
    at: &'static Location<'static>,
}

/// One thing that the scheduler may let happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alternative {
    /// A thread takes a case.
    One { thread: u16, case: u16 },
    /// Two threads meet.
    Pair {
        from: u16,
        from_case: u16,
        to: u16,
        to_case: u16,
    },
    /// A thread goes on without any case.
    Otherwise { thread: u16 },
    /// A thread takes a case for no reason.
    Spurious { thread: u16, case: u16 },
    /// Time passes, since all who could go on have yielded.
    Pass,
}

impl Alternative {
    /// No thread.
    pub(crate) const NOBODY: u16 = u16::MAX;

    /// Whether it may as well never happen.
    pub(crate) fn is_spurious(self) -> bool {
        matches!(self, Alternative::Spurious { .. })
    }

    /// The thread, and the one it meets; [`NOBODY`](Alternative::NOBODY) when
    /// time passes.
    pub(crate) fn threads(self) -> (u16, Option<u16>) {
        match self {
            Alternative::One { thread, .. }
            | Alternative::Otherwise { thread }
            | Alternative::Spurious { thread, .. } => (thread, None),
            Alternative::Pair { from, to, .. } => (from, Some(to)),
            Alternative::Pass => (Alternative::NOBODY, None),
        }
    }
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

/// A state of the program, to come back to.
pub(crate) struct Snapshot {
    world: World,
    /// Per slot, how much of its heap is in use.
    heaps: Vec<usize>,
    /// How many ranges outside the region were known.
    statics: usize,
    /// Heaps by slot, then stacks by thread, then statics.
    bytes: Vec<u8>,
}

impl Snapshot {
    /// Its memory, to be used again.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes of memory that it takes, roughly.
    pub(crate) fn size(&self) -> usize {
        self.bytes.capacity()
            + self.heaps.capacity() * size_of::<usize>()
            + self.world.threads.capacity() * size_of::<Thread>()
            + size_of::<Snapshot>()
    }
}

/// Memory of the program that is not in the region: an object in a `static`.
struct Static {
    address: usize,
    initial: Vec<u8>,
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
    statics: Vec<Static>,
    refinements: u16,
    /// What the program does with atomics, since it was started.
    atomics: Watch,
    interrupt: Option<Interrupt>,
    /// What was printed in this step.
    text: String,
    /// Panics in flight as std counts them, in this OS thread.
    panics: i64,
    /// Whether a thread was left inside the panic hook.
    in_hook: bool,
    recorder: Option<Recorder>,
}

/// How many slots of the process have been opened.
static OPENED: std::sync::Mutex<usize> = std::sync::Mutex::new(0);

thread_local! {
    /// The machine whose thread is running.
    static MACHINE: Cell<*mut Machine> = const { Cell::new(ptr::null_mut()) };
    /// The running thread's way back.
    static YIELDER: Cell<*const Yielder<u32, Announced>> = const { Cell::new(ptr::null()) };
    /// The running thread's slot.
    static RUNNING: Cell<u16> = const { Cell::new(0) };
    /// Why the running thread may perform no operation. No thread stops with
    /// this set, so it is no part of the program's state.
    static FORBIDDEN: Cell<Option<&'static str>> = const { Cell::new(None) };
    /// Whether the running thread is putting together what it will print. No
    /// thread stops with this set, either.
    static FORMATTING: Cell<bool> = const { Cell::new(false) };
}

impl Machine {
    /// A machine with nothing on it. One at a time in a process.
    pub(crate) fn new(setup: Setup) -> Machine {
        memory::reserve();
        install_panic_hook();
        stack_pointer_word();
        Machine {
            setup,
            world: World {
                threads: Vec::new(),
                now: 0,
                pending: String::new(),
                unbuffered: false,
                held: [None; 2],
                timers: BTreeMap::new(),
                started: 0,
            },
            slots: HashMap::new(),
            statics: Vec::new(),
            refinements: if setup.reduce { 0 } else { u16::MAX },
            atomics: Watch::default(),
            interrupt: None,
            text: String::new(),
            panics: 0,
            in_hook: false,
            recorder: None,
        }
    }

    /// Starts the program, and runs it to its first choice.
    ///
    /// `main` returns an exit code, `locals` makes what the main thread's
    /// [`with_locals`] gives.
    pub(crate) fn start(&mut self, main: &dyn Fn() -> i32, locals: &dyn Fn() -> Box<dyn Any>) {
        self.reset();
        self.atomics = Watch::default();
        if self.slots.is_empty() {
            self.slots.insert((u16::MAX, 0), 0);
            self.open_slots(1);
        }
        // SAFETY: the program is reset before `main` and `locals` go away.
        let (main, locals) = unsafe {
            (
                std::mem::transmute::<&dyn Fn() -> i32, &'static dyn Fn() -> i32>(main),
                std::mem::transmute::<&dyn Fn() -> Box<dyn Any>, &'static dyn Fn() -> Box<dyn Any>>(
                    locals,
                ),
            )
        };
        let fibre = Fibre::new(0, move |yielder| {
            YIELDER.set(yielder);
            let birth = Box::new(Birth {
                name: Some("main".to_owned()),
                at: Location::caller(),
                locals: locals(),
            });
            with_thread(|thread| thread.birth = Box::into_raw(birth));
            main_thread(main);
        });
        self.add_thread(0, fibre, ptr::null());
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
            // SAFETY: no thread is left that could use it.
            unsafe { memory::zero(start, length) };
        }
        for item in &self.statics {
            // SAFETY: it was registered by its owner.
            unsafe { memory::write(item.address, &item.initial) };
        }
        self.world = World {
            threads: Vec::new(),
            now: 0,
            pending: String::new(),
            unbuffered: false,
            held: [None; 2],
            timers: BTreeMap::new(),
            started: 0,
        };
        self.interrupt = None;
        self.text.clear();
    }

    fn open_slots(&mut self, wanted: usize) {
        let mut opened = OPENED.lock().unwrap_or_else(|poison| poison.into_inner());
        while *opened < wanted {
            memory::open(*opened);
            *opened += 1;
        }
    }

    fn add_thread(&mut self, slot: u16, fibre: Fibre, birth: *const Birth) {
        self.world.started += 1;
        let thread = Thread {
            slot,
            fibre,
            yielder: ptr::null(),
            operation: ptr::null(),
            deadline: None,
            arrived: false,
            polite: false,
            eager: 0,
            children: 0,
            panicking: 0,
            dropping: 0,
            message: None,
            birth,
        };
        let place = self
            .world
            .threads
            .partition_point(|other| other.slot < slot);
        self.world.threads.insert(place, thread);
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
        match alternative {
            Alternative::One { thread, case } | Alternative::Spurious { thread, case } => {
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
            leave_panic_hook();
            self.panics -= 1;
        }
        self.interrupt.take()
    }

    /// Why the program, as far as it was run since it was started, may have
    /// more outcomes than are found; see [`Watch::doubt`].
    pub(crate) fn doubt(&self, all_schedules: bool) -> Option<Refused> {
        let (reason, at) = self.atomics.doubt(all_schedules)?;
        Some(Refused { reason, at })
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
        self.world.threads[index].polite = false;
        let mut fibre = self.world.threads[index].fibre.clone();
        YIELDER.set(self.world.threads[index].yielder);
        RUNNING.set(slot);
        let machine: *mut Machine = self;
        MACHINE.set(machine);
        let announced = {
            let _heap = memory::enter(slot.into());
            fibre.resume(answer)
        };
        MACHINE.set(ptr::null_mut());
        self.record_after();
        // Threads may have been added meanwhile.
        let index = self.find(slot).expect("it was running");
        let Some(operation) = announced else {
            zero_stack(slot.into(), memory::stack_limit(slot.into()));
            self.world.threads.remove(index);
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
        let now = self.world.now;
        if let Otherwise::TimeOut(wait) = thread.operation().otherwise
            && self.setup.clock == Clock::Prompt
        {
            thread.deadline = Some(now.saturating_add(nanoseconds(wait)));
        }
        self.register_statics(index);
        self.atomics
            .announced(self.world.threads[index].operation());
    }

    /// Remembers the objects outside the region that a thread is about to
    /// touch, while they are untouched.
    fn register_statics(&mut self, index: usize) {
        let operation = self.world.threads[index].operation;
        // SAFETY: the thread is suspended at it.
        for case in unsafe { (*operation).cases } {
            let Some(object) = case.object else { continue };
            let address = object.address as usize;
            if object.size == 0
                || memory::contains(address)
                || self.statics.iter().any(|item| item.address == address)
            {
                continue;
            }
            let mut initial = Vec::new();
            // SAFETY: the look-alike has just named it as its own.
            unsafe { memory::read(address, object.size, &mut initial) };
            self.statics.push(Static { address, initial });
        }
    }

    /// Starts threads that are new, lets those go on whose operation nobody
    /// can interfere with, and time pass when there is nothing else to do.
    fn settle(&mut self) {
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
        if self.interrupt.is_none() {
            let threads = self.world.threads.iter();
            self.atomics.together(threads.map(Thread::operation));
        }
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

    fn is_eager(&self, thread: &Thread) -> bool {
        thread.operation().eager && self.setup.reduce && thread.eager < EAGER_LIMIT
    }

    /// How an eager operation can go on by itself now.
    fn ready_answer(&self, thread: &Thread) -> Option<u32> {
        let operation = thread.operation();
        for (index, case) in operation.cases.iter().enumerate() {
            if self.is_ready(thread, case.ready) {
                return u32::try_from(index).ok();
            }
        }
        self.is_over(thread).then_some(OTHERWISE)
    }

    /// Lets time pass to the next deadline, if nothing can happen before.
    /// Then some thread can go on.
    fn pass_time(&mut self) -> bool {
        if self.setup.clock != Clock::Prompt || !self.alternatives().is_empty() {
            return false;
        }
        let due = self.next_due().is_some();
        self.advance();
        due
    }

    /// Lets time pass to the next deadline, if there is one.
    fn advance(&mut self) {
        let Some(next) = self.next_due() else {
            return;
        };
        self.world.now = self.world.now.max(next);
        for thread in &mut self.world.threads {
            thread.arrived = true;
        }
    }

    /// The next time at which any thread could go on.
    fn next_due(&self) -> Option<u64> {
        let threads = self.world.threads.iter();
        threads.filter_map(|thread| self.next_time(thread)).min()
    }

    /// The next time at which a thread that waits could go on.
    fn next_time(&self, thread: &Thread) -> Option<u64> {
        let cases = thread.operation().cases.iter();
        let times = cases.filter_map(|case| match case.ready {
            Ready::Timer(timer) => self.due(timer),
            _ => None,
        });
        let times = times.chain(thread.deadline);
        times.filter(|&time| time > self.world.now).min()
    }

    fn is_ready(&self, thread: &Thread, ready: Ready<'_>) -> bool {
        match ready {
            Ready::Always => true,
            Ready::When(ready) => ready(),
            Ready::Print(stream) | Ready::Lock(stream) => {
                self.held_by_other(stream, thread.slot).is_none()
            }
            Ready::StdoutHeld => {
                let others = self.world.threads.iter();
                let mut others = others.filter(|other| other.slot != thread.slot);
                self.held_by_other(Stream::Stdout, thread.slot).is_some()
                    || !self.world.pending.is_empty() && others.any(is_printing)
            }
            Ready::Send(level) => level.can_send(),
            Ready::Receive(level) => level.can_receive(),
            Ready::Timer(timer) => {
                let is_over = |due| due <= self.world.now;
                self.setup.clock == Clock::Prompt && self.due(timer).is_some_and(is_over)
            }
            Ready::Spurious => false,
        }
    }

    /// When a timer is due, if it is set.
    fn due(&self, timer: &Timer) -> Option<u64> {
        self.world.timers.get(&address(timer)).copied()
    }

    /// The lock on stdout or stderr, if another thread holds it.
    fn held_by_other(&self, stream: Stream, slot: u16) -> Option<Held> {
        self.world.held[stream as usize].filter(|held| held.thread != slot)
    }

    /// Whether the thread has waited long enough to go on without any case,
    /// as far as the clock is concerned.
    fn is_over(&self, thread: &Thread) -> bool {
        match thread.operation().otherwise {
            Otherwise::Block => false,
            Otherwise::GoOn => true,
            Otherwise::TimeOut(_) => match self.setup.clock {
                Clock::Any => true,
                Clock::Prompt => thread
                    .deadline
                    .is_some_and(|deadline| deadline <= self.world.now),
            },
        }
    }

    /// Everything that may happen next. Empty when nothing ever will.
    pub(crate) fn alternatives(&self) -> Vec<Alternative> {
        let mut found = Vec::new();
        let mut all_polite = true;
        for thread in &self.world.threads {
            let before = found.len();
            self.alternatives_of(thread, &mut found);
            all_polite &= thread.polite || found.len() == before;
        }
        let may_pass = all_polite && self.setup.clock == Clock::Prompt && !found.is_empty();
        if may_pass && self.next_due().is_some() {
            found.push(Alternative::Pass);
        }
        found
    }

    fn alternatives_of(&self, thread: &Thread, found: &mut Vec<Alternative>) {
        let operation = thread.operation();
        // Whether it can't be that no case was ready.
        let mut surely = false;
        for (index, case) in operation.cases.iter().enumerate() {
            let case_index = u16::try_from(index).expect("few cases");
            if self.is_ready(thread, case.ready) {
                found.push(Alternative::One {
                    thread: thread.slot,
                    case: case_index,
                });
                surely = true;
            } else if let Ready::Spurious = case.ready {
                found.push(Alternative::Spurious {
                    thread: thread.slot,
                    case: case_index,
                });
            } else if self.may_be_due(case.ready) {
                found.push(Alternative::One {
                    thread: thread.slot,
                    case: case_index,
                });
            } else {
                surely |= self.meetings(thread, case_index, found);
            }
            if surely && operation.in_order {
                break;
            }
        }
        if !surely && self.is_over(thread) {
            found.push(Alternative::Otherwise {
                thread: thread.slot,
            });
        }
    }

    /// Whether a timer may be due, where that isn't known.
    fn may_be_due(&self, ready: Ready<'_>) -> bool {
        let Ready::Timer(timer) = ready else {
            return false;
        };
        self.setup.clock == Clock::Any && self.due(timer).is_some()
    }

    /// Whom the thread can meet by this case. A meeting is listed with the
    /// thread that sends. Returns whether a partner is surely there: one that
    /// only announced that it will come may not have arrived yet.
    fn meetings(&self, thread: &Thread, case: u16, found: &mut Vec<Alternative>) -> bool {
        let operation = thread.operation();
        let ready = operation.cases[usize::from(case)].ready;
        let mut surely = false;
        for (other, other_case) in self.partners(thread, ready) {
            surely |= other.arrived && waits(other);
            if operation.peek {
                let thread = thread.slot;
                let alternative = Alternative::One { thread, case };
                if waits(other) && found.last() != Some(&alternative) {
                    found.push(alternative);
                }
            } else if matches!(ready, Ready::Send(_)) {
                found.push(Alternative::Pair {
                    from: thread.slot,
                    from_case: case,
                    to: other.slot,
                    to_case: other_case,
                });
            }
        }
        surely
    }

    /// Whom the thread could meet by this case, and by which of theirs.
    fn partners<'a>(
        &'a self,
        thread: &'a Thread,
        ready: Ready<'a>,
    ) -> impl Iterator<Item = (&'a Thread, u16)> {
        let others = self.world.threads.iter().filter(move |other| {
            other.slot != thread.slot && !other.operation().peek && (waits(thread) || waits(other))
        });
        others.flat_map(move |other| {
            let cases = (0..).zip(other.operation().cases);
            let cases = cases.filter(move |(_, case)| match (ready, case.ready) {
                (Ready::Send(one), Ready::Receive(other))
                | (Ready::Receive(one), Ready::Send(other)) => one.can_meet(other),
                _ => false,
            });
            cases.map(move |(case, _)| (other, case))
        })
    }

    /// What every thread is waiting for, in a state without alternatives.
    pub(crate) fn blocked(&self) -> Vec<Blocked> {
        self.world
            .threads
            .iter()
            .map(|thread| self.describe(thread))
            .collect()
    }

    fn describe(&self, thread: &Thread) -> Blocked {
        let operation = thread.operation();
        // SAFETY: set before the thread's first operation, and it has one.
        let birth = unsafe { thread.birth.as_ref() };
        Blocked {
            thread: thread.slot,
            name: birth.and_then(|birth| birth.name.clone()),
            spawned: birth
                .filter(|_| thread.slot != 0)
                .and_then(|birth| place(birth.at)),
            at: place(operation.at),
            waits: operation
                .cases
                .iter()
                .map(|case| Wait {
                    action: case.action.to_owned(),
                    object: self
                        .lock_waited_for(thread)
                        .or_else(|| case.object.map(|object| object.kind.to_owned())),
                    created: case
                        .object
                        .and_then(|object| object.created)
                        .and_then(place),
                })
                .collect(),
        }
    }

    /// The lock on stdout or stderr that keeps a thread from printing.
    fn lock_waited_for(&self, thread: &Thread) -> Option<String> {
        let [case] = thread.operation().cases else {
            return None;
        };
        let (Ready::Print(stream) | Ready::Lock(stream)) = case.ready else {
            return None;
        };
        let held = self.held_by_other(stream, thread.slot)?;
        Some(match place(held.at) {
            Some(at) => format!("{}, locked at {at}", stream.name()),
            None => stream.name().to_owned(),
        })
    }

    /// Takes a picture of the current state, and its name: equal names mean
    /// equal states.
    pub(crate) fn snapshot(&self, mut bytes: Vec<u8>) -> (Snapshot, u128) {
        bytes.clear();
        let mut heaps = Vec::with_capacity(self.slots.len());
        for slot in 0..self.slots.len() {
            let (start, length) = memory::heap_in_use(slot);
            heaps.push(length);
            // SAFETY: the program is stopped.
            unsafe { memory::read(start, length, &mut bytes) };
        }
        for thread in &self.world.threads {
            let start = thread.fibre.stack_pointer();
            let base = memory::stack_base(thread.slot.into());
            // SAFETY: as above.
            unsafe { memory::read(start, base - start, &mut bytes) };
            // The link to the engine's own stack is rewritten on resuming.
            let link = bytes.len() - (base - thread.yielder as usize);
            bytes[link..link + size_of::<usize>()].fill(0);
        }
        let picture = bytes.len();
        self.write_name(&heaps, &mut bytes);
        let name = xxh3_128(&bytes);
        bytes.truncate(picture);
        for item in &self.statics {
            // SAFETY: it was registered by its owner.
            unsafe { memory::read(item.address, item.initial.len(), &mut bytes) };
        }
        let snapshot = Snapshot {
            world: self.world.clone(),
            heaps,
            statics: self.statics.len(),
            bytes,
        };
        (snapshot, name)
    }

    /// Adds to a picture what else tells states apart. A static that is as it
    /// was counts as one that was never touched.
    fn write_name(&self, heaps: &[usize], bytes: &mut Vec<u8>) {
        for (index, item) in self.statics.iter().enumerate() {
            let start = bytes.len();
            // SAFETY: it was registered by its owner.
            unsafe { memory::read(item.address, item.initial.len(), bytes) };
            if bytes[start..] == item.initial {
                bytes.truncate(start);
            } else {
                bytes.extend_from_slice(&index.to_le_bytes());
            }
        }
        let mut add = |value: u64| bytes.extend_from_slice(&value.to_le_bytes());
        for (slot, &length) in heaps.iter().enumerate() {
            if length > 0 {
                add(slot as u64);
                add(length as u64);
            }
        }
        for thread in &self.world.threads {
            add(thread.slot.into());
            add(thread.fibre.stack_pointer() as u64);
            add(thread.operation as u64);
            add(thread.birth as u64);
            add(thread
                .deadline
                .map_or(u64::MAX, |at| at.saturating_sub(self.world.now)));
            add(u64::from(thread.arrived)
                | u64::from(thread.polite) << 1
                | u64::from(thread.dropping) << 32);
            add(u64::from(thread.children) | u64::from(thread.panicking) << 32);
            add(thread
                .message
                .as_ref()
                .map_or(0, |text| xxhash_rust::xxh3::xxh3_64(text.as_bytes())));
        }
        // Who can't read the clock can't tell how late it is.
        let start = if self.is_refined(Refinement::Time) {
            add(self.world.now);
            0
        } else {
            self.world.now
        };
        add(self.world.timers.len() as u64);
        for (&address, due) in &self.world.timers {
            add(address as u64);
            add(due.saturating_sub(start));
        }
        if self.is_refined(Refinement::Numbers) {
            add(self.world.started.into());
        }
        add(u64::from(self.world.unbuffered));
        for held in self.world.held {
            add(held.map_or(u64::MAX, |held| {
                u64::from(held.thread) << 32 | u64::from(held.times)
            }));
        }
        bytes.extend_from_slice(self.world.pending.as_bytes());
    }

    /// Puts the program back into a state.
    pub(crate) fn restore(&mut self, snapshot: &Snapshot) {
        let mut rest = snapshot.bytes.as_slice();
        let mut take = |length: usize| {
            let (taken, behind) = rest.split_at(length);
            rest = behind;
            taken
        };
        for slot in 0..self.slots.len() {
            let (start, length) = memory::heap_in_use(slot);
            let wanted = snapshot.heaps.get(slot).copied().unwrap_or(0);
            // SAFETY: the program is stopped, and its threads are put back
            // together with their memory.
            unsafe {
                if length > wanted {
                    memory::zero(start + wanted, length - wanted);
                }
                memory::write(start, take(wanted));
            }
        }
        for thread in &self.world.threads {
            let old = thread.fibre.stack_pointer();
            zero_stack_part(thread.slot.into(), old);
        }
        for thread in &snapshot.world.threads {
            let start = thread.fibre.stack_pointer();
            let base = memory::stack_base(thread.slot.into());
            // SAFETY: as above.
            unsafe { memory::write(start, take(base - start)) };
        }
        for (index, item) in self.statics.iter().enumerate() {
            let bytes = if index < snapshot.statics {
                take(item.initial.len())
            } else {
                &item.initial
            };
            // SAFETY: it was registered by its owner.
            unsafe { memory::write(item.address, bytes) };
        }
        self.world.clone_from(&snapshot.world);
        self.interrupt = None;
        self.text.clear();
        self.match_panics();
    }

    /// Threads in the middle of a panic will tell std when it is over. std
    /// must not then count fewer than none, so let it count more first.
    fn match_panics(&mut self) {
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

    fn is_refined(&self, refinement: Refinement) -> bool {
        self.refinements & refinement as u16 != 0
    }

    fn record_before(&mut self, index: usize, answer: u32) {
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        let thread = &self.world.threads[index];
        if thread.operation.is_null() {
            return recorder.begin(thread.slot);
        }
        // SAFETY: the thread is suspended at it.
        let operation = unsafe { &*thread.operation };
        let case = operation.cases.get(answer as usize);
        recorder.event(thread.slot, operation, case, self.world.now);
    }

    fn record_after(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            recorder.printed(&self.text);
        }
    }

    /// Where every thread stands, for a trace.
    pub(crate) fn positions(&self) -> Vec<crate::Position> {
        self.world
            .threads
            .iter()
            .map(|thread| {
                let mut own = Vec::new();
                self.alternatives_of(thread, &mut own);
                let operation = thread.operation();
                let mut cases = operation.cases.iter();
                let met = cases.any(|case| self.partners(thread, case.ready).next().is_some());
                let blocked = own.is_empty() && !met;
                crate::Position {
                    thread: thread.slot,
                    at: place(operation.at),
                    next: self.describe(thread).waits,
                    blocked,
                }
            })
            .collect()
    }

    /// What threads are about to print.
    pub(crate) fn about_to_print(&self) -> impl Iterator<Item = &str> {
        let operations = self.world.threads.iter().map(Thread::operation);
        operations.filter_map(|operation| operation.text)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.reset();
    }
}

/// Whether the thread stays until somebody comes.
fn waits(thread: &Thread) -> bool {
    thread.operation().otherwise != Otherwise::GoOn
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Whether a thread is about to write to stdout.
fn is_printing(thread: &Thread) -> bool {
    let mut cases = thread.operation().cases.iter();
    cases.any(|case| matches!(case.ready, Ready::Print(Stream::Stdout)))
}

/// A place in the program; none for what the engine itself does.
pub(crate) fn place(location: &Location<'_>) -> Option<Place> {
    (location.file() != file!()).then(|| Place {
        file: location.file().to_owned(),
        line: location.line(),
        column: location.column(),
    })
}

/// Zeroes a stack from a stack pointer up, and what is left below.
fn zero_stack(slot: usize, stack_pointer: usize) {
    let base = memory::stack_base(slot);
    if stack_pointer > memory::stack_limit(slot) {
        zero_stack_part(slot, stack_pointer);
    }
    memory::clear_stack_below(slot, base);
}

fn zero_stack_part(slot: usize, stack_pointer: usize) {
    let base = memory::stack_base(slot);
    // SAFETY: the thread is stopped, and gone or about to be put back.
    unsafe { memory::zero(stack_pointer, base - stack_pointer) };
}

/// How much of the stack is swept, in words: more than the engine's own calls
/// use, unless they ask the system for memory in an unusual way.
const SWEPT: usize = 256;

/// Zeroes the stack below the caller's frame. What calls leave there would
/// else show up in the frames of later calls, in words that nobody has written
/// to yet, and make equal states look different.
#[inline(never)]
fn sweep() {
    // By its name, or it would be a constant elsewhere.
    let area = [0_u64; SWEPT];
    std::hint::black_box(&area);
}

/// Runs `run` in a frame of its own on a clean stack, and cleans up after it.
pub(crate) fn swept<R>(run: impl FnOnce() -> R) -> R {
    sweep();
    let result = apart(run);
    sweep();
    result
}

#[inline(never)]
fn apart<R>(run: impl FnOnce() -> R) -> R {
    run()
}

/// The running thread's machine.
fn with_machine<R>(run: impl FnOnce(&mut Machine) -> R) -> R {
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

fn with_thread<R>(run: impl FnOnce(&mut Thread) -> R) -> R {
    with_machine(|machine| {
        let index = machine.find(RUNNING.get()).expect("it is running");
        run(&mut machine.world.threads[index])
    })
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

pub(crate) fn current() -> ThreadId {
    if !is_modelled() {
        not_modelled();
    }
    ThreadId(RUNNING.get())
}

pub(crate) fn perform(operation: &Operation<'_>) -> Option<usize> {
    if MACHINE.get().is_null() {
        not_modelled();
    }
    if FORMATTING.get() {
        refine(Refinement::Formatting);
    }
    if !operation.eager && with_thread(|thread| thread.dropping > 0) {
        refine(Refinement::Owners);
    }
    print_message(operation.at);
    if let Some(reason) = FORBIDDEN.take() {
        refuse(reason, operation.at);
    }
    announce(operation)
}

pub(crate) fn without_operations(reason: &'static str, run: impl FnOnce()) {
    struct Allowed;
    impl Drop for Allowed {
        fn drop(&mut self) {
            FORBIDDEN.set(None);
        }
    }
    if FORBIDDEN.get().is_some() || !is_modelled() {
        return run();
    }
    let _allowed = Allowed;
    FORBIDDEN.set(Some(reason));
    run();
}

pub(crate) fn drop_shared(drop: impl FnOnce()) {
    if !is_modelled() {
        return drop();
    }
    with_thread(|thread| thread.dropping += 1);
    drop();
    with_thread(|thread| thread.dropping -= 1);
}

fn announce(operation: &Operation<'_>) -> Option<usize> {
    let announced: Announced = ptr::from_ref(operation).cast();
    let answer = suspend(announced);
    (answer != OTHERWISE).then_some(answer as usize)
}

fn suspend(announced: Announced) -> u32 {
    // SAFETY: set on every resume to the running thread's own.
    unsafe { (*YIELDER.get()).suspend(announced) }
}

/// Stops the program for good.
fn stop(interrupt: Interrupt) -> ! {
    FORMATTING.set(false);
    // The copy is in the engine's memory.
    with_machine(|machine| machine.interrupt = Some(interrupt.clone()));
    loop {
        suspend(ptr::null());
    }
}

pub(crate) fn refuse(reason: &str, at: &'static Location<'static>) -> ! {
    stop(Interrupt::Refused {
        reason: reason.to_owned(),
        at: place(at),
    })
}

pub(crate) fn out_of_memory() -> ! {
    let reason = {
        let _heap = memory::leave();
        "one of its threads needs more than 7 MB of memory".to_owned()
    };
    stop(Interrupt::Refused { reason, at: None })
}

pub(crate) unsafe fn spawn<'a>(
    body: Box<dyn FnOnce() + 'a>,
    name: Option<String>,
    locals: Box<dyn Any>,
    at: &'static Location<'static>,
) -> ThreadId {
    let parent = current().0;
    let nth = with_thread(|thread| {
        thread.children += 1;
        thread.children
    });
    let slot = with_machine(|machine| {
        let next = machine.slots.len();
        let slot = *machine
            .slots
            .entry((parent, nth))
            .or_insert_with(|| u16::try_from(next).unwrap_or(u16::MAX));
        if usize::from(slot) < memory::MAX_THREADS {
            machine.open_slots(machine.slots.len());
        }
        slot
    });
    if usize::from(slot) >= memory::MAX_THREADS {
        let reason = format!("it starts more than {} threads", memory::MAX_THREADS);
        refuse(&reason, at);
    }
    // SAFETY: lifetimes don't exist at run time; that the body ends in time
    // is the caller's promise.
    let body =
        unsafe { std::mem::transmute::<Box<dyn FnOnce() + 'a>, Box<dyn FnOnce() + 'static>>(body) };
    let birth = Box::into_raw(Box::new(Birth { name, at, locals }));
    let fibre = Fibre::new(slot.into(), move |yielder| {
        YIELDER.set(yielder);
        body();
        with_thread(|thread| thread.birth = ptr::null());
        // SAFETY: it was leaked above for as long as the thread runs.
        drop(unsafe { Box::from_raw(birth) });
    });
    with_machine(|machine| {
        machine.add_thread(slot, fibre, birth);
        if let Some(recorder) = &mut machine.recorder {
            // SAFETY: just made.
            let name = unsafe { (*birth).name.as_deref() };
            recorder.spawned(slot, parent, name, at);
        }
    });
    ThreadId(slot)
}

pub(crate) fn started() -> u32 {
    with_machine(|machine| machine.world.started)
}

pub(crate) fn with_locals<R>(run: impl FnOnce(&dyn Any) -> R) -> R {
    let birth = with_thread(|thread| thread.birth);
    // SAFETY: it lives until the thread has finished its body.
    run(unsafe { &*(*birth).locals })
}

pub(crate) fn refined(refinement: Refinement) -> bool {
    with_machine(|machine| machine.is_refined(refinement))
}

pub(crate) fn refine(refinement: Refinement) {
    if refinement.is_look() {
        with_machine(|machine| machine.atomics.looked());
    }
    if refined(refinement) {
        return;
    }
    with_machine(|machine| machine.refinements |= refinement as u16);
    stop(Interrupt::Restart);
}

pub(crate) fn note(value: impl FnOnce() -> Option<String>) {
    with_machine(|machine| {
        if let Some(recorder) = &mut machine.recorder {
            recorder.note(value());
        }
    });
}

// Printing.

/// The text of a `print!`, and where its parts end: what was put together,
/// and the line breaks at which it is taken apart again.
#[derive(Default)]
struct Pieces {
    text: String,
    ends: Vec<usize>,
}

impl Pieces {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ends = self.ends.iter().copied();
        starts.zip(ends).map(|(start, end)| &self.text[start..end])
    }
}

impl fmt::Write for Pieces {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        for part in parts(piece) {
            self.text.push_str(part);
            self.ends.push(self.text.len());
        }
        Ok(())
    }
}

/// Whole lines, and the beginning of another: std writes them one after the
/// other.
fn parts(piece: &str) -> impl Iterator<Item = &str> {
    let (lines, rest) = piece.split_at(piece.rfind('\n').map_or(0, |newline| newline + 1));
    [lines, rest].into_iter().filter(|part| !part.is_empty())
}

pub(crate) fn print(stream: Stream, arguments: fmt::Arguments<'_>, at: &'static Location<'static>) {
    if refined(Refinement::Formatting) {
        return print_while_formatting(stream, arguments, at);
    }
    let pieces = format_ahead(arguments);
    check_addresses(&pieces.text, at);
    match stream {
        Stream::Stdout => print_out(&pieces, at),
        Stream::Stderr => print_error(&pieces.text, Ready::Print(Stream::Stderr), at),
    }
}

/// Puts the text together before the lock on the stream is taken, which is
/// the same as long as nobody can tell.
fn format_ahead(arguments: fmt::Arguments<'_>) -> Pieces {
    let formatting = Formatting::begin();
    let mut pieces = Pieces::default();
    if pieces.write_fmt(arguments).is_ok() {
        formatting.end();
    }
    pieces
}

/// The running thread is putting together what it will print. Panics and
/// errors leave it without [`end`](Formatting::end).
struct Formatting;

impl Formatting {
    fn begin() -> Formatting {
        if FORMATTING.replace(true) {
            refine(Refinement::Formatting);
        }
        Formatting
    }

    fn end(self) {
        FORMATTING.set(false);
        std::mem::forget(self);
    }
}

impl Drop for Formatting {
    fn drop(&mut self) {
        refine(Refinement::Formatting);
    }
}

/// As the original: every piece is written when it is there, under the lock.
fn print_while_formatting(
    stream: Stream,
    arguments: fmt::Arguments<'_>,
    at: &'static Location<'static>,
) {
    struct Writer {
        stream: Stream,
        at: &'static Location<'static>,
        text: String,
        wrote: bool,
    }
    impl fmt::Write for Writer {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            self.text.push_str(piece);
            check_addresses(&self.text, self.at);
            match self.stream {
                Stream::Stdout => write_out(parts(piece), &mut self.wrote, self.at),
                Stream::Stderr => with_machine(|machine| machine.write_error(piece)),
            }
            Ok(())
        }
    }
    impl Drop for Writer {
        fn drop(&mut self) {
            unlock(self.stream);
        }
    }
    let cases = [printing(stream, Ready::Print(stream))];
    perform(&Operation::new(&cases, at));
    with_machine(|machine| machine.hold(stream, at));
    let mut writer = Writer {
        stream,
        at,
        text: String::new(),
        wrote: false,
    };
    let formatted = writer.write_fmt(arguments);
    drop(writer);
    formatted.expect(
        "a formatting trait implementation returned an error when the underlying stream did not",
    );
}

fn printing(stream: Stream, ready: Ready<'_>) -> Case<'_> {
    Case {
        action: match stream {
            Stream::Stdout => "print",
            Stream::Stderr => "print to stderr",
        },
        object: None,
        ready,
    }
}

fn print_out(pieces: &Pieces, at: &'static Location<'static>) {
    announce_text(&pieces.text, at);
    with_machine(|machine| machine.hold(Stream::Stdout, at));
    write_out(pieces.iter(), &mut false, at);
    with_machine(|machine| machine.release(Stream::Stdout));
}

fn announce_text(text: &str, at: &'static Location<'static>) {
    let cases = [printing(Stream::Stdout, Ready::Print(Stream::Stdout))];
    let mut operation = Operation::new(&cases, at);
    operation.text = Some(text);
    perform(&operation);
}

/// Writes parts of a text to stdout. Between two that the system is given the
/// process may end. `wrote` is whether the system was given one before.
fn write_out<'t>(
    parts: impl Iterator<Item = &'t str>,
    wrote: &mut bool,
    at: &'static Location<'static>,
) {
    let mut parts = parts.peekable();
    while with_machine(|machine| machine.write_parts(&mut parts, wrote)) {
        tear(at);
        *wrote = false;
    }
}

/// Lets something else happen in the middle of a write.
fn tear(at: &'static Location<'static>) {
    let cases = [printing(Stream::Stdout, Ready::Always)];
    perform(&Operation::new(&cases, at));
}

pub(crate) fn write(stream: Stream, text: &str, at: &'static Location<'static>) -> usize {
    check_addresses(text, at);
    if stream == Stream::Stderr {
        print_error(text, Ready::Print(stream), at);
        return text.len();
    }
    announce_text(text, at);
    with_machine(|machine| machine.hold(stream, at));
    let written = write_some(text, at);
    with_machine(|machine| machine.release(stream));
    written
}

/// As std's `LineWriter::write`: of what comes after the last line break it
/// only takes what there is room for.
fn write_some(text: &str, at: &'static Location<'static>) -> usize {
    let mut both = parts(text);
    let (Some(lines), Some(rest)) = (both.next(), both.next()) else {
        flush_before_lines(text, at);
        write_out(parts(text), &mut false, at);
        return text.len();
    };
    flush_before_lines(lines, at);
    with_machine(|machine| {
        machine.write_part(lines);
        if machine.world.unbuffered {
            return lines.len();
        }
        let mut room = rest.len().min(STDOUT_BUFFER - 1);
        while !rest.is_char_boundary(room) {
            room -= 1;
        }
        machine.write_part(&rest[..room]);
        lines.len() + room
    })
}

fn flush_before_lines(lines: &str, at: &'static Location<'static>) {
    let flushed = with_machine(|machine| {
        let flushes = lines.ends_with('\n') && !machine.world.pending.is_empty();
        if flushes {
            machine.flush_out();
        }
        flushes
    });
    if flushed {
        tear(at);
    }
}

fn print_error(text: &str, ready: Ready<'_>, at: &'static Location<'static>) {
    if FORMATTING.get() {
        refine(Refinement::Formatting);
    }
    let counts = with_machine(|machine| machine.setup.stderr);
    let cases = [printing(Stream::Stderr, ready)];
    let operation = Operation::new(&cases, at);
    let is_noticed = counts || refined(Refinement::Stderr) || refined(Refinement::Formatting);
    announce(&if is_noticed {
        operation
    } else {
        operation.eagerly()
    });
    with_machine(|machine| machine.write_error(text));
}

fn check_addresses(text: &str, at: &'static Location<'static>) {
    if shows_an_address(text) {
        refuse("it prints an address, which is another in every run", at);
    }
}

/// Whether there is an address of the program's stacks or heaps in the text, as
/// `{:p}` writes it.
fn shows_an_address(text: &str) -> bool {
    text.match_indices("0x").any(|(at, prefix)| {
        let number = &text[at + prefix.len()..];
        let end = number.find(|digit: char| !digit.is_ascii_hexdigit());
        let number = &number[..end.unwrap_or(number.len())];
        usize::from_str_radix(number, 16).is_ok_and(memory::contains)
    })
}

/// Prints a panic's message, if the thread has one to print.
fn print_message(at: &'static Location<'static>) {
    if !with_thread(|thread| thread.message.is_some()) {
        return;
    }
    let message = with_thread(|thread| thread.message.take()).unwrap_or_default();
    // What is kept across an operation must be in the program's memory.
    let text = message.as_str().to_owned();
    drop(message);
    print_error(&text, Ready::Always, at);
}

pub(crate) fn flush(stream: Stream, at: &'static Location<'static>) {
    if stream == Stream::Stderr {
        return print_error("", Ready::Print(stream), at);
    }
    let cases = [Case {
        action: "flush",
        object: None,
        ready: Ready::Print(stream),
    }];
    perform(&Operation::new(&cases, at));
    with_machine(Machine::flush_out);
}

pub(crate) fn lock(stream: Stream, at: &'static Location<'static>) {
    if stream == Stream::Stderr {
        refine(Refinement::Stderr);
    }
    let cases = [Case {
        action: "lock",
        object: Some(stream.object()),
        ready: Ready::Lock(stream),
    }];
    perform(&Operation::new(&cases, at));
    with_machine(|machine| machine.hold(stream, at));
}

/// Lets go of the lock. Who ends the process looks whether it is free, which
/// makes a difference only for what stdout holds back.
pub(crate) fn unlock(stream: Stream) {
    let is_noticed = with_machine(|machine| {
        let held = machine.world.held[stream as usize];
        let matters = stream == Stream::Stdout && !machine.world.pending.is_empty();
        held.is_some_and(|held| held.times == 1) && (matters || !machine.setup.reduce)
    });
    if is_noticed {
        crate::model::act("unlock", Some(stream.object()), nowhere());
    }
    with_machine(|machine| machine.release(stream));
}

impl Machine {
    fn hold(&mut self, stream: Stream, at: &'static Location<'static>) {
        let held = &mut self.world.held[stream as usize];
        held.get_or_insert(Held {
            thread: RUNNING.get(),
            times: 0,
            at,
        })
        .times += 1;
    }

    fn release(&mut self, stream: Stream) {
        let held = &mut self.world.held[stream as usize];
        *held = held.and_then(|held| {
            let times = held.times - 1;
            (times > 0).then_some(Held { times, ..held })
        });
    }

    /// Writes parts of a text, up to the second that is given to the system.
    /// Whether there is such.
    fn write_parts<'t>(
        &mut self,
        parts: &mut Peekable<impl Iterator<Item = &'t str>>,
        wrote: &mut bool,
    ) -> bool {
        while let Some(part) = parts.peek() {
            let goes_out = self.goes_out(part);
            if goes_out && *wrote {
                return true;
            }
            *wrote |= goes_out;
            self.write_part(part);
            parts.next();
        }
        false
    }

    /// Whether something is given to the system when this part is written.
    fn goes_out(&self, part: &str) -> bool {
        self.world.unbuffered
            || part.ends_with('\n')
            || self.world.pending.len() + part.len() > STDOUT_BUFFER
            || part.len() >= STDOUT_BUFFER
    }

    /// As std's `LineWriter` does: whole lines go out, the rest waits.
    fn write_part(&mut self, part: &str) {
        if self.goes_out(part) {
            self.flush_out();
        }
        if self.world.unbuffered || part.ends_with('\n') || part.len() >= STDOUT_BUFFER {
            self.text.push_str(part);
        } else {
            self.world.pending.push_str(part);
        }
    }

    fn flush_out(&mut self) {
        self.text.push_str(&self.world.pending);
        self.world.pending.clear();
    }

    fn write_error(&mut self, text: &str) {
        if self.setup.stderr {
            self.text.push_str(text);
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.printed_error(text);
        }
    }
}

// Ending.

fn main_thread(main: &dyn Fn() -> i32) {
    let at = Location::caller();
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

/// What a panic was given, where that is text.
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("Box<dyn Any>")
}

// Panics.

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
    print_message(Location::caller());
}

fn install_panic_hook() {
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
    let _heap = memory::leave();
    let message = message_of(info.payload());
    panic_started();
    if message.contains("panic in a destructor during cleanup")
        || message.contains("panic in a function that cannot unwind")
    {
        abort_in_panic();
    }
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    with_thread(|thread| {
        // SAFETY: set before the program's own code runs in the thread.
        let name = unsafe { thread.birth.as_ref() }.and_then(|birth| birth.name.as_deref());
        let mut text = thread.message.take().unwrap_or_default();
        let _ = writeln!(
            text,
            "thread '{}' panicked at {place}:\n{message}",
            name.unwrap_or("<unnamed>")
        );
        thread.message = Some(text);
    });
}

/// std would kill this very process next. Leaves its hook for good instead.
/// The hook can't be set any more after that: std holds it as in use.
fn abort_in_panic() -> ! {
    with_machine(|machine| machine.in_hook = true);
    stop(Interrupt::Ended(Ending::Aborted))
}

/// Tells std that no hook is running any more, after [`abort_in_panic`]:
/// catching a panic resets that.
fn leave_panic_hook() {
    let _ = panic::catch_unwind(|| panic::resume_unwind(Box::new(())));
}

/// Starts a panic that never ends, on a stack that is then abandoned. All
/// that remains of it is std's count, one higher.
fn start_panic_for_good() {
    struct Abandon(*const Yielder<u32, Announced>);
    impl Drop for Abandon {
        fn drop(&mut self) {
            // SAFETY: the coroutine is the one that is running.
            unsafe { (*self.0).suspend(ptr::null()) };
        }
    }
    let mut fibre = Fibre::new(memory::SCRATCH, |yielder| {
        let _abandon = Abandon(yielder);
        panic::resume_unwind(Box::new(()));
    });
    fibre.resume(0);
}

// The clock.

pub(crate) fn sleep(duration: Duration, at: &'static Location<'static>) {
    let case = |ready| {
        [Case {
            action: "sleep",
            object: None,
            ready,
        }]
    };
    let prompt = with_machine(|machine| machine.setup.clock == Clock::Prompt);
    if prompt {
        let never: &dyn Fn() -> bool = &|| false;
        let cases = case(Ready::When(never));
        let operation = Operation::new(&cases, at).or(Otherwise::TimeOut(duration));
        perform(&operation.eagerly());
    } else {
        perform(&Operation::new(&case(Ready::Always), at).eagerly());
    }
}

pub(crate) fn yield_now(at: &'static Location<'static>) {
    let cases = [Case {
        action: "yield",
        object: None,
        ready: Ready::Always,
    }];
    let operation = Operation::new(&cases, at);
    let prompt = with_machine(|machine| machine.setup.clock == Clock::Prompt);
    if prompt {
        with_thread(|thread| thread.polite = true);
        perform(&operation);
    } else {
        perform(&operation.eagerly());
    }
}

pub(crate) fn now() -> Option<Duration> {
    let prompt = with_machine(|machine| machine.setup.clock == Clock::Prompt);
    if !prompt {
        return None;
    }
    refine(Refinement::Time);
    moment()
}

pub(crate) fn moment() -> Option<Duration> {
    with_machine(|machine| machine.moment(machine.world.now))
}

impl Machine {
    /// A time as the program may know it.
    fn moment(&self, nanoseconds: u64) -> Option<Duration> {
        let known = if self.is_refined(Refinement::Time) {
            nanoseconds
        } else {
            0
        };
        (self.setup.clock == Clock::Prompt).then(|| Duration::from_nanos(known))
    }
}

// Timers.

fn address(timer: &Timer) -> usize {
    ptr::from_ref(timer) as usize
}

pub(crate) fn set_timer(timer: &Timer, wait: Duration) {
    with_machine(|machine| {
        let due = match machine.setup.clock {
            Clock::Any => 0,
            Clock::Prompt => machine.world.now.saturating_add(nanoseconds(wait)),
        };
        machine.world.timers.insert(address(timer), due);
    });
}

pub(crate) fn clear_timer(timer: &Timer) {
    with_machine(|machine| machine.world.timers.remove(&address(timer)));
}

pub(crate) fn timer_moment(timer: &Timer) -> Option<Duration> {
    with_machine(|machine| {
        let due = machine.due(timer)?;
        machine.moment(due)
    })
}

pub(crate) fn timer_left(timer: &Timer) -> Option<Duration> {
    with_machine(|machine| {
        let due = machine.due(timer)?;
        let left = Duration::from_nanos(due.saturating_sub(machine.world.now));
        (machine.setup.clock == Clock::Prompt).then_some(left)
    })
}
