//! The programs whose figures the engine's design gives.

use crossbeam_channel::bounded;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Main starts two threads that print three lines each, prints a line, joins
/// both and prints another.
pub fn two_threads() {
    let printing = thread::spawn(|| three_lines("Printing"));
    let generating = thread::spawn(|| three_lines("Generating"));
    println!("Waiting for the threads to finish...");
    printing.join().unwrap();
    generating.join().unwrap();
    println!("Done!");
}

fn three_lines(what: &str) {
    for number in 1..=3 {
        println!("{what} number {number}");
    }
}

/// Two threads that print, sleep two seconds and print; main sleeps three.
pub fn pam_and_jim() {
    let pam = thread::spawn(|| work("Pam"));
    let jim = thread::spawn(|| work("Jim"));
    thread::sleep(Duration::from_secs(3));
    println!("all work was done");
    pam.join().unwrap();
    jim.join().unwrap();
}

fn work(name: &str) {
    println!("{name}: doing my work...");
    thread::sleep(Duration::from_secs(2));
    println!("{name}: done");
}

/// Main prints one line and returns, while a detached thread prints three.
pub fn detached() {
    thread::spawn(|| {
        for number in 1..=3 {
            println!("Printing number {number}");
        }
    });
    println!("Not waiting");
}

/// Main prints what it sends over a channel without room; one reader prints
/// what it gets. The sender may be forgotten.
pub fn generate_and_print(forget: bool) {
    let (sender, receiver) = bounded(0);
    let printing = thread::spawn(move || {
        for number in receiver {
            println!("read {number}");
        }
    });
    for number in 1..=3 {
        println!("sending {number}");
        sender.send(number).unwrap();
    }
    let forgotten = forget.then(|| sender.clone());
    drop(sender);
    println!("Waiting for the thread to finish...");
    printing.join().unwrap();
    println!("Done!");
    drop(forgotten);
}

/// Main sends numbers to readers that name themselves, over a channel without
/// room.
pub fn workers(numbers: u32, readers: u32) {
    let (sender, receiver) = bounded(0);
    let mut threads = Vec::new();
    for id in 1..=readers {
        let receiver = receiver.clone();
        threads.push(thread::spawn(move || {
            for number in receiver {
                println!("{id}: read {number} from the channel");
            }
        }));
    }
    for number in 1..=numbers {
        println!("sending {number} to the channel");
        sender.send(number).unwrap();
    }
    drop(sender);
    println!("Waiting for the workers to finish...");
    for thread in threads {
        thread.join().unwrap();
    }
    println!("Done!");
}

/// Ten threads count up a shared number.
pub fn counter() {
    let count = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..10)
        .map(|_| {
            let count = Arc::clone(&count);
            thread::spawn(move || *count.lock().unwrap() += 1)
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    println!("{}", count.lock().unwrap());
}
