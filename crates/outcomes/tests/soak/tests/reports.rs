//! What is reported beside the outputs: panics that they don't show, and threads
//! that are stuck for good while others go on.

use outcomes_engine::{
    Answer, Check, Checked, Clock, Ending, Exploration, Message, Request, Sample, Settings,
};
use outcomes_soak::{explore, traces};
use outcomes_std::sync::atomic::{AtomicBool, Ordering};
use outcomes_std::sync::{
    Arc, Barrier, Condvar, Mutex, Once, OnceLock, RwLock, RwLockWriteGuard, mpsc,
};
use outcomes_std::{print, println, thread};
use std::time::Duration;

fn explored(main: fn(), clock: Clock) -> Exploration {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let explored = explore(&main, &settings).unwrap();
    traces::check(&main, &settings, &explored, 300).unwrap();
    explored
}

/// What each panic says, and in which thread.
fn panics(main: fn()) -> Vec<(String, String)> {
    let explored = explored(main, Clock::Any);
    let panics = explored.panics.iter().map(|possible| {
        let panic = &possible.panic;
        assert_eq!(panic.at.as_ref().unwrap().file, file!());
        (panic.who.path.to_string(), panic.message.clone())
    });
    panics.collect()
}

#[test]
fn a_send_that_nobody_can_receive_any_more_panics() {
    fn main() {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(1).unwrap());
        drop(receiver);
    }
    let expected = r#"called `Result::unwrap()` on an `Err` value: SendError { .. }"#;
    assert_eq!(panics(main), [("1".to_owned(), expected.to_owned())]);
}

#[test]
fn a_panic_is_told_once_whatever_numbers_it_names() {
    fn main() {
        let numbers = Arc::new(Mutex::new(0));
        for _ in 0..2 {
            let numbers = Arc::clone(&numbers);
            thread::spawn(move || {
                let mut number = numbers.lock().unwrap_or_else(|poison| poison.into_inner());
                *number += 1;
                panic!("number {number}");
            });
        }
    }
    assert_eq!(panics(main).len(), 1);
}

#[test]
fn who_never_panics_has_no_panics() {
    assert_eq!(panics(|| println!("well")), []);
}

/// The threads that can be stuck for good together.
fn leaks(main: fn(), clock: Clock) -> Vec<Vec<String>> {
    let explored = explored(main, clock);
    let leaks = explored.leaks.iter().map(|leak| {
        let blocked = leak.standstill.blocked.iter();
        blocked
            .map(|blocked| blocked.who.path.to_string())
            .collect()
    });
    leaks.collect()
}

fn both(main: fn()) -> Vec<Vec<String>> {
    let any = leaks(main, Clock::Any);
    assert_eq!(leaks(main, Clock::Prompt), any);
    any
}

#[test]
fn a_receiver_whose_sender_is_forgotten_is_stuck() {
    fn main() {
        let (sender, receiver) = mpsc::channel::<i32>();
        thread::spawn(move || receiver.recv());
        std::mem::forget(sender);
        println!("done");
    }
    assert_eq!(both(main), [["1"]]);
}

#[test]
fn two_that_wait_for_each_other_are_told_together() {
    fn main() {
        let locks = Arc::new((Mutex::new(()), Mutex::new(())));
        let other = Arc::clone(&locks);
        thread::spawn(move || {
            let _first = locks.0.lock().unwrap();
            let _second = locks.1.lock().unwrap();
        });
        thread::spawn(move || {
            let _first = other.1.lock().unwrap();
            let _second = other.0.lock().unwrap();
        });
        println!("done");
    }
    assert_eq!(both(main), [["1", "2"]]);
}

#[test]
fn who_comes_to_be_stuck_later_is_told_with_the_others() {
    fn main() {
        for _ in 0..2 {
            let (sender, receiver) = mpsc::channel::<i32>();
            thread::spawn(move || receiver.recv());
            std::mem::forget(sender);
        }
        println!("done");
    }
    assert_eq!(both(main), [["1", "2"]]);
    // Nothing has to happen before.
    let leaks = explored(main, Clock::Any).leaks;
    assert_eq!(leaks[0].schedule.steps.len(), 0);
}

/// That others sleep meanwhile makes no difference.
#[test]
fn who_is_stuck_beside_a_sleeper_is_so_from_the_start() {
    fn main() {
        let (sender, receiver) = mpsc::channel::<i32>();
        thread::spawn(move || receiver.recv());
        std::mem::forget(sender);
        thread::spawn(|| println!("other"));
        thread::sleep(Duration::from_secs(1));
        println!("done");
    }
    assert_eq!(leaks(main, Clock::Prompt), [["1"]]);
    let leaks = explored(main, Clock::Prompt).leaks;
    assert_eq!(leaks[0].schedule.steps.len(), 0);
}

#[test]
fn who_is_stuck_before_another_is_told_with_him() {
    fn main() {
        let stuck = || {
            let (sender, receiver) = mpsc::channel::<i32>();
            std::mem::forget(sender);
            thread::spawn(move || receiver.recv());
        };
        stuck();
        println!("a");
        println!("b");
        stuck();
        println!("c");
    }
    assert_eq!(both(main), [["1", "2"]]);
}

#[test]
fn a_panic_within_the_originals_has_no_place() {
    fn main() {
        (0..3).step_by(std::hint::black_box(0)).for_each(drop);
    }
    let explored = explored(main, Clock::Any);
    assert_eq!(explored.panics.len(), 1);
    assert_eq!(explored.panics[0].panic.at, None);
}

#[test]
fn who_waits_for_a_condition_that_nobody_makes_true_is_stuck() {
    fn main() {
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        thread::spawn(move || {
            let ready = pair.0.lock().unwrap();
            drop(pair.1.wait_while(ready, |ready| !*ready));
        });
        println!("done");
    }
    assert_eq!(both(main), [["1"]]);
}

#[test]
fn who_could_go_on_is_not_stuck() {
    fn main() {
        let (sender, receiver) = mpsc::channel();
        let reader = thread::spawn(move || {
            while let Ok(number) = receiver.recv() {
                println!("{number}");
            }
        });
        thread::spawn(move || sender.send(1));
        thread::spawn(|| {
            println!("killed");
            thread::sleep(Duration::from_secs(3600));
            println!("never on a prompt machine");
        });
        drop(reader);
    }
    assert_eq!(both(main), Vec::<Vec<String>>::new());
}

#[test]
fn who_waits_for_a_sleeper_is_not_stuck() {
    fn main() {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(1));
            sender.send(1)
        });
        thread::spawn(move || receiver.recv());
    }
    assert_eq!(both(main), Vec::<Vec<String>>::new());
}

#[test]
fn a_deadlock_is_no_leak() {
    fn main() {
        let (_sender, receiver) = mpsc::channel::<i32>();
        let reader = thread::spawn(move || receiver.recv());
        let _ = reader.join();
    }
    assert_eq!(both(main), Vec::<Vec<String>>::new());
    assert_eq!(explored(main, Clock::Any).deadlocks.len(), 1);
}

#[test]
fn who_is_stuck_beside_others_that_never_end_is_told() {
    fn main() {
        static STOP: AtomicBool = AtomicBool::new(false);
        let (sender, receiver) = mpsc::channel::<i32>();
        thread::spawn(move || receiver.recv());
        while !STOP.load(Ordering::SeqCst) {}
        drop(sender);
    }
    assert_eq!(leaks(main, Clock::Any), [["1"]]);
}

#[test]
fn threads_of_threads_are_named_by_their_spawns() {
    fn main() {
        let threads = ["a", "b"].map(|name| {
            thread::spawn(move || {
                let inner = [1, 2].map(|number| thread::spawn(move || println!("{name}{number}")));
                for thread in inner {
                    thread.join().unwrap();
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
    }
    // In any order: `explored` traces each.
    assert_eq!(explored(main, Clock::Any).outputs().unwrap().count(), 24);
}

#[test]
fn a_schedule_says_how_finely_the_program_is_looked_at() {
    fn main() {
        let state = Arc::new((Mutex::new(false), Mutex::new(())));
        let theirs = Arc::clone(&state);
        let thread = thread::spawn(move || {
            let _held = theirs.1.lock().unwrap();
            *theirs.0.lock().unwrap() = true;
            println!("thread");
        });
        let is_done = *state.0.lock().unwrap();
        if !is_done {
            println!("{}", state.1.try_lock().is_ok());
        }
        thread.join().unwrap();
    }
    let explored = explored(main, Clock::Any);
    assert!(explored.outputs().unwrap().count() > 3);
    let found = explored.graph.find("thread\n", None);
    let outcomes_engine::Membership::Possible(mut schedule) = found else {
        panic!("main comes too late");
    };
    assert_eq!(schedule.view, ["locks"]);
    // A view may go by its bit.
    schedule.view = vec!["0".to_owned()];
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    let trace = outcomes_engine::trace(&program, &Settings::default(), &schedule);
    assert_eq!(trace.unwrap().ending, Some(Ending::Returned));
}

#[test]
fn a_schedule_that_does_not_fit_costs_only_its_trace() {
    fn main() {
        println!("a");
    }
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    for (schedule, why) in [
        ("2", "step 1 (2) can't happen there"),
        ("0*99", "before its step 4 (0), "),
        ("0/7", "step 1 (0/7) can't happen there"),
        ("[nonsense] 0", "\"nonsense\" is no view of a program"),
    ] {
        let request = outcomes_engine::Request {
            list: 1,
            trace: Some(outcomes_engine::Sample::Schedule(schedule.parse().unwrap())),
            ..outcomes_engine::Request::default()
        };
        let mut answers = Vec::new();
        outcomes_engine::answer(&program, &request, &mut |message| answers.push(message));
        let Some(outcomes_engine::Message::Answer(answer)) = answers.pop() else {
            panic!("the answer is lost");
        };
        assert_eq!(answer.listed.len(), 1);
        assert!(
            answer.no_trace.as_ref().unwrap().contains(why),
            "{answer:?}"
        );
    }
}

/// What could have come instead is told, whether all was explored or it was
/// looked for.
#[test]
fn what_is_not_possible_is_told_up_to_where_it_is() {
    fn main() {
        let thread = thread::spawn(|| println!("a"));
        println!("b");
        thread.join().unwrap();
        print!("c");
    }
    let explored = explored(main, Clock::Any);
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    let cases: [(&str, Option<Ending>, &str, &[&str]); 6] = [
        ("x\n", None, "", &["a\n", "b\n"]),
        ("a\nx\n", None, "a\n", &["b\n"]),
        ("b\na\nd", None, "b\na\n", &["c"]),
        ("b\na\n", None, "b\na\n", &["c"]),
        ("b\na\ncd", None, "b\na\nc", &["[main returns]"]),
        (
            "b\na\nc",
            Some(Ending::Aborted),
            "b\na\nc",
            &["[main returns]"],
        ),
    ];
    for (text, ending, prefix, instead) in cases {
        let found = explored.graph.find(text, ending.as_ref());
        let searched =
            outcomes_engine::search(&program, &Settings::default(), text, ending.as_ref());
        for found in [found, searched.unwrap()] {
            let outcomes_engine::Membership::NotPossible(why) = found else {
                panic!("{text:?} is possible");
            };
            assert_eq!(
                (&*why.prefix, &why.instead[..]),
                (
                    prefix,
                    &instead
                        .iter()
                        .map(|&text| text.to_owned())
                        .collect::<Vec<_>>()[..]
                ),
                "{text:?}"
            );
        }
    }
    let outcomes_engine::Membership::Possible(schedule) =
        outcomes_engine::search(&program, &Settings::default(), "b\na\nc", None).unwrap()
    else {
        panic!("it is possible");
    };
    assert!(!schedule.forever);
    let trace = outcomes_engine::trace(&program, &Settings::default(), &schedule).unwrap();
    let text: String = trace.events.iter().map(|event| &*event.text).collect();
    assert_eq!((&*text, trace.ending), ("b\na\nc", Some(Ending::Returned)));
}

/// Ending where nobody can go on is a deadlock, and nothing else.
#[test]
fn a_search_tells_deadlocks_from_other_ends() {
    fn main() {
        println!("a");
        let lock = Mutex::new(());
        let _guard = lock.lock().unwrap();
        println!("b");
        drop(lock.lock());
    }
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    let search = |text, ending| {
        let found = outcomes_engine::search(&program, &Settings::default(), text, Some(&ending));
        found.unwrap().is_possible()
    };
    assert!(search("a\nb\n", Ending::Deadlocked));
    assert!(!search("a\nb\n", Ending::Returned));
    assert!(!search("a\n", Ending::Deadlocked));
}

#[test]
fn all_ways_to_be_stuck_are_told() {
    fn main() {
        let (lock, _kept) = (Mutex::new(0), ());
        thread::scope(|scope| {
            scope.spawn(|| *lock.lock().unwrap() = 1);
            let number = *lock.lock().unwrap();
            let _guard = lock.lock();
            match number {
                0 => drop(lock.lock()),
                _ => drop(lock.lock()),
            }
        });
    }
    let explored = explored(main, Clock::Any);
    assert!(explored.deadlocks.len() > 1, "{:?}", explored.deadlocks);
}

/// A graph is only given where it was asked for, and where all of it is known.
#[test]
fn a_graph_is_given_to_who_asks() {
    fn main() {
        thread::spawn(|| println!("a"));
        println!("b");
    }
    let graph = |graph, states| {
        let mut request = Request {
            graph,
            ..Request::default()
        };
        request.settings.limits.states = states;
        answer(main, &request).0.graph.is_some()
    };
    assert!(graph(1000, 1000));
    assert!(!graph(0, 1000));
    assert!(!graph(3, 1000));
    assert!(!graph(1000, 4));
}

/// Who was handed on in a message may be anywhere.
#[test]
fn a_sender_sent_away_is_with_nobody_known() {
    fn main() {
        let (sender, receiver) = mpsc::channel::<i32>();
        let (to, from) = mpsc::channel();
        to.send(sender).unwrap();
        let _ = receiver.recv();
        drop((to, from));
    }
    let told = deadlock(main);
    let channel = told.iter().find(|sentence| sentence.contains("still has"));
    let channel = channel.unwrap();
    assert!(channel.contains(" still has 1 sender"), "{channel}");
    assert!(!channel.contains("sender, last known"), "{channel}");
}

#[test]
fn a_search_keeps_to_its_limits() {
    fn main() {
        for _ in 0..3 {
            thread::spawn(|| println!("a"));
        }
    }
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    let limits = outcomes_engine::Limits::default();
    let cases = [
        (
            outcomes_engine::Limits {
                states: 5,
                ..limits
            },
            outcomes_engine::Stopped::States,
        ),
        (
            outcomes_engine::Limits {
                time: Duration::ZERO,
                ..limits
            },
            outcomes_engine::Stopped::Time,
        ),
        (
            outcomes_engine::Limits {
                memory: 1,
                ..limits
            },
            outcomes_engine::Stopped::Memory,
        ),
    ];
    for (limits, stopped) in cases {
        let settings = Settings {
            limits,
            ..Settings::default()
        };
        let searched = outcomes_engine::search(&program, &settings, "a\nb", None);
        assert_eq!(searched.unwrap_err().unwrap(), stopped);
        let explored = explore(&main, &settings).unwrap();
        assert_eq!(explored.stopped, Some(stopped));
    }
}

/// A schedule may leave out how finely the program is looked at: it is found out
/// on the way, and all begins again.
#[test]
fn who_has_what_is_told_once_however_often_it_begins() {
    fn main() {
        let lock = Arc::new(Mutex::new(()));
        let first = lock.lock().unwrap();
        if lock.try_lock().is_err() {
            drop(lock.lock());
        }
        drop(first);
    }
    let explored = explored(main, Clock::Any);
    let [deadlock] = &explored.deadlocks[..] else {
        panic!("{:?}", explored.deadlocks);
    };
    assert_eq!(deadlock.schedule.view, ["locks"]);
    let schedule = outcomes_engine::Schedule {
        view: Vec::new(),
        ..deadlock.schedule.clone()
    };
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    let trace = outcomes_engine::trace(&program, &Settings::default(), &schedule).unwrap();
    assert_eq!(trace.left.sentences(), deadlock.standstill.sentences());
}

/// How the only deadlock of a program is told.
fn deadlock(main: fn()) -> Vec<String> {
    let explored = explored(main, Clock::Any);
    let [deadlock] = &explored.deadlocks[..] else {
        panic!("{:?}", explored.deadlocks);
    };
    sentences(deadlock)
}

fn sentences(deadlock: &outcomes_engine::Deadlock) -> Vec<String> {
    let sentences = deadlock.standstill.sentences().into_iter();
    let file = format!("{}:", file!());
    sentences
        .map(|sentence| sentence.replace(&file, "line "))
        .collect()
}

#[test]
fn a_deadlock_tells_who_holds_what_in_which_circle() {
    fn main() {
        let locks = Arc::new((Mutex::new(()), Mutex::new(())));
        let other = Arc::clone(&locks);
        let thread = thread::spawn(move || {
            let _first = locks.0.lock().unwrap();
            let _second = locks.1.lock().unwrap();
        });
        let _first = other.1.lock().unwrap();
        let _second = other.0.lock().unwrap();
        drop(thread);
    }
    let told = deadlock(main);
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(told[0].starts_with("main waits at line "), "{told:#?}");
    assert!(
        told[1].starts_with("thread 1 (started at line "),
        "{told:#?}"
    );
    assert!(
        told[2].contains(" is held by thread 1 since line "),
        "{told:#?}"
    );
    assert!(
        told[3].contains(" is held by main since line "),
        "{told:#?}"
    );
    assert_eq!(
        told[4],
        "in a circle, main waits for thread 1, and thread 1 for main"
    );
}

#[test]
fn a_deadlock_tells_which_ends_of_a_channel_are_left() {
    fn main() {
        let (sender, receiver) = mpsc::channel();
        let other = sender.clone();
        let reader = thread::Builder::new().name("reader".to_owned());
        let reader = reader.spawn(move || receiver.into_iter().count()).unwrap();
        let writer = thread::spawn(move || other.send(1).unwrap());
        writer.join().unwrap();
        reader.join().unwrap();
        drop(sender);
    }
    let told = deadlock(main);
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].ends_with(" to join thread \"reader\""), "{told:#?}");
    assert!(
        told[2].ends_with(" still has 1 sender, last known to be with main, and 1 receiver, last known to be with thread \"reader\""),
        "{told:#?}"
    );
    assert_eq!(
        told[3],
        "in a circle, main waits for thread \"reader\", and thread \"reader\" for main"
    );
}

#[test]
fn a_deadlock_tells_who_is_gone_by_a_panic() {
    fn main() {
        let (sender, receiver) = mpsc::sync_channel(0);
        let keeper = Arc::new(receiver_keeper(receiver));
        let theirs = Arc::clone(&keeper);
        let reader = thread::spawn(move || {
            let _keeper = theirs;
            panic!("no more");
        });
        let _ = reader.join();
        sender.send(1).unwrap();
        drop(keeper);
    }
    fn receiver_keeper(receiver: mpsc::Receiver<i32>) -> Mutex<mpsc::Receiver<i32>> {
        Mutex::new(receiver)
    }
    let told = deadlock(main);
    let gone = told
        .iter()
        .find(|sentence| sentence.contains("has panicked"));
    assert!(gone.unwrap().ends_with(": no more"), "{told:#?}");
    assert!(told.last().unwrap() == "main waits for itself", "{told:#?}");
}

/// Who has caught its panic, or is still there, is not gone by it.
#[test]
fn a_deadlock_tells_nothing_of_panics_that_nobody_died_of() {
    fn wait_for_ever() {
        let (sender, receiver) = mpsc::channel::<()>();
        std::mem::forget(sender);
        let _ = receiver.recv();
    }
    fn caught() {
        let thread = thread::spawn(|| {
            drop(outcomes_std::panic::catch_unwind(|| panic!("caught")));
        });
        thread.join().unwrap();
        wait_for_ever();
    }
    fn still_there() {
        struct Waits;
        impl Drop for Waits {
            fn drop(&mut self) {
                wait_for_ever();
            }
        }
        outcomes_std::thread_local! {
            static WAITS: Waits = const { Waits };
        }
        let thread = thread::spawn(|| WAITS.with(|_| panic!("not gone yet")));
        drop(thread.join());
    }
    for main in [caught as fn(), still_there] {
        let told = deadlock(main);
        assert!(told[0].starts_with("main waits at line "), "{told:#?}");
        let mut told_of = told.iter().filter(|told| told.contains("has panicked"));
        assert_eq!(told_of.next(), None);
    }
}

#[test]
fn a_deadlock_is_told_in_full() {
    const BASE: u32 = line!();
    fn main() {
        let (lock, mutex) = (Arc::new(RwLock::new(0)), Arc::new(Mutex::new(0)));
        // Given back, and so not told.
        drop(lock.write());
        drop(lock.read());
        drop(mutex.lock());
        let held = Arc::clone(&mutex);
        let gone = thread::spawn(move || std::mem::forget(held.lock().unwrap()));
        gone.join().unwrap();
        let (sender, receiver) = mpsc::channel::<i32>();
        let read = Arc::clone(&lock);
        let reader = thread::Builder::new().name("reader".to_owned());
        let reader = reader.spawn(move || {
            let guard = read.write().unwrap();
            let _guard = RwLockWriteGuard::downgrade(guard);
            receiver.recv().and(receiver.recv())
        });
        let kept = sender.clone();
        let writer = thread::spawn(move || {
            if kept.send(1).is_err() {
                return;
            }
            let _guard = lock.write();
            drop(kept);
        });
        drop(sender);
        let _last = mutex.lock();
        drop((reader, writer));
    }
    // There are others, after the writer has come first.
    let deadlock = &explored(main, Clock::Any).deadlocks[0];
    let cycle = deadlock.standstill.cycle.iter();
    let cycle: Vec<_> = cycle.map(|link| (link.thread, link.on)).collect();
    assert_eq!(cycle, [(2, Some(1)), (3, Some(2))]);
    let told = sentences(deadlock);
    assert_eq!(
        from_base(&told, BASE),
        [
            "main waits at +27 to lock (mutex made at +2)",
            "thread \"reader\" waits at +16 to receive (channel made at +10)",
            "thread 3 (started at +19) waits at +23 to lock for writing (rwlock made at +2)",
            "mutex made at +2 is held by thread 1 since +8, which has ended without giving it back",
            "channel made at +10 still has 1 receiver, last known to be with thread \"reader\", \
             and 1 sender made at +18, last known to be with thread 3",
            "rwlock made at +2 is held by thread \"reader\" for reading since +15",
            "in a circle, thread \"reader\" waits for thread 3, and thread 3 for thread \"reader\"",
        ]
    );
}

/// Who waits for what in a program that can only get stuck, without places.
fn waits(main: fn()) -> Vec<String> {
    let explored = explored(main, Clock::Any);
    let blocked = &explored.deadlocks[0].standstill.blocked;
    let blocked = blocked.iter().map(|blocked| {
        let place = format!("{}:", file!());
        let told = blocked.to_string();
        let mut pieces = told.split(&place);
        let mut text = pieces.next().unwrap().to_owned();
        for piece in pieces {
            text += "…";
            text += piece.trim_start_matches(|letter: char| letter.is_ascii_digit());
        }
        text
    });
    blocked.collect()
}

#[test]
fn every_way_to_wait_is_a_sentence() {
    fn forever() {
        let gate = Mutex::new(());
        std::mem::forget(gate.lock());
        drop(gate.lock());
    }
    let cases: [(fn(), &str); 18] = [
        (forever, "main waits at … to lock (mutex made at …)"),
        (
            || {
                let lock = RwLock::new(());
                std::mem::forget(lock.write());
                drop(lock.read());
            },
            "main waits at … to lock for reading (rwlock made at …)",
        ),
        (
            || {
                let lock = RwLock::new(());
                std::mem::forget(lock.read());
                drop(lock.write());
            },
            "main waits at … to lock for writing (rwlock made at …)",
        ),
        (
            || {
                let (sender, _receiver) = mpsc::sync_channel(0);
                sender.send(()).unwrap();
            },
            "main waits at … to send (channel made at …)",
        ),
        (
            || {
                let (_sender, receiver) = mpsc::channel::<()>();
                receiver.recv().unwrap();
            },
            "main waits at … to receive (channel made at …)",
        ),
        (
            || {
                let (_sender, receiver) = outcomes_crossbeam::channel::bounded::<()>(0);
                let (other, _kept) = outcomes_crossbeam::channel::bounded(0);
                outcomes_crossbeam::channel::select! {
                    recv(receiver) -> _ => {}
                    send(other, ()) -> _ => {}
                }
            },
            "main waits at … to receive (select) (channel made at …), or to send (select) (channel made at …)",
        ),
        (
            || thread::spawn(forever).join().unwrap(),
            "main waits at … to join thread 1",
        ),
        (
            || thread::scope(|scope| drop(scope.spawn(forever))),
            "main waits at … for the threads of the scope",
        ),
        (|| thread::park(), "main is parked at …"),
        (
            || outcomes_crossbeam::sync::Parker::new().park(),
            "main is parked at …",
        ),
        (
            || {
                let group = outcomes_crossbeam::sync::WaitGroup::new();
                let _kept = group.clone();
                group.wait();
            },
            "main waits at … for the group (wait group made at …)",
        ),
        (
            || {
                let (bell, lock) = (Condvar::new(), Mutex::new(false));
                drop(bell.wait_while(lock.lock().unwrap(), |rang| !*rang));
            },
            "main waits at … to be notified (condvar made at …)",
        ),
        (
            || {
                Barrier::new(2).wait();
            },
            "main waits at … at the barrier (barrier made at …)",
        ),
        (
            || {
                OnceLock::<u8>::new().wait();
            },
            "main waits at … for a value to be set (once lock made at …)",
        ),
        (
            || Once::new().wait(),
            "main waits at … for its call to be complete (once made at …)",
        ),
        (
            || {
                let once = Once::new();
                once.call_once(|| once.call_once(|| {}));
            },
            "main waits at … to initialise (once made at …)",
        ),
        (
            || {
                std::mem::forget(outcomes_std::io::stdout().lock());
                thread::spawn(|| println!("never")).join().unwrap();
            },
            "thread 1 (started at …) waits at … for the lock on stdout",
        ),
        (
            || {
                std::mem::forget(outcomes_std::io::stderr().lock());
                let other = || drop(outcomes_std::io::stderr().lock());
                thread::spawn(other).join().unwrap();
            },
            "thread 1 (started at …) waits at … for the lock on stderr",
        ),
    ];
    for (main, sentence) in cases {
        let told = waits(main);
        assert!(
            told.iter().any(|it| it == sentence),
            "{told:#?}: {sentence}"
        );
    }
}

/// What is made by `Default` has the place in the program that asked for it, or
/// none: never one in a library.
#[test]
fn what_is_made_by_default_was_made_by_the_program() {
    #[derive(Default)]
    struct Slot {
        _first: Arc<Mutex<u8>>,
        second: Arc<Mutex<u8>>,
    }
    fn derived() {
        let slot = Slot::default();
        std::mem::forget(slot.second.lock());
        drop(slot.second.lock());
    }
    fn given_away() {
        // By a function of std's, which calls it.
        let lock = std::iter::repeat_with(Mutex::<u8>::default).next().unwrap();
        std::mem::forget(lock.lock());
        drop(lock.lock());
    }
    fn several() {
        let locks: [Box<Mutex<u8>>; 2] = Default::default();
        let _first = locks[0].lock();
        let _second = locks[1].lock();
        thread::park();
    }
    fn condvar() {
        let bell = Arc::<Condvar>::default();
        let lock = Arc::<RwLock<Mutex<()>>>::default();
        let inner = lock.read().unwrap();
        drop(bell.wait_while(inner.lock().unwrap(), |()| true));
    }
    for main in [derived as fn(), given_away, several, condvar] {
        let explored = explored(main, Clock::Any);
        let standstill = &explored.deadlocks[0].standstill;
        let objects = standstill.objects.iter().map(|object| &object.created);
        let waits = standstill.blocked.iter().flat_map(|blocked| &blocked.waits);
        let places = objects.chain(waits.map(|wait| &wait.created)).flatten();
        for place in places {
            assert_eq!(place.file, file!(), "{standstill:#?}");
        }
    }
    let explored = explored(derived, Clock::Any);
    let wait = &explored.deadlocks[0].standstill.blocked[0].waits[0];
    assert!(wait.created.is_some(), "{wait:?}");
}

/// Whoever waits for a scope waits for its threads.
#[test]
fn a_scope_stands_for_its_threads() {
    const BASE: u32 = line!();
    fn main() {
        let lock = RwLock::new(0);
        let guard = lock.write().unwrap();
        thread::scope(|scope| {
            let named = thread::Builder::new().name("reader".to_owned());
            named.spawn_scoped(scope, || *lock.read().unwrap()).unwrap();
        });
        drop(guard);
    }
    let told = from_base(&deadlock(main), BASE);
    assert_eq!(
        told,
        [
            "main waits at +4 for the threads of the scope",
            "thread \"reader\" waits at +6 to lock for reading (rwlock made at +2)",
            "rwlock made at +2 is held by main for writing since +3",
            "in a circle, main waits for thread \"reader\", and thread \"reader\" for main",
        ]
    );
}

#[test]
fn who_reads_is_told() {
    const BASE: u32 = line!();
    fn main() {
        let lock = RwLock::new(0);
        let guard = lock.read().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| *lock.write().unwrap() = 1);
        });
        drop(guard);
    }
    let told = from_base(&deadlock(main), BASE);
    assert_eq!(
        told[2..],
        [
            "rwlock made at +2 is held by main for reading since +3",
            "in a circle, main waits for thread 1, and thread 1 for main",
        ]
    );
}

/// Only who waits to write to the same lock holds back a reader.
#[test]
fn a_writer_of_another_lock_holds_back_nobody() {
    fn main() {
        let locks = (RwLock::new(0), RwLock::new(0));
        let guards = (locks.0.write().unwrap(), locks.1.read().unwrap());
        thread::scope(|scope| {
            scope.spawn(|| *locks.1.write().unwrap() += 1);
            scope.spawn(|| *locks.0.read().unwrap());
        });
        drop(guards);
    }
    let explored = explored(main, Clock::Any);
    for deadlock in &explored.deadlocks {
        let cycle = deadlock.standstill.cycle.iter();
        let cycle: Vec<u16> = cycle.map(|link| link.thread).collect();
        assert!(
            cycle.len() == 2 && cycle.contains(&0),
            "{:#?}",
            sentences(deadlock)
        );
    }
}

/// Who reads and wants to read once more waits for the writer that is next, and not
/// for itself.
#[test]
fn a_reader_holds_back_no_reader() {
    fn main() {
        let lock = RwLock::new(0);
        thread::scope(|scope| {
            scope.spawn(|| *lock.write().unwrap() = 1);
            let first = lock.read().unwrap();
            println!("{}", *first + *lock.read().unwrap());
        });
    }
    let explored = explored(main, Clock::Any);
    assert!(!explored.deadlocks.is_empty());
    for deadlock in &explored.deadlocks {
        let cycle = deadlock.standstill.cycle.iter();
        let cycle: Vec<u16> = cycle.map(|link| link.thread).collect();
        assert_eq!(cycle, [0, 1], "{:#?}", sentences(deadlock));
    }
}

/// Lines counted from `base`.
fn from_base(told: &[String], base: u32) -> Vec<String> {
    let told = told.iter().map(|sentence| {
        let mut parts = sentence.split("line ");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.find(|letter: char| !letter.is_ascii_digit());
            let (line, rest) = part.split_at(digits.unwrap_or(part.len()));
            text += &format!("+{}{rest}", line.parse::<u32>().unwrap() - base);
        }
        text
    });
    told.collect()
}

#[test]
fn senders_made_in_one_place_are_told_apart_and_counted() {
    fn main() {
        let (sender, receiver) = mpsc::channel::<i32>();
        let mut senders: Vec<_> = (0..4).map(|_| sender.clone()).collect();
        drop(sender);
        let (first, second) = (senders.remove(0), senders.remove(0));
        let gone = thread::spawn(move || drop(first));
        let kept = thread::spawn(move || {
            thread::park();
            drop(second);
        });
        gone.join().unwrap();
        println!("{:?}", receiver.recv());
        drop((senders, kept));
    }
    let explored = explored(main, Clock::Any);
    let told = sentences(&explored.deadlocks[0]);
    let channel = told.iter().find(|sentence| sentence.contains("sender"));
    let channel = channel.unwrap();
    assert!(channel.contains(" 2 senders made at line "), "{channel}");
    assert!(
        channel.contains(" last known to be with main, "),
        "{channel}"
    );
    assert!(
        channel.contains(" 1 sender made at line ") && channel.contains("with thread 2"),
        "{channel}"
    );
}

#[test]
fn of_several_ends_in_one_thread_the_one_is_gone_that_was_dropped() {
    const BASE: u32 = line!();
    fn main() {
        let (sender, receiver) = mpsc::channel::<i32>();
        let other = sender.clone();
        drop(sender);
        println!("{:?}", receiver.recv());
        drop(other);
    }
    let explored = explored(main, Clock::Any);
    let told = from_base(&sentences(&explored.deadlocks[0]), BASE);
    assert_eq!(
        told[1],
        "channel made at +2 still has 1 receiver, last known to be with main, and 1 sender made \
         at +3, last known to be with main"
    );
}

/// What comes back from a program, beside the answer.
fn answer(main: fn(), request: &Request) -> (Answer, Vec<Message>) {
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    let mut messages = Vec::new();
    outcomes_engine::answer(&program, request, &mut |message| messages.push(message));
    match messages.pop() {
        Some(Message::Answer(answer)) => (*answer, messages),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_tells_all_that_was_found() {
    fn main() {
        let (sender, receiver) = mpsc::channel::<i32>();
        std::mem::forget(sender);
        thread::spawn(move || receiver.recv());
        let lock = Arc::new(Mutex::new(0));
        let theirs = Arc::clone(&lock);
        thread::spawn(move || {
            *theirs.lock().unwrap() += 1;
            println!("one");
        });
        match *lock.lock().unwrap() {
            0 => thread::park(),
            _ => panic!("two"),
        }
        println!("three");
        thread::park();
    }
    let explored = explored(main, Clock::Any);
    let request = |trace| Request {
        list: 2,
        checks: vec![
            Check {
                text: "three\none\n".to_owned(),
                ending: Some(Ending::Deadlocked),
            },
            Check {
                text: "four\n".to_owned(),
                ending: None,
            },
        ],
        graph: 1000,
        trace,
        ..Request::default()
    };
    let (told, messages) = answer(main, &request(None));
    assert!(messages.is_empty(), "{messages:?}");
    let outputs = explored.outputs().unwrap();
    assert_eq!(told.outputs, Some(outputs.count()));
    assert!(told.complete && told.not_counted.is_none() && told.trace.is_none());
    let distinct = explored.distinct().unwrap();
    assert_eq!(told.states, distinct.states);
    assert_eq!(told.executions, distinct.executions());
    assert_eq!(told.deadlocks, explored.deadlocks);
    assert_eq!(told.leaks, explored.leaks);
    assert_eq!(told.panics, explored.panics);
    assert!(!told.leaks.is_empty() && !told.panics.is_empty() && told.seconds > 0.0);
    assert_eq!(told.listed, outputs.iter().take(2).collect::<Vec<_>>());
    let endings: Vec<_> = told
        .endings
        .iter()
        .map(|ends| (&ends.ending, ends.outputs))
        .collect();
    let counted = outputs.endings();
    assert_eq!(
        endings,
        counted
            .iter()
            .map(|(ending, count)| (ending, *count))
            .collect::<Vec<_>>()
    );
    let possible: Vec<bool> = told.checked.iter().map(is_possible).collect();
    assert_eq!(possible, [true, false]);
    assert_eq!(told.graph.unwrap().states, explored.graph.states());
    // A search alone tells the same of what it is asked for.
    let search_only = Request {
        search_only: true,
        ..request(None)
    };
    let (searched, _) = answer(main, &search_only);
    let possible: Vec<bool> = searched.checked.iter().map(is_possible).collect();
    assert_eq!(possible, [true, false]);
    assert_eq!(
        (searched.states, searched.complete, searched.outputs),
        (0, false, None)
    );
    let traced = |sample| answer(main, &request(Some(sample))).0.trace;
    let deadlock = traced(Sample::Deadlock(0)).unwrap();
    assert_eq!(
        deadlock.left.sentences(),
        explored.deadlocks[0].standstill.sentences()
    );
    assert!(traced(Sample::Deadlock(99)).is_none());
    let leak = traced(Sample::Leak(0)).unwrap();
    assert!(
        leak.ending.is_none()
            && leak
                .left
                .blocked
                .iter()
                .any(|blocked| blocked.who.thread == 1)
    );
    let panic = traced(Sample::Panic(0)).unwrap();
    assert!(
        panic
            .events
            .iter()
            .any(|event| event.stderr.contains("two"))
    );
    for number in 0..outputs.count() {
        let number = u64::try_from(number).unwrap();
        let trace = traced(Sample::Output(number)).unwrap();
        let text: String = trace.events.iter().map(|event| &*event.text).collect();
        let output = outputs.nth(number.into()).unwrap();
        assert_eq!((text, trace.ending), (output.text, Some(output.ending)));
    }
}

/// The system numbers threads as it likes.
#[test]
fn what_is_asked_has_no_numbers_of_the_system() {
    fn main() {
        panic!("alone");
    }
    let request = |stderr, text: &str| {
        let check = Check {
            text: text.to_owned(),
            ending: None,
        };
        Request {
            settings: Settings {
                stderr,
                ..Settings::default()
            },
            list: 1,
            checks: vec![check.clone()],
            trace: Some(Sample::Of(check)),
            ..Request::default()
        }
    };
    let printed = answer(main, &request(true, "")).0.listed.remove(0).text;
    let asked = |stderr, number| {
        let text = printed.replace("thread 'main'", &format!("thread 'main'{number}"));
        let (told, _) = answer(main, &request(stderr, &text));
        (is_possible(&told.checked[0]), told.trace.is_some())
    };
    assert_eq!(asked(true, ""), (true, true));
    assert_eq!(asked(true, " (4711)"), (true, true));
    assert_eq!(asked(true, " (x)"), (false, false));
    assert_eq!(asked(false, ""), (false, false));
}

fn is_possible(checked: &Checked) -> bool {
    matches!(checked, Checked::Known(membership) if membership.is_possible())
}

#[test]
fn an_end_that_is_gone_is_not_taken_for_another() {
    use outcomes_crossbeam::channel::unbounded;
    fn main() {
        let (sender, receiver) = unbounded::<i32>();
        let kept = receiver.clone();
        let other = sender.clone();
        drop(receiver);
        drop(sender.clone());
        println!("{:?}", kept.recv());
        drop((sender, other));
    }
    let told = deadlock(main);
    let channel = told.iter().find(|sentence| sentence.contains("still has"));
    let channel = channel.unwrap();
    assert_eq!(channel.matches("1 sender").count(), 2, "{channel}");
    assert_eq!(channel.matches("1 receiver").count(), 1, "{channel}");
}

/// Now and then while it explores, and not at every look.
#[test]
fn progress_is_told_meanwhile() {
    let main = || {
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| (0..6).for_each(|number| println!("{number}")));
            }
        });
        0
    };
    let mut settings = Settings::default();
    settings.limits.time = Duration::from_millis(350);
    let program = outcomes_std::program::program(&main);
    let mut told = Vec::new();
    let explored = outcomes_engine::explore(&program, &settings, &mut |progress| {
        told.push((progress.seconds, progress.states, progress.executions));
    });
    let explored = explored.unwrap();
    assert_eq!(explored.stopped, Some(outcomes_engine::Stopped::Time));
    assert!(!told.is_empty());
    let mut last = 0.0;
    for (seconds, states, executions) in &told {
        assert!(seconds - last > 0.09, "{told:?}");
        assert!(*states > 0 && *executions > 0, "{told:?}");
        last = *seconds;
    }
    assert!(told.is_sorted(), "{told:?}");
}
