//! What can't be modelled is there, and refused when it is called, with the
//! line that does so.

use outcomes_engine::{Clock, Settings};
use outcomes_soak::explore;
use outcomes_std::any::type_name;
use outcomes_std::collections::VecDeque;
use outcomes_std::hash::{DefaultHasher, Hash, Hasher};
use outcomes_std::mem::{align_of_val, size_of, size_of_val};
use outcomes_std::sync::atomic::AtomicU32;
use outcomes_std::sync::{Arc, Mutex, RwLock, mpsc};
use outcomes_std::time::{Duration, Instant, SystemTime};
use outcomes_std::{env, hint, println, process, thread};

fn explored(main: fn()) -> Result<Vec<String>, String> {
    explored_on(Clock::Any, main)
}

fn explored_on(clock: Clock, main: fn()) -> Result<Vec<String>, String> {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let exploration = explore(&main, &settings)?;
    let outputs = exploration.outputs().expect("finitely many");
    Ok(outputs.iter().map(|output| output.text).collect())
}

#[test]
fn what_depends_on_the_machine_is_refused() {
    let programs: [(fn(), &str); 15] = [
        (|| drop(env::var("HOME")), "variable \"HOME\""),
        (|| drop(env::var_os("HOME")), "variable \"HOME\""),
        (|| _ = env::vars(), "environment variables"),
        (|| drop(env::current_dir()), "folder it runs in"),
        (|| drop(env::temp_dir()), "temporary files"),
        (|| _ = SystemTime::now(), "time of day"),
        (|| _ = process::id(), "process number"),
        (|| _ = thread::available_parallelism(), "threads can run"),
        (|| _ = AtomicU32::new(1).as_ptr(), "by a pointer"),
        (|| _ = AtomicU32::from_mut(&mut 1), "where it is"),
        (|| _ = AtomicU32::from_mut_slice(&mut [1]), "where they are"),
        (
            || _ = AtomicU32::get_mut_slice(&mut [AtomicU32::new(1)]),
            "where they are",
        ),
        (|| _ = size_of::<Mutex<u32>>(), "size or the alignment"),
        (
            || _ = align_of_val(&[RwLock::new(1)]),
            "size or the alignment",
        ),
        (|| _ = type_name::<Mutex<i32>>(), "name of a type"),
    ];
    for (program, part) in programs {
        let reason = explored(program).expect_err(part);
        assert!(reason.contains(part), "{reason}");
        assert!(reason.contains("refused.rs:"), "{reason}");
    }
    let hashes = || Instant::now().hash(&mut DefaultHasher::new());
    assert!(explored(hashes).unwrap_err().contains("hashes a moment"));
}

/// Computing takes no time on the prompt clock. Who computes until it is late enough
/// would do so for ever, and on a machine doesn't.
#[test]
fn waiting_for_a_time_without_sleeping_is_refused() {
    const LATE: Duration = Duration::from_secs(1);
    fn alone() {
        let start = Instant::now();
        while start.elapsed() < LATE {
            thread::yield_now();
        }
        println!("late");
    }
    fn spinning() {
        let end = Instant::now() + LATE;
        loop {
            hint::spin_loop();
            if Instant::now() >= end {
                break;
            }
        }
    }
    fn beside_one_that_waits() {
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || println!("{:?}", receiver.recv()));
            alone();
            sender.send(1).unwrap();
        });
    }
    for main in [alone, spinning, beside_one_that_waits] {
        let reason = explored_on(Clock::Prompt, main).unwrap_err();
        assert!(reason.contains("again and again"), "{reason}");
        assert!(reason.contains("refused.rs:"), "{reason}");
    }

    // Somebody sleeps; it is looked at once; nobody looks.
    fn beside_a_sleeper() {
        thread::spawn(|| thread::sleep(LATE));
        alone();
    }
    fn once() {
        let start = Instant::now();
        assert!(start.elapsed() < LATE);
        thread::yield_now();
        println!("early");
    }
    fn with_a_sleep() {
        let start = Instant::now();
        while start.elapsed() < LATE {
            thread::sleep(LATE / 4);
        }
        println!("late");
    }
    for (main, output) in [
        (beside_a_sleeper as fn(), "late\n"),
        (once, "early\n"),
        (with_a_sleep, "late\n"),
    ] {
        let outputs = explored_on(Clock::Prompt, main);
        assert_eq!(outputs, Ok(vec![output.to_owned()]));
    }
    fn for_ever() {
        let start = Instant::now();
        assert!(start.elapsed() < LATE);
        println!("early");
        loop {
            thread::yield_now();
        }
    }
    let outputs = explored_on(Clock::Prompt, for_ever);
    assert_eq!(outputs, Ok(vec!["early\n".to_owned()]));
}

#[test]
fn what_does_not_is_told() {
    fn main() {
        const SIZE: usize = size_of::<u32>();
        println!(
            "{SIZE} {} {}",
            size_of::<Arc<Mutex<u32>>>() == size_of::<usize>(),
            size_of_val(&[1_u16])
        );
        println!("{} {}", type_name::<VecDeque<u8>>(), env::args().len());
    }
    assert_eq!(
        explored(main).unwrap(),
        ["4 true 2\nalloc::collections::vec_deque::VecDeque<u8> 1\n"]
    );
}

#[test]
fn hashes_are_the_originals() {
    fn main() {
        let mut hasher = DefaultHasher::new();
        thread::current().id().hash(&mut hasher);
        Arc::new(5).hash(&mut hasher);
        println!("{}", hasher.finish());
    }
    let mut hasher = DefaultHasher::new();
    // Main is thread number 1.
    (1_u64, 5).hash(&mut hasher);
    assert_eq!(explored(main).unwrap(), [format!("{}\n", hasher.finish())]);
}

#[test]
fn the_facade_of_crossbeam() {
    use outcomes_crossbeam::{atomic::AtomicCell, channel, select, sync::WaitGroup, utils};
    fn main() {
        let (sender, receiver) = channel::unbounded();
        let (cell, group) = (AtomicCell::new(0_u32), WaitGroup::new());
        outcomes_crossbeam::scope(|scope| {
            let theirs = group.clone();
            let cell = &cell;
            scope.spawn(move |_| {
                cell.fetch_add(1);
                sender.send(2).unwrap();
                drop(theirs);
            });
        })
        .unwrap();
        group.wait();
        select! {
            recv(receiver) -> number => println!("{} {number:?}", cell.load()),
        }
        utils::Backoff::new().spin();
    }
    assert_eq!(explored(main).unwrap(), ["1 Ok(2)\n"]);
    let programs: [(fn(), &str); 5] = [
        (
            || _ = outcomes_crossbeam::epoch::is_pinned(),
            "crossbeam-epoch",
        ),
        (
            || outcomes_crossbeam::queue::SegQueue::new().push(1),
            "crossbeam-queue",
        ),
        (
            || _ = outcomes_crossbeam::queue::ArrayQueue::<u8>::new(1),
            "crossbeam-queue",
        ),
        (
            || _ = outcomes_crossbeam::deque::Injector::<u8>::new(),
            "crossbeam-deque",
        ),
        (
            || outcomes_crossbeam::epoch::pin().flush(),
            "crossbeam-epoch",
        ),
    ];
    for (program, part) in programs {
        let reason = explored(program).expect_err(part);
        assert!(
            reason.contains(part) && reason.contains("refused.rs:"),
            "{reason}"
        );
    }
}

/// What comes of stealing needs no deque.
#[test]
fn what_comes_of_stealing() {
    use outcomes_crossbeam::deque::Steal;
    let all = [Steal::Empty, Steal::Success(1), Steal::Retry];
    let what = |steal: &Steal<i32>| (steal.is_empty(), steal.is_success(), steal.is_retry());
    assert_eq!(
        all.map(|steal| what(&steal)),
        [
            (true, false, false),
            (false, true, false),
            (false, false, true)
        ]
    );
    assert_eq!(all.map(Steal::success), [None, Some(1), None]);
    let [empty, success, retry] = all;
    let first = |steals: &[Steal<i32>]| steals.iter().copied().collect::<Steal<i32>>();
    assert_eq!(first(&[empty, success, retry]), success);
    assert_eq!(first(&[empty, retry, empty]), retry);
    assert_eq!(first(&[empty]), empty);
    assert_eq!(retry.or_else(|| success), success);
    assert_eq!(retry.or_else(|| empty), retry);
    assert_eq!(empty.or_else(|| retry), retry);
    assert_eq!(success.or_else(|| retry), success);
}

#[test]
fn selecting_and_completing_are_one_step() {
    use outcomes_crossbeam::channel::{Select, bounded};
    fn receives() {
        let (sender, receiver) = bounded::<u32>(1);
        let other = receiver.clone();
        sender.send(1).unwrap();
        thread::spawn(move || other.try_recv());
        let mut select = Select::new();
        select.recv(&receiver);
        let selected = select.select();
        println!("selected");
        println!("{:?}", selected.recv(&receiver));
        drop(sender);
    }
    fn sends() {
        let (sender, receiver) = bounded::<u32>(1);
        let other = sender.clone();
        thread::spawn(move || other.try_send(1));
        let mut select = Select::new();
        select.send(&sender);
        let selected = select.select();
        println!("selected");
        println!("{:?}", selected.send(&sender, 2));
        drop(receiver);
    }
    for main in [receives, sends] {
        let reason = explored(main).expect_err("it depends on when it completes");
        assert!(reason.contains("between selecting"), "{reason}");
    }
}

/// As much of a stack as there is room for is tried first.
#[test]
fn a_stack_that_is_too_large_is_refused() {
    #[allow(unconditional_recursion, reason = "that is the point")]
    fn forever() -> u64 {
        std::hint::black_box(forever()) + 1
    }
    fn overflow(prints: bool) {
        let builder = thread::Builder::new().name("large".to_owned());
        let thread = builder.stack_size(1 << 40).spawn(move || {
            if prints {
                println!("a line");
            }
            forever()
        });
        drop(thread.unwrap().join());
    }
    let told = "its thread 'large' needs a stack of more than 63 MB";
    let mains: [(bool, fn()); 2] = [(false, || overflow(false)), (true, || overflow(true))];
    for (prints, main) in mains {
        let reason = explored(main).unwrap_err();
        assert!(reason.contains(told), "{reason}");
        assert_eq!(reason.contains("refused.rs:"), prints, "{reason}");
    }
}
