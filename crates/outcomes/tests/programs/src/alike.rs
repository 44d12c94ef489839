//! Programs whose threads are alike, or nearly so.

use crossbeam_channel::{bounded, unbounded};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::thread::Scope;
use std::time::Duration;

/// Starts so many threads that do this, and one more that does nothing: what is left of
/// the last thread on the stack of who started it tells that one from those that are
/// like it.
fn start<'s>(scope: &'s Scope<'s, '_>, threads: usize, does: impl Fn() + Copy + Send + 's) {
    for number in 0..=threads {
        let is_last = number == threads;
        scope.spawn(move || {
            if !is_last {
                does();
            }
        });
    }
}

/// Each thread of a scope adds one, under a lock.
pub fn counter_of_a_scope(threads: usize) {
    let counter = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| *counter.lock().unwrap() += 1);
        }
    });
    println!("{}", counter.into_inner().unwrap());
}

/// Each thread of a scope adds one.
pub fn atomic_of_a_scope(threads: usize) {
    let counter = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| counter.fetch_add(1, Ordering::Relaxed));
        }
    });
    println!("{}", counter.into_inner());
}

/// Each thread of a scope reads, and later writes one more.
pub fn lost_updates(threads: usize) {
    let counter = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let seen = counter.load(Ordering::SeqCst);
                counter.store(seen + 1, Ordering::SeqCst);
            });
        }
    });
    println!("{}", counter.into_inner());
}

/// Whoever comes first does one thing and the others another, with orderings that permit
/// both to see nothing of the other.
pub fn store_buffering() {
    let (turn, one, other) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let seen = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let (mine, theirs) = match turn.fetch_add(1, Ordering::SeqCst) {
                    0 => (&one, &other),
                    _ => (&other, &one),
                };
                mine.store(1, Ordering::Release);
                let see = theirs.load(Ordering::Acquire);
                seen.fetch_add(see, Ordering::SeqCst);
            });
        }
    });
    println!("{}", seen.into_inner());
}

/// Each has an atomic of its own, which somebody else gets to see who knows whose it is
/// only then.
pub fn handing_on_atomics(threads: usize) {
    let (sender, receiver) = unbounded::<[Arc<AtomicUsize>; 2]>();
    thread::scope(|scope| {
        for _ in 0..threads {
            let sender = sender.clone();
            scope.spawn(move || {
                let own = [0, 0].map(|zero| Arc::new(AtomicUsize::new(zero)));
                sender.send(own.clone()).unwrap();
                own[0].store(1, Ordering::Relaxed);
                own[1].store(1, Ordering::Relaxed);
            });
        }
        let first = receiver.recv().unwrap();
        let later = first[1].load(Ordering::Relaxed);
        println!("{later} {}", first[0].load(Ordering::Relaxed));
    });
}

/// Threads that nobody waits for, each with a share of the counter.
pub fn detached(threads: usize) {
    let counter = Arc::new(Mutex::new(0));
    for _ in 0..threads {
        let counter = Arc::clone(&counter);
        thread::spawn(move || {
            let mut count = counter.lock().unwrap();
            *count += 1;
            println!("{count}");
        });
    }
    println!("main");
}

/// Threads with memory of their own, in their heaps and in main's.
pub fn with_memory_of_their_own(threads: usize) {
    let total = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            let given = Box::new(vec![String::from("given"), String::from("by main")]);
            let total = &total;
            scope.spawn(move || {
                let mut own: Vec<Box<usize>> = given.iter().map(|it| Box::new(it.len())).collect();
                for number in &mut own {
                    let mut total = total.lock().unwrap();
                    *total += **number;
                    **number = *total;
                }
                println!("{given:?} {own:?}");
            });
        }
    });
}

/// Workers that take turns at a channel, and print.
pub fn workers(threads: usize, messages: usize) {
    let (sender, receiver) = unbounded();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Ok(message) = receiver.recv() {
                    println!("{message}");
                }
            });
        }
        for message in 0..messages {
            sender.send(message).unwrap();
        }
        drop(sender);
    });
}

/// Threads that meet each other: which of them sends, and which receives, is open.
pub fn pairs(threads: usize) {
    let (sender, receiver) = bounded(0);
    thread::scope(|scope| {
        start(scope, threads, || {
            crossbeam_channel::select! {
                send(sender, 1) -> _ => println!("sent"),
                recv(receiver) -> _ => println!("received"),
                default(Duration::from_secs(1)) => println!("alone"),
            }
        });
    });
}

/// One message for several threads: the others wait for good.
pub fn one_for_all(threads: usize) {
    let (sender, receiver) = bounded(1);
    for _ in 0..threads {
        let receiver = receiver.clone();
        thread::spawn(move || {
            let message: usize = receiver.recv().unwrap();
            println!("{message}");
        });
    }
    sender.send(1).unwrap();
    println!("sent");
    std::mem::forget(sender);
}

/// The same, and main waits for them.
pub fn one_for_all_in_a_scope(threads: usize) {
    let (sender, receiver) = bounded(1);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let message: usize = receiver.recv().unwrap();
                println!("{message}");
            });
        }
        sender.send(1).unwrap();
    });
}

/// Whoever comes first panics.
pub fn the_first_panics(threads: usize) {
    let count = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let before = count.fetch_add(1, Ordering::SeqCst);
                assert!(before > 0, "the first");
                println!("{before}");
            });
        }
    });
}

/// Threads that have got a number each, which decides what becomes of it.
pub fn numbered(threads: usize) {
    let last = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 1..=threads {
            let last = &last;
            scope.spawn(move || last.store(number, Ordering::SeqCst));
        }
    });
    println!("{}", last.into_inner());
}

/// Threads that are alike, but main has the handles, and asks who has finished.
pub fn looked_at(threads: usize) {
    let count = AtomicUsize::new(0);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| count.fetch_add(1, Ordering::SeqCst)))
            .collect();
        let last = &handles[threads - 1];
        println!("{}", last.is_finished());
        for handle in handles {
            println!("{}", handle.join().unwrap());
        }
    });
}

/// Threads that are alike, but somebody knows the first of them by its handle.
pub fn known_by_handle(threads: usize) {
    let count = AtomicUsize::new(0);
    let (sender, receiver) = bounded(1);
    thread::scope(|scope| {
        let wait = || {
            thread::park();
            println!("woken as number {}", count.fetch_add(1, Ordering::SeqCst));
        };
        let mut threads = (0..threads).map(|_| scope.spawn(wait).thread().clone());
        let first = threads.next().unwrap();
        let others: Vec<_> = threads.collect();
        scope.spawn(move || sender.send(first).unwrap());
        let first = receiver.recv().unwrap();
        first.unpark();
        println!("main");
        others.iter().for_each(thread::Thread::unpark);
    });
}

/// Threads that are alike, but somebody knows in which order they came by their numbers.
pub fn known_by_id(threads: usize) {
    let came = Mutex::new(Vec::with_capacity(threads));
    thread::scope(|scope| {
        start(scope, threads, || {
            came.lock().unwrap().push(thread::current().id());
            let came = came.lock().unwrap();
            println!("{}", came[0] == thread::current().id());
        });
    });
}

/// Threads that are alike, but somebody else has a look at what one of them has on its
/// stack.
pub fn known_by_what_they_own(threads: usize) {
    let given: Mutex<Vec<Arc<AtomicUsize>>> = Mutex::new(Vec::with_capacity(threads));
    thread::scope(|scope| {
        start(scope, threads, || {
            let own = Arc::new(AtomicUsize::new(0));
            given.lock().unwrap().push(Arc::clone(&own));
            let given = given.lock().unwrap();
            println!("{}", Arc::ptr_eq(&given[0], &own));
        });
    });
}

/// The same, where it is written down in a static.
pub fn known_by_a_static(threads: usize) {
    static FIRST: Mutex<Option<thread::ThreadId>> = Mutex::new(None);
    thread::scope(|scope| {
        start(scope, threads, || {
            FIRST.lock().unwrap().get_or_insert(thread::current().id());
            let first = FIRST.lock().unwrap();
            println!("{}", *first == Some(thread::current().id()));
        });
    });
}

/// Threads that go through lists, which differ in nothing but how far they are.
pub fn at_different_places(threads: usize) {
    let turns = Mutex::new(0);
    thread::scope(|scope| {
        for thread in 0..=threads {
            // As in `start`, with a list for each.
            let list = if thread < threads {
                vec![1, 2, 3]
            } else {
                vec![]
            };
            let turns = &turns;
            scope.spawn(move || {
                for number in &list {
                    let mut turns = turns.lock().unwrap();
                    *turns += 1;
                    println!("{number}");
                }
            });
        }
    });
}

/// Threads that wait for a signal, as many at a time as are told.
pub fn signalled(threads: usize) {
    let ready = Mutex::new(0);
    let changed = std::sync::Condvar::new();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut ready = ready.lock().unwrap();
                while *ready == 0 {
                    ready = changed.wait(ready).unwrap();
                }
                *ready -= 1;
                println!("{ready} left");
            });
        }
        for _ in 0..threads {
            *ready.lock().unwrap() += 1;
            changed.notify_one();
        }
    });
}

/// Threads that spin until it is their turn.
pub fn spinning(threads: usize) {
    let taken = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while taken.swap(1, Ordering::SeqCst) == 1 {
                    thread::yield_now();
                }
                println!("in");
                taken.store(0, Ordering::SeqCst);
            });
        }
    });
}

/// Threads that start others.
pub fn parents(threads: usize) {
    let count = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let child = thread::spawn(|| println!("child"));
                println!("{}", count.fetch_add(1, Ordering::SeqCst));
                child.join().unwrap();
            });
        }
    });
}

/// Threads that hand memory of theirs to others.
pub fn handing_on(threads: usize) {
    let (sender, receiver) = unbounded();
    thread::scope(|scope| {
        for _ in 0..threads {
            let sender = sender.clone();
            scope.spawn(move || {
                sender.send(Box::new(String::from("mine"))).unwrap();
                println!("handed on");
            });
        }
        drop(sender);
        for mut text in receiver {
            text.push('!');
            println!("{text}");
        }
    });
}
