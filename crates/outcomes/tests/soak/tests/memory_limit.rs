//! Exploring and counting take no more memory than they may, as
//! the kernel counts it. In a process of its own, since that counts them all.

#![cfg(target_os = "linux")]

use outcomes_engine::{Limits, NotCounted, Settings, Stopped};
use outcomes_programs::table;
use outcomes_soak::explore;
use outcomes_std::{println, thread};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the program itself takes, and memory that is free but was not given
/// back.
const ASIDE: usize = 12 << 20;

#[test]
fn no_more_memory_is_taken_than_allowed() {
    let _alone = alone();
    let main = || {
        table::workers(8, 4);
        0
    };
    // Loads what is needed in any case.
    explore(&main, &settings(1 << 20)).unwrap();
    let before = most_memory();
    for allowed in [4, 8, 16].map(|megabytes| megabytes << 20) {
        let settings = settings(allowed);
        let mut told = 0;
        let program = outcomes_std::program::program(&main);
        let explored = outcomes_engine::explore(&program, &settings, &mut |progress| {
            told = told.max(progress.memory);
        });
        let explored = explored.unwrap();
        assert_eq!(explored.stopped, Some(Stopped::Memory));
        assert!(told <= allowed, "{told} > {allowed}");
        assert!(explored.outputs().is_err());
        let taken = most_memory() - before;
        assert!(taken <= allowed + ASIDE, "{taken} > {allowed}");
    }
}

#[test]
fn counting_takes_no_more_memory_than_allowed() {
    let _alone = alone();
    // Three threads print 0 and 1: few states, but hard to tell apart.
    let main = || {
        let threads = [0x5A35, 0x3C96, 0x6AC5].map(|bits| {
            thread::spawn(move || (0..12).for_each(|bit| println!("{}", bits >> bit & 1)))
        });
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        0
    };
    let allowed = 4 << 20;
    let before = most_memory();
    let explored = explore(&main, &settings(allowed)).unwrap();
    assert_eq!(explored.stopped, None);
    let counted = explored.outputs();
    assert_eq!(counted.err(), Some(NotCounted::TooBig(Stopped::Memory)));
    let taken = most_memory() - before;
    assert!(taken <= allowed + ASIDE, "{taken} > {allowed}");
}

/// One test at a time: what each takes is the process's.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn settings(memory: usize) -> Settings {
    Settings {
        limits: Limits {
            memory,
            time: Duration::from_secs(600),
            ..Limits::default()
        },
        ..Settings::default()
    }
}

/// The most memory that this process has had so far, in bytes.
fn most_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kilobytes.parse::<usize>().unwrap() << 10
}
