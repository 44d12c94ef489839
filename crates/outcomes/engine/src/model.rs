//! What a look-alike library is written against: announcing operations,
//! starting threads, printing, the clock.
//!
//! A look-alike keeps its objects (a channel's queue, whether a mutex is
//! held) in ordinary memory of the program, and changes them only between
//! [`perform`] and its next call. One modelled thread runs at a time, so that
//! needs no lock; [`TryLock`] makes it safe Rust.
//!
//! Everything here except the types must be called from a modelled thread.

use crate::Expectation;
use crate::{machine, memory, surroundings};
use std::any::Any;
use std::fmt;
use std::num::NonZero;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub use crate::channel::{Channel, Left, Level};
pub use crate::machine::{Home, Refinement, Stream};
pub use crate::places::nowhere;
pub use crate::show::show;
pub use crate::try_lock::{
    Shared, TryLock, TryLockGuard, TryRwLock, TryRwLockRead, TryRwLockWrite,
};

/// Something that threads act on.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// What it is, as a reader calls it: "mutex", "channel".
    pub kind: &'static str,
    /// The start of the memory that the look-alike may change on its behalf.
    pub address: *const (),
    /// The size of that memory in bytes.
    pub size: usize,
    /// Where the program made it, if that is known.
    pub created: Option<&'static Location<'static>>,
}

impl Object {
    /// The object that is, or is in, `value`.
    pub fn new<T: ?Sized>(
        kind: &'static str,
        value: &T,
        created: Option<&'static Location<'static>>,
    ) -> Object {
        Object {
            kind,
            address: std::ptr::from_ref(value).cast(),
            size: size_of_val(value),
            created,
        }
    }
}

/// When a case of an operation can be taken.
#[derive(Clone, Copy)]
pub enum Ready<'a> {
    /// At any time.
    Always,
    /// At any time, but for no reason: it may as well never be.
    Spurious,
    /// Never. What waits for it waits for its time to be up.
    Never,
    /// Whenever this says so. It may only read.
    When(&'a dyn Fn() -> bool),
    /// Whenever this says so, but it may as well never be.
    Perhaps(&'a dyn Fn() -> bool),
    /// Whenever this says so. But while other threads wait to do all of these
    /// to the same object, it may as well never be.
    UnlessAwaited(&'a dyn Fn() -> bool, &'a [&'static str]),
    /// When the thread has been given its token, see [`park`]; if something
    /// else may have taken it, it may as well never be.
    Token,
    /// When something can be sent, or sending fails: where the channel holds
    /// nothing, together with a thread that receives.
    Send(&'a Level),
    /// When something can be received, or receiving fails.
    Receive(&'a Level),
    /// From the timer's time on. On a clock without time, it may be that time
    /// or not.
    Timer(&'a Timer),
    /// When nobody else holds the lock on the stream, for one write.
    #[doc(hidden)]
    Print(Stream),
    /// When nobody else holds the lock on the stream, for as long as one likes.
    #[doc(hidden)]
    Lock(Stream),
    /// When no other panic is in the middle of what it prints.
    #[doc(hidden)]
    Panic,
    /// When somebody else holds the lock on stdout, or may do so for a write
    /// while its buffer is not empty.
    #[doc(hidden)]
    StdoutHeld,
}

/// A time that can be waited for, once it is set. It stays where it is from
/// then on: it is known by its address, and is not empty to have one.
#[derive(Debug, Default)]
pub struct Timer {
    _address: u8,
}

impl Timer {
    /// A timer that is never due.
    pub const fn new() -> Timer {
        Timer { _address: 0 }
    }

    /// Makes it due after this time; on a clock without time, at any time.
    pub fn set(&self, wait: Duration) {
        machine::set_timer(self, wait);
    }

    /// Makes it never due.
    pub fn clear(&self) {
        machine::clear_timer(self);
    }

    /// When it is due, as [`moment`]; `None` also if it isn't set.
    pub fn moment(&self) -> Option<Duration> {
        machine::timer_moment(self)
    }

    /// How long until it is due; `None` if it isn't set, and on a clock
    /// without time.
    pub fn left(&self) -> Option<Duration> {
        machine::timer_left(self)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if is_modelled() {
            self.clear();
        }
    }
}

/// One way in which an operation can go on.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// What it does: "lock", "send", "receive".
    pub action: &'static str,
    /// To what.
    pub object: Option<Object>,
    /// When.
    pub ready: Ready<'a>,
}

/// How an atomic is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is read.
    Load(Ordering),
    /// It is read to be formatted by its `Debug`, which is a relaxed load.
    Format,
    /// It is written.
    Store(Ordering),
    /// It is read and written, or, by the second ordering, only read after
    /// all.
    Change(Ordering, Ordering),
}

/// The atomic that an operation accesses.
#[derive(Clone, Copy)]
pub struct Atomic<'a> {
    /// Its value, as the bits of a number.
    pub value: &'a dyn Fn() -> u64,
    /// Whether a [`Change`](Access::Change) changes this value.
    pub changes: &'a dyn Fn(u64) -> bool,
}

/// What of an object hands on what a thread has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    /// Who had a lock for himself, or something else of which there is one side.
    Only,
    /// Who had a lock together with others.
    Shared,
    /// Who owned it.
    Owners,
}

/// What an operation does when none of its cases is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It waits.
    Block,
    /// It goes on at once.
    GoOn,
    /// It waits this long, then goes on.
    TimeOut(Duration),
}

/// The next thing that a thread does which another thread may notice.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    /// The ways in which it can go on. Any ready one may be taken.
    pub cases: &'a [Case<'a>],
    /// What happens when none is.
    pub otherwise: Otherwise,
    /// Whether the first ready case is taken, rather than any.
    pub in_order: bool,
    /// Whether it is taken as soon as a case is ready, without other threads
    /// going first. Right where no other thread can notice when it is taken,
    /// nor make it unready.
    pub eager: bool,
    /// Whether it only looks: then nobody is met.
    pub peek: bool,
    /// How it accesses an atomic, which is the object of its cases.
    pub access: Option<Access>,
    /// That atomic, if its memory may be weak.
    pub atomic: Option<Atomic<'a>>,
    /// Where the program asked for it.
    pub at: &'static Location<'static>,
    /// What was sent or stored, for whoever reads a trace.
    pub value: Option<&'a dyn Fn() -> Option<String>>,
    /// What it prints to stdout.
    pub(crate) text: Option<&'a str>,
}

impl<'a> Operation<'a> {
    /// An operation that waits until one of the cases is ready.
    pub fn new(cases: &'a [Case<'a>], at: &'static Location<'static>) -> Operation<'a> {
        Operation {
            cases,
            otherwise: Otherwise::Block,
            in_order: false,
            eager: false,
            peek: false,
            access: None,
            atomic: None,
            at,
            value: None,
            text: None,
        }
    }

    /// The same with a value to show.
    pub fn with_value(self, value: &'a dyn Fn() -> Option<String>) -> Operation<'a> {
        Operation {
            value: Some(value),
            ..self
        }
    }

    /// The same, which doesn't wait, or not forever.
    pub fn or(self, otherwise: Otherwise) -> Operation<'a> {
        Operation { otherwise, ..self }
    }

    /// The same, eager.
    pub fn eagerly(self) -> Operation<'a> {
        Operation {
            eager: true,
            ..self
        }
    }

    /// The same, which only looks.
    pub fn peeking(self) -> Operation<'a> {
        Operation { peek: true, ..self }
    }

    /// The same, which accesses an atomic.
    pub fn accessing(self, access: Access) -> Operation<'a> {
        Operation {
            access: Some(access),
            ..self
        }
    }

    /// The same, of this atomic.
    pub fn of(self, atomic: Atomic<'a>) -> Operation<'a> {
        Operation {
            atomic: Some(atomic),
            ..self
        }
    }

    /// The same, taking the first ready case.
    pub fn in_order(self) -> Operation<'a> {
        Operation {
            in_order: true,
            ..self
        }
    }
}

/// Announces what the thread does next, and returns when it may: with the
/// number of the case to go on with, or `None` for [`Otherwise`].
///
/// What the thread does from here to its next operation happens at once, as
/// other threads see it.
pub fn perform(operation: &Operation<'_>) -> Option<usize> {
    machine::perform(operation)
}

/// An operation that is always ready, and touches this object.
pub fn act(action: &'static str, object: Option<Object>, at: &'static Location<'static>) {
    let cases = [Case {
        action,
        object,
        ready: Ready::Always,
    }];
    perform(&Operation::new(&cases, at));
}

/// An operation that is always ready, and only looks at what others change.
pub fn look(action: &'static str, object: Object, at: &'static Location<'static>) {
    let cases = [Case {
        action,
        object: Some(object),
        ready: Ready::Always,
    }];
    perform(&Operation::new(&cases, at).peeking());
}

/// Waits until `ready`, then goes on as the one who does `action`.
pub fn act_when(
    action: &'static str,
    object: Object,
    ready: &dyn Fn() -> bool,
    at: &'static Location<'static>,
) {
    let cases = [Case {
        action,
        object: Some(object),
        ready: Ready::When(ready),
    }];
    perform(&Operation::new(&cases, at));
}

/// Waits until `ready`, where no other thread can tell when the waiting ends.
pub fn wait_until(
    action: &'static str,
    object: Object,
    ready: &dyn Fn() -> bool,
    at: &'static Location<'static>,
) {
    let cases = [Case {
        action,
        object: Some(object),
        ready: Ready::When(ready),
    }];
    perform(&Operation::new(&cases, at).eagerly());
}

/// A modelled thread, as long as the program runs.
///
/// It is an address in the thread's own memory. So whoever keeps it somewhere in the
/// program's memory is seen to know that thread, see `machine/alike.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThreadId(NonZero<usize>);

impl ThreadId {
    pub(crate) fn of(slot: u16) -> ThreadId {
        let address = memory::slot_base(slot.into());
        ThreadId(NonZero::new(address).expect("the region is reserved"))
    }

    pub(crate) fn slot(self) -> u16 {
        let slot = memory::slot_of(self.0.get()).and_then(|slot| u16::try_from(slot).ok());
        slot.expect("it was made from one")
    }

    /// What no other thread has as long as the program runs; for main neither 0 nor 1.
    pub fn word(self) -> usize {
        self.0.get()
    }
}

/// What a thread has of its own.
pub trait Locals: Any {
    /// Whether it would make a difference to drop it.
    fn need_drop(&self) -> bool;

    /// Drops what can be dropped, whoever may still refer to it: the thread
    /// is done with it.
    fn drop_all(&self);
}

/// Starts a thread.
///
/// `locals` is what [`with_locals`] gives it. `stack` is the size of its stack,
/// if not the usual one.
///
/// # Safety
/// `body` must not be left running or unrun when what it borrows is gone.
#[allow(unsafe_code)]
pub unsafe fn spawn<'a>(
    body: Box<dyn FnOnce() + 'a>,
    name: Option<Arc<String>>,
    locals: Box<dyn Locals>,
    stack: Option<usize>,
    at: &'static Location<'static>,
) -> ThreadId {
    // SAFETY: the caller's.
    unsafe { machine::spawn(body, name, locals, stack, at) }
}

/// How many threads were started so far, main included. It depends on the
/// schedule, so it is for who has asked for [`Refinement::Numbers`].
pub fn started() -> u32 {
    machine::started()
}

/// Which thread is calling.
pub fn current() -> ThreadId {
    machine::current()
}

/// Whether the caller is a modelled thread at all.
pub fn is_modelled() -> bool {
    machine::is_modelled()
}

/// Runs `run` on what the calling thread was started with. For the main
/// thread that is what [`crate::Program::locals`] made.
pub fn with_locals<R>(run: impl FnOnce(&dyn Locals) -> R) -> R {
    machine::with_locals(run)
}

/// Prints, holding the stream's lock. What comes out in several writes may be
/// torn apart only where the real machine could: when the process is ending.
pub fn print(stream: Stream, pieces: fmt::Arguments<'_>, at: &'static Location<'static>) {
    machine::swept(|| machine::print(stream, pieces, at));
}

/// Where the caller prints, while it puts together what: the place of
/// operations that formatting performs. [`nowhere`] for other text.
pub fn showing() -> &'static Location<'static> {
    machine::showing()
}

/// Writes some of the text, as `Write::write` does. Returns how many bytes.
pub fn write(stream: Stream, text: &str, at: &'static Location<'static>) -> usize {
    machine::write(stream, text, at)
}

/// Empties the stream's buffer, as `Write::flush` does.
pub fn flush(stream: Stream, at: &'static Location<'static>) {
    machine::flush(stream, at);
}

/// Waits for the stream's lock, and holds it once more: it is re-entrant.
pub fn lock(stream: Stream, at: &'static Location<'static>) {
    machine::lock(stream, at);
}

/// Holds the stream's lock once less.
pub fn unlock(stream: Stream) {
    machine::unlock(stream);
}

/// Ends the process with this exit code, as `std::process::exit` does.
pub fn exit(code: i32, at: &'static Location<'static>) -> ! {
    machine::exit(code, at)
}

/// Kills the process, as `std::process::abort` does.
pub fn abort(at: &'static Location<'static>) -> ! {
    machine::abort(at)
}

/// Waits for the thread's token, which `object` names, and takes it. It may
/// also go on for no reason.
///
/// Whatever else the thread waits for may take the token too, once it is
/// there: [`Otherwise::Block`] and [`Otherwise::TimeOut`] with anything but
/// [`Ready::Always`]. Then `park` only perhaps goes on by it.
pub fn park(object: Object, otherwise: Otherwise, at: &'static Location<'static>) {
    machine::park(object, otherwise, at);
}

/// Gives a thread its token, if it hasn't got it.
pub fn unpark(thread: ThreadId, object: Object, at: &'static Location<'static>) {
    machine::unpark(thread, object, at);
}

/// Says on standard error that this went wrong, and kills the process, as the
/// original's runtime does where it can't go on.
pub fn fatal(what: &str) -> ! {
    machine::fatal(what)
}

/// Lets `duration` pass.
pub fn sleep(duration: Duration, at: &'static Location<'static>) {
    machine::sleep(duration, at);
}

/// Lets others go first, if there are any.
pub fn yield_now(at: &'static Location<'static>) {
    machine::yield_now(at);
}

/// Time since the program started; `None` on a clock that has no time to
/// tell ([`Clock::Any`](crate::Clock::Any)). The caller does something that
/// depends on it.
pub fn now() -> Option<Duration> {
    machine::now()
}

/// The same for a caller who only keeps it. Whoever looks at it later calls
/// [`look_at_moment`] before: until then it is not known, and zero.
pub fn moment() -> Option<Duration> {
    machine::moment()
}

/// Somebody looks at what [`moment`] returned. As long as nobody does, a
/// program that comes back to where it was is there at any time.
pub fn look_at_moment() {
    machine::refine(Refinement::Time);
}

/// Ends exploring, because the program does something that can't be modelled.
/// The reason completes "it can't be explored: ".
pub fn refuse(reason: &str, at: &'static Location<'static>) -> ! {
    machine::refuse(reason, at)
}

/// The program's argument with this number, from 0 behind its name, if it has so many.
pub fn argument(index: usize) -> Option<String> {
    surroundings::argument(index)
}

/// What an environment variable holds: `None` if nobody has said so, `Some(None)` if it
/// is not set.
pub fn variable(name: &str) -> Option<Option<String>> {
    surroundings::variable(name)
}

/// How many threads can run at the same time, if somebody has said so.
pub fn parallelism() -> Option<NonZero<usize>> {
    surroundings::parallelism()
}

/// The program says at this place what it expects of its outcomes. That is no operation,
/// and is told wherever some schedule gets there.
pub fn expect(expectation: &Expectation, at: &'static Location<'static>) {
    machine::expect(expectation, at);
}

/// Runs what must not be seen by other threads or by the reader. If it
/// performs an operation all the same, exploring ends for this reason, as by
/// [`refuse`], at this place or else at the operation's.
pub fn without_operations(
    reason: &'static str,
    at: Option<&'static Location<'static>>,
    run: impl FnOnce(),
) {
    machine::without_operations(reason, at, run);
}

/// Runs `run` in a frame of its own on a clean stack, and cleans up after it.
/// What calls leave on the stack makes equal states look different, so an
/// operation that does much is best run like this.
pub fn swept<R>(run: impl FnOnce() -> R) -> R {
    machine::swept(run)
}

/// Whether a finer view of the program has been asked for by [`refine`].
pub fn refined(refinement: Refinement) -> bool {
    machine::refined(refinement)
}

/// The same for a thread that is about to give something up. Where somebody sees
/// what is written to stderr, a panic says first what it has to say: it does so
/// before anything is dropped.
pub fn gives_up(refinement: Refinement) -> bool {
    machine::gives_up(refinement)
}

/// Asks for a finer view of the program. Exploring starts over, once.
pub fn refine(refinement: Refinement) {
    machine::refine(refinement);
}

/// Whether the calling thread is panicking.
pub fn panicking() -> bool {
    machine::panicking()
}

/// Notes that the calling thread starts a panic that the panic hook doesn't
/// see (`resume_unwind`).
pub fn panic_started() {
    machine::panic_started();
}

/// Notes that the calling thread has caught a panic.
pub fn panic_caught() {
    machine::panic_caught();
}

/// Runs the drop of something that threads shared, whose last owner is the
/// caller. If another thread can notice, it matters who was last, and
/// [`Refinement::Owners`] is asked for.
pub fn drop_shared(drop: impl FnOnce()) {
    machine::drop_shared(drop);
}

/// Says that the calling thread holds a lock from here on, for reports, and to
/// see what those saw who had it before; `mode` is what for, where that matters:
/// "reading".
pub fn holding(object: Object, mode: &'static str, since: &'static Location<'static>) {
    machine::holding(object, mode, since);
}

/// Says that the calling thread gives a lock back that it had in this `mode`:
/// for reports, and to whom takes it next.
pub fn gave_back(object: Object, mode: &'static str) {
    machine::gave_back(object, mode);
}

/// Whether memory is weak: then what an atomic shows is asked for by
/// [`read_atomic`].
pub fn is_weak() -> bool {
    machine::is_weak()
}

/// What the thread's last operation reads, where memory is weak. `newest` is the
/// atomic's newest value.
pub fn read_atomic(newest: u64) -> u64 {
    machine::read_atomic(newest)
}

/// Ends what the thread's last operation does to its atomic, where memory is
/// weak: it writes this, or nothing. Returns the newest value.
pub fn write_atomic(newest: u64, value: Option<u64>) -> u64 {
    machine::write_atomic(newest, value)
}

/// Orders memory.
pub fn fence(ordering: Ordering, at: &'static Location<'static>) {
    machine::fence(ordering, at);
}

/// Hands on what the calling thread has seen, to whoever asks for it by
/// [`acquire`].
pub fn release(object: *const (), side: Side) {
    machine::release_views(object as usize, side);
}

/// The calling thread sees what others have handed on by [`release`].
pub fn acquire(object: *const (), side: Side) {
    machine::acquire_views(object as usize, side);
}

/// Whether the calling thread would see something new by [`acquire`].
pub fn tells(object: *const (), side: Side) -> bool {
    machine::views_tell(object as usize, side)
}

/// The calling thread has waited for the end of this one, and sees what it has
/// seen.
pub fn joined(thread: ThreadId) {
    machine::joined(thread);
}

/// Says, for reports, that there is one more end of a channel: a "sender" or a
/// "receiver". A sender keeps `made` beside the address of its channel.
pub fn end_made(object: Object, kind: &'static str, made: &'static Location<'static>) {
    machine::end_made(object, kind, made);
}

/// Says, for reports, that an end of a channel is gone; where it was made
/// matters if it is known.
pub fn end_gone(object: Object, kind: &'static str, made: Option<&'static Location<'static>>) {
    machine::end_gone(object, kind, made);
}

/// Says, for reports, that who waits for this object waits for the thread to
/// end.
pub fn stands_for(object: Object, thread: ThreadId) {
    machine::stands_for(object, thread);
}

/// Says, for reports, that the calling thread ends by a panic.
pub fn ends_by_panic() {
    machine::ends_by_panic();
}

/// Says what came of the thread's last operation, for whoever reads a trace:
/// the value received, or the error.
pub fn note(value: impl FnOnce() -> Option<String>) {
    machine::note(value);
}

/// The same where that is a thread: it is called as readers know it.
pub fn note_thread(thread: ThreadId) {
    machine::note_thread(thread);
}
