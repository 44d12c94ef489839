//! `Once`, `OnceLock` and `LazyLock`, of std.

use super::{programs, words};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Once, OnceLock};
use std::thread;

programs! {
    once_is_completed_after_its_closure: any ["", "false\n", "true\n"];
    once_runs_once: any ["once\ntrue\n"];
    once_is_complete_when_it_returns: any ["1 true\n"];
    once_is_not_complete_before: any ["false true\n"];
    once_is_poisoned: any ["Once instance has previously been poisoned, false\n"];
    once_is_forced: any ["true true false\n"];
    once_is_waited_for: any ["done\nwaited\n"];
    waiting_for_a_poisoned_once_panics: any ["Once instance has previously been poisoned\n"];
    the_first_sets_a_once_lock: any ["Some(1)\n", "Some(2)\n"];
    a_once_lock_is_set_once: any ["None Ok(()) Err(2) Some(1)\n"];
    a_once_lock_is_initialised_once: any ["made\n7 7\n"];
    a_once_lock_survives_a_panic: any ["None 2\n"];
    a_once_lock_gives_its_value: any ["Some(1) Some(2) None None 3\n"];
    a_once_lock_is_waited_for: any ["1\n"];
    a_lazy_lock_is_made_once: any ["made\n8\n"];
    a_lazy_lock_is_made_when_wanted: any ["before\nmade\n4 4\n"];
    a_lazy_lock_is_shown_made_or_not: any ["LazyLock(1)\n", "LazyLock(<uninit>)\n"];
    a_lazy_lock_is_poisoned: any ["making failed, instance has previously been poisoned\n"];
    a_once_is_waited_for_in_spite_of_a_panic: any ["complete\nwaited\n"];
    once_locks_are_compared_and_copied: any ["true false Some(1)\n"];
    debug_of_once: any ["\
Once { .. } OnceLock(<uninit>) OnceLock(1) LazyLock(<uninit>) LazyLock(2)
"];
}

fn once_runs_once() {
    static ONCE: Once = Once::new();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| ONCE.call_once(|| println!("once")));
        }
    });
    println!("{}", ONCE.is_completed());
}

fn once_is_complete_when_it_returns() {
    static ONCE: Once = Once::new();
    static VALUE: std::sync::Mutex<u32> = std::sync::Mutex::new(0);
    let thread = thread::spawn(|| ONCE.call_once(|| *VALUE.lock().unwrap() = 1));
    ONCE.call_once(|| *VALUE.lock().unwrap() = 1);
    // Whoever did it, it is done.
    println!("{} {}", VALUE.lock().unwrap(), ONCE.is_completed());
    thread.join().unwrap();
}

fn once_is_not_complete_before() {
    let once = Once::new();
    let mut during = true;
    once.call_once(|| during = once.is_completed());
    println!("{during} {}", once.is_completed());
}

/// What it panics with.
fn panic_of<R>(run: impl FnOnce() -> R) -> String {
    let result = catch_unwind(AssertUnwindSafe(|| {
        run();
    }));
    words(&*result.unwrap_err()).to_owned()
}

fn once_is_poisoned() {
    let once = Once::new();
    panic_of(|| once.call_once(|| panic!("while initialising")));
    let again = panic_of(|| once.call_once(|| println!("not reached")));
    println!("{again}, {}", once.is_completed());
}

fn once_is_forced() {
    let once = Once::new();
    panic_of(|| once.call_once(|| panic!("while initialising")));
    let mut poisoned = false;
    once.call_once_force(|state| poisoned = state.is_poisoned());
    let mut again = false;
    once.call_once_force(|_| again = true);
    println!("{poisoned} {} {again}", once.is_completed());
}

fn once_is_waited_for() {
    static ONCE: Once = Once::new();
    let thread = thread::spawn(|| {
        ONCE.wait();
        println!("waited");
    });
    ONCE.call_once(|| println!("done"));
    thread.join().unwrap();
}

fn waiting_for_a_poisoned_once_panics() {
    let once = Once::new();
    panic_of(|| once.call_once(|| panic!("while initialising")));
    println!("{}", panic_of(|| once.wait()));
}

fn the_first_sets_a_once_lock() {
    let lock = OnceLock::new();
    thread::scope(|scope| {
        for id in 1..=2 {
            let lock = &lock;
            scope.spawn(move || lock.set(id).is_ok());
        }
    });
    println!("{:?}", lock.get());
}

fn a_once_lock_is_set_once() {
    let lock = OnceLock::new();
    let empty = lock.get().copied();
    let (first, second) = (lock.set(1), lock.set(2));
    println!("{empty:?} {first:?} {second:?} {:?}", lock.get());
}

fn a_once_lock_is_initialised_once() {
    static LOCK: OnceLock<u32> = OnceLock::new();
    let get = || {
        *LOCK.get_or_init(|| {
            println!("made");
            7
        })
    };
    let thread = thread::spawn(get);
    println!("{} {}", get(), thread.join().unwrap());
}

fn a_once_lock_survives_a_panic() {
    let lock = OnceLock::new();
    panic_of(|| *lock.get_or_init(|| panic!("while making")));
    let empty = lock.get().copied();
    println!("{empty:?} {}", lock.get_or_init(|| 2));
}

fn a_once_lock_gives_its_value() {
    let mut lock = OnceLock::from(1);
    let one = lock.get_mut().copied();
    if let Some(value) = lock.get_mut() {
        *value = 2;
    }
    let (two, nothing) = (lock.take(), lock.take());
    println!(
        "{one:?} {two:?} {nothing:?} {:?} {}",
        lock.get(),
        lock.get_or_init(|| 3)
    );
}

fn a_once_lock_is_waited_for() {
    static LOCK: OnceLock<u32> = OnceLock::new();
    let thread = thread::spawn(|| *LOCK.wait());
    LOCK.set(1).unwrap();
    println!("{}", thread.join().unwrap());
}

fn a_lazy_lock_is_made_once() {
    static LAZY: LazyLock<String> = LazyLock::new(|| {
        println!("made");
        "lazy".to_owned()
    });
    let thread = thread::spawn(|| LAZY.len());
    println!("{}", LAZY.len() + thread.join().unwrap());
}

fn a_lazy_lock_is_made_when_wanted() {
    let text = "lazy".to_owned();
    let lazy = LazyLock::new(|| {
        println!("made");
        text.len()
    });
    println!("before");
    println!("{} {}", *lazy, LazyLock::force(&lazy));
}

fn a_lazy_lock_is_shown_made_or_not() {
    static LAZY: LazyLock<u32> = LazyLock::new(|| 1);
    let thread = thread::spawn(|| *LAZY);
    let shown = format!("{LAZY:?}");
    thread.join().unwrap();
    println!("{shown}");
}

fn a_lazy_lock_is_poisoned() {
    let lazy: LazyLock<u32> = LazyLock::new(|| panic!("making failed"));
    let (first, again) = (panic_of(|| *lazy), panic_of(|| *lazy));
    // Whose instance it is called depends on the version of std.
    let again = again.trim_start_matches("LazyLock ");
    println!("{first}, {}", again.trim_start_matches("Once "));
}

fn debug_of_once() {
    let (unset, set) = (OnceLock::<u32>::new(), OnceLock::from(1));
    let lazy = LazyLock::new(|| 2);
    print!("{:?} {unset:?} {set:?} {lazy:?} ", Once::new());
    LazyLock::force(&lazy);
    println!("{lazy:?}");
}

fn a_once_is_waited_for_in_spite_of_a_panic() {
    static ONCE: Once = Once::new();
    let thread = thread::spawn(|| {
        ONCE.wait_force();
        println!("waited");
    });
    let _ = catch_unwind(|| ONCE.call_once(|| panic!("first")));
    ONCE.call_once_force(|_| println!("complete"));
    thread.join().unwrap();
}

fn once_locks_are_compared_and_copied() {
    let lock = OnceLock::from(1);
    let copy = lock.clone();
    println!(
        "{} {} {:?}",
        lock == copy,
        lock == OnceLock::new(),
        copy.get()
    );
}

fn once_is_completed_after_its_closure() {
    let (once, entered) = (Once::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| once.call_once(|| entered.store(true, Ordering::SeqCst)));
        if entered.load(Ordering::SeqCst) {
            println!("{}", once.is_completed());
        }
    });
}
