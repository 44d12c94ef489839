//! Programs that use less than sequential consistency are explored where they
//! can't tell, and refused where they can.

use outcomes::{Ending, Membership, Settings};
use outcomes_soak::explore;
use outcomes_std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use outcomes_std::sync::atomic::{AtomicBool, AtomicU32};
use outcomes_std::sync::{Condvar, Mutex};
use outcomes_std::{println, thread};
use std::time::Duration;

fn outputs(main: impl Fn()) -> Result<Vec<String>, String> {
    let main = || {
        main();
        0
    };
    let explored = explore(&main, &Settings::default())?;
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
    for clock in [outcomes::Clock::Any, outcomes::Clock::Prompt] {
        let settings = Settings {
            clock,
            ..Settings::default()
        };
        let explored = explore(&main, &settings).unwrap();
        let count = if clock == outcomes::Clock::Any { 2 } else { 1 };
        assert_eq!(explored.outputs().unwrap().count(), count, "{clock:?}");
    }
}

/// A search that leaves schedules out can't know which atomics are contested.
#[test]
fn a_search_is_in_doubt_where_it_has_not_seen_all() {
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
    let found = outcomes::search(&program, &Settings::default(), "b\n", None);
    let Err(Err(refused)) = found else {
        panic!("{found:?}");
    };
    assert!(refused.reason.contains("more than one atomic"), "{refused}");
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
    let found = outcomes::search(&program, &Settings::default(), "b\n", None);
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
        thread::spawn(|| X.store(1, Release));
        thread::spawn(|| while Y.load(Acquire) < 9 {});
        thread::spawn(|| X.store(2, Release));
        thread::spawn(|| while Y.swap(1, AcqRel) < 9 {});
    };
    assert_refused(main, "threads race for more than one atomic");
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
    assert_refused(main, "also looks at something without waiting");
}

#[test]
fn store_buffering_is_refused() {
    let reason = "more than one atomic";
    assert_refused(
        store_buffering([Release, Acquire], [Release, Acquire]),
        reason,
    );
    assert_refused(
        store_buffering([Release, Acquire], [SeqCst, SeqCst]),
        reason,
    );
    assert_refused(store_buffering([SeqCst, Acquire], [SeqCst, SeqCst]), reason);
    let explored = outputs(store_buffering([SeqCst; 2], [SeqCst; 2]));
    assert_eq!(explored.unwrap(), ["01\n", "10\n", "11\n"]);
}

#[test]
fn readers_of_independent_writes_are_refused() {
    assert_refused(
        || {
            let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
            thread::scope(|scope| {
                scope.spawn(|| x.store(1, Release));
                scope.spawn(|| y.store(1, Release));
                scope.spawn(|| println!("{}{}", x.load(Acquire), y.load(Acquire)));
                scope.spawn(|| println!("{}{}", y.load(Acquire), x.load(Acquire)));
            });
        },
        "Ordering::Release",
    );
}

#[test]
fn writes_in_two_orders_are_refused() {
    assert_refused(
        || {
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
        },
        "more than one atomic",
    );
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
fn a_relaxed_flag_beside_another_atomic_is_refused() {
    let (flag, message) = (AtomicBool::new(false), AtomicU32::new(0));
    let main = || {
        thread::scope(|scope| {
            scope.spawn(|| {
                message.store(7, Relaxed);
                flag.store(true, Relaxed);
            });
            if flag.load(Relaxed) {
                println!("{}", message.load(Relaxed));
            }
        });
    };
    assert_refused(main, "Ordering::Relaxed, and there is more than one atomic");
}

#[test]
fn a_relaxed_failure_beside_another_atomic_is_refused() {
    let main = || {
        let (flag, message) = (AtomicBool::new(false), AtomicU32::new(0));
        message.store(1, SeqCst);
        thread::scope(|scope| {
            scope.spawn(|| flag.store(true, SeqCst));
            let _ = flag.compare_exchange(false, true, AcqRel, Relaxed);
        });
    };
    assert_refused(main, "Ordering::Relaxed, and there is more than one atomic");
}

#[test]
fn half_an_ordering_beside_another_atomic_is_refused() {
    let count = AtomicU32::new(0);
    let main = spin_lock(move || count.store(1, Release));
    assert_refused(main, "leaves half of a change unordered");
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
fn search_finds_what_is_possible_but_proves_nothing_impossible() {
    let main = || {
        message_passing();
        0
    };
    let program = outcomes_std::program::program(&main);
    let search = |text| {
        outcomes::search(
            &program,
            &Settings::default(),
            text,
            Some(&Ending::Returned),
        )
    };
    assert!(matches!(search("7\n"), Ok(Membership::Possible(_))));
    let refused = search("0\n").unwrap_err().unwrap_err();
    assert!(refused.reason.contains("more than one atomic"), "{refused}");
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
    assert_refused(
        || {
            let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
            thread::scope(|scope| {
                scope.spawn(|| {
                    x.store(1, SeqCst);
                    println!("{y:?}");
                });
                y.store(1, SeqCst);
                println!("{x:#?}");
            });
        },
        "by its Debug, which reads it with Ordering::Relaxed",
    );
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
