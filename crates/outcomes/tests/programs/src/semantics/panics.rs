//! Panics while something is dropped, and while another panic goes on.

use super::{Loud, programs};
use std::fmt::{self, Display, Formatter};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Mutex;
use std::thread;

programs! {
    the_result_of_a_detached_thread_panics: any ["", "[aborts]"];
    the_payload_of_a_detached_thread_panics: any ["", "[aborts]"];
    the_result_of_a_scoped_thread_panics: any ["a line\n[aborts]"];
    the_payload_of_a_scoped_thread_panics: any ["[aborts]"];
    a_joined_result_panics: any ["joined\n[panics: dropped]"];
    a_joined_payload_panics: any ["joined\n[panics: dropped]"];
    the_payload_of_main_panics: any ["a line\n[aborts]"];
    a_caught_payload_panics: any ["again\n"];
    a_local_panics: any ["field dropped\n[aborts]"];
    a_local_of_main_panics: any ["", "[aborts]"];
    a_panic_in_a_panic_that_is_caught: any ["true\nvalue dropped\njoined\n"];
    a_panic_may_not_leave_a_c_function: any ["before\n[aborts]"];
    a_panic_in_a_drop_while_unwinding: any ["before\n[aborts]"];
    a_panic_that_is_resumed_is_one: any ["true true false\n"];
    a_caught_panic_is_over: any ["false true true\n"];
    a_panic_of_main_is_over_when_locals_are_dropped: any
        ["[panics: of main]", "false\n[panics: of main]"];
    a_message_that_panics: any ["before\n[aborts]"];
    a_message_that_waits: any ["caught\n"];
    what_threads_shared_panics: any ["[panics: dropped]", "caught\n"];
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

fn the_result_of_a_detached_thread_panics() {
    drop(thread::spawn(|| Bomb));
}

fn the_payload_of_a_detached_thread_panics() {
    drop(thread::spawn(|| panic_any(Bomb)));
}

fn the_result_of_a_scoped_thread_panics() {
    thread::scope(|scope| {
        println!("a line");
        print!("half a line");
        scope.spawn(|| Bomb);
    });
    println!("not reached");
}

fn the_payload_of_a_scoped_thread_panics() {
    thread::scope(|scope| {
        scope.spawn(|| panic_any(Bomb));
    });
}

fn a_joined_result_panics() {
    let bomb = thread::spawn(|| Bomb).join();
    println!("joined");
    drop(bomb);
}

fn a_joined_payload_panics() {
    let bomb = thread::spawn(|| panic_any(Bomb)).join();
    println!("joined");
    drop(bomb);
}

fn the_payload_of_main_panics() {
    println!("a line");
    print!("half a line");
    panic_any(Bomb);
}

fn a_caught_payload_panics() {
    let payload = catch_unwind(|| panic_any(Bomb)).unwrap_err();
    let again = catch_unwind(std::panic::AssertUnwindSafe(|| drop(payload)));
    if again.is_err() {
        println!("again");
    }
}

/// Panics when it is dropped, and then drops something else.
struct BombWithField(#[allow(dead_code)] Loud);

impl Drop for BombWithField {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

thread_local! {
    static BOMB: Bomb = const { Bomb };
    static BOMB_WITH_FIELD: BombWithField = const { BombWithField(Loud("field")) };
}

fn a_local_panics() {
    let thread = thread::spawn(|| BOMB_WITH_FIELD.with(|_| {}));
    drop(thread.join());
    println!("not reached");
}

fn a_local_of_main_panics() {
    BOMB.with(|_| {});
}

fn a_panic_in_a_panic_that_is_caught() {
    struct Catches;
    impl Drop for Catches {
        fn drop(&mut self) {
            let caught = catch_unwind(|| panic!("inner")).is_err();
            println!("{}", caught && thread::panicking());
        }
    }
    let thread = thread::spawn(|| {
        let _value = Loud("value");
        let _catches = Catches;
        panic!("outer");
    });
    drop(thread.join());
    println!("joined");
}

fn a_panic_that_is_resumed_is_one() {
    struct Looks;
    impl Drop for Looks {
        fn drop(&mut self) {
            print!("{} ", thread::panicking());
        }
    }
    let mutex = std::sync::Mutex::new(());
    let resumed = catch_unwind(|| {
        let _looks = Looks;
        let _guard = mutex.lock().unwrap();
        std::panic::resume_unwind(Box::new(1));
    });
    drop(resumed);
    println!("{} {}", mutex.is_poisoned(), thread::panicking());
}

fn a_caught_panic_is_over() {
    drop(catch_unwind(|| panic!("first")));
    let mutex = std::sync::Mutex::new(());
    let poisons = catch_unwind(|| {
        let _guard = mutex.lock().unwrap();
        panic!("second");
    });
    println!(
        "{} {} {}",
        thread::panicking(),
        poisons.is_err(),
        mutex.is_poisoned()
    );
}

fn what_threads_shared_panics() {
    let bomb = std::sync::Arc::new(Bomb);
    let theirs = std::sync::Arc::clone(&bomb);
    let thread = thread::spawn(move || drop(theirs));
    drop(bomb);
    if thread.join().is_err() {
        println!("caught");
    }
}

fn a_panic_may_not_leave_a_c_function() {
    extern "C" fn panics() {
        panic!("no further");
    }
    println!("before");
    drop(catch_unwind(|| panics()));
    println!("not reached");
}

fn a_panic_in_a_drop_while_unwinding() {
    println!("before");
    let panics = || {
        let _bomb = Bomb;
        panic!("first");
    };
    drop(catch_unwind(panics));
    println!("not reached");
}

fn a_panic_of_main_is_over_when_locals_are_dropped() {
    struct Looks;
    impl Drop for Looks {
        fn drop(&mut self) {
            println!("{}", thread::panicking());
        }
    }
    thread_local! {
        static LOOKS: Looks = const { Looks };
    }
    LOOKS.with(|_| panic!("of main"));
}

fn a_message_that_panics() {
    struct Panics;
    impl Display for Panics {
        fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
            panic!("within the message")
        }
    }
    println!("before");
    drop(catch_unwind(|| panic!("{Panics}")));
    println!("not reached");
}

fn a_message_that_waits() {
    struct Waits(Mutex<()>);
    impl Display for Waits {
        fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
            let _guard = self.0.lock();
            formatter.write_str("waited")
        }
    }
    let waits = AssertUnwindSafe(Waits(Mutex::new(())));
    let caught = catch_unwind(|| panic!("{}", waits.0));
    if caught.is_err() {
        println!("caught");
    }
}
