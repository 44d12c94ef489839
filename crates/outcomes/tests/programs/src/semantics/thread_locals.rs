//! `thread_local!`, of std.

use super::{Loud, programs};
use std::cell::{Cell, RefCell};
use std::thread;

programs! {
    each_thread_has_its_own: any ["11 2\n"];
    locals_are_made_when_wanted: any ["before\nmade\n7 7\n"];
    locals_are_dropped_when_their_thread_ends: any ["used\nlocal dropped\njoined\n"];
    locals_nobody_used_are_not_dropped: any ["joined\n"];
    every_way_to_a_local: any ["1 2 2 3 0, [1] [1, 2] [1, 2] [3] []\n"];
    a_dropped_local_is_gone: any ["already destroyed: AccessError\njoined\n"];
    setting_makes_nothing_first: any ["1 [2]\nmade\n7 3\n"];
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
