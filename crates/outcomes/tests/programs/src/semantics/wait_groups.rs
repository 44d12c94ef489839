//! `WaitGroup`, of crossbeam-utils.

use super::programs;
use crossbeam_utils::sync::WaitGroup;
use std::thread;

programs! {
    a_wait_group_waits: any ["one\nother\nall\n", "other\none\nall\n"];
    all_may_wait: any ["came\ncame\nwent\nwent\n"];
    an_empty_wait_group_waits_for_nobody: any ["went on\n"];
    a_thread_may_leave_and_go_on: any ["late\nwaited\n", "waited\nlate\n"];
    a_panic_leaves_the_group: any ["waited\n"];
    debug_of_wait_groups: any ["WaitGroup { count: 2 }\n"];
    debug_of_wait_groups_looks_at_one_moment: any [
        "leaving\nlooking\nWaitGroup { count: 1 }\n",
        "leaving\nlooking\nWaitGroup { count: 2 }\n",
        "looking\nWaitGroup { count: 2 }\nleaving\n",
        "looking\nleaving\nWaitGroup { count: 1 }\n",
        "looking\nleaving\nWaitGroup { count: 2 }\n",
    ];
}

fn a_wait_group_waits() {
    let group = WaitGroup::new();
    for name in ["one", "other"] {
        let group = group.clone();
        thread::spawn(move || {
            println!("{name}");
            drop(group);
        });
    }
    group.wait();
    println!("all");
}

fn all_may_wait() {
    let group = WaitGroup::default();
    let theirs = group.clone();
    let both = |group: WaitGroup| {
        println!("came");
        group.wait();
        println!("went");
    };
    let thread = thread::spawn(move || both(theirs));
    both(group);
    thread.join().unwrap();
}

fn an_empty_wait_group_waits_for_nobody() {
    WaitGroup::new().wait();
    println!("went on");
}

fn a_thread_may_leave_and_go_on() {
    let group = WaitGroup::new();
    let theirs = group.clone();
    let thread = thread::spawn(move || {
        drop(theirs);
        println!("late");
    });
    group.wait();
    println!("waited");
    thread.join().unwrap();
}

fn a_panic_leaves_the_group() {
    let group = WaitGroup::new();
    let theirs = group.clone();
    let thread = thread::spawn(move || {
        let _theirs = theirs;
        panic!("in the group");
    });
    group.wait();
    println!("waited");
    assert!(thread.join().is_err());
}

fn debug_of_wait_groups() {
    let group = WaitGroup::new();
    let _other = group.clone();
    println!("{group:?}");
}

fn debug_of_wait_groups_looks_at_one_moment() {
    let group = WaitGroup::new();
    let theirs = group.clone();
    thread::spawn(move || {
        println!("leaving");
        drop(theirs);
    });
    println!("looking");
    let seen = format!("{group:?}");
    println!("{seen}");
    group.wait();
}
