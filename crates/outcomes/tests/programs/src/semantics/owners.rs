//! `Arc` and `Weak`, of std.

use super::{Loud, programs};
use std::sync::{Arc, Weak};
use std::thread;

programs! {
    the_last_owner_drops: any ["a thread\nvalue dropped\n", "main\nvalue dropped\n"];
    unwrapping_needs_the_only_owner: any ["false\n", "true\n"];
    the_only_owner_unwraps: any ["Ok(5) Err(6)\n"];
    one_of_two_gets_the_inner_value: any ["1\n"];
    owners_are_counted: any ["1 2 1, 0 1\n"];
    another_thread_changes_the_count: any ["1\n", "2\n"];
    weak_owners_do_not_keep: any ["Some(1) None\n"];
    a_weak_owner_may_be_late: any ["None\n", "Some(1)\n"];
    changing_needs_the_only_owner: any ["true false\n"];
    changing_a_copy: any ["1 2\n"];
    values_refer_to_themselves: any ["true\n"];
    pointers_are_equal: any ["true false true\n"];
    arcs_are_their_values: any ["true 5 5 [1, 2] text true\n"];
}

fn the_last_owner_drops() {
    struct Names;
    impl Drop for Names {
        fn drop(&mut self) {
            println!("{}", thread::current().name().unwrap_or("a thread"));
            drop(Loud("value"));
        }
    }
    let arc = Arc::new(Names);
    let theirs = Arc::clone(&arc);
    let thread = thread::spawn(move || drop(theirs));
    drop(arc);
    thread.join().unwrap();
}

fn unwrapping_needs_the_only_owner() {
    let arc = Arc::new(5);
    let theirs = Arc::clone(&arc);
    let thread = thread::spawn(move || drop(theirs));
    println!("{}", Arc::try_unwrap(arc).is_ok());
    thread.join().unwrap();
}

fn the_only_owner_unwraps() {
    let (one, other) = (Arc::new(5), Arc::new(6));
    let _shared = Arc::clone(&other);
    println!("{:?} {:?}", Arc::try_unwrap(one), Arc::try_unwrap(other));
}

fn one_of_two_gets_the_inner_value() {
    let arc = Arc::new(5);
    let theirs = Arc::clone(&arc);
    let thread = thread::spawn(move || Arc::into_inner(theirs));
    let ours = Arc::into_inner(arc);
    println!(
        "{}",
        usize::from(ours.is_some()) + usize::from(thread.join().unwrap().is_some())
    );
}

fn owners_are_counted() {
    let arc = Arc::new(5);
    let one = Arc::strong_count(&arc);
    let other = Arc::clone(&arc);
    let two = Arc::strong_count(&arc);
    drop(other);
    print!("{one} {two} {}, ", Arc::strong_count(&arc));
    let none = Arc::weak_count(&arc);
    let _weak = Arc::downgrade(&arc);
    println!("{none} {}", Arc::weak_count(&arc));
}

fn another_thread_changes_the_count() {
    let arc = Arc::new(5);
    let theirs = Arc::clone(&arc);
    let thread = thread::spawn(move || drop(theirs));
    println!("{}", Arc::strong_count(&arc));
    thread.join().unwrap();
}

fn weak_owners_do_not_keep() {
    let arc = Arc::new(1);
    let weak = Arc::downgrade(&arc);
    let there = weak.upgrade().map(|arc| *arc);
    drop(arc);
    println!("{there:?} {:?}", weak.upgrade());
}

fn a_weak_owner_may_be_late() {
    let arc = Arc::new(1);
    let weak = Arc::downgrade(&arc);
    let thread = thread::spawn(move || drop(arc));
    println!("{:?}", weak.upgrade());
    thread.join().unwrap();
}

fn changing_needs_the_only_owner() {
    let mut arc = Arc::new(1);
    let alone = Arc::get_mut(&mut arc).is_some();
    let _other = Arc::clone(&arc);
    println!("{alone} {}", Arc::get_mut(&mut arc).is_some());
}

fn changing_a_copy() {
    let mut arc = Arc::new(1);
    let other = Arc::clone(&arc);
    *Arc::make_mut(&mut arc) += 1;
    println!("{other} {arc}");
}

fn values_refer_to_themselves() {
    struct Cyclic(Weak<Cyclic>);
    let arc = Arc::new_cyclic(|weak| Cyclic(weak.clone()));
    println!(
        "{}",
        arc.0
            .upgrade()
            .is_some_and(|other| Arc::ptr_eq(&arc, &other))
    );
}

fn pointers_are_equal() {
    let arc = Arc::new(1);
    let (other, weak) = (Arc::new(1), Arc::downgrade(&arc));
    println!(
        "{} {} {}",
        Arc::ptr_eq(&arc, &arc.clone()),
        Arc::ptr_eq(&arc, &other),
        weak.ptr_eq(&Arc::downgrade(&arc))
    );
}

fn arcs_are_their_values() {
    let (five, list): (Arc<u32>, Arc<[u32]>) = (Arc::new(5), [1, 2].into_iter().collect());
    let text: Arc<str> = Arc::from("text");
    println!(
        "{} {five} {five:?} {list:?} {text} {}",
        *five == 5,
        five < Arc::new(6)
    );
}
