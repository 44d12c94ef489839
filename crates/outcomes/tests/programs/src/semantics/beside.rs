//! What one thread does by itself, others may notice before and after: each
//! operation is a step of its own, whatever comes right before it.

use super::programs;
use crossbeam_channel::{Select, bounded, select_biased, unbounded};
use crossbeam_utils::atomic::AtomicCell;
use crossbeam_utils::sync::{ShardedLock, WaitGroup};
use std::fmt::Display;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, Once, OnceLock, RwLock, Weak, mpsc};
use std::time::Duration;
use std::{mem, process, thread};

programs! {
    beside_the_store_of_an_atomic: any ["false 0", "false 1", "true 0", "true 1"];
    beside_the_exchange_of_an_atomic: any ["false 0", "false 1", "true 0", "true 1"];
    beside_an_update_of_an_atomic: any ["false 0", "false 1", "true 0", "true 1"];
    beside_the_store_of_a_cell: any ["false 0", "false 1", "true 0", "true 1"];
    beside_the_swap_of_a_cell: any ["false 0", "false 1", "true 0", "true 1"];
    beside_the_exchange_of_a_cell: any ["false 0", "false 1", "true 0", "true 1"];
    beside_the_update_of_a_cell: any ["false 0", "false 1", "true 0", "true 1"];
    looking_by_swaps: any ["false 0", "false 1", "true 0", "true 1"];
    looking_by_exchanges: any ["false 0", "false 1", "true 0", "true 1"];
    beside_a_new_owner: any ["false 1", "false 2", "true 1", "true 2"];
    beside_an_owner_who_goes: any ["false 1", "false 2", "true 1", "true 2"];
    beside_a_new_weak_owner: any ["false 0", "false 1", "true 0", "true 1"];
    beside_a_copied_weak_owner: any ["false 1", "false 2", "true 1", "true 2"];
    beside_a_weak_owner_who_goes: any ["false 0", "false 1", "true 0", "true 1"];
    beside_a_weak_owner_turned_strong: any ["false 1", "false 2", "true 1", "true 2"];
    beside_the_last_owner_who_goes: any ["false false", "false true", "true false", "true true"];
    weak_owners_beside_a_new_one: any ["false 1", "false 2", "true 1", "true 2"];
    weak_owners_beside_an_owner_who_goes: any ["false 1", "false 2", "true 1", "true 2"];
    beside_a_message: any ["false 0", "false 1", "true 0", "true 1"];
    beside_a_message_taken: any ["false 0", "false 1", "true 0", "true 1"];
    trying_beside_a_message: any ["false false", "false true", "true false", "true true"];
    trying_beside_room: any ["false false", "false true", "true false", "true true"];
    beside_the_last_sender: any ["false Disconnected", "false Empty", "true Disconnected", "true Empty"];
    beside_the_last_receiver: any ["false Disconnected(1)", "false Full(1)", "true Disconnected(1)", "true Full(1)"];
    beside_the_last_sender_of_std: any ["false Disconnected", "false Empty", "true Disconnected", "true Empty"];
    beside_the_receiver_of_std: any ["false false", "false true", "true false", "true true"];
    preferring_beside_the_last_sender: any ["false false", "false true", "true false", "true true"];
    preferring_of_a_list_beside_the_last_sender: any ["false 0", "false 1", "true 0", "true 1"];
    beside_a_mutex_that_is_held: any ["false false", "false true", "true false", "true true"];
    beside_a_mutex_that_is_let_go: any ["false false", "false true", "true false", "true true"];
    beside_a_writer: any ["false false", "false true", "true false", "true true"];
    beside_a_writer_who_lets_go: any ["false false", "false true", "true false", "true true"];
    beside_a_reader: any ["false false", "false true", "true false", "true true"];
    beside_a_reader_who_lets_go: any ["false false", "false true", "true false", "true true"];
    beside_a_writer_of_shards: any ["false false", "false true", "true false", "true true"];
    beside_who_is_first: any ["false false", "false true", "true false", "true true"];
    beside_who_sets_it: any ["false false", "false true", "true false", "true true"];
    beside_a_thread_that_ends: any ["false false", "false true", "true false", "true true"];
    beside_who_joins_a_group: any ["false 1", "false 2", "true 1", "true 2"];
    beside_who_leaves_a_group: any ["false 1", "false 2", "true 1", "true 2"];
    trying_to_select_beside_the_last_sender: any ["false false", "false true", "true false", "true true"];
    selecting_in_time_beside_the_last_sender: any ["false false", "false true", "true false", "true true"];
    beside_a_notification: any ["false false", "false true", "true false", "true true"];
    beside_a_notification_of_all: any ["false false", "false true", "true false", "true true"];
    beside_a_flush: any ["", "[aborts]", "half", "half[aborts]"];
    beside_one_about_to_wait: any ["", "[deadlocks]", "woken\n"];
}

/// One thread tells that it is about to act, and acts; another looks whether it
/// was told, and then what has become of it.
fn beside<T: Display>(act: impl FnOnce() + Send, look: impl FnOnce() -> T) {
    let told = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            told.store(true, SeqCst);
            act();
        });
        let was_told = told.load(SeqCst);
        let seen = look();
        print!("{was_told} {seen}");
    });
}

fn beside_the_store_of_an_atomic() {
    let number = AtomicU32::new(0);
    beside(|| number.store(1, SeqCst), || number.load(SeqCst));
}

fn beside_the_exchange_of_an_atomic() {
    let number = AtomicU32::new(0);
    let exchange = || _ = number.compare_exchange(0, 1, SeqCst, SeqCst);
    beside(exchange, || number.swap(2, SeqCst) % 2);
}

fn beside_an_update_of_an_atomic() {
    let number = AtomicU32::new(0);
    beside(
        || _ = number.fetch_add(1, SeqCst),
        || number.fetch_or(2, SeqCst),
    );
}

/// The same without another atomic: a cell promises less than one order for all.
fn beside_a_cell<T: Display>(act: impl FnOnce() + Send, look: impl FnOnce() -> T) {
    let told = Mutex::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            *told.lock().unwrap() = true;
            act();
        });
        let was_told = *told.lock().unwrap();
        let seen = look();
        print!("{was_told} {seen}");
    });
}

fn beside_the_store_of_a_cell() {
    let cell = AtomicCell::new(0);
    beside_a_cell(|| cell.store(1), || cell.load());
}

fn beside_the_swap_of_a_cell() {
    let cell = AtomicCell::new(0);
    beside_a_cell(|| _ = cell.swap(1), || cell.load());
}

fn beside_the_exchange_of_a_cell() {
    let cell = AtomicCell::new(0);
    beside_a_cell(|| _ = cell.compare_exchange(0, 1), || cell.load());
}

fn beside_the_update_of_a_cell() {
    let cell = AtomicCell::new(0_u32);
    beside_a_cell(|| _ = cell.fetch_add(1), || cell.load());
}

fn looking_by_swaps() {
    let cell = AtomicCell::new(0);
    beside_a_cell(|| cell.store(1), || cell.swap(2));
}

fn looking_by_exchanges() {
    let cell = AtomicCell::new(0);
    let exchange = || cell.compare_exchange(1, 2).unwrap_or_else(|old| old);
    beside_a_cell(|| cell.store(1), exchange);
}

fn beside_a_new_owner() {
    let arc = Arc::new(());
    beside(|| mem::forget(Arc::clone(&arc)), || Arc::strong_count(&arc));
}

fn beside_an_owner_who_goes() {
    let arc = Arc::new(());
    let other = Arc::clone(&arc);
    beside(|| drop(other), || Arc::strong_count(&arc));
}

fn beside_a_new_weak_owner() {
    let arc = Arc::new(());
    beside(
        || mem::forget(Arc::downgrade(&arc)),
        || Arc::weak_count(&arc),
    );
}

fn beside_a_copied_weak_owner() {
    let arc = Arc::new(());
    let weak = Arc::downgrade(&arc);
    beside(|| mem::forget(Weak::clone(&weak)), || Arc::weak_count(&arc));
}

fn beside_a_weak_owner_who_goes() {
    let arc = Arc::new(());
    let weak = Arc::downgrade(&arc);
    beside(|| drop(weak), || Arc::weak_count(&arc));
}

fn beside_a_weak_owner_turned_strong() {
    let arc = Arc::new(());
    let weak = Arc::downgrade(&arc);
    beside(|| mem::forget(weak.upgrade()), || Arc::strong_count(&arc));
}

fn beside_the_last_owner_who_goes() {
    let arc = Arc::new(());
    let weak = Arc::downgrade(&arc);
    beside(|| drop(arc), || weak.upgrade().is_some());
}

fn weak_owners_beside_a_new_one() {
    let arc = Arc::new(());
    let weak = Arc::downgrade(&arc);
    beside(|| mem::forget(Arc::downgrade(&arc)), || weak.weak_count());
}

fn weak_owners_beside_an_owner_who_goes() {
    let arc = Arc::new(());
    let (other, weak) = (Arc::clone(&arc), Arc::downgrade(&arc));
    beside(|| drop(other), || weak.strong_count());
    drop(arc);
}

fn beside_a_message() {
    let (sender, receiver) = unbounded();
    beside(|| sender.send(1).unwrap(), || receiver.len());
}

fn beside_a_message_taken() {
    let (sender, receiver) = bounded(1);
    sender.send(1).unwrap();
    beside(|| _ = receiver.recv(), || sender.len());
}

fn trying_beside_a_message() {
    let (sender, receiver) = bounded(1);
    beside(|| sender.send(1).unwrap(), || receiver.try_recv().is_ok());
}

fn trying_beside_room() {
    let (sender, receiver) = bounded(1);
    sender.send(1).unwrap();
    beside(|| _ = receiver.recv(), || sender.try_send(2).is_ok());
}

fn beside_the_last_sender() {
    let (sender, receiver) = bounded::<()>(1);
    let error = || format!("{:?}", receiver.try_recv().unwrap_err());
    beside(|| drop(sender), error);
}

fn beside_the_last_receiver() {
    let (sender, receiver) = bounded(1);
    sender.send(0).unwrap();
    let error = || match sender.try_send(1).unwrap_err() {
        crossbeam_channel::TrySendError::Full(number) => format!("Full({number})"),
        error => format!("Disconnected({})", error.into_inner()),
    };
    beside(|| drop(receiver), error);
}

fn beside_the_last_sender_of_std() {
    let (sender, receiver) = mpsc::channel::<()>();
    let error = || format!("{:?}", receiver.try_recv().unwrap_err());
    beside(|| drop(sender), error);
}

fn beside_the_receiver_of_std() {
    let (sender, receiver) = mpsc::channel();
    beside(|| drop(receiver), || sender.send(1).is_ok());
}

fn preferring_beside_the_last_sender() {
    let (sender, receiver) = unbounded::<()>();
    let (kept, other) = unbounded::<()>();
    kept.send(()).unwrap();
    beside(
        || drop(sender),
        || {
            select_biased! {
                recv(receiver) -> _ => true,
                recv(other) -> _ => false,
            }
        },
    );
}

fn preferring_of_a_list_beside_the_last_sender() {
    let (sender, receiver) = unbounded::<()>();
    let (kept, other) = unbounded::<()>();
    kept.send(()).unwrap();
    beside(
        || drop(sender),
        || {
            let mut select = Select::new_biased();
            select.recv(&receiver);
            select.recv(&other);
            let operation = select.select();
            let index = operation.index();
            let _ = operation.recv(if index == 0 { &receiver } else { &other });
            index
        },
    );
}

fn beside_a_mutex_that_is_held() {
    let mutex = Mutex::new(());
    beside(|| mem::forget(mutex.lock()), || mutex.try_lock().is_ok());
}

fn beside_a_mutex_that_is_let_go() {
    let mutex = Mutex::new(());
    beside_letting_go(|| mutex.lock(), || mutex.try_lock().is_ok());
}

fn beside_a_writer() {
    let lock = RwLock::new(());
    beside(|| mem::forget(lock.write()), || lock.try_read().is_ok());
}

/// As `beside`, for who lets go of what it has taken before.
fn beside_letting_go<G>(take: impl FnOnce() -> G + Send, look: impl FnOnce() -> bool) {
    let (held, taken) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = take();
            taken.store(true, SeqCst);
            held.store(true, SeqCst);
            drop(guard);
        });
        if !taken.load(SeqCst) {
            print!("false false");
            return;
        }
        let was_told = held.load(SeqCst);
        print!("{was_told} {}", look());
    });
}

fn beside_a_writer_who_lets_go() {
    let lock = RwLock::new(());
    beside_letting_go(|| lock.write(), || lock.try_read().is_ok());
}

fn beside_a_reader() {
    let lock = RwLock::new(());
    beside(|| mem::forget(lock.read()), || lock.try_write().is_ok());
}

fn beside_a_reader_who_lets_go() {
    let lock = RwLock::new(());
    beside_letting_go(|| lock.read(), || lock.try_write().is_ok());
}

fn beside_a_writer_of_shards() {
    let lock = ShardedLock::new(());
    beside(|| mem::forget(lock.write()), || lock.try_read().is_ok());
}

fn beside_who_is_first() {
    let once = Once::new();
    beside(|| once.call_once(|| ()), || once.is_completed());
}

fn beside_who_sets_it() {
    let lock = OnceLock::new();
    beside(|| lock.set(1).unwrap(), || lock.get().is_some());
}

fn beside_a_thread_that_ends() {
    let told = AtomicBool::new(false);
    thread::scope(|scope| {
        let thread = scope.spawn(|| told.store(true, SeqCst));
        let was_told = told.load(SeqCst);
        // It is seen to have ended a moment after what it did last.
        print!("{was_told} {}", thread.is_finished());
    });
}

fn beside_who_joins_a_group() {
    let group = WaitGroup::new();
    let count = || count_of(&group);
    beside(|| mem::forget(group.clone()), count);
}

fn beside_who_leaves_a_group() {
    let group = WaitGroup::new();
    let other = group.clone();
    beside(|| drop(other), || count_of(&group));
}

/// What the Debug of a group tells.
fn count_of(group: &WaitGroup) -> String {
    let text = format!("{group:?}");
    text.chars().filter(char::is_ascii_digit).collect()
}

fn trying_to_select_beside_the_last_sender() {
    let (sender, receiver) = unbounded::<()>();
    let selects = || {
        let mut select = Select::new();
        select.recv(&receiver);
        let selected = select.try_select();
        selected.is_ok_and(|operation| operation.recv(&receiver).is_err())
    };
    beside(|| drop(sender), selects);
}

fn selecting_in_time_beside_the_last_sender() {
    let (sender, receiver) = unbounded::<()>();
    let selects = || {
        let mut select = Select::new();
        select.recv(&receiver);
        let selected = select.select_timeout(Duration::from_millis(1));
        selected.is_ok_and(|operation| operation.recv(&receiver).is_err())
    };
    beside(|| drop(sender), selects);
}

/// Looks whether somebody who waits has been told: such a wait may end for no
/// reason, too.
fn beside_a_notification() {
    beside_notifying(Condvar::notify_one);
}

fn beside_a_notification_of_all() {
    beside_notifying(Condvar::notify_all);
}

fn beside_notifying(notify: fn(&Condvar)) {
    let (lock, changed) = (Mutex::new(()), Condvar::new());
    let waits = || {
        let guard = lock.lock().unwrap();
        let wait = changed.wait_timeout(guard, Duration::from_millis(1));
        wait.unwrap().1.timed_out()
    };
    beside(|| notify(&changed), waits);
}

fn beside_a_flush() {
    let told = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            print!("half");
            told.store(true, SeqCst);
            io::stdout().flush().unwrap();
        });
        if told.load(SeqCst) {
            process::abort();
        }
        process::exit(0);
    });
}

fn beside_one_about_to_wait() {
    let (lock, changed, held) = (Mutex::new(()), Condvar::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = lock.lock().unwrap();
            held.store(true, SeqCst);
            drop(changed.wait(guard).unwrap());
            println!("woken");
        });
        if !held.load(SeqCst) {
            process::exit(0);
        }
        changed.notify_one();
    });
}
