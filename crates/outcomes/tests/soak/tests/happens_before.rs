//! What the documentation of std and crossbeam says *happens before* what: each
//! is a program that goes wrong where memory is weak and that is left out. What
//! they don't promise isn't taken for granted either.

use outcomes_crossbeam::channel::{Receiver, Sender, bounded, unbounded};
use outcomes_crossbeam::sync::{Parker, Unparker, WaitGroup};
use outcomes_engine::Settings;
use outcomes_soak::explore;
use outcomes_std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use outcomes_std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, fence};
use outcomes_std::sync::{Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, mpsc};
use outcomes_std::thread::ScopedJoinHandle;
use outcomes_std::{io, println, thread};
use std::io::Write as _;
use std::ptr;

/// What a program prints where its memory is weak, and in how many ways it comes to
/// a standstill.
fn explore_weakly(main: impl Fn()) -> (Vec<String>, usize) {
    let main = || {
        // Two atomics that are contested, so that there is something to tell.
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        let both = || {
            x.store(1, Relaxed);
            y.store(1, Relaxed);
        };
        thread::scope(|scope| {
            scope.spawn(both);
            both();
        });
        main();
        0
    };
    let explored = explore(&main, &Settings::default()).unwrap();
    let outputs = explored.outputs().unwrap();
    let texts = outputs.iter().map(|output| output.text).collect();
    (texts, explored.deadlocks.len())
}

fn outputs(main: impl Fn()) -> Vec<String> {
    let (texts, deadlocks) = explore_weakly(main);
    assert_eq!(deadlocks, 0);
    texts
}

/// That whatever a thread does before `publish` happens before what another does
/// after `wait`. Each gets its part of what `make` makes; who waits has a handle of
/// the other, too.
#[track_caller]
fn assert_orders<A: Send, B>(
    make: impl Fn() -> (A, B),
    publish: impl Fn(A) + Sync,
    wait: impl Fn(B, ScopedJoinHandle<'_, ()>),
) {
    let publish = &publish;
    let message = outputs(|| {
        let message = &AtomicU32::new(0);
        let (one, other) = make();
        thread::scope(|scope| {
            let first = scope.spawn(move || {
                message.store(7, Relaxed);
                publish(one);
            });
            wait(other, first);
            println!("{}", message.load(Relaxed));
        });
    });
    assert_eq!(message, ["7\n"]);
    // Store buffering, with one of the threads in two parts: `SeqCst` accesses are in
    // one order, in which what happens before another comes first.
    let buffered = outputs(|| {
        let (x, y) = &(AtomicU32::new(0), AtomicU32::new(0));
        let (one, other) = make();
        thread::scope(|scope| {
            let first = scope.spawn(move || {
                x.store(1, SeqCst);
                publish(one);
            });
            let third = scope.spawn(move || {
                y.store(1, SeqCst);
                x.load(SeqCst)
            });
            wait(other, first);
            let seen = y.load(SeqCst);
            println!("{seen}{}", third.join().unwrap());
        });
    });
    assert_eq!(buffered, ["01\n", "10\n", "11\n"]);
    // What has been handed on is handed on further, by fences.
    let fenced = outputs(|| {
        let (message, told) = &(AtomicU32::new(0), AtomicBool::new(false));
        let (one, other) = make();
        thread::scope(|scope| {
            let first = scope.spawn(move || {
                message.store(7, Relaxed);
                publish(one);
            });
            let third = scope.spawn(move || {
                while !told.load(Relaxed) {}
                fence(Acquire);
                message.load(Relaxed)
            });
            wait(other, first);
            fence(Release);
            told.store(true, Relaxed);
            println!("{}", third.join().unwrap());
        });
    });
    assert_eq!(fenced, ["7\n"]);
}

/// Something that threads share until the program ends. An `Arc` would order them.
fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// The same for both.
fn both<T>(value: T) -> (&'static T, &'static T) {
    let shared = leaked(value);
    (shared, shared)
}

/// Without anything that orders them, they are not.
#[test]
fn a_relaxed_flag_orders_nothing() {
    let seen = outputs(|| {
        let (message, told) = (AtomicU32::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                told.store(true, Relaxed);
            });
            while !told.load(Relaxed) {}
            println!("{}", message.load(Relaxed));
        });
    });
    assert_eq!(seen, ["0\n", "7\n"]);
}

/// "The completion of the associated thread synchronizes with this function
/// returning" (`std::thread::JoinHandle::join`).
#[test]
fn the_end_of_a_thread_comes_before_who_has_joined_it() {
    assert_orders(|| ((), ()), |()| {}, |(), other| other.join().unwrap());
}

#[test]
fn what_comes_before_a_thread_is_started_is_seen_by_it() {
    let buffered = outputs(|| {
        let (x, y) = &(AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            let third = scope.spawn(|| {
                y.store(1, SeqCst);
                x.load(SeqCst)
            });
            x.store(1, SeqCst);
            let second = scope.spawn(|| y.load(SeqCst));
            let seen = second.join().unwrap();
            println!("{seen}{}", third.join().unwrap());
        });
    });
    assert_eq!(buffered, ["01\n", "10\n", "11\n"]);
}

/// A scope's threads are "automatically joined before this function returns"
/// (`std::thread::scope`).
#[test]
fn what_a_scopes_threads_do_comes_before_its_end() {
    let buffered = outputs(|| {
        let (x, y) = &(AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            let third = scope.spawn(|| {
                y.store(1, SeqCst);
                x.load(SeqCst)
            });
            thread::scope(|scope| {
                scope.spawn(|| x.store(1, SeqCst));
            });
            let seen = y.load(SeqCst);
            println!("{seen}{}", third.join().unwrap());
        });
    });
    assert_eq!(buffered, ["01\n", "10\n", "11\n"]);
}

/// Who is woken up has the lock from who gave it back.
#[test]
fn giving_a_lock_back_comes_before_taking_it() {
    let publish = |(told, changed): &(Mutex<bool>, Condvar)| {
        *told.lock().unwrap() = true;
        changed.notify_one();
    };
    let wait = |(told, changed): &(Mutex<bool>, Condvar), _: ScopedJoinHandle<'_, ()>| {
        let told = told.lock().unwrap();
        drop(changed.wait_while(told, |told| !*told));
    };
    assert_orders(|| both((Mutex::new(false), Condvar::new())), publish, wait);
}

#[test]
fn coming_to_a_barrier_comes_before_leaving_it() {
    let meet = |barrier: &'static Barrier| _ = barrier.wait();
    assert_orders(|| both(Barrier::new(2)), meet, |barrier, _| meet(barrier));
}

#[test]
fn sending_comes_before_receiving() {
    let send = |sender: Sender<()>| {
        sender.send(()).unwrap();
        std::mem::forget(sender);
    };
    let receive = |receiver: Receiver<()>, _: ScopedJoinHandle<'_, ()>| receiver.recv().unwrap();
    assert_orders(unbounded, send, receive);
    assert_orders(|| bounded(0), send, receive);
    assert_orders(|| bounded(1), send, receive);
    assert_orders(
        mpsc::channel,
        |sender| {
            sender.send(()).unwrap();
            std::mem::forget(sender);
        },
        |receiver, _| receiver.recv().unwrap(),
    );
}

/// Where sender and receiver meet, and where one waits for room.
#[test]
fn receiving_comes_before_sending_that_has_waited_for_it() {
    let ends = |capacity| {
        let (sender, receiver) = bounded(capacity);
        (receiver, sender)
    };
    let receive = |receiver: Receiver<()>| {
        receiver.recv().unwrap();
        std::mem::forget(receiver);
    };
    for capacity in [0, 1, 2] {
        assert_orders(
            || ends(capacity),
            receive,
            |sender, _| {
                for _ in 0..=capacity {
                    sender.send(()).unwrap();
                }
            },
        );
    }
}

/// Who finds nobody at the other end has seen what those did who were there.
#[test]
fn leaving_a_channel_comes_before_finding_that() {
    let receive = |receiver: Receiver<()>, _: ScopedJoinHandle<'_, ()>| {
        assert!(receiver.recv().is_err());
    };
    assert_orders(unbounded, drop, receive);
    assert_orders(|| bounded(0), drop, receive);
    assert_orders(|| bounded(1), drop, receive);
    let ends = |capacity| {
        let (sender, receiver) = bounded::<()>(capacity);
        (receiver, sender)
    };
    // Until there is no room, or nobody.
    let send = |sender: Sender<()>, _: ScopedJoinHandle<'_, ()>| while sender.send(()).is_ok() {};
    assert_orders(|| ends(0), drop, send);
    assert_orders(|| ends(1), drop, send);
    assert_orders(mpsc::channel::<()>, drop, |receiver, _| {
        assert!(receiver.recv().is_err())
    });
}

/// As std's tokens, but never missing (`crossbeam_utils::sync::Parker`).
#[test]
fn giving_a_parkers_token_comes_before_taking_it() {
    let make = || {
        let parker = Parker::new();
        (parker.unparker().clone(), parker)
    };
    let unpark = |unparker: Unparker| {
        unparker.unpark();
        std::mem::forget(unparker);
    };
    assert_orders(make, unpark, |parker, _| parker.park());
}

#[test]
fn leaving_a_group_comes_before_having_waited_for_it() {
    let make = || {
        let group = WaitGroup::new();
        (group.clone(), group)
    };
    assert_orders(make, drop, |group, _| group.wait());
}

/// "Any memory writes performed by the executed closure can be reliably observed by
/// other threads" (`std::sync::Once`); so with what is made of it.
#[test]
fn doing_something_once_comes_before_finding_it_done() {
    let do_once = |once: &'static Once| once.call_once(|| ());
    assert_orders(|| both(Once::new()), do_once, |once, _| once.wait());
    let set = |lock: &'static OnceLock<()>| lock.set(()).unwrap();
    assert_orders(|| both(OnceLock::new()), set, |lock, _| _ = lock.wait());
}

/// "All memory operations performed before a call to `unpark` are made visible to the
/// thread that consumes the token" (`std::thread::park`). It may go on without one;
/// but then the token is still to come.
#[test]
fn who_takes_a_token_has_seen_what_came_before_it() {
    let (_, deadlocks) = explore_weakly(|| {
        let message = AtomicU32::new(0);
        thread::scope(|scope| {
            let main = thread::current();
            let message = &message;
            scope.spawn(move || {
                message.store(7, Relaxed);
                main.unpark();
            });
            thread::park();
            if message.load(Relaxed) == 0 {
                thread::park();
            }
        });
    });
    assert_eq!(deadlocks, 0);
}

/// Whoever comes first.
#[test]
fn what_is_made_once_is_seen_by_whoever_wants_it() {
    let seen = |make_and_wait: fn(&AtomicU32)| {
        outputs(move || {
            let message = AtomicU32::new(0);
            make_and_wait(&message);
        })
    };
    let by_call = |message: &AtomicU32| {
        let once = Once::new();
        let call = || once.call_once(|| message.store(7, Relaxed));
        thread::scope(|scope| {
            scope.spawn(call);
            call();
            println!("{}", message.load(Relaxed));
        });
    };
    let by_lock = |message: &AtomicU32| {
        let lock = OnceLock::new();
        let make = || *lock.get_or_init(|| message.store(7, Relaxed));
        thread::scope(|scope| {
            scope.spawn(make);
            make();
            println!("{}", message.load(Relaxed));
        });
    };
    let by_lazy_lock = |message: &AtomicU32| {
        let lock = LazyLock::new(|| message.store(7, Relaxed));
        thread::scope(|scope| {
            scope.spawn(|| _ = LazyLock::force(&lock));
            LazyLock::force(&lock);
            println!("{}", message.load(Relaxed));
        });
    };
    for (name, way) in [
        ("call", by_call as fn(&AtomicU32)),
        ("lock", by_lock),
        ("lazy lock", by_lazy_lock),
    ] {
        assert_eq!(seen(way), ["7\n"], "{name}");
    }
}

/// Who drops a message that nobody received has it from who sent it.
#[test]
fn who_drops_a_message_has_seen_what_its_sender_saw() {
    struct Shows<'a>(&'a AtomicU32);
    impl Drop for Shows<'_> {
        fn drop(&mut self) {
            println!("{}", self.0.load(Relaxed));
        }
    }
    let seen = outputs(|| {
        let (message, sent) = (AtomicU32::new(0), AtomicBool::new(false));
        let (sender, receiver) = unbounded();
        thread::scope(|scope| {
            let (message, sent) = (&message, &sent);
            scope.spawn(move || {
                message.store(7, Relaxed);
                assert!(sender.send(Shows(message)).is_ok());
                sent.store(true, Relaxed);
            });
            while !sent.load(Relaxed) {}
            drop(receiver);
        });
    });
    assert_eq!(seen, ["7\n"]);
}

/// A writer has seen what readers did before; readers needn't have seen what other
/// readers did, even if those are gone.
#[test]
fn writers_come_after_readers_and_readers_after_writers() {
    #[derive(Clone, Copy)]
    enum Who {
        Reads,
        Writes,
    }
    let seen = |one: Who, other: Who| {
        outputs(move || {
            let (message, told) = (AtomicU32::new(0), AtomicBool::new(false));
            let lock = RwLock::new(());
            let take = |who| match who {
                Who::Reads => drop(lock.read()),
                Who::Writes => drop(lock.write()),
            };
            thread::scope(|scope| {
                scope.spawn(|| {
                    message.store(7, Relaxed);
                    take(one);
                    told.store(true, Relaxed);
                });
                while !told.load(Relaxed) {}
                take(other);
                println!("{}", message.load(Relaxed));
            });
        })
    };
    assert_eq!(seen(Who::Reads, Who::Writes), ["7\n"]);
    assert_eq!(seen(Who::Writes, Who::Reads), ["7\n"]);
    assert_eq!(seen(Who::Writes, Who::Writes), ["7\n"]);
    assert_eq!(seen(Who::Reads, Who::Reads), ["0\n", "7\n"]);
}

/// Printing takes the lock on stdout, which is given back when the last of its
/// guards is gone.
#[test]
fn who_prints_later_has_seen_what_was_done_before() {
    let prints = outputs(|| {
        let message = AtomicU32::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                println!("a");
            });
            println!("b");
            println!("{}", message.load(Relaxed));
        });
    });
    assert!(!prints.contains(&"a\nb\n0\n".to_owned()), "{prints:?}");
    assert!(prints.contains(&"b\na\n0\n".to_owned()), "{prints:?}");
    let locks = outputs(|| {
        let message = AtomicU32::new(0);
        let write = |text: &str| writeln!(io::stdout(), "{text}").unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _lock = io::stdout().lock();
                write("a");
                message.store(7, Relaxed);
            });
            let _lock = io::stdout().lock();
            write("b");
            write(&message.load(Relaxed).to_string());
        });
    });
    assert_eq!(locks, ["a\nb\n7\n", "b\n0\na\n"]);
}

/// Atomics of all types have all their values where memory is weak.
#[test]
fn values_stay_what_they_are() {
    use outcomes_std::sync::atomic::{AtomicI8, AtomicI64, AtomicIsize, AtomicU64};
    let seen = outputs(|| {
        let (least, all) = (AtomicI8::new(0), AtomicU64::new(0));
        let (low, back) = (AtomicI64::new(0), AtomicIsize::new(0));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                least.store(i8::MIN, Relaxed);
                all.store(u64::MAX, Relaxed);
                low.fetch_add(i64::MIN, Relaxed);
                back.fetch_sub(1, Relaxed);
                done.store(true, Release);
            });
            while !done.load(Acquire) {}
            let all = all.load(Relaxed);
            let (least, low) = (least.load(Relaxed), low.load(Relaxed));
            println!("{least} {all} {low} {}", back.swap(2, AcqRel));
        });
    });
    let wanted = format!("{} {} {} -1\n", i8::MIN, u64::MAX, i64::MIN);
    assert_eq!(seen, [wanted]);
}

/// What a pointer leads to is there for who acquires it.
#[test]
fn a_pointer_publishes_what_it_leads_to() {
    let seen = |store, load| {
        outputs(move || {
            let message = AtomicU32::new(0);
            let place = AtomicPtr::new(ptr::null_mut());
            let address = ptr::from_ref(&message).cast_mut();
            thread::scope(|scope| {
                scope.spawn(|| {
                    message.store(7, Relaxed);
                    place.store(ptr::from_ref(&message).cast_mut(), store);
                });
                let found = place.load(load);
                if found.is_null() {
                    println!("nothing");
                } else {
                    assert_eq!(found, address);
                    println!("{}", message.load(Relaxed));
                }
            });
        })
    };
    assert_eq!(seen(Release, Acquire), ["7\n", "nothing\n"]);
    assert_eq!(seen(Relaxed, Acquire), ["0\n", "7\n", "nothing\n"]);
    assert_eq!(seen(Release, Relaxed), ["0\n", "7\n", "nothing\n"]);
}
