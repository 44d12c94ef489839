//! `thread_local!`, of std.

use super::{Loud, programs};
use std::cell::{Cell, RefCell};
use std::process;
use std::sync::{Mutex, mpsc};
use std::thread;

programs! {
    each_thread_has_its_own: any ["11 2\n"];
    locals_are_made_when_wanted: any ["before\nmade\n7 7\n"];
    locals_are_dropped_when_their_thread_ends: any ["used\nlocal dropped\njoined\n"];
    what_nobody_joins_for_is_dropped_before_locals: any ["value dropped\nlocal dropped\n"];
    locals_nobody_used_are_not_dropped: any ["joined\n"];
    every_way_to_a_local: any ["1 2 2 3 0, [1] [1, 2] [1, 2] [3] []\n"];
    a_dropped_local_is_gone: any ["already destroyed: AccessError\njoined\n"];
    setting_makes_nothing_first: any ["1 [2]\nmade\n7 3\n"];
    setting_a_local_does_not_make_it_before: any ["5 [6]\n"];
    setting_a_local_drops_the_old_value: any [
        "none dropped\none dropped\nset\n",
        "none dropped\none dropped\nset\nother dropped\n",
    ];
    locals_of_main_may_be_dropped: any ["used\nend of main\n", "used\nend of main\nlocal dropped\n"];
    exiting_may_drop_locals: any ["used\n", "used\nlocal dropped\n"];
    exiting_may_drop_a_local_in_use: any [
        "[exits with code 3]", "local dropped\n[exits with code 3]",
    ];
    locals_of_threads_that_do_not_end_are_not_dropped: any ["used\n"];
    others_go_on_while_locals_are_dropped: any [
        "", "a thread\n", "a thread\nlocal dropped\n", "local dropped\n", "local dropped\na thread\n",
    ];
    others_cannot_exit_while_locals_are_dropped: any [
        "[exits with code 1]", "local dropped\n[exits with code 1]", "[exits with code 2]",
    ];
    exiting_while_exiting: any ["", "[aborts]"];
    a_local_of_main_may_wait_forever: any ["", "[deadlocks]"];
    a_local_of_main_prints_half_a_line: any ["", "half a line"];
    debug_of_locals: any ["LocalKey { .. }\n"];
}

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(1) };
    static LOUD: Loud = const { Loud("local") };
    static LIST: RefCell<Vec<u32>> = RefCell::new(vec![1]);
    static MADE: u32 = {
        println!("made");
        7
    };
}

fn each_thread_has_its_own() {
    COUNT.set(COUNT.get() + 1);
    let theirs = thread::spawn(|| {
        COUNT.set(COUNT.get() + 10);
        COUNT.get()
    });
    println!("{} {}", theirs.join().unwrap(), COUNT.get());
}

fn locals_are_made_when_wanted() {
    println!("before");
    println!("{} {}", MADE.with(|made| *made), MADE.with(|made| *made));
}

fn locals_are_dropped_when_their_thread_ends() {
    thread::spawn(|| LOUD.with(|_| println!("used")))
        .join()
        .unwrap();
    println!("joined");
}

fn what_nobody_joins_for_is_dropped_before_locals() {
    type Tells = (Loud, mpsc::Sender<()>);
    thread_local! {
        static LAST: RefCell<Option<Tells>> = const { RefCell::new(None) };
    }
    let (go, goes) = mpsc::channel::<()>();
    let (dropped, drops) = mpsc::channel();
    thread::spawn(move || {
        goes.recv().unwrap();
        LAST.set(Some((Loud("local"), dropped)));
        Loud("value")
    });
    // Nobody can ask for the value any more.
    go.send(()).unwrap();
    assert!(drops.recv().is_err());
}

fn locals_nobody_used_are_not_dropped() {
    thread::spawn(|| {}).join().unwrap();
    println!("joined");
}

fn every_way_to_a_local() {
    let one = COUNT.replace(2);
    let two = COUNT.with(Cell::get);
    let still = COUNT.try_with(Cell::get).unwrap();
    COUNT.set(3);
    print!("{one} {two} {still} {} {}, ", COUNT.take(), COUNT.get());
    let one = LIST.with_borrow(Clone::clone);
    LIST.with_borrow_mut(|list| list.push(2));
    let two = LIST.with(|list| list.borrow().clone());
    let replaced = LIST.replace(vec![3]);
    println!(
        "{one:?} {two:?} {replaced:?} {:?} {:?}",
        LIST.take(),
        LIST.take()
    );
}

thread_local! {
    static OWN: Asks = const { Asks };
}

struct Asks;

impl Drop for Asks {
    fn drop(&mut self) {
        if let Err(error) = OWN.try_with(|_| {}) {
            println!("{error}: {error:?}");
        }
    }
}

fn a_dropped_local_is_gone() {
    thread::spawn(|| OWN.with(|_| {})).join().unwrap();
    println!("joined");
}

thread_local! {
    static MADE_CELL: Cell<u32> = {
        println!("made");
        Cell::new(1)
    };
    static MADE_LIST: RefCell<Vec<u32>> = {
        println!("made");
        RefCell::new(Vec::new())
    };
    static LOUD_CELL: RefCell<Loud> = const { RefCell::new(Loud("none")) };
}

fn setting_a_local_does_not_make_it_before() {
    MADE_CELL.set(5);
    MADE_LIST.set(vec![6]);
    println!("{} {:?}", MADE_CELL.get(), MADE_LIST.take());
}

fn setting_a_local_drops_the_old_value() {
    LOUD_CELL.set(Loud("one"));
    LOUD_CELL.set(Loud("other"));
    println!("set");
}

fn locals_of_main_may_be_dropped() {
    LOUD.with(|_| println!("used"));
    println!("end of main");
}

fn exiting_may_drop_locals() {
    LOUD.with(|_| println!("used"));
    process::exit(0);
}

fn exiting_may_drop_a_local_in_use() {
    let thread = thread::spawn(|| LOUD.with(|_| process::exit(3)));
    thread.join().unwrap();
}

fn locals_of_threads_that_do_not_end_are_not_dropped() {
    let (used, wait) = mpsc::channel();
    let (go_on, forever) = mpsc::channel::<()>();
    std::mem::forget(go_on);
    thread::spawn(move || {
        LOUD.with(|_| used.send(()).unwrap());
        let _ = forever.recv();
    });
    wait.recv().unwrap();
    println!("used");
}

fn others_go_on_while_locals_are_dropped() {
    LOUD.with(|_| {});
    thread::spawn(|| println!("a thread"));
}

fn others_cannot_exit_while_locals_are_dropped() {
    LOUD.with(|_| {});
    thread::spawn(|| process::exit(2));
    process::exit(1);
}

struct Exits;

impl Drop for Exits {
    fn drop(&mut self) {
        process::exit(2);
    }
}

struct Waits;

impl Drop for Waits {
    fn drop(&mut self) {
        drop(HELD.lock());
    }
}

struct Prints;

impl Drop for Prints {
    fn drop(&mut self) {
        print!("half a line");
    }
}

static HELD: Mutex<()> = Mutex::new(());

thread_local! {
    static EXITS: Exits = const { Exits };
    static WAITS: Waits = const { Waits };
    static PRINTS: Prints = const { Prints };
}

fn exiting_while_exiting() {
    EXITS.with(|_| {});
}

fn a_local_of_main_may_wait_forever() {
    WAITS.with(|_| {});
    std::mem::forget(HELD.lock());
}

fn a_local_of_main_prints_half_a_line() {
    PRINTS.with(|_| {});
}

fn debug_of_locals() {
    println!("{COUNT:?}");
}

fn setting_makes_nothing_first() {
    thread_local! {
        static CELL: Cell<u32> = {
            println!("made");
            Cell::new(7)
        };
        static LIST: RefCell<Vec<u32>> = {
            println!("made too");
            RefCell::new(vec![7])
        };
    }
    CELL.set(1);
    LIST.set(vec![2]);
    println!("{} {:?}", CELL.get(), LIST.take());
    let theirs = thread::spawn(|| (CELL.replace(3), CELL.get()));
    let (before, after) = theirs.join().unwrap();
    println!("{before} {after}");
}
