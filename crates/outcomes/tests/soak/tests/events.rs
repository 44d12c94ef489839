//! What a trace tells, event by event: who did what to what and when, what came
//! of it, and where that left everybody.

use outcomes_engine::{Check, Clock, Message, Request, Sample, Settings, Trace};
use outcomes_std::io::{self, Write as _};
use outcomes_std::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
use outcomes_std::time::Duration;
use outcomes_std::{eprintln, print, println, thread};
use std::fmt::{self, Write as _};

/// The trace of an execution that prints this.
fn trace(main: fn(), settings: &Settings, text: &str) -> Trace {
    let main = || {
        main();
        0
    };
    let request = Request {
        settings: *settings,
        trace: Some(Sample::Of(Check {
            text: text.to_owned(),
            ending: None,
        })),
        ..Request::default()
    };
    let mut trace = None;
    let program = outcomes_std::program::program(&main);
    outcomes_engine::answer(&program, &request, &mut |message| match message {
        Message::Answer(answer) => trace = answer.trace,
        Message::Refused(refused) => panic!("{refused}"),
        Message::Progress(_) | Message::Tests(_) => {}
    });
    trace.unwrap_or_else(|| panic!("{text:?} is impossible"))
}

/// All of a trace, a line an event, with lines counted from `base`.
fn told(trace: &Trace, base: u32) -> Vec<String> {
    let line = |at: &Option<outcomes_engine::Place>| match at {
        Some(at) => format!("+{}", at.line - base),
        None => "-".to_owned(),
    };
    let mut told = Vec::new();
    for lane in &trace.threads {
        let (parent, name) = (lane.parent, lane.name.as_deref().unwrap_or("-"));
        told.push(format!(
            "thread {} {} {name} by {parent:?} {}, {}..{:?}",
            lane.thread,
            lane.path,
            line(&lane.spawned),
            lane.started,
            lane.finished
        ));
    }
    for object in &trace.objects {
        told.push(format!("{} {}", object.kind, line(&object.created)));
    }
    for event in &trace.events {
        let mut text = match event.step {
            Some(step) => format!("{step}: "),
            None => String::new(),
        };
        let _ = write!(text, "{} {}", event.thread, event.action);
        if let Some(value) = &event.value {
            let _ = write!(text, " {value}");
        }
        if let Some(object) = event.object {
            let _ = write!(text, " #{object}");
        }
        let _ = write!(text, " {}", line(&event.at));
        for (is, word) in [(event.otherwise, "in vain"), (event.spurious, "spurious")] {
            if is {
                let _ = write!(text, " {word}");
            }
        }
        if let Some(with) = event.with {
            let _ = write!(text, " with {with}");
        }
        for output in [&event.text, &event.stderr] {
            if !output.is_empty() {
                let _ = write!(text, " {output:?}");
            }
        }
        if event.time > 0 {
            let _ = write!(text, " at {}", event.time);
        }
        for position in &event.positions {
            let next = position.next.iter().map(|wait| wait.action.as_str());
            let next: Vec<&str> = next.collect();
            let blocked = if position.blocked { " blocked" } else { "" };
            let _ = write!(
                text,
                "; {} {} {}{blocked}",
                position.thread,
                next.join("|"),
                line(&position.at)
            );
        }
        told.push(text);
    }
    let sentences = trace.left.sentences().into_iter();
    let sentences: Vec<String> = sentences
        .map(|sentence| from_base(&sentence, base))
        .collect();
    told.push(format!("{:?} {sentences:?}", trace.ending));
    told
}

/// With lines counted from `base`.
fn from_base(sentence: &str, base: u32) -> String {
    let mut parts = sentence.split(concat!(file!(), ":"));
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|letter: char| !letter.is_ascii_digit());
        let (line, rest) = part.split_at(digits.unwrap_or(part.len()));
        let line: u32 = line.parse().expect("a line");
        let _ = write!(text, "+{}{rest}", line - base);
    }
    text
}

const BASE: u32 = line!();

fn much_happens() {
    let (sender, receiver) = mpsc::sync_channel(0);
    let lock = Arc::new(Mutex::new(5));
    let theirs = Arc::clone(&lock);
    let reader = thread::Builder::new().name("reader".to_owned());
    let reader = reader.spawn(move || {
        println!("{:?}", receiver.recv());
        *theirs.lock().unwrap() += 1;
        eprintln!("so far");
        print!("{:?}", receiver.recv_timeout(Duration::from_millis(3)));
    });
    let reader = reader.unwrap();
    sender.send(7).unwrap();
    thread::park_timeout(Duration::from_millis(20));
    println!("{:?}", lock.try_lock().is_ok());
    reader.join().unwrap();
    println!();
}

fn waits() {
    let reader = thread::spawn(|| {
        thread::park();
        println!("woken");
        thread::park();
    });
    println!("main");
    reader.join().unwrap();
}

#[test]
fn everything_is_told_on_the_prompt_clock() {
    let settings = Settings {
        clock: Clock::Prompt,
        ..Settings::default()
    };
    let trace = trace(much_happens, &settings, "Ok(7)\nErr(Timeout)true\n\n");
    assert_eq!(
        told(&trace, BASE),
        [
            "thread 0 0 main by None -, 0..None",
            "thread 1 1 reader by Some(0) +7, 0..Some(10)",
            "channel +3",
            "mutex +4",
            "park token -",
            "thread +7",
            "0 start -",
            "1 start -; 0 send +14; 1 receive +8",
            "0: 0 send 7 #0 +14",
            "0: 1 receive 7 #0 +8 with 2; 0 park|park +15; 1 print +8",
            r#"1: 1 print +8 "Ok(7)\n"; 0 park|park +15; 1 lock +9"#,
            "2: 1 lock #1 +9; 0 park|park +15; 1 unlock -",
            "3: 1 unlock #1 -",
            r#"3: 1 print to stderr +10 "so far\n"; 0 park|park +15; 1 receive +11"#,
            "5: 1 receive #0 +11 in vain at 3000000; 0 park|park +15; 1 print +11",
            "6: 1 print +11 at 3000000; 0 park|park +15; 1 drop the receiver -",
            "7: 1 drop the receiver #0 - at 3000000; 0 park|park +15",
            "9: 0 park #2 +15 in vain at 20000000; 0 try to lock +16",
            "10: 0 try to lock #1 +16 at 20000000; 0 print +16",
            r#"11: 0 print +16 "Err(Timeout)true\n" at 20000000; 0 unlock -"#,
            "12: 0 unlock #1 - at 20000000",
            "12: 0 join 1 #3 +17 at 20000000; 0 print +18",
            r#"13: 0 print +18 "\n" at 20000000; 0 drop a sender -"#,
            "14: 0 drop a sender #0 - at 20000000; 0 return from main|return from main -",
            "15: 0 return from main - at 20000000; 0 end the process -",
            "16: 0 end the process - at 20000000",
            "Some(Returned) []",
        ]
    );
}

#[test]
fn standard_error_is_told_where_it_counts() {
    let settings = Settings {
        stderr: true,
        ..Settings::default()
    };
    let trace = trace(
        much_happens,
        &settings,
        "Ok(7)\nso far\ntrue\nErr(Timeout)\n",
    );
    assert_eq!(
        told(&trace, BASE),
        [
            "thread 0 0 main by None -, 0..None",
            "thread 1 1 reader by Some(0) +7, 0..Some(15)",
            "channel +3",
            "park token -",
            "mutex +4",
            "thread +7",
            "0 start -",
            "1 start -; 0 send +14; 1 receive +8",
            "0: 0 send 7 #0 +14",
            "0: 1 receive 7 #0 +8 with 2; 0 park|park +15; 1 print +8",
            "1: 0 park #1 +15 in vain; 0 try to lock +16; 1 print +8",
            r#"2: 1 print +8 "Ok(7)\n"; 0 try to lock +16; 1 lock +9"#,
            "3: 1 lock #2 +9; 0 try to lock +16; 1 unlock -",
            "4: 1 unlock #2 -; 0 try to lock +16; 1 print to stderr +10",
            r#"5: 1 print to stderr +10 "so far\n"; 0 try to lock +16; 1 receive +11"#,
            "6: 0 try to lock #2 +16; 0 print +16; 1 receive +11",
            r#"7: 0 print +16 "true\n"; 0 unlock -; 1 receive +11"#,
            "8: 0 unlock #2 -; 0 join|join +17 blocked; 1 receive +11",
            "9: 1 receive #0 +11 in vain; 0 join|join +17 blocked; 1 print +11",
            "10: 1 print +11; 0 join|join +17 blocked; 1 drop the receiver -",
            "11: 1 drop the receiver #0 -",
            "11: 0 join 1 #3 +17; 0 print +18",
            r#"12: 0 print +18 "Err(Timeout)\n"; 0 drop a sender -"#,
            "13: 0 drop a sender #0 -; 0 return from main|return from main -",
            "14: 0 return from main -; 0 end the process -",
            "15: 0 end the process -",
            "Some(Returned) []",
        ]
    );
}

/// The first with the lock, and each of the others for itself: others may print to
/// the other stream in between.
#[test]
fn pieces_put_together_by_operations_are_told_one_by_one() {
    struct Locks<'a>(&'a Mutex<u32>);
    impl fmt::Display for Locks<'_> {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            fmt::Display::fmt(&*self.0.lock().unwrap(), formatter)
        }
    }
    fn main() {
        let number = Mutex::new(7);
        eprintln!("one {} two", Locks(&number));
        println!("one {} two", Locks(&number));
    }
    let settings = Settings {
        stderr: true,
        ..Settings::default()
    };
    let trace = trace(main, &settings, "one 7 two\none 7 two\n");
    let deeds: Vec<String> = (trace.events.iter())
        .map(|event| format!("{} {:?}", event.action, event.text))
        .collect();
    assert_eq!(
        deeds[..7],
        [
            r#"start """#,
            r#"print to stderr "one ""#,
            r#"lock """#,
            r#"print to stderr "7""#,
            r#"print to stderr " two\n""#,
            r#"print """#,
            r#"lock "one 7 two\n""#,
        ]
    );
}

#[test]
fn what_is_written_while_formatting_stands_where_it_was_written() {
    struct Writes;
    impl fmt::Display for Writes {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            assert_eq!(io::stderr().write(b"inner").unwrap(), 5);
            Ok(())
        }
    }
    let settings = Settings {
        stderr: true,
        ..Settings::default()
    };
    let trace = trace(|| eprintln!("<{Writes}>"), &settings, "<inner>\n");
    assert_eq!(deeds(&trace, &["print to stderr"]).len(), 3);
}

#[test]
fn wake_ups_without_reason_are_told_and_who_is_left() {
    let trace = trace(waits, &Settings::default(), "main\nwoken\n");
    assert_eq!(
        told(&trace, BASE),
        [
            "thread 0 0 main by None -, 0..None",
            "thread 1 1 - by Some(0) +22, 0..None",
            "park token -",
            "0 start -",
            "1 start -; 0 print +27; 1 park|park +23",
            r#"0: 0 print +27 "main\n"; 0 join|join +28 blocked; 1 park|park +23"#,
            "1: 1 park #0 +23 spurious; 0 join|join +28 blocked; 1 print +24",
            r#"2: 1 print +24 "woken\n"; 0 join|join +28 blocked; 1 park|park +25"#,
            r#"Some(Deadlocked) ["main waits at +28 to join thread 1", "thread 1 (started at +22) is parked at +25"]"#,
        ]
    );
}

/// What everybody does, by number, as far as `wanted` names it.
fn deeds(trace: &Trace, wanted: &[&str]) -> Vec<String> {
    let events = trace.events.iter();
    let events = events.filter(|event| wanted.contains(&event.action.as_str()));
    events
        .map(|event| format!("{} {}", event.thread, event.action))
        .collect()
}

#[test]
fn who_wakes_whom_is_told() {
    fn main() {
        let main = thread::current();
        thread::spawn(move || {
            println!("thread");
            main.unpark();
            println!("woke main");
        });
        thread::park();
        println!("main");
    }
    let trace = trace(main, &Settings::default(), "thread\nwoke main\nmain\n");
    assert_eq!(
        deeds(&trace, &["print", "park", "unpark"]),
        ["1 print", "1 unpark", "1 print", "0 park", "0 print"]
    );
}

/// What comes of an operation is told where it can be shown.
#[test]
fn values_are_told() {
    use outcomes_crossbeam::{atomic::AtomicCell, channel::unbounded};
    fn main() {
        let (sender, receiver) = unbounded();
        sender.send(7).unwrap();
        let cell = AtomicCell::new(receiver.recv().unwrap());
        cell.swap(8);
        println!("{}", cell.load());
        outcomes_std::sync::Barrier::new(1).wait();
    }
    let trace = trace(main, &Settings::default(), "8\n");
    let told = trace.events.iter().filter_map(|event| {
        let value = event.value.as_ref()?;
        Some(format!("{} {value}", event.action))
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        ["send 7", "receive 7", "swap 8", "load 8"]
    );
    assert_eq!(
        deeds(&trace, &["come to the barrier"]),
        ["0 come to the barrier"]
    );
}

/// Letting go of the mutex is part of waiting.
#[test]
fn who_waits_for_a_condition_lets_go_in_one_step() {
    fn main() {
        let (lock, changed) = (Mutex::new(()), Condvar::new());
        drop(lock.try_lock());
        let guard = lock.lock().unwrap();
        drop(changed.wait(guard).unwrap());
        io::stdout().write_all(b"line\n").unwrap();
    }
    let trace = trace(main, &Settings::default(), "line\n");
    let actions = [
        "lock",
        "unlock",
        "let go of the mutex and wait",
        "wait to be notified",
        "print",
    ];
    assert_eq!(
        deeds(&trace, &actions),
        [
            "0 unlock",
            "0 lock",
            "0 let go of the mutex and wait",
            "0 wait to be notified",
            "0 lock",
            "0 unlock",
            "0 print",
        ]
    );
}

#[test]
fn a_lock_on_stdout_is_given_back_once() {
    fn main() {
        let outer = io::stdout().lock();
        let mut inner = io::stdout().lock();
        write!(inner, "half").unwrap();
        drop(inner);
        drop(outer);
    }
    let trace = trace(main, &Settings::default(), "half");
    assert_eq!(
        deeds(&trace, &["lock", "print", "unlock"]),
        ["0 lock", "0 lock", "0 print", "0 unlock"]
    );
}

#[test]
fn a_reader_who_passes_a_waiting_writer_is_said_to() {
    fn main() {
        let value = RwLock::new(0);
        let _reading = value.read().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| *value.write().unwrap() += 1);
            scope.spawn(|| assert_eq!(*value.read().unwrap(), 0));
        });
    }
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    // Read; the writer and the other reader are at their locks; the reader goes.
    let schedule = "0 2/1/spurious".parse().unwrap();
    let trace = outcomes_engine::trace(&program, &Settings::default(), &schedule).unwrap();
    let passing = trace.events.iter().filter(|event| event.spurious);
    let deeds: Vec<String> = passing.map(|event| trace.deed(event)).collect();
    let [deed] = deeds.as_slice() else {
        panic!("one passes: {deeds:?}");
    };
    assert!(deed.starts_with("lock for reading (rwlock"), "{deed}");
    assert!(deed.ends_with("), past a waiting writer"), "{deed}");
}

/// What else happens in the step of a meeting is no meeting.
#[test]
fn two_meet_once() {
    fn main() {
        let (sender, receiver) = mpsc::sync_channel(0);
        let thread = thread::spawn(move || sender.send(1).unwrap());
        receiver.recv().unwrap();
        thread::sleep(Duration::from_secs(1));
        thread.join().unwrap();
        println!("done");
    }
    let trace = trace(main, &Settings::default(), "done\n");
    let with: Vec<&str> = trace
        .events
        .iter()
        .filter(|event| event.with.is_some())
        .map(|event| event.action.as_str())
        .collect();
    assert_eq!(with, ["receive"]);
    let actions = trace.events.iter().map(|event| event.action.as_str());
    assert_eq!(actions.filter(|action| *action == "sleep").count(), 1);
}
