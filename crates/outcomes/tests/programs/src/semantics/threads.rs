//! `std::thread`, and how a process ends.

use super::{Loud, programs, words};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

programs! {
    another_may_have_been_started_before: any ["another\nbetween\nlast\n", "between\nlast\n"];
    another_was_started_before_or_not: any ["between\nlast\n", "none\nbetween\nlast\n"];
    numbers_are_in_order_of_start: any ["ThreadId(1) ThreadId(2) ThreadId(3)\n"];
    numbers_of_threads_that_race: any ["3 5\n", "4 5\n", "5 4\n"];
    join_gives_the_value: any ["Ok(7)\n"];
    join_gives_the_panic: any ["panic 7, text, Some(3)\n"];
    a_panic_is_its_threads_own: any ["main goes on\n"];
    a_panic_drops_what_the_thread_had: any ["value dropped\njoined\n"];
    the_value_belongs_to_the_joiner: any ["joined\nvalue dropped\n"];
    a_thread_that_joins_itself: any ["Err(RecvError)\n", "[deadlocks]"];
    threads_that_join_each_other: any [
        "[(0, false), (1, true)]\n", "[(1, false), (0, true)]\n", "[deadlocks]",
    ];
    unwrapping_a_panic: any ["[panics: called `Result::unwrap()` on an `Err` value: Any { .. }]"];
    detached_threads_are_not_waited_for: any ["", "a", "a thread\n"];
    a_thread_outlives_its_parent: any ["parent\nchild\n"];
    threads_have_names: any ["Some(\"main\") None Some(\"named\") Some(\"named\")\n"];
    a_name_has_no_zero: any ["thread name may not contain interior null bytes: NulError(1, [97, 0, 98])\n"];
    threads_have_identities: any ["true true true\n"];
    threads_know_whether_they_panic: any ["false\ntrue\n"];
    a_thread_is_finished_some_day: any ["false\n", "true\n"];
    a_joined_thread_was_finished: any ["true\n"];
    yielding_and_sleeping: any ["one\nother\n", "other\none\n"];
    panics_are_caught: any ["Ok(1) caught, again\n"];
    exit_kills_threads: any [
        "a thread\nmain\n[exits with code 3]", "main\n[exits with code 3]",
        "main\na thread\n[exits with code 3]",
    ];
    exit_from_a_thread: any [
        "[exits with code 3]", "main\n[exits with code 3]",
    ];
    exit_drops_nothing: any ["exiting\n"];
    exit_keeps_what_was_printed: any ["half a line[exits with code 7]"];
    abort_loses_what_was_held_back: any ["a line\n[aborts]"];
    main_panics: any ["a line\nvalue dropped\n[panics: with text]"];
    debug_of_threads: any ["JoinHandle { .. } \"named\"\n"];
    numbers_of_those_that_may_have_started: any ["ThreadId(3)\n", "ThreadId(4)\n"];
}

fn join_gives_the_value() {
    println!("{:?}", thread::spawn(|| 7).join());
}

fn join_gives_the_panic() {
    let what = 7;
    let formatted = thread::spawn(move || panic!("panic {what}")).join();
    let plain = thread::spawn(|| panic!("text")).join();
    let other = thread::spawn(|| panic::panic_any(3)).join();
    println!(
        "{}, {}, {:?}",
        words(&*formatted.unwrap_err()),
        words(&*plain.unwrap_err()),
        other.unwrap_err().downcast_ref::<i32>()
    );
}

fn a_panic_is_its_threads_own() {
    let thread = thread::spawn(|| panic!("alone"));
    println!("main goes on");
    assert!(thread.join().is_err());
}

fn a_panic_drops_what_the_thread_had() {
    let value = Loud("value");
    let thread = thread::spawn(move || {
        let _value = value;
        panic!("with it");
    });
    assert!(thread.join().is_err());
    println!("joined");
}

fn the_value_belongs_to_the_joiner() {
    let value = thread::spawn(|| Loud("value")).join();
    println!("joined");
    drop(value);
}

fn a_thread_that_joins_itself() {
    let (sender, receiver) = mpsc::channel::<JoinHandle<()>>();
    let (alive, ended) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        let _alive = alive;
        receiver.recv().unwrap().join().unwrap();
    });
    sender.send(thread).unwrap();
    println!("{:?}", ended.recv());
}

/// Whoever comes last may panic.
fn threads_that_join_each_other() {
    let (results, sorted) = mpsc::channel();
    let (sender, receiver) = mpsc::channel::<JoinHandle<()>>();
    let (other_sender, other_receiver) = mpsc::channel::<JoinHandle<()>>();
    let starts = |which: u32, handles: mpsc::Receiver<JoinHandle<()>>| {
        let results = results.clone();
        thread::spawn(move || {
            let other = handles.recv().unwrap();
            let joined = panic::catch_unwind(AssertUnwindSafe(|| other.join()));
            results.send((which, joined.is_ok())).unwrap();
        })
    };
    let (one, other) = (starts(0, receiver), starts(1, other_receiver));
    sender.send(other).unwrap();
    other_sender.send(one).unwrap();
    drop(results);
    println!("{:?}", sorted.iter().collect::<Vec<_>>());
}

fn unwrapping_a_panic() {
    thread::spawn(|| panic!("passed on")).join().unwrap();
}

fn detached_threads_are_not_waited_for() {
    thread::spawn(|| {
        print!("a");
        println!(" thread");
    });
}

fn a_thread_outlives_its_parent() {
    let parent = thread::spawn(|| {
        let (sender, receiver) = std::sync::mpsc::channel();
        let child = thread::spawn(move || {
            receiver.recv().unwrap();
            println!("child");
        });
        println!("parent");
        (sender, child)
    });
    let (sender, child) = parent.join().unwrap();
    sender.send(()).unwrap();
    child.join().unwrap();
}

fn threads_have_names() {
    let name = || thread::current().name().map(str::to_owned);
    let unnamed = thread::spawn(name).join().unwrap();
    let named = thread::Builder::new().name("named".to_owned());
    let named = named.stack_size(1 << 16).spawn(name).unwrap();
    let outside = named.thread().name().map(str::to_owned);
    println!(
        "{:?} {unnamed:?} {outside:?} {:?}",
        name(),
        named.join().unwrap()
    );
}

fn a_name_has_no_zero() {
    let builder = thread::Builder::new().name("a\0b".to_owned());
    let result = catch_unwind(AssertUnwindSafe(|| {
        builder.spawn(|| {}).unwrap().join().unwrap()
    }));
    println!("{}", words(&*result.unwrap_err()));
}

fn threads_have_identities() {
    let main = thread::current().id();
    let thread = thread::spawn(|| thread::current().id());
    let outside = thread.thread().id();
    let inside = thread.join().unwrap();
    println!(
        "{} {} {}",
        main == thread::current().id(),
        outside == inside,
        main != inside
    );
}

struct Asks;

impl Drop for Asks {
    fn drop(&mut self) {
        println!("{}", thread::panicking());
    }
}

fn threads_know_whether_they_panic() {
    thread::spawn(|| drop(Asks)).join().unwrap();
    let panics = thread::spawn(|| {
        let _asks = Asks;
        panic!("with it");
    });
    assert!(panics.join().is_err());
}

fn a_thread_is_finished_some_day() {
    let thread = thread::spawn(|| {});
    println!("{}", thread.is_finished());
    thread.join().unwrap();
}

fn a_joined_thread_was_finished() {
    let thread = thread::spawn(|| {});
    while !thread.is_finished() {
        thread::yield_now();
    }
    println!("{}", thread.join().is_ok());
}

fn yielding_and_sleeping() {
    let thread = thread::spawn(|| {
        thread::sleep(Duration::from_millis(1));
        println!("one");
    });
    thread::yield_now();
    thread::sleep(Duration::from_millis(1));
    println!("other");
    thread.join().unwrap();
}

fn panics_are_caught() {
    let fine = catch_unwind(|| 1).map_err(|_| ());
    let caught = catch_unwind(|| panic!("caught")).unwrap_err();
    let first = words(&*caught).to_owned();
    let thread = thread::spawn(|| panic::resume_unwind(Box::new("again")));
    println!("{fine:?} {first}, {}", words(&*thread.join().unwrap_err()));
}

fn exit_kills_threads() {
    thread::spawn(|| println!("a thread"));
    println!("main");
    std::process::exit(3);
}

fn exit_from_a_thread() {
    let thread = thread::spawn(|| std::process::exit(3));
    println!("main");
    thread.join().unwrap();
    println!("not reached");
}

fn exit_drops_nothing() {
    let _value = Loud("value");
    println!("exiting");
    std::process::exit(0);
}

fn exit_keeps_what_was_printed() {
    print!("half a line");
    std::process::exit(7);
}

fn abort_loses_what_was_held_back() {
    println!("a line");
    print!("half a line");
    std::process::abort();
}

fn main_panics() {
    let _value = Loud("value");
    println!("a line");
    panic!("with text");
}

fn debug_of_threads() {
    let thread = thread::Builder::new().name("named".to_owned());
    let thread = thread.spawn(|| {}).unwrap();
    println!("{thread:?} {:?}", thread.thread().name().unwrap());
    thread.join().unwrap();
}

fn numbers_are_in_order_of_start() {
    let threads = [(); 2].map(|()| thread::spawn(|| thread::current().id()));
    let [one, two] = threads.map(|thread| thread.join().unwrap());
    println!("{:?} {one:?} {two:?}", thread::current().id());
}

fn numbers_of_threads_that_race() {
    let number = |thread: &thread::Thread| {
        let shown = format!("{:?}", thread.id());
        shown.trim_matches(|c: char| !c.is_ascii_digit()).to_owned()
    };
    let start = move || number(thread::spawn(|| {}).thread());
    let threads = [thread::spawn(start), thread::spawn(start)];
    let [one, two] = threads.map(|thread| thread.join().unwrap());
    println!("{one} {two}");
}

/// Starts another thread, or prints, or both: all that remains is how many were
/// started before the last.
fn started_before(start: fn(bool), other: fn(bool)) {
    let flag = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| flag.store(true, std::sync::atomic::Ordering::SeqCst));
        let first = flag.load(std::sync::atomic::Ordering::SeqCst);
        start(first);
        other(first);
    });
    // Here the two are in one place.
    println!("between");
    thread::spawn(|| println!("last")).join().unwrap();
}

fn start_if(wanted: bool) {
    if wanted {
        thread::spawn(|| {}).join().unwrap();
    }
}

fn another_may_have_been_started_before() {
    started_before(start_if, |first| {
        if first {
            println!("another");
        }
    });
}

fn another_was_started_before_or_not() {
    started_before(start_if, |first| {
        if !first {
            println!("none");
        }
    });
}

/// The other thread has started one, or hasn't, and is gone.
fn numbers_of_those_that_may_have_started() {
    let starts = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            if starts.load(std::sync::atomic::Ordering::SeqCst) {
                thread::spawn(|| {}).join().unwrap();
            }
        });
        starts.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    let last = thread::spawn(|| thread::current().id()).join().unwrap();
    println!("{last:?}");
}
