//! Stacks: how large they are, and what happens when they overflow.

use super::programs;
use std::fmt::{self, Display};
use std::hint::black_box;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder};

programs! {
    main_recurses_deep: any ["20000\n"];
    main_has_megabytes: any ["6291456\n"];
    a_thread_has_a_megabyte: any ["1048576\n"];
    a_thread_asks_for_megabytes: any ["20971520\n"];
    recursion_without_end: any ["a line\n[aborts]"];
    a_thread_recurses_without_end: any ["a line\n[aborts]"];
    a_small_stack_overflows: any ["[aborts]"];
    recursion_that_calls_without_end: any ["[aborts]"];
    overflowing_while_panicking: any ["[aborts]", "done\n"];
    recursion_in_one_schedule: any ["0\n", "[aborts]"];
    others_go_on_until_a_stack_overflows: any ["[aborts]", "a line\n[aborts]"];
    main_goes_on_until_a_stack_overflows: any ["[aborts]", "a line\n[aborts]"];
    a_lock_is_held_while_a_stack_overflows: any ["[aborts]"];
    overflowing_in_a_local: any ["a line\n[aborts]"];
    a_stack_overflows_by_little: any ["[aborts]", "a line\n[aborts]"];
    who_has_no_room_left_calls_nobody: any ["[aborts]"];
}

#[allow(
    unconditional_recursion,
    clippy::only_used_in_recursion,
    reason = "that is the point"
)]
fn forever(depth: u64) -> u64 {
    black_box(forever(depth + 1)) + 1
}

fn deep(depth: u64) -> u64 {
    if depth == 0 {
        0
    } else {
        1 + black_box(deep(depth - 1))
    }
}

fn large<const BYTES: usize>() -> usize {
    let bytes = [black_box(1_u8); BYTES];
    black_box(&bytes).len()
}

fn main_recurses_deep() {
    println!("{}", deep(20_000));
}

fn main_has_megabytes() {
    println!("{}", large::<{ 6 << 20 }>());
}

fn a_thread_has_a_megabyte() {
    println!("{}", thread::spawn(large::<{ 1 << 20 }>).join().unwrap());
}

fn a_thread_asks_for_megabytes() {
    let builder = Builder::new().stack_size(32 << 20);
    let thread = builder.spawn(large::<{ 20 << 20 }>).unwrap();
    println!("{}", thread.join().unwrap());
}

fn recursion_without_end() {
    println!("a line");
    print!("half a line");
    println!("{}", forever(0));
}

fn a_thread_recurses_without_end() {
    println!("a line");
    let builder = Builder::new().name("deep".to_owned());
    drop(builder.spawn(|| forever(0)).unwrap().join());
    println!("not reached");
}

fn a_small_stack_overflows() {
    let builder = Builder::new().stack_size(64 << 10);
    drop(builder.spawn(large::<{ 1 << 20 }>).unwrap().join());
    println!("not reached");
}

fn recursion_that_calls_without_end() {
    #[allow(
        unconditional_recursion,
        clippy::only_used_in_recursion,
        reason = "that is the point"
    )]
    fn locks(mutex: &Mutex<u32>) -> u32 {
        drop(mutex.lock());
        black_box(locks(mutex)) + 1
    }
    let builder = Builder::new().stack_size(16 << 10);
    let thread = builder.spawn(|| locks(&Mutex::new(0))).unwrap();
    drop(thread.join());
}

fn overflowing_while_panicking() {
    struct Deep;
    impl Display for Deep {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            forever(0).fmt(formatter)
        }
    }
    static DONE: AtomicBool = AtomicBool::new(false);
    DONE.store(false, Ordering::SeqCst);
    let thread = thread::spawn(|| {
        panic::catch_unwind(|| panic!("not so deep")).unwrap_err();
        DONE.store(true, Ordering::SeqCst);
    });
    if !DONE.load(Ordering::SeqCst) {
        panic!("{Deep}");
    }
    thread.join().unwrap();
    println!("done");
}

fn recursion_in_one_schedule() {
    static DEEP: AtomicBool = AtomicBool::new(false);
    DEEP.store(false, Ordering::SeqCst);
    let thread = thread::spawn(|| {
        if DEEP.load(Ordering::SeqCst) {
            forever(0)
        } else {
            0
        }
    });
    DEEP.store(true, Ordering::SeqCst);
    println!("{}", thread.join().unwrap());
}

fn others_go_on_until_a_stack_overflows() {
    thread::spawn(|| println!("a line"));
    forever(0);
}

fn main_goes_on_until_a_stack_overflows() {
    let thread = thread::spawn(|| forever(0));
    println!("a line");
    drop(thread.join());
}

fn a_lock_is_held_while_a_stack_overflows() {
    let value = Mutex::new(0);
    thread::scope(|scope| {
        let guard = value.lock().unwrap();
        scope.spawn(|| println!("{}", value.lock().unwrap()));
        forever(*guard);
    });
}

/// Takes more of the stack than this, in small steps.
fn take(bytes: usize, then: &dyn Fn()) {
    let mut room = [0_u8; 4096];
    black_box(&mut room);
    if bytes > room.len() {
        take(bytes - room.len(), then);
    } else {
        then();
    }
    black_box(&mut room);
}

/// Whatever others did before, it has no more room than the system gives.
fn a_stack_overflows_by_little() {
    let thread = thread::spawn(|| take((2 << 20) + (80 << 10), &|| {}));
    println!("a line");
    thread.join().unwrap();
    println!("not reached");
}

fn who_has_no_room_left_calls_nobody() {
    let deep = || take((2 << 20) + (8 << 10), &|| println!("not reached"));
    drop(thread::spawn(deep).join());
}

fn overflowing_in_a_local() {
    struct Deep;
    impl Drop for Deep {
        fn drop(&mut self) {
            forever(0);
        }
    }
    thread_local! {
        static DEEP: Deep = const { Deep };
    }
    let thread = thread::spawn(|| {
        DEEP.with(|_| {});
        println!("a line");
    });
    drop(thread.join());
    println!("not reached");
}
