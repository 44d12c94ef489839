//! Atomics, of std.

use super::programs;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI64, AtomicPtr, AtomicU8, AtomicU32, AtomicUsize, Ordering, fence,
};
use std::thread;

programs! {
    debug_of_a_cell_is_a_load: any ["AtomicCell { value: 0 }\n", "AtomicCell { value: 1 }\n"];
    atomics_are_in_one_order: any ["01\n", "10\n", "11\n"];
    a_flag_beside_a_lock_on_stderr: any ["false\n", "true\n"];
    what_was_stored_before_is_seen: any ["1\n"];
    an_update_is_not_lost: any ["2\n"];
    a_relaxed_update_is_not_lost: any ["2\n"];
    a_load_and_a_store_lose_updates: any ["1\n", "2\n"];
    one_exchange_wins: any ["Err(2) Ok(0)\n", "Ok(0) Err(1)\n"];
    weak_exchanges_may_fail: any ["Err(0) 0\n", "Ok(0) 1\n"];
    updating_until_it_works: any ["2\n"];
    calculating_returns_the_old_value: any ["5 7 6 2 13 8 12 12 3\n"];
    calculating_wraps_around: any ["255 0, -128 127\n"];
    truth_values: any ["true false true false true false\n"];
    exchanging: any ["Ok(1) Err(2) 2 3\n"];
    fetching_and_updating: any ["Ok(1) Err(2) 2\n"];
    values_of_atomics: any ["1 2 0 false 3\n"];
    spinning_until_it_is_set: any ["set\n"];
    comparing_and_swapping: any ["1 2 2\n"];
    pointers_are_exchanged: any ["true 1 true 2 true\n"];
    a_pointer_published: any ["null\n", "seen 5\n"];
    fences_order: any ["1\n"];
    there_are_no_relaxed_fences: any ["true false\n"];
}

fn atomics_are_in_one_order() {
    let (one, other) = (AtomicU32::new(0), AtomicU32::new(0));
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| {
            one.store(1, Ordering::SeqCst);
            other.load(Ordering::SeqCst)
        });
        let second = scope.spawn(|| {
            other.store(1, Ordering::SeqCst);
            one.load(Ordering::SeqCst)
        });
        (first.join().unwrap(), second.join().unwrap())
    });
    println!("{first}{second}");
}

fn what_was_stored_before_is_seen() {
    static VALUE: AtomicU32 = AtomicU32::new(0);
    static READY: AtomicBool = AtomicBool::new(false);
    thread::spawn(|| {
        VALUE.store(1, Ordering::Release);
        READY.store(true, Ordering::Release);
    });
    while !READY.load(Ordering::Acquire) {
        std::hint::spin_loop();
    }
    println!("{}", VALUE.load(Ordering::Acquire));
}

fn an_update_is_not_lost() {
    let count = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| count.fetch_add(1, Ordering::SeqCst));
        }
    });
    println!("{}", count.load(Ordering::SeqCst));
}

fn a_relaxed_update_is_not_lost() {
    let count = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| count.fetch_add(1, Ordering::Relaxed));
        }
    });
    println!("{}", count.load(Ordering::Relaxed));
}

fn a_load_and_a_store_lose_updates() {
    let count = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| count.store(count.load(Ordering::SeqCst) + 1, Ordering::SeqCst));
        }
    });
    println!("{}", count.load(Ordering::SeqCst));
}

fn one_exchange_wins() {
    let value = AtomicU32::new(0);
    let exchange = |new| value.compare_exchange(0, new, Ordering::AcqRel, Ordering::Acquire);
    let (one, other) = thread::scope(|scope| {
        let thread = scope.spawn(|| exchange(1));
        let other = exchange(2);
        (thread.join().unwrap(), other)
    });
    println!("{one:?} {other:?}");
}

fn weak_exchanges_may_fail() {
    let value = AtomicU32::new(0);
    let result = value.compare_exchange_weak(0, 1, Ordering::SeqCst, Ordering::SeqCst);
    println!("{result:?} {}", value.load(Ordering::SeqCst));
}

fn updating_until_it_works() {
    let value = AtomicU32::new(0);
    let count_up = || {
        let mut old = value.load(Ordering::SeqCst);
        while let Err(other) =
            value.compare_exchange_weak(old, old + 1, Ordering::SeqCst, Ordering::SeqCst)
        {
            old = other;
        }
    };
    thread::scope(|scope| {
        scope.spawn(count_up);
        count_up();
    });
    println!("{}", value.load(Ordering::SeqCst));
}

fn calculating_returns_the_old_value() {
    let value = AtomicI64::new(5);
    let order = Ordering::SeqCst;
    let olds = [
        value.fetch_add(2, order),
        value.fetch_sub(1, order),
        value.fetch_and(3, order),
        value.fetch_or(13, order) + 11 - 11,
        value.fetch_xor(7, order) - 2,
        value.fetch_max(12, order),
        value.fetch_min(20, order),
        value.fetch_min(3, order),
        value.load(order),
    ];
    println!("{}", olds.map(|old| old.to_string()).join(" "));
}

fn calculating_wraps_around() {
    let (byte, signed) = (AtomicU8::new(255), AtomicI8::new(-128));
    let old = (
        byte.fetch_add(1, Ordering::SeqCst),
        signed.fetch_sub(1, Ordering::SeqCst),
    );
    let (byte, signed) = (byte.load(Ordering::SeqCst), signed.load(Ordering::SeqCst));
    println!("{} {byte}, {} {signed}", old.0, old.1);
}

fn truth_values() {
    let value = AtomicBool::new(true);
    let order = Ordering::SeqCst;
    let olds = [
        value.fetch_and(false, order),
        value.fetch_or(true, order),
        value.fetch_xor(true, order),
        value.fetch_nand(true, order),
        value.fetch_not(order),
        value.load(order),
    ];
    println!("{}", olds.map(|old| old.to_string()).join(" "));
}

fn exchanging() {
    let value = AtomicUsize::new(1);
    let order = Ordering::SeqCst;
    let one = value.compare_exchange(1, 2, order, order);
    let other = value.compare_exchange(1, 9, order, order);
    println!(
        "{one:?} {other:?} {} {}",
        value.swap(3, order),
        value.load(order)
    );
}

#[allow(deprecated, reason = "its newer name is not in every std")]
fn fetching_and_updating() {
    let value = AtomicU32::new(1);
    let order = Ordering::SeqCst;
    let one = value.fetch_update(order, order, |old| (old < 2).then_some(old + 1));
    let other = value.fetch_update(order, order, |old| (old < 2).then_some(old + 1));
    println!("{one:?} {other:?} {}", value.load(order));
}

fn values_of_atomics() {
    let mut value = AtomicU32::from(1);
    let one = value.load(Ordering::SeqCst);
    *value.get_mut() = 2;
    let other = AtomicU32::default().into_inner();
    let debug = format!("{value:?} {other}");
    let truth = AtomicBool::default();
    println!("{one} {debug} {truth:?} {}", AtomicU32::new(3).into_inner());
}

fn spinning_until_it_is_set() {
    let flag = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&flag);
    thread::spawn(move || theirs.store(true, Ordering::SeqCst));
    while !flag.load(Ordering::SeqCst) {
        thread::yield_now();
    }
    println!("set");
}

fn there_are_no_relaxed_fences() {
    let panics = |order| std::panic::catch_unwind(move || fence(order)).is_err();
    println!(
        "{} {}",
        panics(Ordering::Relaxed),
        panics(Ordering::Acquire)
    );
}

fn fences_order() {
    let value = AtomicU32::new(0);
    value.store(1, Ordering::SeqCst);
    fence(Ordering::SeqCst);
    println!("{}", value.load(Ordering::SeqCst));
}

#[allow(deprecated)]
fn comparing_and_swapping() {
    let atomic = AtomicU32::new(1);
    let first = atomic.compare_and_swap(1, 2, Ordering::AcqRel);
    let second = atomic.compare_and_swap(1, 3, Ordering::Release);
    println!("{first} {second} {}", atomic.into_inner());
}

fn pointers_are_exchanged() {
    let (mut one, mut other) = (1, 2);
    let [first, second] = [&raw mut one, &raw mut other];
    let atomic = AtomicPtr::new(ptr::null_mut::<u32>());
    let was_null = atomic.swap(first, Ordering::SeqCst).is_null();
    let kept = atomic.compare_exchange(second, second, Ordering::SeqCst, Ordering::SeqCst);
    let changed = atomic.compare_exchange(first, second, Ordering::AcqRel, Ordering::Acquire);
    let now = atomic.load(Ordering::Acquire);
    println!(
        "{was_null} {one} {} {other} {}",
        kept == Err(first) && changed == Ok(first),
        now == second && AtomicPtr::<u32>::default().into_inner().is_null()
    );
}

/// Only an address is published, so that no `unsafe` is needed to look.
fn a_pointer_published() {
    static NUMBERS: [u32; 2] = [4, 5];
    let atomic = AtomicPtr::new(ptr::null_mut());
    thread::scope(|scope| {
        scope.spawn(|| atomic.store((&raw const NUMBERS[1]).cast_mut(), Ordering::Release));
        let seen = atomic.load(Ordering::Acquire).cast_const();
        match NUMBERS.iter().find(|number| ptr::eq(*number, seen)) {
            Some(number) => println!("seen {number}"),
            None => println!("null"),
        }
    });
}

fn debug_of_a_cell_is_a_load() {
    let cell = crossbeam_utils::atomic::AtomicCell::new(0_u32);
    thread::scope(|scope| {
        scope.spawn(|| cell.store(1));
        println!("{cell:?}");
    });
}

/// Whoever holds that lock looks at nothing that others change.
fn a_flag_beside_a_lock_on_stderr() {
    let flag = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| flag.store(true, Ordering::Release));
        let _lock = std::io::stderr().lock();
        println!("{}", flag.load(Ordering::Acquire));
    });
}
