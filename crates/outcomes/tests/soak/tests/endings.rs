//! How programs end.

use outcomes_engine::{Clock, Ending, NotCounted, Settings};
use outcomes_soak::explore;
use outcomes_std::io::Write as _;
use outcomes_std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use outcomes_std::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
use outcomes_std::time::Duration;
use outcomes_std::{eprint, eprintln, io, print, println, process, thread};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

fn outputs_on(clock: Clock, main: fn()) -> Result<Vec<(String, Ending)>, NotCounted> {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let outputs = explore(&main, &settings).unwrap().outputs()?;
    Ok(outputs
        .iter()
        .map(|output| (output.text, output.ending))
        .collect())
}

fn outputs(main: fn()) -> Vec<(String, Ending)> {
    outputs_on(Clock::Any, main).unwrap()
}

fn output(text: &str, ending: Ending) -> (String, Ending) {
    (text.to_owned(), ending)
}

#[test]
fn spinning_ends_when_others_go_on() {
    fn spin() {
        let flag = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&flag);
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(1));
            theirs.store(true, Ordering::SeqCst);
        });
        while !flag.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        println!("set");
    }
    for clock in [Clock::Any, Clock::Prompt] {
        let outputs = outputs_on(clock, spin).unwrap();
        assert_eq!(outputs, [output("set\n", Ending::Returned)], "{clock:?}");
    }
}

#[test]
fn spinning_for_ever_never_ends() {
    fn spin() {
        let flag = AtomicBool::new(false);
        println!("spinning");
        while !flag.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_secs(1));
        }
    }
    for clock in [Clock::Any, Clock::Prompt] {
        let outputs = outputs_on(clock, spin).unwrap();
        assert_eq!(outputs, [output("spinning\n", Ending::NeverEnds)]);
    }
}

#[test]
fn sleeping_for_ever_never_ends() {
    fn sleep() {
        loop {
            thread::sleep(Duration::from_secs(1));
        }
    }
    for clock in [Clock::Any, Clock::Prompt] {
        let outputs = outputs_on(clock, sleep).unwrap();
        assert_eq!(outputs, [output("", Ending::NeverEnds)]);
    }
}

#[test]
fn yielding_for_ever_never_ends() {
    fn yields() {
        loop {
            thread::yield_now();
        }
    }
    for clock in [Clock::Any, Clock::Prompt] {
        let outputs = outputs_on(clock, yields).unwrap();
        assert_eq!(outputs, [output("", Ending::NeverEnds)]);
    }
}

/// As std's `LineWriter` does it, whose buffer has 1024 bytes.
#[test]
fn unfinished_lines_are_held_back_while_there_is_room() {
    fn prints(lengths: &[usize]) {
        for &length in lengths {
            print!("{}", "x".repeat(length));
        }
        process::abort();
    }
    let programs: [(fn(), usize); 5] = [
        (|| prints(&[1023]), 0),
        (|| prints(&[1024]), 1024),
        (|| prints(&[600, 424]), 0),
        (|| prints(&[600, 425]), 600),
        (|| prints(&[600, 1024]), 1624),
    ];
    for (main, length) in programs {
        let expected = output(&"x".repeat(length), Ending::Aborted);
        assert_eq!(outputs(main), [expected]);
    }
}

/// Two writes to the system, of which the first is no line.
#[test]
fn what_fills_the_buffer_is_written_by_itself() {
    fn main() {
        let (long, end) = ("x".repeat(1024), "\n");
        thread::spawn(move || print!("{long}{end}"));
        process::abort();
    }
    let lengths: Vec<usize> = outputs(main).iter().map(|(text, _)| text.len()).collect();
    assert_eq!(lengths, [0, 1024, 1025]);
}

/// As the original says, of this and of other versions.
#[test]
fn how_much_of_a_line_is_taken() {
    for length in [1, 1022, 1023, 1024, 1025, 3000] {
        let text = format!("a\n{}", "x".repeat(length));
        let mut original = std::io::LineWriter::with_capacity(1024, std::io::sink());
        let expected = std::io::Write::write(&mut original, text.as_bytes()).unwrap();
        let main = || {
            let written = io::stdout().write(text.as_bytes()).unwrap();
            println!("{written}");
            0
        };
        let explored = explore(&main, &Settings::default()).unwrap();
        let outputs = explored.outputs().unwrap();
        let output = outputs.nth(0).unwrap().text;
        assert_eq!(output, format!("{}{expected}\n", &text[..expected]));
    }
}

#[test]
fn what_main_returns_is_the_exit_code() {
    use outcomes_std::process::Termination;
    use outcomes_std::program::{Returned, ViaReport as _, ViaTermination as _};
    struct Own;
    impl Termination for Own {
        fn report(self) -> ExitCode {
            println!("asked");
            ExitCode::from(5)
        }
    }
    let codes: [(fn() -> i32, Ending); 6] = [
        (|| Returned::new(Own).code(), Ending::Exited { code: 5 }),
        (
            || Returned::new(Ok::<ExitCode, &str>(ExitCode::from(4))).code(),
            Ending::Exited { code: 4 },
        ),
        (|| Returned::new(()).code(), Ending::Returned),
        (
            || Returned::new(Err::<(), &str>("bad")).code(),
            Ending::Exited { code: 1 },
        ),
        (
            || Returned::new(ExitCode::from(3)).code(),
            Ending::Exited { code: 3 },
        ),
        (|| Returned::new(ExitCode::SUCCESS).code(), Ending::Returned),
    ];
    for (main, ending) in codes {
        let explored = explore(&main, &Settings::default()).unwrap();
        assert_eq!(explored.graph.endings(), [ending]);
    }
}

/// Where standard error counts, each piece of what is put together under its
/// lock is written when it is there.
#[test]
fn errors_while_formatting_come_in_pieces() {
    struct Locks(Mutex<()>);
    impl fmt::Display for Locks {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            drop(self.0.lock());
            formatter.write_str("x")
        }
    }
    let main = || {
        let thread = thread::spawn(|| println!("-"));
        eprint!("a{}b", Locks(Mutex::new(())));
        thread.join().unwrap();
        0
    };
    let settings = Settings {
        stderr: true,
        ..Settings::default()
    };
    let outputs = explore(&main, &settings).unwrap().outputs().unwrap();
    let found: Vec<String> = outputs.iter().map(|output| output.text).collect();
    assert_eq!(found, ["-\naxb", "a-\nxb", "ax-\nb", "axb-\n"]);
}

/// Nothing but the note of the last message tells whether there was another
/// panic, and nothing but the place in a message where it was.
#[test]
fn what_messages_say_depends_on_earlier_panics() {
    #[allow(clippy::if_same_then_else, reason = "the places differ")]
    fn may_panic(second: bool) -> i32 {
        let flag = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| flag.store(true, Ordering::SeqCst));
            if flag.load(Ordering::SeqCst) {
                drop(outcomes_std::panic::catch_unwind(|| panic!("same")));
            } else if second {
                drop(outcomes_std::panic::catch_unwind(|| panic!("same")));
            }
        });
        // Here all are in one place.
        println!("between");
        drop(outcomes_std::panic::catch_unwind(|| panic!("last")));
        0
    }
    let settings = Settings {
        stderr: true,
        ..Settings::default()
    };
    let counts = |second: bool| {
        let explored = explore(&|| may_panic(second), &settings).unwrap();
        let outputs = explored.outputs().unwrap();
        let texts = outputs.iter().map(|output| output.text);
        let counts = texts.map(|text| {
            let count = |what: &str| text.matches(what).count();
            let note = text.find("note: ").unwrap();
            (
                count("panicked at"),
                count("note: "),
                note < text.find("last").unwrap(),
            )
        });
        let mut counts: Vec<_> = counts.collect();
        counts.sort_unstable();
        counts
    };
    assert_eq!(counts(false), [(1, 1, false), (2, 1, true)]);
    assert_eq!(counts(true), [(2, 1, true), (2, 1, true)]);
}

/// What comes in pieces is written under one lock: others write before or behind.
#[test]
fn pieces_on_standard_error_stay_together() {
    let main = || {
        let say = |first: char, second: char| move || eprint!("{first}{second}");
        thread::scope(|scope| {
            scope.spawn(say('a', 'b'));
            scope.spawn(say('c', 'd'));
        });
        0
    };
    assert_eq!(texts_with_stderr(&main), ["abcd", "cdab"]);
    // Standard output has a lock of its own.
    let main = || {
        let (first, second) = ('a', 'b');
        thread::scope(|scope| {
            scope.spawn(|| println!("-"));
            eprint!("{first}{second}");
        });
        0
    };
    assert_eq!(texts_with_stderr(&main), ["-\nab", "a-\nb", "ab-\n"]);
}

/// The note comes with the first message, and who panics next waits for it, and
/// not for ever.
#[test]
fn the_first_of_two_panics_has_the_note() {
    let main = || {
        let fail = |what: &'static str| move || panic!("{what}");
        let threads = [thread::spawn(fail("one")), thread::spawn(fail("two"))];
        let failed = threads.map(|thread| thread.join().is_err());
        println!("{failed:?}");
        0
    };
    let texts = texts_with_stderr(&main);
    assert_eq!(texts.len(), 2);
    for (text, order) in texts.iter().zip([["one", "two"], ["two", "one"]]) {
        let place = |what: &str| text.find(what).unwrap();
        let in_order = [order[0], "note: ", order[1], "[true, true]"].map(place);
        assert!(in_order.is_sorted(), "{text}");
        assert_eq!(text.matches("note: ").count(), 1, "{text}");
    }
}

/// Where formatting fails, the lock on the stream is still held by the panic that
/// says so.
#[test]
fn an_error_in_formatting_holds_the_lock() {
    struct Bad;
    impl fmt::Display for Bad {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    let main = || {
        thread::scope(|scope| {
            scope.spawn(|| println!("-"));
            drop(outcomes_std::panic::catch_unwind(|| print!("{Bad}")));
        });
        0
    };
    let texts = texts_with_stderr(&main);
    assert_eq!(texts.len(), 2);
    for text in texts {
        let alone = text.strip_prefix("-\n").or(text.strip_suffix("-\n"));
        assert!(alone.unwrap().contains("formatting trait"), "{text}");
    }
}

/// The room that std's buffer has left may end within a character.
#[test]
fn what_is_cut_within_a_character_is_written() {
    let text = format!("x\na{}", "é".repeat(600));
    let expected = text.clone();
    let main = move || {
        io::stdout().write_all(text.as_bytes()).unwrap();
        0
    };
    let outputs = explore(&main, &Settings::default())
        .unwrap()
        .outputs()
        .unwrap();
    let found: Vec<String> = outputs.iter().map(|output| output.text).collect();
    assert_eq!(found, [expected]);
}

/// Everything that a terminal may show.
fn texts_with_stderr(main: &dyn Fn() -> i32) -> Vec<String> {
    let settings = Settings {
        stderr: true,
        ..Settings::default()
    };
    let explored = explore(main, &settings).unwrap();
    assert_eq!(explored.graph.endings(), [Ending::Returned]);
    let outputs = explored.outputs().unwrap();
    outputs.iter().map(|output| output.text).collect()
}

#[test]
fn a_panic_outside_of_programs_is_none_of_theirs() {
    assert_eq!(outputs(|| ()), [output("", Ending::Returned)]);
    let panic = std::panic::catch_unwind(|| panic!("outside")).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"outside"));
    assert!(!thread::panicking());
    // Nor is what is made and dropped there.
    use outcomes_crossbeam::{channel, sync::WaitGroup};
    let (sender, receiver) = channel::bounded::<u8>(1);
    drop((sender, receiver));
    let (sender, receiver) = outcomes_std::sync::mpsc::channel::<u8>();
    drop((sender.clone(), sender, receiver));
    let arc = Arc::new(String::new());
    drop((Arc::downgrade(&arc), arc));
    drop(WaitGroup::new().clone());
}

#[test]
fn printing_for_ever_is_not_counted() {
    fn polling() {
        let flag = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&flag);
        thread::spawn(move || theirs.store(true, Ordering::SeqCst));
        while !flag.load(Ordering::SeqCst) {
            println!("not yet");
        }
    }
    assert_eq!(outputs_on(Clock::Any, polling), Err(NotCounted::Unbounded));
}

#[test]
fn a_lost_notification_is_a_deadlock() {
    fn lost() {
        let pair = Arc::new((Mutex::new(()), Condvar::new()));
        let theirs = Arc::clone(&pair);
        let waiting = thread::spawn(move || {
            let guard = theirs.0.lock().unwrap();
            drop(theirs.1.wait(guard).unwrap());
            println!("woken");
        });
        pair.1.notify_one();
        waiting.join().unwrap();
    }
    let expected = [
        output("", Ending::Deadlocked),
        output("woken\n", Ending::Returned),
    ];
    assert_eq!(outputs(lost), expected);
}

#[test]
fn a_deadlock_names_the_lock_on_stdout() {
    let main = || {
        let _stdout = io::stdout().lock();
        let lock = || drop(io::stdout().lock());
        let threads = [thread::spawn(|| println!("never")), thread::spawn(lock)];
        for thread in threads {
            thread.join().unwrap();
        }
        0
    };
    let explored = explore(&main, &Settings::default()).unwrap();
    let [deadlock] = &explored.deadlocks[..] else {
        panic!("there is one way to be stuck");
    };
    let waits = deadlock.standstill.sentences();
    assert!(waits[0].contains("to join"), "{}", waits[0]);
    for wait in &waits[1..3] {
        assert!(wait.ends_with("for the lock on stdout"), "{wait}");
    }
    let locked = format!("stdout is held by main since {}:", file!());
    assert!(waits[3].starts_with(&locked), "{}", waits[3]);
}

#[test]
fn exit_code_and_abort() {
    fn exit() {
        print!("no newline");
        process::exit(7);
    }
    fn abort() {
        print!("lost");
        process::abort();
    }
    let exited = output("no newline", Ending::Exited { code: 7 });
    assert_eq!(outputs(exit), [exited]);
    assert_eq!(outputs(abort), [output("", Ending::Aborted)]);
}

#[test]
fn panics_in_several_threads_at_once() {
    fn panics() {
        struct Loud;
        impl Drop for Loud {
            fn drop(&mut self) {
                println!("dropped");
            }
        }
        let threads = [1, 2].map(|number| {
            thread::spawn(move || {
                let _loud = Loud;
                panic!("panic {number}");
            })
        });
        for thread in threads {
            println!("{}", thread.join().is_err());
        }
    }
    let found = outputs(panics);
    let expected = [
        "dropped\ndropped\ntrue\ntrue\n",
        "dropped\ntrue\ndropped\ntrue\n",
    ];
    assert_eq!(found, expected.map(|text| output(text, Ending::Returned)));
}

#[test]
fn what_cannot_be_modelled_is_refused() {
    fn relaxed() {
        let [one, other] = [AtomicBool::new(false), AtomicBool::new(false)];
        thread::scope(|scope| {
            scope.spawn(|| {
                one.store(true, Ordering::Relaxed);
                other.load(Ordering::Relaxed)
            });
            other.store(true, Ordering::Relaxed);
            one.load(Ordering::Relaxed)
        });
        // It may find nothing because it hasn't heard.
        println!("{}", Mutex::new(()).try_lock().is_ok());
    }
    fn clock() {
        let start = outcomes_std::time::Instant::now();
        println!("{:?}", start.elapsed());
    }
    fn threads() {
        loop {
            thread::spawn(|| {});
        }
    }
    fn memory() {
        let _ = vec![1_u8; 100 << 20];
    }
    fn stack_address() {
        let local = 1;
        println!("0x7 {:p}", &raw const local);
    }
    fn heap_address() {
        println!("{:p}", Box::new(1));
    }
    fn written_address() {
        writeln!(io::stdout(), "{:p}", Box::new(1)).unwrap();
    }
    fn bytes_of_an_address() {
        let text = format!("{:p}", Box::new(1));
        io::stdout().write_all(text.as_bytes()).unwrap();
    }
    fn address_as_a_number() {
        let local = 1;
        println!("at {}.", &raw const local as usize);
    }
    fn hexadecimal_address() {
        let boxed = Box::new(1);
        println!("{:X}", &raw const *boxed as usize);
    }
    fn address_of_a_static() {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        println!("{:p}", &raw const COUNT);
    }
    fn address_of_code() {
        println!("{}", address_of_code as *const () as usize);
    }
    let programs: [(fn(), &str); 12] = [
        (address_as_a_number, "prints an address"),
        (hexadecimal_address, "prints an address"),
        (address_of_a_static, "prints an address"),
        (address_of_code, "prints an address"),
        (bytes_of_an_address, "prints an address"),
        (relaxed, "Relaxed"),
        (clock, "reads the clock"),
        (threads, "more than 1024 threads"),
        (memory, "more than 7 MB"),
        (stack_address, "prints an address"),
        (heap_address, "prints an address"),
        (written_address, "prints an address"),
    ];
    for (main, reason) in programs {
        let main = || {
            main();
            0
        };
        let Err(error) = explore(&main, &Settings::default()) else {
            panic!("{reason}: was explored");
        };
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn ending_before_the_first_choice_is_one_execution() {
    #[allow(unconditional_recursion, reason = "that is the point")]
    fn forever() -> u64 {
        std::hint::black_box(forever()) + 1
    }
    let main = || {
        forever();
        0
    };
    let explored = explore(&main, &Settings::default()).unwrap();
    let graph = &explored.graph;
    assert_eq!(graph.endings(), [Ending::Aborted]);
    let counts = (explored.executions, graph.states(), graph.edges());
    assert_eq!(counts, (1, 1, 1));
    assert_eq!(graph.way_to_start().steps.len(), 0);
}

/// Waking up for no reason brings a thread back to where it was, so it adds
/// no states: there were a thousand times as many when what earlier calls left
/// on the stack still showed.
#[test]
fn waking_up_leads_back() {
    fn two_wait() {
        let ready = Arc::new((Mutex::new(false), Condvar::new()));
        let waiters: Vec<_> = (0..2)
            .map(|waiter| {
                let ready = Arc::clone(&ready);
                thread::spawn(move || {
                    let (flag, changed) = &*ready;
                    let mut flag = flag.lock().unwrap();
                    while !*flag {
                        flag = changed.wait(flag).unwrap();
                    }
                    println!("{waiter} goes on");
                })
            })
            .collect();
        *ready.0.lock().unwrap() = true;
        ready.1.notify_all();
        println!("ready");
        for waiter in waiters {
            waiter.join().unwrap();
        }
    }
    let main = || {
        two_wait();
        0
    };
    let explored = explore(&main, &Settings::default()).unwrap();
    assert_eq!(explored.outputs().unwrap().count().to_string(), "6");
    let states = explored.graph.states();
    assert!(states < 2_000, "{states} states");
}

/// What an atomic was before tells nothing of where a program can go: four
/// threads that add have as many states as there are ways to stand at five
/// places each, and not as many as there are ways to get there.
#[test]
fn what_an_atomic_was_is_forgotten() {
    fn count() {
        let count = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let count = Arc::clone(&count);
                thread::spawn(move || {
                    for _ in 0..4 {
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        println!("{}", count.load(Ordering::SeqCst));
    }
    let main = || {
        count();
        0
    };
    let explored = explore(&main, &Settings::default()).unwrap();
    assert_eq!(explored.outputs().unwrap().count().to_string(), "1");
    let states = explored.graph.states();
    assert!(states < 2_000, "{states} states");
}

/// What a panic says is said before anything that the thread has is dropped,
/// which others may wait for.
#[test]
fn a_message_comes_before_what_is_given_up() {
    fn panic_with<T>(own: T, other: impl FnOnce() + Send + 'static) {
        let other = thread::spawn(move || {
            other();
            println!("-");
        });
        let panics = AssertUnwindSafe(move || {
            let _own = own;
            panic!("first");
        });
        drop(outcomes_std::panic::catch_unwind(panics));
        other.join().unwrap();
    }
    let mutex = || {
        static MUTEX: Mutex<()> = Mutex::new(());
        let guard = MUTEX.lock();
        panic_with(guard, || drop(MUTEX.lock()));
        0
    };
    let writer = || {
        static LOCK: RwLock<()> = RwLock::new(());
        panic_with(LOCK.write(), || drop(LOCK.read()));
        0
    };
    let reader = || {
        static LOCK: RwLock<()> = RwLock::new(());
        panic_with(LOCK.read(), || drop(LOCK.write()));
        0
    };
    let sender = || {
        let (sender, receiver) = mpsc::channel::<()>();
        panic_with(sender, move || assert!(receiver.recv().is_err()));
        0
    };
    let other_sender = || {
        let (sender, receiver) = outcomes_crossbeam::channel::bounded::<()>(1);
        panic_with(sender, move || assert!(receiver.recv().is_err()));
        0
    };
    let owner = || {
        let owner = Arc::new(());
        let weak = Arc::downgrade(&owner);
        panic_with(owner, move || while weak.upgrade().is_some() {});
        0
    };
    let group = || {
        let group = outcomes_crossbeam::sync::WaitGroup::new();
        panic_with(group.clone(), || group.wait());
        0
    };
    let stdout = || {
        panic_with(io::stdout().lock(), || ());
        0
    };
    let mains: [&dyn Fn() -> i32; 8] = [
        &mutex,
        &writer,
        &reader,
        &sender,
        &other_sender,
        &owner,
        &group,
        &stdout,
    ];
    for (index, main) in mains.into_iter().enumerate() {
        for text in texts_with_stderr(main) {
            let place = |what: &str| text.find(what).unwrap();
            assert!(place("note: ") < place("-\n"), "{index}: {text}");
        }
    }
}

/// Who ends the process while another holds stdout leaves its buffer as it is.
#[test]
fn whether_stdout_has_given_up_its_buffer() {
    let main = || {
        thread::spawn(|| {
            let lock = io::stdout().lock();
            eprintln!("held");
            drop(lock);
            print!("x");
            eprintln!("printed");
        });
        0
    };
    let expected = [
        "",
        "held\n",
        "held\nprinted\n",
        "held\nprinted\nx",
        "held\nx",
        "held\nxprinted\n",
    ];
    let mut texts = texts_with_stderr(&main);
    texts.sort_unstable();
    assert_eq!(texts, expected);
}
