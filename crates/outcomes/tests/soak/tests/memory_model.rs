//! Programs that use less than sequential consistency: where they can tell, memory
//! is as weak as they ask for. (Whether it is exactly so weak is up to
//! `tests/litmus`.) What can't be explored together with that is refused.

use outcomes_engine::{Clock, Ending, Membership, Settings};
use outcomes_soak::explore;
use outcomes_std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use outcomes_std::sync::atomic::{AtomicBool, AtomicU32, fence};
use outcomes_std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock, RwLock, mpsc};
use outcomes_std::{print, println, thread};
use std::time::Duration;

fn outputs(main: impl Fn()) -> Result<Vec<String>, String> {
    outputs_on(Clock::Any, main)
}

fn outputs_on(clock: Clock, main: impl Fn()) -> Result<Vec<String>, String> {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let explored = explore(&main, &settings)?;
    let outputs = explored.outputs().unwrap();
    Ok(outputs.iter().map(|output| output.text).collect())
}

#[track_caller]
fn assert_refused(main: impl Fn(), reason: &str) {
    let Err(error) = outputs(main) else {
        panic!("was explored");
    };
    assert!(error.contains(reason), "{error}");
    assert!(error.contains("memory_model.rs:"), "{error}");
}

/// Each thread stores to one atomic and loads the other. Real processors let
/// both load 0.
fn store_buffering(one: [Ordering; 2], other: [Ordering; 2]) -> impl Fn() {
    move || {
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        let (seen_y, seen_x) = thread::scope(|scope| {
            let first = scope.spawn(|| {
                x.store(1, one[0]);
                y.load(other[1])
            });
            y.store(1, other[0]);
            let seen_x = x.load(one[1]);
            (first.join().unwrap(), seen_x)
        });
        println!("{seen_x}{seen_y}");
    }
}

/// A look that is not answered at once orders nothing, but to sleep is no look.
#[test]
fn sleeping_is_no_look() {
    let main = || {
        let flag = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| flag.store(true, Relaxed));
            thread::sleep(outcomes_std::time::Duration::from_millis(1));
            println!("{}", flag.load(Relaxed));
        });
        0
    };
    for clock in [outcomes_engine::Clock::Any, outcomes_engine::Clock::Prompt] {
        let settings = Settings {
            clock,
            ..Settings::default()
        };
        let explored = explore(&main, &settings).unwrap();
        let count = if clock == outcomes_engine::Clock::Any {
            2
        } else {
            1
        };
        assert_eq!(explored.outputs().unwrap().count(), count, "{clock:?}");
    }
}

/// What threads did that have ended by then is seen, too, when time has passed.
#[test]
fn time_passes_for_who_has_ended() {
    let main = || {
        let (a, b) = (leaked(), leaked());
        for _ in 0..2 {
            thread::spawn(|| {
                a.fetch_add(1, Relaxed);
                b.fetch_add(1, Relaxed);
            });
        }
        thread::sleep(outcomes_std::time::Duration::from_secs(1));
        println!("{} {}", a.load(Relaxed), b.load(Relaxed));
    };
    assert_eq!(outputs_on(Clock::Prompt, main).unwrap(), ["2 2\n"]);
    assert_eq!(outputs(main).unwrap().len(), 9);
}

/// Whoever lets go of something last sees what the others saw; but nothing says that a
/// thread lets go before somebody hears of what it did just before.
#[test]
fn who_lets_go_may_not_be_the_last() {
    let detached = || {
        let (x, y) = (leaked(), leaked());
        let worker = thread::spawn(|| {
            x.store(1, Relaxed);
            y.store(1, Relaxed);
        });
        while y.load(Relaxed) == 0 {
            outcomes_std::hint::spin_loop();
        }
        drop(worker);
        println!("{}", x.load(Relaxed));
    };
    assert_eq!(outputs(detached).unwrap(), ["0\n", "1\n"]);
    fn shared<T: Default + Send + Sync + 'static>() -> Vec<String> {
        outputs(|| {
            let (x, y) = (leaked(), leaked());
            let mine = Arc::new(T::default());
            let theirs = Arc::clone(&mine);
            let worker = thread::spawn(|| {
                y.store(1, Relaxed);
                drop(theirs);
                x.load(Relaxed)
            });
            x.store(1, Relaxed);
            drop(mine);
            let saw = y.load(Relaxed);
            println!("{saw} {}", worker.join().unwrap());
        })
        .unwrap()
    }
    // One of them is the last.
    let all = ["0 1\n", "1 0\n", "1 1\n"];
    assert_eq!(shared::<String>(), all);
    assert_eq!(shared::<u8>(), all);
}

/// Where it is held for longer than one write, it is a lock as any other.
#[test]
fn the_lock_on_stderr_is_a_lock() {
    let main = || {
        let (n, m) = (leaked(), leaked());
        let work = || {
            m.fetch_add(1, Relaxed);
            let _lock = outcomes_std::io::stderr().lock();
            n.store(n.load(Relaxed) + 1, Relaxed);
        };
        thread::scope(|scope| {
            scope.spawn(work);
            scope.spawn(work);
        });
        println!("{}", n.load(Relaxed));
    };
    assert_eq!(outputs(main).unwrap(), ["2\n"]);
}

/// An atomic that every thread may use.
fn leaked() -> &'static AtomicU32 {
    Box::leak(Box::new(AtomicU32::new(0)))
}

/// A search that leaves schedules out can't know which atomics are contested: it
/// starts over before it says that something is not possible.
#[test]
fn a_search_goes_on_where_it_has_not_seen_all() {
    let main = || {
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| x.store(1, Relaxed));
            scope.spawn(|| y.store(1, Relaxed));
            println!("a");
            y.store(2, Relaxed);
            x.store(2, Relaxed);
        });
        0
    };
    let program = outcomes_std::program::program(&main);
    let found = outcomes_engine::search(&program, &Settings::default(), "b\n", None);
    assert!(matches!(found, Ok(Membership::NotPossible(_))), "{found:?}");
}

/// Of one atomic all threads agree on what was first, whatever is left out.
#[test]
fn a_search_is_sure_where_there_is_one_atomic() {
    let main = || {
        let x = AtomicU32::new(0);
        thread::scope(|scope| {
            scope.spawn(|| x.store(1, Relaxed));
            println!("a");
            x.store(2, Relaxed);
        });
        0
    };
    let program = outcomes_std::program::program(&main);
    let found = outcomes_engine::search(&program, &Settings::default(), "b\n", None);
    assert!(matches!(found, Ok(Membership::NotPossible(_))), "{found:?}");
}

#[test]
fn those_who_only_read_do_not_race() {
    let found = outputs(|| {
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        x.store(1, Release);
        y.store(2, Release);
        let sum = || x.load(Acquire) + y.load(Acquire);
        thread::scope(|scope| {
            let thread = scope.spawn(sum);
            println!("{} {}", sum(), thread.join().unwrap());
        });
    });
    assert_eq!(found.unwrap(), ["3 3\n"]);
}

/// What finds no room orders nothing.
#[test]
fn looking_for_room_is_refused() {
    use outcomes_crossbeam::channel::bounded;
    let main = || {
        let flag = AtomicBool::new(false);
        let (sender, receiver) = bounded(1);
        sender.send(0).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                flag.store(true, Release);
                receiver.recv()
            });
            if sender.try_send(1).is_ok() {
                println!("{}", flag.load(Acquire));
            }
        });
    };
    assert_refused(main, "without waiting");
}

#[test]
fn counting_messages_is_refused() {
    use outcomes_crossbeam::channel::bounded;
    let main = || {
        let flag = AtomicBool::new(false);
        let (sender, receiver) = bounded(1);
        thread::scope(|scope| {
            scope.spawn(|| {
                flag.store(true, Release);
                sender.send(1)
            });
            println!("{} {}", receiver.len(), flag.load(Acquire));
        });
    };
    assert_refused(main, "without waiting");
}

/// Whose time is up has seen that nobody came.
#[test]
fn waiting_for_a_time_is_refused() {
    let main = || {
        let flag = AtomicBool::new(false);
        let (lock, changed) = (Mutex::new(()), Condvar::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                flag.store(true, Release);
                changed.notify_one();
            });
            let wait = changed.wait_timeout(lock.lock().unwrap(), Duration::from_millis(1));
            println!("{} {}", wait.unwrap().1.timed_out(), flag.load(Acquire));
        });
    };
    assert_refused(main, "without waiting");
}

/// Two race for each atomic, and somebody who uses the other is always between
/// them.
#[test]
fn who_races_need_not_be_neighbours() {
    static X: AtomicU32 = AtomicU32::new(0);
    static Y: AtomicU32 = AtomicU32::new(0);
    let main = || {
        let first = thread::spawn(|| {
            X.store(1, Release);
            Y.load(Acquire)
        });
        let between = thread::spawn(|| {});
        let last = thread::spawn(|| {
            Y.store(1, Release);
            X.load(Acquire)
        });
        between.join().unwrap();
        println!("{}{}", first.join().unwrap(), last.join().unwrap());
    };
    assert_eq!(outputs(main).unwrap(), ["00\n", "01\n", "10\n", "11\n"]);
}

#[test]
fn a_look_beside_one_contested_atomic_is_named() {
    let main = || {
        let (flag, mutex) = (AtomicBool::new(false), Mutex::new(()));
        thread::scope(|scope| {
            scope.spawn(|| flag.store(true, Relaxed));
            println!("{} {}", flag.load(Relaxed), mutex.try_lock().is_ok());
        });
    };
    assert_refused(main, "what it looks at without waiting");
}

#[test]
fn store_buffering_is_seen_unless_all_is_in_one_order() {
    for orderings in [
        [[Release, Acquire], [Release, Acquire]],
        [[Release, Acquire], [SeqCst, SeqCst]],
        [[SeqCst, Acquire], [SeqCst, SeqCst]],
        [[Relaxed, Relaxed], [SeqCst, Relaxed]],
    ] {
        let explored = outputs(store_buffering(orderings[0], orderings[1]));
        let all = ["00\n", "01\n", "10\n", "11\n"];
        assert_eq!(explored.unwrap(), all, "{orderings:?}");
    }
    let explored = outputs(store_buffering([SeqCst; 2], [SeqCst; 2]));
    assert_eq!(explored.unwrap(), ["01\n", "10\n", "11\n"]);
}

/// With a fence between store and load, somebody sees the other's store.
fn fenced(one: Ordering, other: Ordering) -> impl Fn() {
    move || {
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        let (seen_y, seen_x) = thread::scope(|scope| {
            let first = scope.spawn(|| {
                x.store(1, Relaxed);
                fence(one);
                y.load(Relaxed)
            });
            y.store(1, Relaxed);
            fence(other);
            let seen_x = x.load(Relaxed);
            (first.join().unwrap(), seen_x)
        });
        println!("{seen_x}{seen_y}");
    }
}

#[test]
fn only_fences_in_one_order_prevent_store_buffering() {
    let explored = outputs(fenced(SeqCst, SeqCst));
    assert_eq!(explored.unwrap(), ["01\n", "10\n", "11\n"]);
    let all = ["00\n", "01\n", "10\n", "11\n"];
    assert_eq!(outputs(fenced(SeqCst, AcqRel)).unwrap(), all);
    assert_eq!(outputs(fenced(AcqRel, AcqRel)).unwrap(), all);
}

#[test]
fn readers_may_see_independent_writes_in_different_orders() {
    let found = |load| {
        outputs(move || {
            let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
            let (one, other) = thread::scope(|scope| {
                scope.spawn(|| x.store(1, load));
                scope.spawn(|| y.store(1, load));
                let acquire = if load == SeqCst { SeqCst } else { Acquire };
                let (x, y) = (&x, &y);
                let one = scope.spawn(move || (x.load(acquire), y.load(acquire)));
                let other = scope.spawn(move || (y.load(acquire), x.load(acquire)));
                (one.join().unwrap(), other.join().unwrap())
            });
            println!("{one:?} {other:?}");
        })
        .unwrap()
    };
    let disagree = "(1, 0) (1, 0)\n".to_owned();
    assert!(found(Release).contains(&disagree));
    assert!(!found(SeqCst).contains(&disagree));
    assert_eq!(found(Release).len(), 16);
    assert_eq!(found(SeqCst).len(), 15);
}

#[test]
fn writes_may_come_in_two_orders() {
    let found = outputs(|| {
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                x.store(1, Release);
                y.store(2, Release);
            });
            y.store(1, Release);
            x.store(2, Release);
        });
        println!("{}{}", x.load(Acquire), y.load(Acquire));
    });
    assert_eq!(found.unwrap(), ["11\n", "12\n", "21\n", "22\n"]);
}

/// A message is published by a flag.
fn message_passing() {
    let (message, flag) = (AtomicU32::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            message.store(7, Release);
            flag.store(true, Release);
        });
        if flag.load(Acquire) {
            println!("{}", message.load(Acquire));
        } else {
            println!("nothing");
        }
    });
}

#[test]
fn message_passing_is_explored() {
    assert_eq!(outputs(message_passing).unwrap(), ["7\n", "nothing\n"]);
}

#[test]
fn message_in_a_mutex_is_explored() {
    let found = outputs(|| {
        let (message, flag) = (Mutex::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                *message.lock().unwrap() = 7;
                flag.store(true, Release);
            });
            let told = flag.load(Acquire);
            println!("{told} {}", message.lock().unwrap());
        });
    });
    assert_eq!(found.unwrap(), ["false 0\n", "false 7\n", "true 7\n"]);
}

#[test]
fn flag_that_is_spun_on_is_explored() {
    let found = outputs(|| {
        let flag = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                println!("ready");
                flag.store(true, Release);
            });
            while !flag.load(Acquire) {
                thread::yield_now();
            }
            println!("go");
        });
    });
    assert_eq!(found.unwrap(), ["ready\ngo\n"]);
}

#[test]
fn compare_and_exchange_loop_is_explored() {
    let found = outputs(|| {
        let count = AtomicU32::new(1);
        thread::scope(|scope| {
            for factor in [3, 5] {
                let count = &count;
                scope.spawn(move || {
                    let mut old = count.load(Acquire);
                    while let Err(now) =
                        count.compare_exchange_weak(old, old * factor, AcqRel, Acquire)
                    {
                        old = now;
                    }
                });
            }
        });
        println!("{}", count.load(Acquire));
    });
    assert_eq!(found.unwrap(), ["15\n"]);
}

/// A lock of one's own, and what it protects.
fn spin_lock(with: impl Fn() + Sync) -> impl Fn() {
    move || {
        let locked = AtomicBool::new(false);
        let work = |name| {
            while locked
                .compare_exchange(false, true, Acquire, Acquire)
                .is_err()
            {}
            println!("{name} in");
            with();
            println!("{name} out");
            locked.store(false, Release);
        };
        thread::scope(|scope| {
            scope.spawn(|| work("a"));
            work("b");
        });
    }
}

#[test]
fn lock_made_of_the_only_atomic_is_explored() {
    let found = outputs(spin_lock(|| {})).unwrap();
    assert_eq!(
        found,
        ["a in\na out\nb in\nb out\n", "b in\nb out\na in\na out\n"]
    );
}

/// Of one atomic, all threads agree on the order of its changes.
#[test]
fn the_only_atomic_may_be_relaxed() {
    let found = outputs(|| {
        let count = AtomicU32::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..2 {
                    count.fetch_add(1, Relaxed);
                }
            });
            let [first, second] = [(); 2].map(|()| count.load(Relaxed));
            println!("{first}{second}");
        });
    });
    assert_eq!(
        found.unwrap(),
        ["00\n", "01\n", "02\n", "11\n", "12\n", "22\n"]
    );
}

#[test]
fn a_relaxed_flag_publishes_nothing() {
    let found = |store: Ordering, load: Ordering| {
        outputs(move || {
            let (flag, message) = (AtomicBool::new(false), AtomicU32::new(0));
            thread::scope(|scope| {
                scope.spawn(|| {
                    message.store(7, Relaxed);
                    flag.store(true, store);
                });
                if flag.load(load) {
                    println!("{}", message.load(Relaxed));
                }
            });
        })
        .unwrap()
    };
    assert_eq!(found(Release, Acquire), ["", "7\n"]);
    for (store, load) in [(Relaxed, Acquire), (Release, Relaxed), (Relaxed, Relaxed)] {
        assert_eq!(found(store, load), ["", "0\n", "7\n"]);
    }
}

/// An exchange that fails has read with its second ordering.
#[test]
fn a_relaxed_failure_orders_nothing() {
    let found = |failure| {
        outputs(move || {
            let (flag, message) = (AtomicBool::new(false), AtomicU32::new(0));
            thread::scope(|scope| {
                scope.spawn(|| {
                    message.store(7, Relaxed);
                    flag.store(true, Release);
                });
                let exchanged = flag.compare_exchange(false, true, AcqRel, failure);
                if exchanged.is_err() {
                    println!("{}", message.load(Relaxed));
                }
            });
        })
        .unwrap()
    };
    assert_eq!(found(Acquire), ["", "7\n"]);
    assert_eq!(found(Relaxed), ["", "0\n", "7\n"]);
}

/// A lock whose taking and giving back order what it protects, or don't.
#[test]
fn a_lock_protects_if_it_is_acquired_and_released() {
    let found = |take, give| {
        outputs(move || {
            let (locked, count) = (AtomicBool::new(false), AtomicU32::new(0));
            let work = || {
                while locked.swap(true, take) {}
                count.store(count.load(Relaxed) + 1, Relaxed);
                locked.store(false, give);
            };
            thread::scope(|scope| {
                scope.spawn(work);
                work();
            });
            println!("{}", count.load(Relaxed));
        })
        .unwrap()
    };
    assert_eq!(found(Acquire, Release), ["2\n"]);
    for (take, give) in [(Relaxed, Release), (Acquire, Relaxed)] {
        assert_eq!(found(take, give), ["1\n", "2\n"], "{take:?} {give:?}");
    }
}

/// What is changed by who has it for himself is seen by whoever gets it then.
#[test]
fn an_atomic_may_be_had_for_oneself() {
    let found = outputs(|| {
        let (mut x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| x.store(1, Relaxed));
            scope.spawn(|| y.store(x.load(Relaxed), Relaxed));
        });
        *x.get_mut() += 10;
        thread::scope(|scope| {
            scope.spawn(|| x.store(2, Relaxed));
            println!("{} {}", y.load(Relaxed), x.load(Relaxed));
        });
    });
    assert_eq!(found.unwrap(), ["0 11\n", "0 2\n", "1 11\n", "1 2\n"]);
}

/// An atomic where another one was has none of its values.
#[test]
fn memory_that_is_used_again_starts_anew() {
    let found = outputs(|| {
        let done = AtomicU32::new(0);
        thread::scope(|scope| {
            let worker = || {
                for round in 1..3 {
                    let x = Box::new(AtomicU32::new(10 * round));
                    x.store(10 * round + 1, Relaxed);
                    let seen = x.load(Relaxed);
                    assert_eq!(seen, 10 * round + 1);
                    done.store(seen, Relaxed);
                }
            };
            scope.spawn(worker);
            let flag = Box::new(AtomicU32::new(0));
            flag.store(done.load(Relaxed), Relaxed);
            println!("{}", flag.load(Relaxed));
        });
    });
    assert_eq!(found.unwrap(), ["0\n", "11\n", "21\n"]);
}

/// Nor has a channel where another one was any of its rooms.
#[test]
fn a_channel_where_another_was_starts_anew() {
    let found = outputs(|| {
        let (x, y) = (leaked(), leaked());
        // Has not seen what is stored, so that it matters who has.
        let (stop, stopped) = mpsc::channel::<()>();
        let bystander = thread::spawn(move || (x.load(Relaxed), stopped.recv()).0);
        x.store(1, Relaxed);
        let (sender, receiver) = mpsc::sync_channel(2);
        for number in 0..2 {
            sender.send(number).unwrap();
        }
        assert_eq!(receiver.iter().take(2).collect::<Vec<_>>(), [0, 1]);
        drop((sender, receiver));

        let (sender, receiver) = mpsc::sync_channel(1);
        let worker = thread::spawn(move || {
            sender.send(0).unwrap();
            sender.send(1).unwrap();
            y.load(Relaxed)
        });
        y.store(1, Relaxed);
        receiver.recv().unwrap();
        let seen = worker.join().unwrap();
        drop(stop);
        println!("{} {seen}", bystander.join().unwrap());
    });
    assert_eq!(found.unwrap(), ["0 1\n", "1 1\n"]);
}

/// What a message hands on stays the same while it is under way, whatever comes to be
/// known meanwhile of atomics that lie before the one that it tells of.
#[test]
fn a_message_under_way_keeps_what_it_tells() {
    let found = outputs(|| {
        let [before, told]: &[AtomicU32; 2] = Box::leak(Box::default());
        let (sender, receiver) = mpsc::channel();
        let worker = thread::spawn(move || {
            told.store(1, Relaxed);
            sender.send(()).unwrap();
            before.load(Relaxed)
        });
        let early = told.load(Relaxed);
        before.store(1, Relaxed);
        before.store(2, Relaxed);
        receiver.recv().unwrap();
        let late = told.load(Relaxed);
        println!("{early} {late} {}", worker.join().unwrap());
    });
    let all = [
        "0 1 0\n", "0 1 1\n", "0 1 2\n", "1 1 0\n", "1 1 1\n", "1 1 2\n",
    ];
    assert_eq!(found.unwrap(), all);
}

/// A lock that is waited for by writing again and again what is there already has few
/// states, also after it was handed on.
#[test]
fn a_lock_that_is_written_again_and_again_is_explored() {
    let found = outputs(|| {
        let (lock, count) = (AtomicBool::new(false), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..2 {
                        while lock.swap(true, Acquire) {}
                        count.store(count.load(Relaxed) + 1, Relaxed);
                        lock.store(false, Release);
                    }
                });
            }
            // Something to tell that memory is weak.
            print!("{} {} ", count.load(Relaxed), lock.load(Relaxed));
        });
        println!("{}", count.load(Relaxed));
    });
    let early = (0..=4).flat_map(|count| [false, true].map(|lock| format!("{count} {lock} 4\n")));
    assert_eq!(found.unwrap(), early.collect::<Vec<_>>());
}

/// Whoever waits for one thread has seen nothing of another, whether that has ended or
/// goes on.
#[test]
fn who_waits_for_one_has_seen_nothing_of_another() {
    let stores = |x: &AtomicU32, y: &AtomicU32| {
        x.store(1, Relaxed);
        y.store(1, Relaxed);
    };
    let all = ["0 0\n", "0 1\n", "1 0\n", "1 1\n"];
    let of_main = || {
        let (x, y) = (leaked(), leaked());
        let worker = thread::spawn(|| {
            let other = thread::spawn(|| ());
            let seen = y.load(Relaxed);
            other.join().unwrap();
            (seen, x.load(Relaxed))
        });
        stores(x, y);
        let (seen_y, seen_x) = worker.join().unwrap();
        println!("{seen_y} {seen_x}");
    };
    assert_eq!(outputs(of_main).unwrap(), all);
    let of_the_dead = || {
        let (x, y) = (leaked(), leaked());
        drop(thread::spawn(move || stores(x, y)));
        let seen = y.load(Relaxed);
        thread::spawn(|| ()).join().unwrap();
        println!("{seen} {}", x.load(Relaxed));
    };
    assert_eq!(outputs(of_the_dead).unwrap(), all);
}

/// Locks, the ends of threads, tokens, and what is done once hand on what was
/// seen; so nothing of it is missed.
#[test]
fn who_waits_for_another_has_seen_what_that_one_saw() {
    let race = |publish: fn(&AtomicU32) -> u32| {
        outputs(move || {
            // Something to tell that memory is weak.
            let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
            let message = AtomicU32::new(0);
            thread::scope(|scope| {
                scope.spawn(|| x.store(y.load(Relaxed), Relaxed));
                scope.spawn(|| y.store(1, Relaxed));
            });
            println!("{}", publish(&message));
        })
        .unwrap()
    };
    let by_mutex = |message: &AtomicU32| {
        let (told, changed) = (Mutex::new(false), Condvar::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                *told.lock().unwrap() = true;
                changed.notify_one();
            });
            let told = told.lock().unwrap();
            drop(changed.wait_while(told, |told| !*told));
            message.load(Relaxed)
        })
    };
    let by_rwlock = |message: &AtomicU32| {
        let told = RwLock::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                *told.write().unwrap() = true;
            });
            let is_told = *told.read().unwrap();
            if is_told { message.load(Relaxed) } else { 7 }
        })
    };
    let by_scope = |message: &AtomicU32| {
        thread::scope(|scope| {
            scope.spawn(|| message.store(7, Relaxed));
        });
        message.load(Relaxed)
    };
    let by_join = |message: &AtomicU32| {
        thread::scope(|scope| {
            let thread = scope.spawn(|| message.store(7, Relaxed));
            thread.join().unwrap();
            message.load(Relaxed)
        })
    };
    let by_spawn = |message: &AtomicU32| {
        message.store(7, Relaxed);
        thread::scope(|scope| scope.spawn(|| message.load(Relaxed)).join().unwrap())
    };
    let by_token = |message: &AtomicU32| {
        let told = AtomicBool::new(false);
        thread::scope(|scope| {
            let main = thread::current();
            let told = &told;
            scope.spawn(move || {
                message.store(7, Relaxed);
                told.store(true, Release);
                main.unpark();
            });
            while !told.load(Acquire) {
                thread::park();
            }
            message.load(Relaxed)
        })
    };
    let by_barrier = |message: &AtomicU32| {
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                barrier.wait();
            });
            barrier.wait();
            message.load(Relaxed)
        })
    };
    let by_once = |message: &AtomicU32| {
        let once = OnceLock::new();
        thread::scope(|scope| {
            let set = || *once.get_or_init(|| message.swap(7, Relaxed));
            scope.spawn(set);
            set();
            message.load(Relaxed)
        })
    };
    for publish in [
        by_mutex, by_rwlock, by_scope, by_join, by_spawn, by_token, by_barrier, by_once,
    ] as [fn(&AtomicU32) -> u32; 8]
    {
        assert_eq!(race(publish), ["7\n"]);
    }
}

/// The last owner drops what it shares after the others have let go of it.
#[test]
fn the_last_owner_has_seen_what_the_others_saw() {
    struct Shows(AtomicU32, AtomicU32);
    impl Drop for Shows {
        fn drop(&mut self) {
            println!("{} {}", self.0.load(Relaxed), self.1.load(Relaxed));
        }
    }
    let found = outputs(|| {
        let shared = Arc::new(Shows(AtomicU32::new(0), AtomicU32::new(0)));
        for thread in [1, 2] {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                if thread == 1 {
                    shared.0.store(1, Relaxed);
                } else {
                    shared.1.store(1 + shared.0.load(Relaxed), Relaxed);
                }
            });
        }
        drop(shared);
        thread::sleep(outcomes_std::time::Duration::MAX);
    });
    assert_eq!(found.unwrap(), ["1 1\n", "1 2\n"]);
}

/// A thread may miss the newest store for some time, but not for ever.
#[test]
fn no_store_is_missed_for_ever() {
    let found = outputs(|| {
        let (flag, message) = (AtomicBool::new(false), AtomicU32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                flag.store(true, Relaxed);
            });
            while !flag.load(Relaxed) {}
            println!("{}", message.load(Relaxed));
        });
    });
    assert_eq!(found.unwrap(), ["0\n", "7\n"]);
}

/// A schedule says which store was read, and its trace that there was a newer one.
#[test]
fn a_trace_tells_what_was_missed() {
    let main = || {
        store_buffering([Relaxed; 2], [Relaxed; 2])();
        0
    };
    let program = outcomes_std::program::program(&main);
    let settings = Settings::default();
    let explored = outcomes_engine::explore(&program, &settings, &mut |_| {}).unwrap();
    let Membership::Possible(schedule) = explored.graph.find("00\n", None) else {
        panic!("it is possible");
    };
    assert_eq!(schedule.view, ["weak"]);
    let schedule: outcomes_engine::Schedule = schedule.to_string().parse().unwrap();
    let trace = outcomes_engine::trace(&program, &settings, &schedule).unwrap();
    let text: String = trace.events.iter().map(|event| &*event.text).collect();
    assert_eq!(text, "00\n");
    let mut events = trace.events.iter();
    let missed = events.find(|event| event.newer == Some(1)).unwrap();
    assert_eq!(
        trace.deed(missed),
        "load 0 (first atomic), missing the newest store"
    );
}

/// Of a channel's messages each hands on what its sender has seen, and no more.
#[test]
fn a_message_hands_on_what_its_sender_saw() {
    use outcomes_crossbeam::channel::{bounded, unbounded};
    let found = |capacity: Option<usize>, received: usize| {
        outputs(move || {
            let message = AtomicU32::new(0);
            let (sender, receiver) = capacity.map_or_else(unbounded, bounded);
            let flag = AtomicBool::new(false);
            thread::scope(|scope| {
                let (message, flag) = (&message, &flag);
                scope.spawn(move || {
                    message.store(1, Relaxed);
                    flag.store(true, Relaxed);
                    sender.send(1).unwrap();
                    message.store(2, Relaxed);
                    sender.send(2).unwrap();
                });
                while !flag.load(Relaxed) {}
                for _ in 0..received {
                    receiver.recv().unwrap();
                }
                println!("{}", message.load(Relaxed));
                for _ in received..2 {
                    receiver.recv().unwrap();
                }
            });
        })
        .unwrap()
    };
    for capacity in [None, Some(0), Some(1), Some(2)] {
        assert_eq!(found(capacity, 0).first().unwrap(), "0\n", "{capacity:?}");
        assert_eq!(found(capacity, 1), ["1\n", "2\n"], "{capacity:?}");
        assert_eq!(found(capacity, 2), ["2\n"], "{capacity:?}");
    }
}

/// A receive is seen by the send that gets its room, and by none before.
#[test]
fn who_gets_a_room_has_seen_what_its_receiver_saw() {
    use outcomes_crossbeam::channel::bounded;
    let found = |capacity, sent| {
        outputs(move || {
            let (x, flag) = (AtomicU32::new(0), AtomicBool::new(false));
            let (sender, receiver) = bounded(capacity);
            thread::scope(|scope| {
                let (x, flag) = (&x, &flag);
                scope.spawn(move || {
                    x.store(1, Relaxed);
                    flag.store(true, Relaxed);
                    while receiver.recv().is_ok() {}
                });
                while !flag.load(Relaxed) {}
                for number in 0..sent {
                    sender.send(number).unwrap();
                }
                println!("{}", x.load(Relaxed));
                drop(sender);
            });
        })
        .unwrap()
    };
    assert_eq!(found(1, 1), ["0\n", "1\n"]);
    assert_eq!(found(1, 2), ["1\n"]);
    assert_eq!(found(2, 2), ["0\n", "1\n"]);
    assert_eq!(found(2, 3), ["1\n"]);
    assert_eq!(found(0, 1), ["1\n"]);
}

#[test]
fn what_is_not_carried_is_refused() {
    use outcomes_crossbeam::atomic::AtomicCell;
    let main = || {
        let (flag, message) = (AtomicBool::new(false), AtomicU32::new(0));
        let cell = AtomicCell::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                flag.store(true, Relaxed);
                cell.store(1);
            });
            while !flag.load(Relaxed) {}
            println!("{} {}", message.load(Relaxed), cell.load());
        });
    };
    assert_refused(main, "its atomic cell can't be explored together with that");
}

/// Of a thread's `SeqCst` stores those matter that another may still read.
#[test]
fn more_sequentially_consistent_stores_than_can_be_told_apart_are_refused() {
    let main = |stores| {
        move || {
            let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
            thread::scope(|scope| {
                scope.spawn(|| {
                    for number in 1..=stores {
                        x.store(number, SeqCst);
                    }
                    y.store(1, SeqCst);
                });
                println!("{} {}", y.load(Relaxed), x.load(Relaxed));
            });
        }
    };
    assert_refused(main(70), "as many SeqCst accesses");
    // With either value of `y` any of `x`, since nothing is acquired.
    assert_eq!(outputs(main(8)).unwrap().len(), 18);
}

/// What is gone at the end of one execution is there again in the next.
#[test]
fn atomics_on_the_heap_are_weak_too() {
    let found = outputs(|| {
        let atomics = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
        let theirs = Arc::clone(&atomics);
        let other = thread::spawn(move || {
            theirs.0.store(1, Relaxed);
            theirs.1.load(Relaxed)
        });
        atomics.1.store(1, Relaxed);
        let seen = atomics.0.load(Relaxed);
        println!("{seen}{}", other.join().unwrap());
    });
    assert_eq!(found.unwrap(), ["00\n", "01\n", "10\n", "11\n"]);
}

/// It promises less than `Acquire`, which only those can tell who can tell that memory
/// is weak.
#[test]
fn consuming_is_refused_where_it_matters() {
    use outcomes_crossbeam::atomic::AtomicConsume as _;
    let main = || {
        let (flag, message) = (AtomicBool::new(false), AtomicU32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                flag.store(true, Release);
            });
            while !flag.load_consume() {}
            println!("{}", message.load(Relaxed));
        });
    };
    assert_refused(
        main,
        "load_consume orders only what depends on what it loads",
    );
    let found = outputs(|| {
        let flag = AtomicU32::new(0);
        thread::scope(|scope| {
            scope.spawn(|| flag.store(7, Release));
            println!("{}", flag.load_consume());
        });
    });
    assert_eq!(found.unwrap(), ["0\n", "7\n"]);
}

#[test]
fn looking_without_waiting_is_refused() {
    assert_refused(
        || {
            let (lock, flag) = (Mutex::new(()), AtomicBool::new(false));
            thread::scope(|scope| {
                scope.spawn(|| {
                    flag.store(true, Release);
                    let _guard = lock.lock().unwrap();
                });
                if lock.try_lock().is_err() {
                    println!("{}", flag.load(Acquire));
                }
            });
        },
        "without waiting",
    );
}

#[test]
fn sequential_consistency_may_look() {
    let found = outputs(|| {
        let (lock, flag) = (Mutex::new(()), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                flag.store(true, SeqCst);
                let _guard = lock.lock().unwrap();
            });
            if lock.try_lock().is_err() {
                println!("{}", flag.load(SeqCst));
            }
        });
    });
    assert_eq!(found.unwrap(), ["", "true\n"]);
}

#[test]
fn search_finds_what_is_possible_and_what_is_not() {
    let main = || {
        message_passing();
        0
    };
    let program = outcomes_std::program::program(&main);
    let search = |text| {
        outcomes_engine::search(
            &program,
            &Settings::default(),
            text,
            Some(&Ending::Returned),
        )
    };
    assert!(matches!(search("7\n"), Ok(Membership::Possible(_))));
    assert!(matches!(search("0\n"), Ok(Membership::NotPossible(_))));
}

#[test]
fn impossible_orderings_panic_as_in_std() {
    let found = outputs(|| {
        let x = AtomicU32::new(0);
        let panics = [
            thread::scope(|scope| scope.spawn(|| x.load(Release)).join().is_err()),
            thread::scope(|scope| scope.spawn(|| x.store(1, Acquire)).join().is_err()),
            thread::scope(|scope| {
                let exchange = || x.compare_exchange(0, 1, AcqRel, Release);
                scope.spawn(exchange).join().is_err()
            }),
        ];
        println!("{panics:?} {}", x.load(Acquire));
    });
    assert_eq!(found.unwrap(), ["[true, true, true] 0\n"]);
}

#[test]
fn debug_of_an_atomic_is_relaxed() {
    let found = outputs(|| {
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        let (one, other) = thread::scope(|scope| {
            let one = scope.spawn(|| {
                x.store(1, SeqCst);
                format!("{y:?}")
            });
            y.store(1, SeqCst);
            (format!("{x:?}"), one.join().unwrap())
        });
        println!("{one}{other}");
    });
    assert_eq!(found.unwrap(), ["00\n", "01\n", "10\n", "11\n"]);
}

#[test]
fn debug_after_a_join_is_explored() {
    let found = outputs(|| {
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        let count = || {
            x.fetch_add(1, SeqCst);
            y.fetch_add(2, SeqCst);
        };
        thread::scope(|scope| {
            scope.spawn(count);
            scope.spawn(count);
        });
        println!("{x:?} {y:?}");
    });
    assert_eq!(found.unwrap(), ["2 4\n"]);
}

/// What nobody can contend for is an ordinary variable, whatever is promised.
#[test]
fn relaxed_after_a_join_is_explored() {
    let found = outputs(|| {
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        let (seen_y, seen_x) = thread::scope(|scope| {
            let first = scope.spawn(|| {
                x.store(1, SeqCst);
                y.load(SeqCst)
            });
            y.store(1, SeqCst);
            let seen_x = x.load(SeqCst);
            (first.join().unwrap(), seen_x)
        });
        x.store(seen_x + 1, Relaxed);
        println!("{seen_x}{seen_y} {} {}", x.load(Relaxed), y.load(Relaxed));
    });
    assert_eq!(found.unwrap(), ["01 1 1\n", "10 2 1\n", "11 2 1\n"]);
}
