//! Small programs as people write them who come from Go.

use super::programs;
use crossbeam_channel::{Receiver, bounded, select, tick, unbounded};
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{env, hint};

programs! {
    two_loggers: any [
        "start 0\nstart 1\nstop 0\nstop 1\n", "start 0\nstart 1\nstop 1\nstop 0\n",
        "start 0\nstop 0\nstart 1\nstop 1\n", "start 1\nstart 0\nstop 0\nstop 1\n",
        "start 1\nstart 0\nstop 1\nstop 0\n", "start 1\nstop 1\nstart 0\nstop 0\n"
    ];
    buffered_under_the_lock: any ["main 0\nmain 1\nthread 0\nthread 1\n", "thread 0\nthread 1\nmain 0\nmain 1\n"];
    a_heartbeat: any ["done\nstopped\n"] prompt ["done\nstopped\n"];
    lines_in_batches: any [
        "bye\n", "bye\none", "bye\none two", "bye\none\n", "bye\none\ntwo", "bye\none\ntwo\n",
        "bye\none two\n", "one\nbye\n", "one\nbye\ntwo", "one\nbye\ntwo\n", "one\ntwo\nbye\n",
        "one two\nbye\n"
    ];
    batches_when_promptly_taken: prompt ["one two\nbye\n"] modelled only;
    a_rate_limiter: any ["1\n2\n3\n"] prompt ["1\n2\n3\n"];
    a_spin_lock: any ["0 in\n0 out\n1 in\n1 out\n", "1 in\n1 out\n0 in\n0 out\n"];
    fanning_in: any [
        "Ann 0\nAnn 1\nJoe 0\nJoe 1\n", "Ann 0\nJoe 0\nAnn 1\nJoe 1\n",
        "Ann 0\nJoe 0\nJoe 1\nAnn 1\n", "Joe 0\nAnn 0\nAnn 1\nJoe 1\n",
        "Joe 0\nAnn 0\nJoe 1\nAnn 1\n", "Joe 0\nJoe 1\nAnn 0\nAnn 1\n"
    ];
    a_pool_is_joined_when_dropped: any [
        "job 0\nsent 0\njob 1\nsent 1\nclosed\n", "job 0\nsent 0\nsent 1\njob 1\nclosed\n",
        "sent 0\njob 0\njob 1\nsent 1\nclosed\n", "sent 0\njob 0\nsent 1\njob 1\nclosed\n",
        "sent 0\nsent 1\njob 0\njob 1\nclosed\n"
    ];
    stages_of_a_pipeline: any [
        "squaring 1\n1\nsquaring 2\n4\n", "squaring 1\nsquaring 2\n1\n4\n"
    ];
    dots_while_waiting: prompt ["...\n42\n"] modelled only;
    no_arguments: any ["1 None\n"] modelled only;
}

#[derive(Clone)]
struct Logger(Arc<Mutex<Box<dyn Write + Send>>>);

impl Logger {
    fn new(output: impl Write + Send + 'static) -> Logger {
        Logger(Arc::new(Mutex::new(Box::new(output))))
    }

    fn log(&self, message: &str, thread: u32) {
        writeln!(self.0.lock().unwrap(), "{message} {thread}").unwrap();
    }
}

fn two_loggers() {
    let output = Logger::new(io::stdout());
    let errors = Logger::new(BufWriter::new(io::stderr()));
    let threads = [0, 1].map(|number| {
        let (output, errors) = (output.clone(), errors.clone());
        thread::spawn(move || {
            output.log("start", number);
            errors.log("nothing wrong with", number);
            output.log("stop", number);
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    output.0.lock().unwrap().flush().unwrap();
}

fn buffered_under_the_lock() {
    let thread = thread::spawn(|| {
        let mut output = io::stdout().lock();
        for number in 0..2 {
            writeln!(output, "thread {number}").unwrap();
        }
    });
    let mut output = BufWriter::new(io::stdout().lock());
    for number in 0..2 {
        writeln!(output, "main {number}").unwrap();
    }
    drop(output);
    thread.join().unwrap();
}

fn a_heartbeat() {
    let (done, is_done) = bounded::<()>(0);
    let worker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(5));
        println!("done");
        drop(done);
    });
    let heartbeat = tick(Duration::from_millis(2));
    for _ in 0..4 {
        select! {
            recv(heartbeat) -> _ => {}
            recv(is_done) -> _ => break,
        }
    }
    worker.join().unwrap();
    println!("stopped");
}

fn lines_in_batches() {
    let (sender, receiver) = unbounded::<&str>();
    thread::spawn(move || {
        let flush = tick(Duration::from_millis(1));
        let mut batch = Vec::new();
        loop {
            select! {
                recv(receiver) -> line => match line {
                    Ok(line) => batch.push(line),
                    Err(_) => return,
                },
                recv(flush) -> _ => {
                    if !batch.is_empty() {
                        println!("{}", batch.join(" "));
                        batch.clear();
                    }
                }
            }
        }
    });
    for word in ["one", "two"] {
        sender.send(word).unwrap();
    }
    thread::sleep(Duration::from_millis(5));
    println!("bye");
}

fn batches_when_promptly_taken() {
    lines_in_batches();
}

fn a_rate_limiter() {
    let (sender, receiver) = bounded(1);
    let producer = thread::spawn(move || {
        let limiter = tick(Duration::from_millis(2));
        for number in 1..=3 {
            limiter.recv().unwrap();
            sender.send(number).unwrap();
        }
    });
    for number in receiver {
        println!("{number}");
    }
    producer.join().unwrap();
}

fn a_spin_lock() {
    let locked = AtomicBool::new(false);
    thread::scope(|scope| {
        for number in 0..2 {
            let locked = &locked;
            scope.spawn(move || {
                let lock =
                    || locked.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
                while lock().is_err() {
                    hint::spin_loop();
                }
                println!("{number} in");
                println!("{number} out");
                locked.store(false, Ordering::Release);
            });
        }
    });
}

fn fanning_in() {
    let talk = |name| {
        let (sender, receiver) = bounded(0);
        thread::spawn(move || {
            for number in 0..2 {
                sender.send(format!("{name} {number}")).unwrap();
            }
        });
        receiver
    };
    for line in merge([talk("Joe"), talk("Ann")]) {
        println!("{line}");
    }
}

fn merge(inputs: [Receiver<String>; 2]) -> Receiver<String> {
    let (sender, receiver) = bounded(0);
    for input in inputs {
        let sender = sender.clone();
        thread::spawn(move || input.iter().for_each(|line| sender.send(line).unwrap()));
    }
    receiver
}

type Job = Box<dyn FnOnce() + Send>;

struct Pool {
    sender: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Pool {
    fn new() -> Pool {
        let (sender, receiver) = mpsc::channel::<Job>();
        let thread = thread::spawn(move || receiver.iter().for_each(|job| job()));
        Pool {
            sender: Some(sender),
            thread: Some(thread),
        }
    }

    fn submit(&self, job: impl FnOnce() + Send + 'static) {
        let sender = self.sender.as_ref().unwrap();
        sender.send(Box::new(job)).unwrap();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.sender.take());
        self.thread.take().unwrap().join().unwrap();
        println!("closed");
    }
}

fn a_pool_is_joined_when_dropped() {
    let pool = Pool::new();
    for number in 0..2 {
        pool.submit(move || println!("job {number}"));
        println!("sent {number}");
    }
}

fn stages_of_a_pipeline() {
    let (numbers, source) = mpsc::channel();
    thread::spawn(move || (1..=2).for_each(|number| numbers.send(number).unwrap()));
    let (squares, results) = mpsc::channel();
    thread::spawn(move || {
        for number in source {
            println!("squaring {number}");
            squares.send(number * number).unwrap();
        }
    });
    for square in results {
        println!("{square}");
    }
}

fn dots_while_waiting() {
    let thread = thread::spawn(|| {
        thread::sleep(Duration::from_millis(5));
        42
    });
    while !thread.is_finished() {
        print!(".");
        io::stdout().flush().unwrap();
        thread::sleep(Duration::from_millis(2));
    }
    println!("\n{}", thread.join().unwrap());
}

fn no_arguments() {
    let mut arguments = env::args();
    println!("{} {:?}", arguments.len(), arguments.nth(1));
}
