//! Printing, of std.

use super::{programs, words};
use std::fmt::{self, Display};
use std::io::{self, BufWriter, IsTerminal, LineWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::{mem, panic, process, thread};

programs! {
    unfinished_lines_differ: any ["x\na", "y\nb"];
    flushed_before_an_abort: any ["half[aborts]"];
    a_line_is_one_piece: any ["1 and 2\n3 and 4\n", "3 and 4\n1 and 2\n"];
    pieces_of_a_line_mix: any ["12\n\n", "1\n2\n", "21\n\n", "2\n1\n"];
    every_way_to_print: any ["a1b\n{}\n\n  7|007\nc\nd"];
    errors_are_not_output: any ["2\n"];
    writing_to_stdout: any ["one 1\ntwo\n"];
    main_prints_last: any ["half"];
    locked_lines_stay_together: any ["1\n2\n3\n", "3\n1\n2\n"];
    locked_pieces_stay_together: any ["12\n34\n", "34\n12\n"];
    the_lock_is_reentrant: any ["1\n2\n3\n4\n"];
    writing_leaves_the_lock_as_it_was: any ["1\n2\n3\n", "3\n1\n2\n"];
    the_lock_waits_for_nobody_else: any ["1\nreceived 2\n3\n"];
    joining_with_stdout_locked: any ["[deadlocks]"];
    joining_with_stderr_locked: any ["joined\n", "[deadlocks]"];
    a_lock_is_forgotten: any ["1\n[deadlocks]"];
    a_lock_may_be_forgotten: any ["between\n[deadlocks]", "between\nother\n"];
    a_lock_within_another_may_be_forgotten: any ["between\n[deadlocks]", "between\nother\n"];
    a_lock_on_stderr_may_be_forgotten: any ["[deadlocks]", "other\n"];
    locked_while_formatting: any ["[deadlocks]", "the mutex\n<1>\n", "<1>\nthe mutex\n"];
    printing_while_formatting: any ["<inner\n>\n"];
    panicking_while_formatting: any ["ab\n"];
    an_error_while_formatting: any
        ["aa formatting trait implementation returned an error when the underlying stream did not\n"];
    a_buffer_is_written_at_once: any ["1\n2\n3\n", "3\n1\n2\n"];
    lines_are_written_at_once: any ["1 2\n3\n", "3\n1 2\n"];
    part_of_a_line_waits: any ["1\n2"];
    how_much_is_written: any ["ab\nc4 false\n"];
    an_exit_loses_what_is_locked: any [""];
    an_exit_may_lose_what_was_locked: any ["", "half"];
    an_exit_may_find_stdout_in_use: any ["", "half", "halfother"];
    an_exit_beside_one_that_waits: any ["half"];
    an_exit_after_a_lock_within_another: any ["", "half"];
    aborted_between_lines: any ["[aborts]", "1\n[aborts]", "1\n2\n[aborts]"];
    part_of_a_line_is_not_written: any ["[aborts]"];
    torn_behind_a_line: any ["", "1\n", "1\n2"];
    torn_before_a_line: any ["[aborts]", "a[aborts]", "ab\n", "ab\n[aborts]"];
    torn_before_a_line_and_more:
        any ["[aborts]", "a[aborts]", "ab\n[aborts]", "ab\nc", "ab\nc[aborts]"];
    a_torn_id: any ["", "ThreadId", "ThreadId(", "ThreadId(2", "ThreadId(2)", "ThreadId(2)\n"];
    an_id_over_several_lines: any ["ThreadId(\n    1,\n)\n"];
}

fn a_line_is_one_piece() {
    let thread = thread::spawn(|| println!("{} and {}", 1, 2));
    println!("{} and {}", 3, 4);
    thread.join().unwrap();
}

fn pieces_of_a_line_mix() {
    let print = |what: &str| {
        print!("{what}");
        println!();
    };
    let thread = thread::spawn(move || print("1"));
    print("2");
    thread.join().unwrap();
}

fn every_way_to_print() {
    let (b, seven) = ("b", 7);
    print!("a");
    println!("{}{b}", 1);
    println!("{{}}");
    println!();
    println!("{seven:3}|{seven:0>3}");
    print!("c\nd");
}

fn errors_are_not_output() {
    eprint!("not this");
    eprintln!(" nor this {}", 1);
    let two = dbg!(1 + 1);
    println!("{two}");
}

fn writing_to_stdout() {
    let mut stdout = io::stdout();
    writeln!(stdout, "one {}", 1).unwrap();
    stdout.write_all(b"two\n").unwrap();
    stdout.flush().unwrap();
}

fn main_prints_last() {
    print!("half");
}

fn locked_lines_stay_together() {
    let thread = thread::spawn(|| {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "1").unwrap();
        writeln!(stdout, "2").unwrap();
    });
    println!("3");
    thread.join().unwrap();
}

fn locked_pieces_stay_together() {
    let print = |one: u8, other: u8| {
        let stdout = io::stdout();
        let mut stdout = stdout.lock();
        write!(stdout, "{one}").unwrap();
        stdout.write_all(other.to_string().as_bytes()).unwrap();
        stdout.write_all(b"\n").unwrap();
        stdout.flush().unwrap();
    };
    let thread = thread::spawn(move || print(1, 2));
    print(3, 4);
    thread.join().unwrap();
}

fn the_lock_is_reentrant() {
    let mut outer = io::stdout().lock();
    writeln!(outer, "1").unwrap();
    println!("2");
    let mut inner = io::stdout().lock();
    writeln!(inner, "3").unwrap();
    drop(outer);
    let thread = thread::spawn(|| println!("4"));
    drop(inner);
    thread.join().unwrap();
}

fn the_lock_waits_for_nobody_else() {
    let (sender, receiver) = mpsc::channel();
    let mut stdout = io::stdout().lock();
    let thread = thread::spawn(move || {
        sender.send(2).unwrap();
        println!("3");
    });
    writeln!(stdout, "1").unwrap();
    writeln!(stdout, "received {}", receiver.recv().unwrap()).unwrap();
    drop(stdout);
    thread.join().unwrap();
}

fn joining_with_stdout_locked() {
    let _stdout = io::stdout().lock();
    thread::spawn(|| println!("never")).join().unwrap();
}

fn joining_with_stderr_locked() {
    let thread = thread::spawn(|| eprintln!("perhaps never"));
    let stderr = io::stderr().lock();
    thread.join().unwrap();
    drop(stderr);
    println!("joined");
}

fn a_lock_is_forgotten() {
    println!("1");
    thread::spawn(|| mem::forget(io::stdout().lock()))
        .join()
        .unwrap();
    println!("2");
}

struct Locked(Arc<Mutex<u8>>);

impl Display for Locked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&*self.0.lock().unwrap(), formatter)
    }
}

fn locked_while_formatting() {
    let mutex = Arc::new(Mutex::new(1));
    let theirs = Arc::clone(&mutex);
    let thread = thread::spawn(move || {
        let _guard = theirs.lock().unwrap();
        println!("the mutex");
    });
    println!("<{}>", Locked(mutex));
    thread.join().unwrap();
}

struct Prints;

#[allow(clippy::print_in_format_impl, reason = "it shows what comes of it")]
impl Display for Prints {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        println!("inner");
        Ok(())
    }
}

fn printing_while_formatting() {
    println!("<{Prints}>");
}

struct Panics;

impl Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("that can't be shown")
    }
}

fn panicking_while_formatting() {
    panic::catch_unwind(|| println!("a{Panics}")).unwrap_err();
    println!("b");
}

fn an_error_while_formatting() {
    struct Fails;
    impl Display for Fails {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a")?;
            Err(fmt::Error)
        }
    }
    let panic = panic::catch_unwind(|| println!("{Fails}")).unwrap_err();
    println!("{}", words(&*panic));
}

fn a_buffer_is_written_at_once() {
    let thread = thread::spawn(|| {
        let mut buffer = BufWriter::new(io::stdout());
        writeln!(buffer, "1").unwrap();
        writeln!(buffer, "2").unwrap();
    });
    println!("3");
    thread.join().unwrap();
}

fn lines_are_written_at_once() {
    let thread = thread::spawn(|| {
        let mut lines = LineWriter::new(io::stdout());
        write!(lines, "1").unwrap();
        writeln!(lines, " 2").unwrap();
    });
    println!("3");
    thread.join().unwrap();
}

fn part_of_a_line_waits() {
    let mut buffer = BufWriter::with_capacity(2, io::stdout().lock());
    buffer.write_all(b"1\n2").unwrap();
    drop(buffer);
}

fn how_much_is_written() {
    let written = io::stdout().write(b"ab\nc").unwrap();
    let is_terminal = io::stdout().is_terminal() && io::stderr().lock().is_terminal();
    println!("{written} {is_terminal}");
}

fn an_exit_loses_what_is_locked() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut stdout = io::stdout().lock();
        write!(stdout, "half").unwrap();
        sender.send(()).unwrap();
        loop {
            thread::park();
        }
    });
    receiver.recv().unwrap();
}

fn an_exit_may_lose_what_was_locked() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut stdout = io::stdout().lock();
        write!(stdout, "half").unwrap();
        sender.send(()).unwrap();
    });
    receiver.recv().unwrap();
}

/// Who ends the process leaves stdout alone while another prints.
fn an_exit_may_find_stdout_in_use() {
    print!("half");
    thread::spawn(|| print!("other"));
}

/// Only who is printing keeps what is held back.
fn an_exit_beside_one_that_waits() {
    print!("half");
    let mutex = Arc::new(Mutex::new(()));
    let theirs = Arc::clone(&mutex);
    let guard = mutex.lock().unwrap();
    thread::spawn(move || drop(theirs.lock()));
    mem::forget(guard);
}

/// The lock is held as long as any of a thread's guards is there.
fn an_exit_after_a_lock_within_another() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let stdout = io::stdout().lock();
        let mut inner = io::stdout().lock();
        write!(inner, "half").unwrap();
        drop(inner);
        sender.send(()).unwrap();
        drop(stdout);
    });
    receiver.recv().unwrap();
}

fn writing_leaves_the_lock_as_it_was() {
    let thread = thread::spawn(|| println!("3"));
    let lock = io::stdout().lock();
    let written = io::stdout().write(b"1\n").unwrap();
    println!("{written}");
    drop(lock);
    thread.join().unwrap();
}

fn aborted_between_lines() {
    let two = 2;
    let thread = thread::spawn(move || println!("1\n{two}"));
    let aborting = thread::spawn(abort);
    thread.join().unwrap();
    aborting.join().unwrap();
}

fn abort() {
    process::abort()
}

fn torn_behind_a_line() {
    thread::spawn(|| print!("1\n2"));
}

fn a_torn_id() {
    thread::spawn(|| println!("{:?}", thread::current().id()));
}

fn an_id_over_several_lines() {
    println!("{:#?}", thread::current().id());
}

fn flushed_before_an_abort() {
    print!("half");
    io::stdout().flush().unwrap();
    print!("lost");
    process::abort();
}

fn unfinished_lines_differ() {
    let first = Arc::new(Mutex::new(true));
    let theirs = Arc::clone(&first);
    let thread = thread::spawn(move || *theirs.lock().unwrap() = false);
    if *first.lock().unwrap() {
        print!("x\na");
    } else {
        print!("y\nb");
    }
    thread.join().unwrap();
}

/// Whether another thread has come so far already: all that differs is what is
/// done then.
fn perhaps(then: impl FnOnce()) {
    let flag = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&flag);
    let thread = thread::spawn(move || theirs.store(true, SeqCst));
    if flag.load(SeqCst) {
        then();
    }
    thread.join().unwrap();
}

fn a_lock_may_be_forgotten() {
    perhaps(|| mem::forget(io::stdout().lock()));
    // Here the two are in one place.
    println!("between");
    thread::spawn(|| println!("other")).join().unwrap();
}

fn a_lock_within_another_may_be_forgotten() {
    let lock = io::stdout().lock();
    perhaps(|| mem::forget(io::stdout().lock()));
    drop(lock);
    println!("between");
    thread::spawn(|| println!("other")).join().unwrap();
}

fn a_lock_on_stderr_may_be_forgotten() {
    perhaps(|| mem::forget(io::stderr().lock()));
    thread::spawn(|| eprintln!("waits")).join().unwrap();
    println!("other");
}

fn part_of_a_line_is_not_written() {
    print!("a");
    let _ = io::stdout().write(b"b").unwrap();
    process::abort();
}

/// What was held back is given to the system by itself, before the line.
fn torn_before_a_line() {
    thread::spawn(|| process::abort());
    print!("a");
    let _ = io::stdout().write(b"b\n").unwrap();
}

fn torn_before_a_line_and_more() {
    thread::spawn(|| process::abort());
    print!("a");
    let _ = io::stdout().write(b"b\nc").unwrap();
}
