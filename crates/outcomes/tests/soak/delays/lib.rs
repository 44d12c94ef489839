//! Delays a program at random, without a change to it.
//!
//! A library for `LD_PRELOAD`: the dynamic linker takes its definitions before
//! those of the C library, also for Rust's standard library. So whatever a
//! program asks of the system, a delay may come before it and after it: at
//! most 2 ms each, most of them much shorter. It defines what std and crossbeam
//! call when they wait, wake, write, sleep, look at the clock, start and join
//! threads, and allocate. After such a call a thread may also go on one
//! instruction at a time for a while (x86-64 only), and be delayed between any
//! two: so that a delay comes within what std does without the system, too.
//!
//! Each thread has a pace of its own, drawn when it starts and now and then
//! drawn anew: one hardly moves while another runs through. Some processes are
//! held to one processor.
//!
//! All that it does could happen on a busy machine. It knows nothing of the
//! engine and of the look-alikes, and shares nothing with them. Linux only.
//!
//! `OUTCOMES_DELAYS` is the number that the delays are drawn from. How they
//! then fall is still up to the machine.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(unsafe_code, reason = "the C library's own functions, defined anew")]

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_long, c_void};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

// Only what can't fail to be there, so that this needs no other crate.
unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn getenv(name: *const c_char) -> *const c_char;
    fn atexit(run: extern "C" fn()) -> c_int;
    fn sched_setaffinity(process: c_int, size: usize, set: *const u64) -> c_int;
    fn __errno_location() -> *mut c_int;
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(old: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_free(old: *mut c_void);
}

/// See dlsym(3): what comes after this library.
const RTLD_NEXT: *mut c_void = usize::MAX as *mut c_void;

/// See clock_gettime(2).
const CLOCK_MONOTONIC: usize = 1;

#[repr(C)]
struct TimeSpec {
    seconds: i64,
    nanoseconds: i64,
}

/// The longest delay, in nanoseconds.
const LONGEST: u64 = 2_000_000;

// What a thread is about.

thread_local! {
    /// What the thread's delays are drawn from. 0 before the first.
    static RANDOM: Cell<u64> = const { Cell::new(0) };
    /// Out of 256 moments, how many are delayed.
    static DELAYED: Cell<u64> = const { Cell::new(0) };
    /// How many moments are left before the pace is drawn anew.
    static PACE: Cell<u64> = const { Cell::new(0) };
    /// How many instructions are left until the delay within.
    static STEPS: Cell<u64> = const { Cell::new(0) };
    /// Whether the thread must not be stepped through any more.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// What the next thread's delays are drawn from. 0 is no delays at all.
static SEED: AtomicU64 = AtomicU64::new(0);

fn random(below: u64) -> u64 {
    if RANDOM.get() == 0 {
        RANDOM.set(SEED.fetch_add(0xD1B5_4A32_D192_ED03, Relaxed) | 1);
    }
    // SplitMix64.
    let state = RANDOM.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
    RANDOM.set(state);
    let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) % below
}

/// A number up to a limit, of any magnitude equally often.
fn magnitude(limit: u64) -> u64 {
    let bits = u64::from(limit.ilog2()) + 1;
    let most = 1 << random(bits);
    (1 + random(2 * most)).min(limit)
}

/// A moment at which a thread may be delayed.
fn moment() {
    if SEED.load(Relaxed) == 0 || STEPS.get() > 0 {
        return;
    }
    if PACE.get() == 0 {
        PACE.set(1 + magnitude(256));
        DELAYED.set([1, 8, 32, 128, 255][random(5) as usize]);
    }
    PACE.set(PACE.get() - 1);
    if random(256) >= DELAYED.get() {
        return;
    }
    match random(4) {
        // SAFETY: none is needed.
        0 => _ = unsafe { real::sched_yield() },
        1 => step_from_here(magnitude(256)),
        _ => wait(magnitude(LONGEST)),
    }
}

fn wait(nanoseconds: u64) {
    let time = TimeSpec {
        seconds: 0,
        nanoseconds: nanoseconds as i64,
    };
    // SAFETY: the C library's own function; errno is as before to the program.
    unsafe {
        let before = *__errno_location();
        real::clock_nanosleep(CLOCK_MONOTONIC, 0, (&raw const time) as usize, 0);
        *__errno_location() = before;
    }
}

// Stepping.

/// Goes on one instruction at a time, and delays after so many.
#[cfg(target_arch = "x86_64")]
fn step_from_here(instructions: u64) {
    if LEAVING.get() {
        return;
    }
    STEPS.set(instructions);
    // SAFETY: sets the trap flag: after every instruction `stepped` is called.
    unsafe { std::arch::asm!("pushfq", "or qword ptr [rsp], 0x100", "popfq") };
}

/// Goes on at full speed. Needed before what blocks all signals, during which
/// a step would kill the process.
#[cfg(target_arch = "x86_64")]
fn step_no_more() {
    if STEPS.replace(0) > 0 {
        // SAFETY: clears the trap flag.
        unsafe { std::arch::asm!("pushfq", "and qword ptr [rsp], ~0x100", "popfq") };
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn step_from_here(instructions: u64) {
    wait(instructions);
}

#[cfg(not(target_arch = "x86_64"))]
fn step_no_more() {}

/// Called after each instruction of a thread that is stepped through.
#[cfg(target_arch = "x86_64")]
extern "C" fn stepped(_signal: c_int, _info: *mut c_void, context: *mut c_void) {
    /// Where a signal's context keeps the flags, in words: after 5 of its own,
    /// `REG_EFL` (see <ucontext.h>).
    const FLAGS: usize = 5 + 17;
    let left = STEPS.get().saturating_sub(1);
    if left == 0 {
        // Still stepping, so that nothing in here starts that again.
        STEPS.set(1);
        wait(magnitude(LONGEST));
        // SAFETY: the context is this handler's own, and so large.
        unsafe { *context.cast::<u64>().add(FLAGS) &= !0x100 };
    }
    STEPS.set(left);
}

#[cfg(target_arch = "x86_64")]
fn prepare_to_step() {
    #[repr(C)]
    struct Action {
        handler: extern "C" fn(c_int, *mut c_void, *mut c_void),
        mask: [u64; 16],
        flags: c_int,
        restorer: usize,
    }
    unsafe extern "C" {
        fn sigaction(signal: c_int, new: *const Action, old: *mut Action) -> c_int;
    }
    const SIGTRAP: c_int = 5;
    const SA_SIGINFO: c_int = 4;
    const SA_RESTART: c_int = 0x1000_0000;
    let action = Action {
        handler: stepped,
        mask: [0; 16],
        flags: SA_SIGINFO | SA_RESTART,
        restorer: 0,
    };
    // SAFETY: laid out as glibc's own.
    unsafe { sigaction(SIGTRAP, &raw const action, std::ptr::null_mut()) };
}

#[cfg(not(target_arch = "x86_64"))]
fn prepare_to_step() {}

// The beginning and the end of the process.

#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

extern "C" fn begin() {
    // SAFETY: called once, before the program's own code; the variable is
    // read at once.
    let seed = unsafe {
        let mut digit = getenv(c"OUTCOMES_DELAYS".as_ptr());
        let mut seed = 0_u64;
        while !digit.is_null() && (*digit as u8).is_ascii_digit() {
            seed = seed
                .wrapping_mul(10)
                .wrapping_add(u64::from(*digit as u8 - b'0'));
            digit = digit.add(1);
        }
        seed
    };
    if seed == 0 {
        return;
    }
    real::find_all();
    prepare_to_step();
    SEED.store(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, Relaxed);
    if random(4) == 0 {
        // Whichever there is; where there is no such processor this fails, and
        // nothing is lost.
        let processors = 1_u64 << random(2);
        // SAFETY: a set of 64.
        unsafe { sched_setaffinity(0, size_of::<u64>(), &raw const processors) };
    }
    // SAFETY: the function is there as long as the process.
    unsafe { atexit(end) };
}

/// Between std's own end and the process's, while other threads still run.
extern "C" fn end() {
    step_no_more();
    moment();
    step_no_more();
}

// What is defined anew.

/// The C library's own functions. Each argument is a register, whatever its
/// type: that of `syscall` are as many as any system call has.
mod real {
    use super::{RTLD_NEXT, dlsym};
    use std::ffi::{c_int, c_long, c_void};
    use std::mem::transmute;
    use std::sync::atomic::Ordering::Relaxed;

    macro_rules! find {
        ($($name:ident($($argument:ident),*) -> $result:ty;)*) => {
            $(
                /// The C library's own.
                ///
                /// # Safety
                /// As it demands.
                pub(super) unsafe fn $name($($argument: usize),*) -> $result {
                    let mut found = found::$name.load(Relaxed);
                    if found.is_null() {
                        found = find(concat!(stringify!($name), "\0"));
                        found::$name.store(found, Relaxed);
                    }
                    type Function = unsafe extern "C" fn($(register!($argument)),*) -> $result;
                    // SAFETY: it is there, since std calls it.
                    let found = unsafe { transmute::<*mut c_void, Function>(found) };
                    // SAFETY: up to the caller.
                    unsafe { found($($argument),*) }
                }
            )*

            /// Where they are.
            #[allow(non_upper_case_globals, reason = "named like the functions")]
            mod found {
                use std::ffi::c_void;
                use std::ptr::null_mut;
                use std::sync::atomic::AtomicPtr;

                $(pub(super) static $name: AtomicPtr<c_void> = AtomicPtr::new(null_mut());)*
            }

            /// Finds all of them. Later, this could be in the middle of the
            /// dynamic linker, which is not to be disturbed then.
            pub(super) fn find_all() {
                $(found::$name.store(find(concat!(stringify!($name), "\0")), Relaxed);)*
            }
        };
    }

    fn find(name: &str) -> *mut c_void {
        assert!(name.ends_with('\0'));
        // SAFETY: a C string.
        unsafe { dlsym(RTLD_NEXT, name.as_ptr().cast()) }
    }

    macro_rules! register {
        ($argument:ident) => {
            usize
        };
    }

    find! {
        abort() -> ();
        clock_gettime(clock, time) -> c_int;
        clock_nanosleep(clock, flags, time, left) -> c_int;
        nanosleep(time, left) -> c_int;
        posix_memalign(new, align, size) -> c_int;
        pthread_create(thread, attributes, run, argument) -> c_int;
        pthread_join(thread, result) -> c_int;
        pthread_setname_np(thread, name) -> c_int;
        sched_yield() -> c_int;
        sigaltstack(new, old) -> c_int;
        syscall(number, a, b, c, d, e, f) -> c_long;
        write(file, bytes, length) -> isize;
        writev(file, pieces, count) -> isize;
    }
}

/// Defines functions that may be delayed before and after the C library's own.
macro_rules! delay {
    ($($name:ident($($argument:ident),*) -> $result:ty;)*) => {
        $(
            /// The C library's own, a little later.
            ///
            /// # Safety
            /// As there.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name($($argument: usize),*) -> $result {
                moment();
                // SAFETY: the caller's arguments, as they are.
                let result = unsafe { real::$name($($argument),*) };
                moment();
                result
            }
        )*
    };
}

delay! {
    clock_gettime(clock, time) -> c_int;
    clock_nanosleep(clock, flags, time, left) -> c_int;
    nanosleep(time, left) -> c_int;
    posix_memalign(new, align, size) -> c_int;
    pthread_join(thread, result) -> c_int;
    pthread_setname_np(thread, name) -> c_int;
    sched_yield() -> c_int;
    sigaltstack(new, old) -> c_int;
    syscall(number, a, b, c, d, e, f) -> c_long;
    writev(file, pieces, count) -> isize;
}

/// See write(2). rustc knows its arguments, and warns of others.
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
unsafe extern "C" fn write(file: c_int, bytes: *const c_void, length: usize) -> isize {
    moment();
    // SAFETY: the caller's arguments, as they are.
    let result = unsafe { real::write(file as usize, bytes.addr(), length) };
    moment();
    result
}

/// See malloc(3).
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    moment();
    // SAFETY: the caller's arguments, as they are.
    unsafe { __libc_malloc(size) }
}

/// See malloc(3).
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    moment();
    // SAFETY: the caller's arguments, as they are.
    unsafe { __libc_calloc(count, size) }
}

/// See malloc(3).
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(old: *mut c_void, size: usize) -> *mut c_void {
    moment();
    // SAFETY: the caller's arguments, as they are.
    unsafe { __libc_realloc(old, size) }
}

/// See malloc(3).
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
unsafe extern "C" fn free(old: *mut c_void) {
    // SAFETY: the caller's arguments, as they are.
    unsafe { __libc_free(old) };
    moment();
}

/// See abort(3). It blocks signals.
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
unsafe extern "C" fn abort() {
    moment();
    step_no_more();
    // SAFETY: none is needed.
    unsafe { real::abort() };
}

/// What a thread runs.
type Run = extern "C" fn(*mut c_void) -> *mut c_void;

/// A thread that is about to start.
struct Start {
    run: Run,
    argument: *mut c_void,
}

extern "C" fn start(start: *mut c_void) -> *mut c_void {
    moment();
    // SAFETY: `pthread_create` below made it for this thread alone.
    let start = unsafe { Box::from_raw(start.cast::<Start>()) };
    let (run, argument) = (start.run, start.argument);
    drop(start);
    let result = run(argument);
    // What comes now blocks all signals at last.
    LEAVING.set(true);
    step_no_more();
    result
}

/// See pthread_create(3). It blocks signals.
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_create(
    thread: usize,
    attributes: usize,
    run: Run,
    argument: *mut c_void,
) -> c_int {
    moment();
    let started = Box::into_raw(Box::new(Start { run, argument }));
    step_no_more();
    // SAFETY: `start` takes what it is given.
    let result = unsafe {
        real::pthread_create(
            thread,
            attributes,
            start as *const () as usize,
            started as usize,
        )
    };
    if result != 0 {
        // SAFETY: no thread has started, so that it is still ours.
        drop(unsafe { Box::from_raw(started) });
    }
    moment();
    result
}
