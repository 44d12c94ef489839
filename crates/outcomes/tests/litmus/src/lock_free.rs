//! Small things that work without a lock, each as it is right, and with one ordering
//! too weak: on the originals of atomics and threads, or on others that look like them.

/// Defines `CASES`, on the atomics and threads of the crate or module that is named.
///
/// ```
/// outcomes_litmus::lock_free!(std);
///
/// for (name, case, right, _) in CASES {
///     assert!(case(right), "{name}");
/// }
/// ```
#[macro_export]
macro_rules! lock_free {
    ($std:ident) => {
        use $std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
        use $std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering, fence};
        use $std::{hint, thread};

        /// A message is there once the flag is up.
        fn flag(store: Ordering) -> bool {
            let (message, ready) = (AtomicU32::new(0), AtomicBool::new(false));
            let seen = thread::scope(|scope| {
                scope.spawn(|| {
                    message.store(7, Relaxed);
                    ready.store(true, store);
                });
                while !ready.load(Acquire) {
                    hint::spin_loop();
                }
                message.load(Relaxed)
            });
            seen == 7
        }

        /// A lock of one atomic, around a counter.
        fn spin_lock(unlock: Ordering) -> bool {
            let (locked, count) = (AtomicBool::new(false), AtomicU32::new(0));
            let add = || {
                while locked.swap(true, Acquire) {
                    hint::spin_loop();
                }
                count.store(count.load(Relaxed) + 1, Relaxed);
                locked.store(false, unlock);
            };
            thread::scope(|scope| {
                scope.spawn(add);
                scope.spawn(add);
            });
            count.load(Relaxed) == 2
        }

        /// A lock that is given in the order of asking.
        fn ticket_lock(unlock: Ordering) -> bool {
            let (next, serving, count) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
            let add = || {
                let ticket = next.fetch_add(1, Relaxed);
                while serving.load(Acquire) != ticket {
                    hint::spin_loop();
                }
                count.store(count.load(Relaxed) + 1, Relaxed);
                serving.store(ticket + 1, unlock);
            };
            thread::scope(|scope| {
                scope.spawn(add);
                scope.spawn(add);
            });
            count.load(Relaxed) == 2
        }

        /// Peterson's lock, of loads and stores alone.
        fn peterson(look: Ordering) -> bool {
            let wants = [AtomicBool::new(false), AtomicBool::new(false)];
            let (turn, count) = (AtomicUsize::new(0), AtomicU32::new(0));
            let add = |me: usize| {
                let other = 1 - me;
                wants[me].store(true, SeqCst);
                turn.store(other, SeqCst);
                while wants[other].load(look) && turn.load(SeqCst) == other {
                    hint::spin_loop();
                }
                count.store(count.load(Relaxed) + 1, Relaxed);
                wants[me].store(false, Release);
            };
            thread::scope(|scope| {
                scope.spawn(|| add(0));
                scope.spawn(|| add(1));
            });
            count.load(Relaxed) == 2
        }

        /// At most one of two goes first, since each says so before it looks.
        fn fenced_flags(between: Ordering) -> bool {
            let flags = [AtomicBool::new(false), AtomicBool::new(false)];
            let is_first = |me: usize| {
                flags[me].store(true, Relaxed);
                fence(between);
                !flags[1 - me].load(Relaxed)
            };
            let both = thread::scope(|scope| {
                let one = scope.spawn(|| is_first(0));
                let other = is_first(1);
                one.join().unwrap() && other
            });
            !both
        }

        /// What is made once is there for who finds it made.
        fn made_once(look: Ordering) -> bool {
            let (state, value) = (AtomicU32::new(0), AtomicU32::new(0));
            let get = || {
                if state.load(look) != 2 {
                    if state.compare_exchange(0, 1, Acquire, Acquire).is_ok() {
                        value.store(7, Relaxed);
                        state.store(2, Release);
                    } else {
                        while state.load(Acquire) != 2 {
                            hint::spin_loop();
                        }
                    }
                }
                value.load(Relaxed)
            };
            let both = thread::scope(|scope| {
                let one = scope.spawn(get);
                let other = get();
                (one.join().unwrap(), other)
            });
            both == (7, 7)
        }

        /// Two values that belong together, under a number that is odd while they change.
        fn sequence_lock(begin: Ordering) -> bool {
            let number = AtomicU32::new(0);
            let values = [AtomicU32::new(0), AtomicU32::new(0)];
            let seen = thread::scope(|scope| {
                scope.spawn(|| {
                    number.store(1, Relaxed);
                    fence(Release);
                    values[0].store(1, Relaxed);
                    values[1].store(1, Relaxed);
                    number.store(2, Release);
                });
                let before = number.load(begin);
                let seen = [values[0].load(Relaxed), values[1].load(Relaxed)];
                fence(Acquire);
                let after = number.load(Relaxed);
                (before == after && before.is_multiple_of(2)).then_some(seen)
            });
            seen.is_none_or(|seen| seen[0] == seen[1])
        }

        /// One puts values into a ring, another takes them out.
        fn ring(publish: Ordering) -> bool {
            let slots = [AtomicU32::new(0), AtomicU32::new(0)];
            let (put, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let values = thread::scope(|scope| {
                scope.spawn(|| {
                    for number in 0..3 {
                        while number - taken.load(Acquire) == slots.len() {
                            hint::spin_loop();
                        }
                        slots[number % 2].store(10 + u32::try_from(number).unwrap(), Relaxed);
                        put.store(number + 1, publish);
                    }
                });
                let take = |number: usize| {
                    while put.load(Acquire) == number {
                        hint::spin_loop();
                    }
                    let value = slots[number % 2].load(Relaxed);
                    taken.store(number + 1, Release);
                    value
                };
                [take(0), take(1), take(2)]
            });
            values == [10, 11, 12]
        }

        /// The last owner sees what all did.
        fn owners(let_go: Ordering) -> bool {
            let (count, value) = (AtomicU32::new(2), AtomicU32::new(0));
            let work = |mine| {
                if mine {
                    value.store(7, Relaxed);
                }
                if count.fetch_sub(1, let_go) > 1 {
                    return 7;
                }
                fence(Acquire);
                value.load(Relaxed)
            };
            let both = thread::scope(|scope| {
                let one = scope.spawn(|| work(true));
                let other = work(false);
                (one.join().unwrap(), other)
            });
            both == (7, 7)
        }

        /// Nobody goes on before all have come.
        fn barrier(arrive: Ordering) -> bool {
            let (count, values) = (AtomicU32::new(0), [AtomicU32::new(0), AtomicU32::new(0)]);
            let meet = |me: usize| {
                values[me].store(7, Relaxed);
                count.fetch_add(1, arrive);
                while count.load(Acquire) < 2 {
                    hint::spin_loop();
                }
                values[1 - me].load(Relaxed)
            };
            let both = thread::scope(|scope| {
                let one = scope.spawn(|| meet(0));
                let other = meet(1);
                (one.join().unwrap(), other)
            });
            both == (7, 7)
        }

        /// A list to whose front two push; nobody takes before it has read what it takes.
        fn stack(push: Ordering) -> bool {
            const NOBODY: usize = 9;
            let values = [AtomicU32::new(0), AtomicU32::new(0)];
            let next = [AtomicUsize::new(NOBODY), AtomicUsize::new(NOBODY)];
            let head = AtomicUsize::new(NOBODY);
            let sum = thread::scope(|scope| {
                scope.spawn(|| {
                    for node in 0..2 {
                        values[node].store(7, Relaxed);
                        let mut old = head.load(Relaxed);
                        loop {
                            next[node].store(old, Relaxed);
                            match head.compare_exchange(old, node, push, Relaxed) {
                                Ok(_) => break,
                                Err(newer) => old = newer,
                            }
                        }
                    }
                });
                let mut all = true;
                for _ in 0..2 {
                    let mut node = head.load(Acquire);
                    while node != NOBODY {
                        let behind = next[node].load(Relaxed);
                        match head.compare_exchange(node, behind, Acquire, Acquire) {
                            Ok(_) => {
                                all &= values[node].load(Relaxed) == 7;
                                break;
                            }
                            Err(other) => node = other,
                        }
                    }
                }
                all
            });
            sum
        }

        /// Its name, what it does with an ordering, that which is right, and one that is
        /// too weak.
        type Case = (&'static str, fn(Ordering) -> bool, Ordering, Ordering);

        const CASES: [Case; 11] = [
            ("flag", flag, Release, Relaxed),
            ("spin lock", spin_lock, Release, Relaxed),
            ("ticket lock", ticket_lock, Release, Relaxed),
            ("Peterson's lock", peterson, SeqCst, Relaxed),
            ("flags with a fence", fenced_flags, SeqCst, AcqRel),
            ("made once", made_once, Acquire, Relaxed),
            ("sequence lock", sequence_lock, Acquire, Relaxed),
            ("ring", ring, Release, Relaxed),
            ("owners", owners, Release, Relaxed),
            ("barrier", barrier, Release, Relaxed),
            ("stack", stack, Release, Relaxed),
        ];
    };
}
