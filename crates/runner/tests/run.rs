//! Running: every way in which a program can end, every limit, and programs
//! that do all they can to stay.

use libtest_mimic::{Arguments, Failed, Trial};
use runner::{Builder, Ending, Event, Limit, Limits, RunError, Running, Stop, Stream};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// This binary's first argument when it plays the server that is killed.
const SERVE: &str = "--serve-and-wait";

/// The same when it plays a harness that dies.
const HARNESS: &str = "--die-as-a-harness";

/// The same when it plays a server that starts after that.
const CLEAN: &str = "--start-again";

/// The variable that tells this binary which program to run when it plays one
/// that runs programs.
const NESTED: &str = "INTERLEAVED_TEST_NESTED";

fn main() -> ExitCode {
    runner::supervisor::hook();
    if let Some(program) = std::env::var_os(NESTED) {
        run_nested(Path::new(&program));
    }
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some(SERVE) => serve_and_wait(Path::new(&arguments.next().unwrap())),
        Some(HARNESS) => harness(&arguments.next().unwrap()),
        Some(CLEAN) => {
            runner::remove_abandoned_folders();
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let portable: &[(&str, fn())] = &[
        (
            "output_comes_in_order_and_then_the_end",
            output_comes_in_order_and_then_the_end,
        ),
        ("ending_at_once_many_times", ending_at_once_many_times),
        ("output_comes_while_it_runs", output_comes_while_it_runs),
        (
            "the_two_streams_are_told_apart",
            the_two_streams_are_told_apart,
        ),
        (
            "all_of_a_large_output_arrives",
            all_of_a_large_output_arrives,
        ),
        ("an_exit_code", an_exit_code),
        ("a_panic_of_main", a_panic_of_main),
        (
            "a_panic_of_another_thread_is_none_of_main",
            a_panic_of_another_thread_is_none_of_main,
        ),
        ("exit_101_is_no_panic", exit_101_is_no_panic),
        ("an_abort", an_abort),
        ("a_stack_overflow", a_stack_overflow),
        ("a_stop", a_stop),
        ("a_stop_before_the_start", a_stop_before_the_start),
        ("one_stop_for_many", one_stop_for_many),
        ("a_wall_clock_limit", a_wall_clock_limit),
        ("an_output_limit", an_output_limit),
        ("a_file_limit", a_file_limit),
        ("standard_input_is_empty", standard_input_is_empty),
        ("the_environment_is_bare", the_environment_is_bare),
        (
            "each_run_has_a_fresh_directory",
            each_run_has_a_fresh_directory,
        ),
        (
            "a_locked_directory_is_removed",
            a_locked_directory_is_removed,
        ),
        ("deep_folders_are_removed", deep_folders_are_removed),
        ("a_missing_program", a_missing_program),
        ("a_program_that_is_none", a_program_that_is_none),
        ("threads_die_with_main", threads_die_with_main),
        ("dropping_ends_the_program", dropping_ends_the_program),
        (
            "it_kills_its_own_process_group",
            it_kills_its_own_process_group,
        ),
        (
            "it_closes_its_output_and_goes_on",
            it_closes_its_output_and_goes_on,
        ),
    ];
    #[cfg(target_os = "linux")]
    let linux: &[(&str, fn())] = &[
        ("a_memory_limit", linux::a_memory_limit),
        ("a_process_limit", linux::a_process_limit),
        ("a_fork_bomb", linux::a_fork_bomb),
        ("a_fork_bomb_of_sessions", linux::a_fork_bomb_of_sessions),
        ("it_looks_for_others", linux::it_looks_for_others),
        (
            "it_reads_and_writes_elsewhere",
            linux::it_reads_and_writes_elsewhere,
        ),
        ("it_uses_the_network", linux::it_uses_the_network),
        (
            "memory_that_belongs_to_no_process",
            linux::memory_that_belongs_to_no_process,
        ),
        ("a_disk_limit", linux::a_disk_limit),
        ("no_open_file_reaches_it", linux::no_open_file_reaches_it),
        ("it_calls_what_leads_out", linux::it_calls_what_leads_out),
        (
            "more_threads_than_the_kernel_allows",
            linux::more_threads_than_the_kernel_allows,
        ),
        (
            "a_process_hides_its_memory",
            linux::a_process_hides_its_memory,
        ),
        ("namespaces_are_refused", linux::namespaces_are_refused),
        (
            "a_harness_that_dies_leaves_no_child",
            linux::a_harness_that_dies_leaves_no_child,
        ),
        (
            "what_is_lacking_is_told_beforehand",
            linux::what_is_lacking_is_told_beforehand,
        ),
        (
            "runs_that_are_killed_leave_nothing",
            linux::runs_that_are_killed_leave_nothing,
        ),
        ("a_thread_limit", linux::a_thread_limit),
        ("a_deadlock_of_two_locks", linux::a_deadlock_of_two_locks),
        ("a_deadlock_on_a_channel", linux::a_deadlock_on_a_channel),
        ("a_deadlock_of_one_thread", linux::a_deadlock_of_one_thread),
        (
            "a_long_wait_is_no_deadlock",
            linux::a_long_wait_is_no_deadlock,
        ),
        (
            "a_child_that_works_is_no_deadlock",
            linux::a_child_that_works_is_no_deadlock,
        ),
        (
            "waiting_for_input_is_told_and_free",
            linux::waiting_for_input_is_told_and_free,
        ),
        ("a_daemon_is_killed", linux::a_daemon_is_killed),
        (
            "orphans_that_hold_the_output_are_killed",
            linux::orphans_that_hold_the_output_are_killed,
        ),
        (
            "ignoring_signals_helps_nothing",
            linux::ignoring_signals_helps_nothing,
        ),
        ("it_kills_its_supervisor", linux::it_kills_its_supervisor),
        ("it_halts_its_supervisor", linux::it_halts_its_supervisor),
        (
            "nothing_outlives_a_killed_server",
            linux::nothing_outlives_a_killed_server,
        ),
    ];
    #[cfg(not(target_os = "linux"))]
    let linux: &[(&str, fn())] = &[];
    let trials = [portable, linux]
        .concat()
        .into_iter()
        .map(|(name, test)| Trial::test(name, move || as_result(test)))
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn as_result(test: fn()) -> Result<(), Failed> {
    test();
    Ok(())
}

/// Plays a server: runs a program and does nothing with its events but say
/// what the program says.
fn serve_and_wait(program: &Path) -> ! {
    for event in start(program, &Limits::default(), &Stop::new()) {
        if let Event::Output { bytes, .. } = event {
            print!("{}", String::from_utf8_lossy(&bytes));
        }
    }
    std::process::exit(0);
}

/// Plays a harness that starts two processes and dies in some way, waiting for
/// neither.
#[allow(clippy::zombie_processes)]
fn harness(how: &str) -> ! {
    let sleeper = || {
        let mut command = Command::new("sleep");
        command.arg("600").stdout(Stdio::null());
        command
    };
    let mut thread = sleeper();
    let one = runner::die_with_this_thread(&mut thread).spawn().unwrap();
    let other = std::thread::spawn(move || runner::spawn_to_die_with_us(sleeper()).unwrap());
    println!("{}\n{}", one.id(), other.join().unwrap().id());
    match how {
        "abort" => std::process::abort(),
        "exit" => std::process::exit(3),
        _ => loop {
            std::thread::park();
        },
    }
}

/// Plays a program that runs programs, and says how that went.
fn run_nested(program: &Path) -> ! {
    let running = start(program, &Limits::default(), &Stop::new());
    for lack in running.lacks() {
        println!("{lack}");
    }
    let run = collect(running);
    println!("{}{:?}", run.stdout, run.ending);
    std::process::exit(0);
}

/// Builds a program from the body of its `main` and what else it needs.
fn program(source: &str) -> PathBuf {
    static BUILDER: OnceLock<Builder> = OnceLock::new();
    let builder = BUILDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let build = runner::build_examples(folder, "listings", &mut |_| {}).unwrap();
        // Kept between runs of the tests: the programs don't change.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
        Builder::new(build.libraries, cache)
    });
    match builder.build(source, &Stop::new()) {
        Ok(build) => build.program,
        Err(runner::BuildError::Rejected { rendered, .. }) => panic!("{rendered}"),
        Err(error) => panic!("{error}"),
    }
}

fn start(program: &Path, limits: &Limits, stop: &Stop) -> Running {
    runner::run(program, limits, stop).unwrap()
}

/// What a whole run came to.
#[derive(Debug)]
struct Run {
    stdout: String,
    stderr: String,
    ending: Ending,
    took: Duration,
}

fn collect(running: Running) -> Run {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut end = None;
    for event in running {
        assert!(end.is_none(), "{event:?} came after the end");
        match event {
            Event::Output {
                stream: Stream::Stdout,
                bytes,
                ..
            } => stdout.extend(bytes),
            Event::Output {
                stream: Stream::Stderr,
                bytes,
                ..
            } => stderr.extend(bytes),
            Event::Ended { ending, took } => end = Some((ending, took)),
        }
    }
    let (ending, took) = end.expect("a run has an end");
    Run {
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
        ending,
        took,
    }
}

fn run(source: &str) -> Run {
    run_within(source, &Limits::default())
}

fn run_within(source: &str, limits: &Limits) -> Run {
    collect(start(&program(source), limits, &Stop::new()))
}

/// Reads events until the program has printed this.
fn wait_for_words(running: &mut Running, words: &str) -> String {
    let mut printed = String::new();
    for event in running {
        match event {
            Event::Output { bytes, .. } => printed += &String::from_utf8_lossy(&bytes),
            Event::Ended { .. } => panic!("it ended: {event:?}, having printed {printed}"),
        }
        if printed.contains(words) {
            return printed;
        }
    }
    unreachable!()
}

fn output_comes_in_order_and_then_the_end() {
    let run = run("fn main() { for n in 0..5 { println!(\"{n}\"); } }");
    assert_eq!(run.stdout, "0\n1\n2\n3\n4\n");
    assert_eq!(run.stderr, "");
    assert_eq!(run.ending, Ending::Returned);
}

fn ending_at_once_many_times() {
    let program = program("fn main() {}");
    for _ in 0..100 {
        let run = collect(start(&program, &Limits::default(), &Stop::new()));
        assert_eq!(run.ending, Ending::Returned);
    }
}

fn output_comes_while_it_runs() {
    let source = "fn main() { println!(\"here\"); loop { std::thread::park() } }";
    let mut running = start(&program(source), &Limits::default(), &Stop::new());
    assert!(matches!(running.next(), Some(Event::Output { .. })));
}

fn the_two_streams_are_told_apart() {
    let run = run("fn main() { print!(\"out\"); eprint!(\"err\"); }");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("out", "err"));
}

fn all_of_a_large_output_arrives() {
    let run = run("fn main() { for n in 0..200_000 { println!(\"{n:09}\"); } }");
    assert_eq!(run.stdout.len(), 2_000_000);
    assert!(run.stdout.ends_with("000199999\n"));
    assert_eq!(run.ending, Ending::Returned);
}

fn an_exit_code() {
    let run = run("fn main() { print!(\"bye\"); std::process::exit(3) }");
    assert_eq!(run.stdout, "bye");
    assert_eq!(run.ending, Ending::Exited { code: 3 });
}

fn a_panic_of_main() {
    let run = run("fn main() { panic!(\"oh\") }");
    assert_eq!(run.ending, Ending::Panicked);
    assert!(
        run.stderr.contains("panicked at listing.rs:1:"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("stack backtrace"), "{}", run.stderr);
}

fn a_panic_of_another_thread_is_none_of_main() {
    let run = run("fn main() { std::thread::spawn(|| panic!(\"oh\")).join().unwrap_err(); }");
    assert_eq!(run.ending, Ending::Returned);
    assert!(run.stderr.contains("panicked"), "{}", run.stderr);
}

fn exit_101_is_no_panic() {
    let run = run("fn main() { eprintln!(\"no panic\"); std::process::exit(101) }");
    assert_eq!(run.ending, Ending::Exited { code: 101 });
}

fn an_abort() {
    let run = run("fn main() { std::process::abort() }");
    assert_eq!(run.ending, Ending::Signalled { signal: 6 });
    assert!(run.ending.to_string().contains("SIGABRT"));
}

fn a_stack_overflow() {
    let run = run("
        #[allow(unconditional_recursion)]
        fn deep(n: u64) -> u64 { std::hint::black_box(deep(n + 1)) + 1 }
        fn main() { println!(\"{}\", deep(0)) }");
    assert_eq!(run.ending, Ending::Signalled { signal: 6 });
    assert!(
        run.stderr.contains("overflowed its stack"),
        "{}",
        run.stderr
    );
}

const FOR_EVER: &str = "fn main() { println!(\"on\"); loop { std::hint::spin_loop() } }";

fn a_stop() {
    let stop = Stop::new();
    let mut running = start(&program(FOR_EVER), &Limits::default(), &stop);
    wait_for_words(&mut running, "on\n");
    stop.stop();
    assert_eq!(collect(running).ending, Ending::Stopped);
    assert!(stop.is_stopped());
}

fn a_stop_before_the_start() {
    let stop = Stop::new();
    stop.stop();
    let run = collect(start(&program(FOR_EVER), &Limits::default(), &stop));
    assert_eq!(run.ending, Ending::Stopped);
}

fn one_stop_for_many() {
    let stop = Stop::new();
    let runs: Vec<_> = (0..4)
        .map(|_| start(&program(FOR_EVER), &Limits::default(), &stop))
        .collect();
    stop.clone().stop();
    for running in runs {
        assert_eq!(collect(running).ending, Ending::Stopped);
    }
}

fn a_wall_clock_limit() {
    let limits = Limits {
        wall_clock: Duration::from_millis(300),
        ..Limits::default()
    };
    let run = run_within(FOR_EVER, &limits);
    assert_eq!(
        run.ending,
        Ending::OverLimit {
            limit: Limit::WallClock(1)
        }
    );
    assert!(run.took >= limits.wall_clock, "{:?}", run.took);
    // It may not have come that far.
    assert!("on\n".starts_with(&run.stdout), "{}", run.stdout);
}

fn an_output_limit() {
    let limits = Limits {
        output: 10_000,
        ..Limits::default()
    };
    let run = run_within("fn main() { loop { println!(\"flood\"); } }", &limits);
    assert_eq!(
        run.ending,
        Ending::OverLimit {
            limit: Limit::Output(10_000)
        }
    );
    assert_eq!(run.stdout.len(), 10_000);
    let sentence = run.ending.to_string();
    assert_eq!(
        sentence,
        "The program was stopped: it printed more than 10000 bytes."
    );
}

fn a_file_limit() {
    let limits = Limits {
        file: 1 << 20,
        ..Limits::default()
    };
    let source = "use std::io::Write;
        fn main() {
            let mut file = std::fs::File::create(\"large\").unwrap();
            for _ in 0..1024 { file.write_all(&[b'x'; 1024]).unwrap(); }
            println!(\"full\");
            file.write_all(b\"x\").unwrap();
            println!(\"fuller\");
        }";
    let run = run_within(source, &limits);
    assert_eq!(
        (run.ending.to_string(), &*run.stdout),
        (
            "The program was stopped: it wrote more than 1 MiB to a file.".to_owned(),
            "full\n"
        )
    );
}

fn standard_input_is_empty() {
    let run = run("fn main() {
        let read = std::io::stdin().read_line(&mut String::new());
        println!(\"{read:?}\");
    }");
    assert_eq!(run.stdout, "Ok(0)\n");
}

fn the_environment_is_bare() {
    let run = run("fn main() { for (name, _) in std::env::vars() { println!(\"{name}\"); } }");
    let allowed = ["PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "TMPDIR"];
    for name in run.stdout.lines() {
        assert!(allowed.contains(&name), "{name}");
    }
    assert!(run.stdout.contains("PATH"));
}

fn each_run_has_a_fresh_directory() {
    let source = "fn main() {
        assert_eq!(std::fs::read_dir(\".\").unwrap().count(), 0);
        std::fs::create_dir_all(\"a/b\").unwrap();
        std::fs::write(\"a/b/c\", \"left behind\").unwrap();
        print!(\"{}\", std::env::current_dir().unwrap().display());
    }";
    let folders: BTreeSet<String> = (0..3).map(|_| run(source).stdout).collect();
    assert_eq!(folders.len(), 3);
    for folder in folders {
        assert!(folder.contains("interleaved-program-"), "{folder}");
        wait_until_removed(&folder);
    }
}

fn a_locked_directory_is_removed() {
    let run = run("
        use std::{fs, os::unix::fs::PermissionsExt};
        fn main() {
            fs::create_dir_all(\"a/b\").unwrap();
            for folder in [\"a/b\", \"a\", \".\"] {
                fs::set_permissions(folder, fs::Permissions::from_mode(0)).unwrap();
            }
            print!(\"{}\", std::env::var(\"TMPDIR\").unwrap());
        }");
    assert_eq!(run.ending, Ending::Returned);
    wait_until_removed(&run.stdout);
}

/// Deeper than a path can be long.
fn deep_folders_are_removed() {
    let run = run("
        use std::{env, fs};
        fn main() {
            print!(\"{}\", env::var(\"TMPDIR\").unwrap());
            for _ in 0..1500 {
                fs::create_dir(\"deep\").unwrap();
                env::set_current_dir(\"deep\").unwrap();
            }
        }");
    assert_eq!(run.ending, Ending::Returned);
    wait_until_removed(&run.stdout);
}

/// The end may be told before, where that takes long.
fn wait_until_removed(folder: &str) {
    assert!(Path::new(folder).is_absolute(), "{folder}");
    wait_until(|| !Path::new(folder).exists());
}

fn a_missing_program() {
    let missing = Path::new("/nowhere/at/hello");
    let error = runner::run(missing, &Limits::default(), &Stop::new()).unwrap_err();
    assert_eq!(error, RunError::Missing(missing.to_owned()));
    assert_eq!(error.to_string(), "The program hello is gone.");
}

fn a_program_that_is_none() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let error = runner::run(&file, &Limits::default(), &Stop::new()).unwrap_err();
    assert!(
        error.to_string().starts_with("Cannot start the program: "),
        "{error}"
    );
}

fn threads_die_with_main() {
    let run = run("fn main() { std::thread::spawn(|| loop { std::thread::park() }); }");
    assert_eq!(run.ending, Ending::Returned);
}

fn dropping_ends_the_program() {
    let source = "fn main() { println!(\"{}.\", std::process::id()); loop {} }";
    let mut running = start(&program(source), &Limits::default(), &Stop::new());
    wait_for_words(&mut running, ".");
    assert!(!processes_of(&program(source)).is_empty());
    drop(running);
    assert!(processes_of(&program(source)).is_empty());
}

fn it_kills_its_own_process_group() {
    let run = run("
        unsafe extern \"C\" { fn kill(pid: i32, signal: i32) -> i32; }
        fn main() { println!(\"last words\"); unsafe { kill(0, 9); } }");
    assert_eq!(run.stdout, "last words\n");
    assert_eq!(run.ending, Ending::Signalled { signal: 9 });
}

fn it_closes_its_output_and_goes_on() {
    let run = run("
        unsafe extern \"C\" { fn close(fd: i32) -> i32; }
        fn main() {
            unsafe { close(1); close(2); }
            std::thread::sleep(std::time::Duration::from_millis(300));
            std::process::exit(7)
        }");
    assert_eq!(run.ending, Ending::Exited { code: 7 });
    assert!(run.took >= Duration::from_millis(300), "{:?}", run.took);
}

/// Every process that runs this program or supervises it.
fn processes_of(program: &Path) -> Vec<String> {
    let name = program.to_str().unwrap();
    let is_it = |command: &String| command.contains(name) && !command.contains(SERVE);
    if let Ok(all) = fs::read_dir("/proc") {
        return all
            .flatten()
            .filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok())
            .filter(is_it)
            .collect();
    }
    let all = Command::new("ps")
        .args(["-A", "-ww", "-o", "args="])
        .output();
    let all = String::from_utf8_lossy(&all.unwrap().stdout).into_owned();
    all.lines().map(str::to_owned).filter(is_it).collect()
}

/// Fails when it has not become so for a long while.
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(300);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use runner::Means;
    use std::io::{BufRead, BufReader};

    const FORK: &str = "
        unsafe extern \"C\" {
            fn fork() -> i32;
            fn setsid() -> i32;
            fn getppid() -> i32;
            fn kill(pid: i32, signal: i32) -> i32;
            fn signal(signal: i32, handler: usize) -> usize;
            fn _exit(code: i32) -> !;
        }
        #[allow(dead_code)]
        fn say(what: &str) { println!(\"{what} {}\", std::process::id()); }
        #[allow(dead_code)]
        fn sleep(seconds: u64) { std::thread::sleep(std::time::Duration::from_secs(seconds)) }
        #[allow(dead_code, unused_unsafe)]
        fn unused() { unsafe { fork(); setsid(); getppid(); kill(0, 0); signal(0, 0); _exit(0) } }
    ";

    fn with_fork(source: &str) -> PathBuf {
        program(&format!("{FORK}{source}"))
    }

    pub(crate) fn a_memory_limit() {
        let limits = Limits {
            memory: 128 << 20,
            ..Limits::default()
        };
        // Some more than it may, and not all that there is: who measures it may
        // have to wait for a processor.
        let source = "fn main() {
            let kept: Vec<_> = (0..512).map(|_| vec![1u8; 1 << 20]).collect();
            loop { std::thread::sleep(std::time::Duration::from_secs(1)); std::hint::black_box(&kept); }
        }";
        let run = run_within(source, &limits);
        assert_eq!(
            run.ending,
            Ending::OverLimit {
                limit: Limit::Memory(128 << 20)
            }
        );
        let sentence = run.ending.to_string();
        assert_eq!(
            sentence,
            "The program was stopped: it used more than 128 MiB of memory."
        );
    }

    /// The ways in which a program can be contained: with all that the kernel
    /// has, without what containers often refuse, and as anywhere.
    fn ways() -> [(&'static str, Means); 4] {
        let all = Means::default();
        let identity = Means {
            other_user: false,
            ..all
        };
        let no_namespaces = Means {
            namespaces: false,
            group: false,
            ..all
        };
        [
            ("all", all),
            ("the same user", identity),
            ("no namespaces", no_namespaces),
            ("none", Means::none()),
        ]
    }

    /// Whether this machine lacks something, which a sentence with this word
    /// says. What can't be had can't be tested.
    fn lacks(word: &str) -> bool {
        static LACKS: OnceLock<Vec<String>> = OnceLock::new();
        let lacks = LACKS.get_or_init(|| runner::lacks().unwrap());
        let sentence = lacks.iter().find(|sentence| sentence.contains(word));
        if let Some(sentence) = sentence {
            eprintln!("not tested here: {sentence}");
        }
        sentence.is_some()
    }

    /// Whether this Linux's Landlock knows of signals: 6.12's does.
    fn bounds_signals() -> bool {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        let mut numbers = release
            .split(['.', '-'])
            .map_while(|part| part.parse().ok());
        (numbers.next(), numbers.next()) >= (Some(6), Some(12_u32))
    }

    const NAMESPACES: &str = "namespaces";
    const PATHS: &str = "read and change";
    const ASKING: &str = "asks nobody";

    fn limits(means: Means) -> Limits {
        Limits {
            means,
            ..Limits::default()
        }
    }

    pub(crate) fn a_process_limit() {
        for (way, means) in ways() {
            let limits = Limits {
                processes: 5,
                ..limits(means)
            };
            let program = with_fork(
                "fn main() {
                for _ in 0..9 { if unsafe { fork() } == 0 { say(\"child\"); sleep(600) } }
                sleep(600)
            }",
            );
            let run = collect(start(&program, &limits, &Stop::new()));
            let limit = Limit::Processes(5);
            assert_eq!(run.ending, Ending::OverLimit { limit }, "{way}");
            assert!(processes_of(&program).is_empty(), "{way}");
        }
    }

    pub(crate) fn a_fork_bomb() {
        for (way, means) in ways() {
            let program = with_fork(
                "fn main() {
                // Held back a little, and no more than 128 processes, for the sake of
                // whoever else uses this machine.
                for _ in 0..7 { unsafe { fork(); } std::thread::sleep(std::time::Duration::from_millis(5)) }
                sleep(600)
            }",
            );
            let run = collect(start(&program, &limits(means), &Stop::new()));
            let limit = Limit::Processes(64);
            assert_eq!(run.ending, Ending::OverLimit { limit }, "{way}");
            assert!(processes_of(&program).is_empty(), "{way}");
        }
    }

    /// As fast as it can, each child in a session of its own, where measuring
    /// can't keep up. It stops by itself at 200.
    pub(crate) fn a_fork_bomb_of_sessions() {
        if lacks(ASKING) {
            return;
        }
        let program = with_fork(
            "fn main() {
            for _ in 0..200 {
                if unsafe { fork() } == 0 {
                    unsafe { setsid() };
                    std::fs::write(std::process::id().to_string(), \"\").unwrap();
                    println!(\"born\");
                    sleep(600)
                }
            }
            println!(\"all\");
            sleep(600)
        }",
        );
        for (way, means) in ways().into_iter().filter(|(_, means)| means.system_calls) {
            let run = collect(start(&program, &limits(means), &Stop::new()));
            let limit = Limit::Processes(64);
            assert_eq!(run.ending, Ending::OverLimit { limit }, "{way}");
            let born = run.stdout.matches("born").count();
            assert!(born < 64, "{way}: {born} besides the first");
            assert!(!run.stdout.contains("all"), "{way}");
            assert!(processes_of(&program).is_empty(), "{way}");
        }
    }

    pub(crate) fn a_thread_limit() {
        let limits = Limits {
            threads: 100,
            ..Limits::default()
        };
        let source = "fn main() {
            for _ in 0..200 { std::thread::spawn(|| loop { std::thread::park() }); }
            println!(\"all\");
            loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
        }";
        let run = run_within(source, &limits);
        assert_eq!(
            run.ending,
            Ending::OverLimit {
                limit: Limit::Threads(100)
            }
        );
    }

    pub(crate) fn a_deadlock_of_two_locks() {
        let run = run("
            use std::sync::{Barrier, Mutex};
            fn main() {
                let (a, b, both) = (Mutex::new(0), Mutex::new(0), Barrier::new(2));
                std::thread::scope(|scope| {
                    scope.spawn(|| { let _a = a.lock(); both.wait(); let _b = b.lock(); });
                    scope.spawn(|| { let _b = b.lock(); both.wait(); let _a = a.lock(); });
                    println!(\"two locks\");
                });
            }");
        assert_eq!(run.stdout, "two locks\n");
        assert_eq!(run.ending, Ending::Deadlocked { threads: 3 });
    }

    pub(crate) fn a_deadlock_on_a_channel() {
        let run = run("
            fn main() {
                let (sender, receiver) = crossbeam_channel::bounded(0);
                let reader = std::thread::spawn(move || for n in receiver { println!(\"{n}\"); });
                sender.send(1).unwrap();
                reader.join().unwrap();
                drop(sender);
            }");
        assert_eq!(run.stdout, "1\n");
        assert_eq!(run.ending, Ending::Deadlocked { threads: 2 });
    }

    pub(crate) fn a_deadlock_of_one_thread() {
        let run = run("fn main() {
            let lock = std::sync::Mutex::new(0);
            let _held = lock.lock();
            let _again = lock.lock();
        }");
        assert_eq!(run.ending, Ending::Deadlocked { threads: 1 });
        assert_eq!(
            run.ending.to_string(),
            "Deadlock: its only thread waits forever."
        );
    }

    /// Each of these looks asleep for longer than a deadlock takes to notice.
    pub(crate) fn a_long_wait_is_no_deadlock() {
        for wait in [
            "std::thread::sleep(long)",
            "std::thread::park_timeout(long)",
            "std::thread::spawn(move || std::thread::sleep(long)).join().unwrap()",
            "crossbeam_channel::never::<()>().recv_timeout(long).unwrap_err()",
            "crossbeam_channel::after(long).recv().map(drop).unwrap()",
        ] {
            let run = run(&format!(
                "fn main() {{ let long = std::time::Duration::from_millis(900); {wait}; }}"
            ));
            assert_eq!(run.ending, Ending::Returned, "{wait}");
        }
    }

    pub(crate) fn a_child_that_works_is_no_deadlock() {
        let run = run("
            use std::process::Command;
            fn main() {
                let (sender, receiver) = std::sync::mpsc::channel();
                std::thread::spawn(move || {
                    sender.send(Command::new(\"sleep\").arg(\"0.9\").status().unwrap()).unwrap()
                });
                println!(\"{}\", receiver.recv().unwrap().success());
            }");
        assert_eq!(
            (run.stdout.as_str(), run.ending),
            ("true\n", Ending::Returned)
        );
    }

    pub(crate) fn waiting_for_input_is_told_and_free() {
        let source = "fn main() {
            let reader = std::thread::spawn(|| {
                std::io::stdin().lines().map(|line| println!(\"{}\", line.unwrap())).count()
            });
            println!(\"{}\", reader.join().unwrap());
        }";
        let limits = Limits {
            wall_clock: Duration::from_secs(10),
            ..Limits::default()
        };
        let (asks, asked) = std::sync::mpsc::channel();
        let asks = Box::new(move || {
            let _ = asks.send(());
        });
        let (running, input) =
            runner::run_with_input(&program(source), &limits, &Stop::new(), asks).unwrap();
        let typing = std::thread::spawn(move || {
            asked.recv().unwrap();
            // Longer than it may run. To wait for what is typed is no
            // deadlock, and takes no time.
            std::thread::sleep(Duration::from_secs(11));
            assert!(asked.try_recv().is_err(), "asked once for each line");
            input.send("one\n");
            asked.recv().unwrap();
            input.send("two\nthree");
        });
        let run = collect(running);
        typing.join().unwrap();
        assert_eq!(run.stdout, "one\ntwo\nthree\n3\n");
        assert_eq!(run.ending, Ending::Returned);
    }

    pub(crate) fn a_daemon_is_killed() {
        let program = with_fork(
            "fn main() { unsafe {
            if fork() == 0 {
                setsid();
                if fork() == 0 { say(\"daemon\"); sleep(600) }
                _exit(0);
            }
            sleep(600)
        } }",
        );
        for (way, means) in ways() {
            let stop = Stop::new();
            let mut running = start(&program, &limits(means), &stop);
            wait_for_words(&mut running, "daemon");
            stop.stop();
            let run = collect(running);
            assert_eq!(run.ending, Ending::Stopped, "{way}");
            assert!(processes_of(&program).is_empty(), "{way}");
        }
    }

    pub(crate) fn orphans_that_hold_the_output_are_killed() {
        let program = with_fork(
            "fn main() { unsafe {
            if fork() == 0 {
                setsid();
                say(\"orphan\");
                std::fs::write(\"ready\", \"\").unwrap();
                sleep(600)
            }
            while !std::path::Path::new(\"ready\").exists() {}
        } }",
        );
        for (way, means) in ways() {
            let run = collect(start(&program, &limits(means), &Stop::new()));
            assert_eq!(run.ending, Ending::Returned, "{way}");
            assert!(run.stdout.contains("orphan"), "{way}");
            assert!(processes_of(&program).is_empty(), "{way}");
        }
    }

    pub(crate) fn ignoring_signals_helps_nothing() {
        let program = with_fork(
            "fn main() {
            for number in 1..32 { unsafe { signal(number, 1); } }
            say(\"deaf\");
            loop { sleep(600) }
        }",
        );
        let stop = Stop::new();
        let mut running = start(&program, &Limits::default(), &stop);
        wait_for_words(&mut running, "deaf");
        stop.stop();
        assert_eq!(collect(running).ending, Ending::Stopped);
        assert!(processes_of(&program).is_empty());
    }

    /// Its parent is the first process in its namespaces, which it can neither
    /// kill nor halt; without namespaces it is its supervisor.
    pub(crate) fn it_kills_its_supervisor() {
        let program = with_fork(
            "fn main() { unsafe {
            let supervisor = getppid();
            if fork() == 0 { setsid(); sleep(600) }
            for signal in [9, 19, 15, 11] {
                kill(supervisor, signal);
                kill(1, signal);
            }
            println!(\"still here\");
            std::process::exit(7)
        } }",
        );
        for (way, means) in ways() {
            let by_paths = means.paths && !lacks(PATHS) && bounds_signals();
            if !by_paths && (!means.namespaces || lacks(NAMESPACES)) {
                continue;
            }
            let run = collect(start(&program, &limits(means), &Stop::new()));
            assert_eq!(run.stdout, "still here\n", "{way}");
            assert_eq!(run.ending, Ending::Exited { code: 7 }, "{way}");
            assert!(processes_of(&program).is_empty(), "{way}");
        }
        let program = with_fork(
            "fn main() { unsafe {
            let supervisor = getppid();
            if fork() == 0 { setsid(); sleep(600) }
            kill(supervisor, 9);
            sleep(600)
        } }",
        );
        let run = collect(start(&program, &limits(Means::none()), &Stop::new()));
        assert_eq!(run.ending, Ending::Signalled { signal: 9 });
        assert!(processes_of(&program).is_empty());
    }

    pub(crate) fn it_halts_its_supervisor() {
        let program = with_fork(
            "fn main() {
            unsafe { kill(getppid(), 19); }
            say(\"halted\");
            sleep(600)
        }",
        );
        for (way, means) in ways() {
            let stop = Stop::new();
            let mut running = start(&program, &limits(means), &stop);
            wait_for_words(&mut running, "halted");
            stop.stop();
            assert_eq!(collect(running).ending, Ending::Stopped, "{way}");
            assert!(processes_of(&program).is_empty(), "{way}");
        }
    }

    /// What a program finds of others: nothing to see, to signal, to read.
    pub(crate) fn it_looks_for_others() {
        if lacks(NAMESPACES) {
            return;
        }
        let source = "
            unsafe extern \"C\" { fn kill(pid: i32, signal: i32) -> i32; }
            fn main() {
                let numbers: Vec<i32> = std::fs::read_dir(\"/proc\").unwrap()
                    .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok()).collect();
                println!(\"sees {}\", numbers.len());
                let reached = (3..40_000).filter(|pid| unsafe { kill(*pid, 0) } == 0).count();
                println!(\"reaches {reached}\");
                let read = numbers.iter().filter(|pid| {
                    **pid as u32 != std::process::id() && std::fs::File::open(format!(\"/proc/{pid}/mem\")).is_ok()
                });
                println!(\"reads {}\", read.count());
            }";
        let run = collect(start(&program(source), &Limits::default(), &Stop::new()));
        assert_eq!(run.stdout, "sees 2\nreaches 0\nreads 0\n", "{}", run.stderr);
    }

    /// A file that everyone may read, in a folder that everyone may write to:
    /// nothing but the kernel keeps a program from it.
    fn secret() -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("secrets");
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let secret = folder.join("token");
        fs::write(&secret, "a token").unwrap();
        secret
    }

    /// Its own folder, and what everyone needs; and nothing else.
    pub(crate) fn it_reads_and_writes_elsewhere() {
        if lacks(PATHS) {
            return;
        }
        let source = format!(
            "use std::fs;
            fn main() {{
                let secret = std::path::Path::new({:?});
                println!(\"reads a secret: {{}}\", fs::read(secret).is_ok());
                println!(\"lists secrets: {{}}\", fs::read_dir(secret.parent().unwrap()).is_ok());
                println!(\"changes it: {{}}\", fs::write(secret, \"\").is_ok());
                println!(\"moves it: {{}}\", fs::rename(secret, \"mine\").is_ok());
                for folder in [secret.parent().unwrap().to_str().unwrap(), \"/tmp\", \"/dev/shm\", \"/var/tmp\"] {{
                    let name = format!(\"{{folder}}/interleaved-{{}}\", std::process::id());
                    let written = fs::write(&name, \"\").is_ok();
                    let _ = fs::remove_file(&name);
                    println!(\"writes elsewhere: {{written}}\");
                }}
                fs::create_dir(\"folder\").unwrap();
                fs::write(\"folder/file\", \"here\").unwrap();
                fs::rename(\"folder/file\", \"file\").unwrap();
                let home = std::env::var(\"HOME\").unwrap();
                println!(\"{{}}\", fs::read_to_string(format!(\"{{home}}/file\")).unwrap());
                println!(\"{{}}\", fs::read(\"/proc/self/exe\").is_ok());
                fs::write(\"/dev/null\", \"nothing\").unwrap();
                println!(\"{{}}\", std::thread::available_parallelism().is_ok());
            }}",
            secret()
        );
        for (way, means) in ways().into_iter().filter(|(_, means)| means.paths) {
            let run = run_within(&source, &limits(means));
            assert_eq!(
                run.stdout,
                "reads a secret: false\nlists secrets: false\nchanges it: false\n\
                 moves it: false\nwrites elsewhere: false\nwrites elsewhere: false\n\
                 writes elsewhere: false\nwrites elsewhere: false\nhere\ntrue\ntrue\n",
                "{way}: {}",
                run.stderr
            );
        }
        assert_eq!(fs::read_to_string(secret()).unwrap(), "a token");
    }

    /// Neither other machines nor this one's services, unless it is allowed to.
    pub(crate) fn it_uses_the_network() {
        if lacks(ASKING) {
            return;
        }
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = Path::new(env!("CARGO_TARGET_TMPDIR")).join("socket");
        let _ = fs::remove_file(&socket);
        let _local = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let source = format!(
            "use std::net::{{TcpListener, TcpStream, UdpSocket}};
            use std::os::unix::net::UnixStream;
            fn main() {{
                println!(\"{{}}\", TcpStream::connect(\"{}\").is_ok());
                println!(\"{{}}\", TcpListener::bind(\"127.0.0.1:0\").is_ok());
                println!(\"{{}}\", UdpSocket::bind(\"127.0.0.1:0\").is_ok());
                println!(\"{{}}\", UnixStream::connect({socket:?}).is_ok());
                println!(\"{{}}\", UnixStream::pair().is_ok());
            }}",
            server.local_addr().unwrap()
        );
        for (way, means) in ways().into_iter().filter(|(_, means)| means.system_calls) {
            let run = run_within(&source, &limits(means));
            assert_eq!(run.stdout, "false\nfalse\nfalse\nfalse\ntrue\n", "{way}");
            let limits = Limits {
                network: true,
                ..limits(means)
            };
            let run = run_within(&source, &limits);
            assert_eq!(run.stdout, "true\ntrue\ntrue\nfalse\ntrue\n", "{way}");
        }
    }

    /// Files in memory that no process has mapped.
    pub(crate) fn memory_that_belongs_to_no_process() {
        if lacks(ASKING) {
            return;
        }
        let source = "
            unsafe extern \"C\" { fn memfd_create(name: *const std::ffi::c_char, flags: u32) -> i32; }
            use std::io::Write;
            use std::os::fd::FromRawFd;
            fn main() {
                let mut kept = Vec::new();
                for _ in 0..12 {
                    let file = unsafe { memfd_create(c\"file\".as_ptr(), 0) };
                    if file < 0 { println!(\"refused\"); std::process::exit(3) }
                    let mut file = unsafe { std::fs::File::from_raw_fd(file) };
                    file.write_all(&vec![1; 16 << 20]).unwrap();
                    kept.push(file);
                }
                println!(\"all\");
            }";
        for (way, means) in ways().into_iter().filter(|(_, means)| means.system_calls) {
            for group in [true, false] {
                let limits = Limits {
                    memory: 64 << 20,
                    means: Means {
                        group: group && means.group,
                        ..means
                    },
                    ..Limits::default()
                };
                let running = start(&program(source), &limits, &Stop::new());
                let lacks = running.lacks().join(" ");
                let run = collect(running);
                let ending = match limits.means.group && !lacks.contains("control group") {
                    true => Ending::OverLimit {
                        limit: Limit::Memory(64 << 20),
                    },
                    false => Ending::Exited { code: 3 },
                };
                assert_eq!(run.ending, ending, "{way}, {lacks}");
            }
        }
    }

    /// Many files, each of them small enough.
    pub(crate) fn a_disk_limit() {
        let source = "fn main() {
            for number in 0..64 {
                if let Err(error) = std::fs::write(number.to_string(), vec![b'x'; 1 << 20]) {
                    println!(\"{number} {:?}\", error.kind());
                    return;
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            std::thread::sleep(std::time::Duration::from_secs(600));
        }";
        for (way, means) in ways() {
            let limits = Limits {
                disk: 8 << 20,
                ..limits(means)
            };
            let running = start(&program(source), &limits, &Stop::new());
            let lacks = running.lacks().join(" ");
            let run = collect(running);
            if means.namespaces && !lacks.contains("namespaces") && !lacks.contains("in memory") {
                assert_eq!(run.stdout, "8 StorageFull\n", "{way}");
                assert_eq!(run.ending, Ending::Returned, "{way}");
            } else {
                let limit = Limit::Disk(8 << 20);
                assert_eq!(run.ending, Ending::OverLimit { limit }, "{way}");
            }
        }
    }

    /// What whoever started us has left open is nothing for a program.
    pub(crate) fn no_open_file_reaches_it() {
        let leaked = fs::File::open(secret()).unwrap();
        rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).unwrap();
        let source = "fn main() {
            let open = std::fs::read_dir(\"/proc/self/fd\").unwrap();
            let mut open: Vec<_> = open.map(|it| it.unwrap().file_name()).collect();
            open.sort();
            // The fourth is the folder that lists them.
            println!(\"{open:?}\");
        }";
        for (way, means) in ways() {
            let run = run_within(source, &limits(means));
            assert_eq!(run.stdout, "[\"0\", \"1\", \"2\", \"3\"]\n", "{way}");
        }
    }

    /// More namespaces would have limits of their own; and keys, other ways of
    /// calling the kernel and its observers lead past all others.
    pub(crate) fn it_calls_what_leads_out() {
        if lacks(ASKING) {
            return;
        }
        let source = "
            unsafe extern \"C\" {
                fn unshare(flags: i32) -> i32;
                fn syscall(number: i64, ...) -> i64;
            }
            fn main() {
                let user = 0x1000_0000;
                println!(\"{}\", unsafe { unshare(user) });
                #[cfg(target_arch = \"x86_64\")]
                let calls: [(i64, i64); 4] = [(56, user as i64 | 17), (425, 1), (250, 0), (0x4000_0027, 0)];
                #[cfg(target_arch = \"aarch64\")]
                let calls: [(i64, i64); 3] = [(220, user as i64 | 17), (425, 1), (219, 0)];
                for (number, argument) in calls {
                    println!(\"{}\", unsafe { syscall(number, argument, 0_i64, 0_i64, 0_i64, 0_i64) });
                }
            }";
        for (way, means) in ways().into_iter().filter(|(_, means)| means.system_calls) {
            let run = run_within(source, &limits(means));
            assert!(
                run.stdout.lines().all(|line| line == "-1"),
                "{way}: {run:?}"
            );
            assert!(run.stdout.lines().count() >= 4, "{way}: {run:?}");
        }
    }

    /// Threads that the kernel refuses before anybody counts them.
    pub(crate) fn more_threads_than_the_kernel_allows() {
        let limits = Limits {
            threads: 64,
            wall_clock: Duration::from_secs(60),
            ..Limits::default()
        };
        let source = "fn main() {
            let mut started = 0;
            for _ in 0..400 {
                let thread = std::thread::Builder::new().stack_size(64 << 10)
                    .spawn(|| loop { std::thread::park() });
                if thread.is_err() { break; }
                started += 1;
            }
            println!(\"{started}.\");
            loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
        }";
        let run = run_within(source, &limits);
        let limit = Limit::Threads(64);
        assert_eq!(run.ending, Ending::OverLimit { limit }, "{run:?}");
        if let Some((started, _)) = run.stdout.split_once('.') {
            assert!(started.parse::<u32>().unwrap() < 300, "{run:?}");
        }
    }

    pub(crate) fn a_process_hides_its_memory() {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        runner::hide_memory();
        let behavior = dumpable_behavior().unwrap();
        assert_eq!(behavior, DumpableBehavior::NotDumpable);
    }

    pub(crate) fn what_is_lacking_is_told_beforehand() {
        let running = start(Path::new("/bin/echo"), &Limits::default(), &Stop::new());
        assert_eq!(runner::lacks().unwrap(), running.lacks());
    }

    /// As in a container that makes no namespaces: in one of ours.
    pub(crate) fn namespaces_are_refused() {
        if lacks(ASKING) || lacks(NAMESPACES) {
            return;
        }
        let ourselves = std::env::current_exe().unwrap();
        let variables = [(NESTED, "/bin/echo")];
        let running = runner::run_on(
            &ourselves,
            b"",
            &variables,
            &Limits::default(),
            &Stop::new(),
        )
        .unwrap();
        let run = collect(running);
        assert_eq!(run.ending, Ending::Returned, "{run:?}");
        assert!(
            run.stdout
                .contains("The kernel makes no namespaces (clone: "),
            "{run:?}"
        );
        assert!(run.stdout.ends_with("\nReturned\n"), "{run:?}");
    }

    /// A hundred times, whoever runs a program is killed at a random moment, or
    /// its supervisor, or the first process in the program's namespaces, or two
    /// of them at once.
    pub(crate) fn runs_that_are_killed_leave_nothing() {
        let program = with_fork(
            "fn main() { unsafe {
            for _ in 0..3 { if fork() == 0 { setsid(); fork(); sleep(600) } }
            std::fs::write(\"file\", \"\").unwrap();
            say(\"alive\");
            sleep(600)
        } }",
        );
        // Without namespaces they have no first process.
        let longest = if lacks(NAMESPACES) { 3 } else { 4 };
        let temporary = tempfile::tempdir().unwrap();
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let mut below = |end: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % end
        };
        for _ in 0..100 {
            let mut server = Command::new(std::env::current_exe().unwrap())
                .arg(SERVE)
                .arg(&program)
                .env("TMPDIR", temporary.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_micros(below(60_000)));
            // The server, the supervisor, the first process and the program, as
            // far as they are there yet: without any of them the run is over.
            let mut chain = vec![server.id()];
            while chain.len() < longest
                && let Some(child) = children(chain[chain.len() - 1]).first()
            {
                chain.push(*child);
            }
            // Without namespaces, who kills both it and its supervisor must look
            // after what a program has left behind.
            let victims = if lacks(NAMESPACES) { 1 } else { 1 + below(2) };
            for _ in 0..victims {
                let victim = chain[below(chain.len() as u64) as usize];
                let victim = rustix::process::Pid::from_raw(victim as i32).unwrap();
                let _ = rustix::process::kill_process(victim, rustix::process::Signal::KILL);
            }
            wait_until(|| server.try_wait().unwrap().is_some());
            wait_until(|| processes_of(&program).is_empty());
        }
        // What both were killed for is removed at the next start.
        let folders = || fs::read_dir(temporary.path()).unwrap().count();
        let next = Command::new(std::env::current_exe().unwrap())
            .arg(CLEAN)
            .env("TMPDIR", temporary.path())
            .status()
            .unwrap();
        assert!(next.success());
        wait_until(|| folders() == 0);
    }

    fn children(pid: u32) -> Vec<u32> {
        let tasks = fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
            .flatten();
        tasks
            .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
            .flat_map(|list| {
                list.split_ascii_whitespace()
                    .filter_map(|pid| pid.parse().ok())
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// What tests start dies with them, even where they abort.
    pub(crate) fn a_harness_that_dies_leaves_no_child() {
        for how in ["kill", "abort", "exit"] {
            let mut harness = Command::new(std::env::current_exe().unwrap())
                .args([HARNESS, how])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(harness.stdout.take().unwrap()).lines();
            let started: Vec<i32> = (0..2)
                .map(|_| lines.next().unwrap().unwrap().parse().unwrap())
                .collect();
            if how == "kill" {
                harness.kill().unwrap();
            }
            harness.wait().unwrap();
            // Its own number may be another's by now, but hardly a sleeper's.
            wait_until(|| started.iter().all(|pid| !sleeps(*pid)));
        }
    }

    fn sleeps(pid: i32) -> bool {
        let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        command.starts_with("sleep\0")
    }

    pub(crate) fn nothing_outlives_a_killed_server() {
        let program = with_fork(
            "fn main() { unsafe {
            if fork() == 0 { setsid(); if fork() == 0 { say(\"alive\"); sleep(600) } sleep(600) }
            say(\"alive\");
            println!(\"in {}\", std::env::var(\"TMPDIR\").unwrap());
            sleep(600)
        } }",
        );
        let mut server = Command::new(std::env::current_exe().unwrap())
            .arg(SERVE)
            .arg(&program)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut printed = String::new();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        while printed.matches("alive").count() < 2 || !printed.contains("in /") {
            printed += &(lines.next().unwrap().unwrap() + "\n");
        }
        let folder = printed
            .lines()
            .find_map(|line| line.strip_prefix("in "))
            .unwrap();
        assert!(Path::new(folder).exists());
        server.kill().unwrap();
        server.wait().unwrap();

        wait_until(|| processes_of(&program).is_empty());
        wait_until(|| !Path::new(folder).exists());
    }
}
