//! `Arc` and `Weak`, of std.

use super::{Loud, programs};
use std::any::Any;
use std::borrow::Cow;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::thread;

programs! {
    a_weak_counts_owners_meanwhile: any ["1 1\n", "2 1\n", "2 2\n"];
    the_last_owner_drops: any ["a thread\nvalue dropped\n", "main\nvalue dropped\n"];
    the_last_owner_panics: any ["[panics: dropped]", "false\n"];
    unwrapping_needs_the_only_owner: any ["false\n", "true\n"];
    the_only_owner_unwraps: any ["Ok(5) Err(6)\n"];
    one_of_two_gets_the_inner_value: any ["1\n"];
    owners_are_counted: any ["1 2 1, 0 1\n"];
    another_thread_changes_the_count: any ["1\n", "2\n"];
    another_thread_becomes_an_owner: any ["1\n", "2\n"];
    changing_what_another_lets_go: any ["1 copied\n", "1 kept\n"];
    weak_owners_do_not_keep: any ["Some(1) None\n"];
    a_weak_owner_may_be_late: any ["None\n", "Some(1)\n"];
    a_thread_makes_a_weak_owner: any ["0\n", "1\n"];
    a_thread_lets_a_weak_owner_go: any ["0\n", "1\n"];
    a_thread_copies_a_weak_owner: any ["1\n", "2\n"];
    weak_owners_count_each_other: any ["1\n", "2\n"];
    a_weak_owner_keeps_from_changing: any ["false\n", "true\n"];
    a_weak_owner_turned_strong_keeps_from_changing: any ["false\n"];
    a_weak_owner_does_not_keep_from_unwrapping: any ["Ok(1)\n"];
    a_weak_owner_turned_strong_keeps_from_unwrapping: any [
        "false Some(1)\n", "true None\n", "true Some(1)\n",
    ];
    a_weak_owner_loses_what_is_changed: any ["2 None\n", "2 Some(1)\n"];
    a_weak_owner_is_late_while_the_value_is_dropped: any ["dropping None\n"];
    changing_needs_the_only_owner: any ["true false\n"];
    changing_a_copy: any ["1 2\n"];
    values_refer_to_themselves: any ["true\n"];
    pointers_are_equal: any ["true false true false\n"];
    arcs_of_traits: any ["16\n"];
    arcs_of_functions: any ["1\n2\n", "2\n1\n"];
    arcs_of_locks_of_traits: any ["a 1\nb 2\n", "b 1\na 2\n"];
    arcs_are_selves: any ["1 of 2\n1\n2\nlast\nnot last\n", "1 of 2\n1\n2\nnot last\nlast\n"];
    the_last_owner_drops_a_trait: any ["main\nvalue dropped\n", "thread\nvalue dropped\n"];
    arcs_from_everything: any ["text [1, 2] 3 boxed [4] cow [104, 105] true\n"];
    arcs_of_any: any ["Ok(5) true\n"];
    an_arc_made_in_two_steps: any ["4 [1, 2]\n"];
    a_copy_of_a_slice: any ["[1, 2] [7, 2] text TEXT\n"];
    arcs_outlive_what_they_do_not_use: any ["2\n"];
    arcs_of_errors_have_their_sources: any ["source true\n"];
    arcs_are_their_values: any ["true 5 5 [1, 2] text true true false\n"];
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

fn the_last_owner_panics() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let arc = Arc::new(Panics);
    let theirs = Arc::clone(&arc);
    let thread = thread::spawn(move || drop(theirs));
    drop(arc);
    println!("{}", thread.join().is_ok());
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

fn another_thread_becomes_an_owner() {
    let arc = Arc::new(5);
    thread::scope(|scope| {
        scope.spawn(|| std::mem::forget(Arc::clone(&arc)));
        println!("{}", Arc::strong_count(&arc));
    });
}

fn changing_what_another_lets_go() {
    let mut arc = Arc::new(0);
    let (theirs, place) = (Arc::clone(&arc), Arc::as_ptr(&arc));
    let thread = thread::spawn(move || drop(theirs));
    *Arc::make_mut(&mut arc) += 1;
    let kept = Arc::as_ptr(&arc) == place;
    println!("{arc} {}", if kept { "kept" } else { "copied" });
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
        "{} {} {} {}",
        Arc::ptr_eq(&arc, &arc.clone()),
        Arc::ptr_eq(&arc, &other),
        weak.ptr_eq(&Arc::downgrade(&arc)),
        weak.ptr_eq(&Arc::downgrade(&other))
    );
}

fn arcs_of_errors_have_their_sources() {
    use std::error::Error;
    use std::fmt;
    #[derive(Debug)]
    struct Outer(Option<fmt::Error>);
    impl fmt::Display for Outer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("outer")
        }
    }
    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.0.as_ref().map(|error| error as _)
        }
    }
    let (with, without) = (Arc::new(Outer(Some(fmt::Error))), Arc::new(Outer(None)));
    let is_there = with.source().is_some();
    println!(
        "{} {}",
        if is_there { "source" } else { "none" },
        without.source().is_none()
    );
}

fn arcs_are_their_values() {
    let (five, list): (Arc<u32>, Arc<[u32]>) = (Arc::new(5), [1, 2].into_iter().collect());
    let text: Arc<str> = Arc::from("text");
    println!(
        "{} {five} {five:?} {list:?} {text} {} {} {}",
        *five == 5,
        five < Arc::new(6),
        five == Arc::new(5),
        five == Arc::new(6)
    );
}

trait Shape: Send + Sync {
    fn area(&self) -> u32;
    fn consume(self: Arc<Self>) -> u32;
}

struct Square(u32);

impl Shape for Square {
    fn area(&self) -> u32 {
        self.0 * self.0
    }

    fn consume(self: Arc<Self>) -> u32 {
        self.area()
    }
}

fn arcs_of_traits() {
    let shapes: Arc<Mutex<Vec<Arc<dyn Shape>>>> = Arc::default();
    let theirs = Arc::clone(&shapes);
    let thread = thread::spawn(move || theirs.lock().unwrap().push(Arc::new(Square(3))));
    thread.join().unwrap();
    let other: Arc<dyn Shape> = Arc::new(Square(2));
    let weak: Weak<dyn Shape> = Arc::downgrade(&other) as Weak<dyn Shape>;
    let areas = [
        shapes.lock().unwrap()[0].area(),
        weak.upgrade().unwrap().area(),
    ];
    let pinned: Pin<Arc<dyn Shape>> = Arc::pin(Square(1));
    println!(
        "{}",
        areas.iter().sum::<u32>() + pinned.area() * 3 - other.consume() + 4
    );
}

fn arcs_of_functions() {
    let print: Arc<dyn Fn(u32) + Send + Sync> = Arc::new(|number| println!("{number}"));
    let theirs = Arc::clone(&print);
    let thread = thread::spawn(move || theirs(1));
    print(2);
    thread.join().unwrap();
}

fn arcs_of_locks_of_traits() {
    trait Sink: Send {
        fn put(&mut self, line: &str);
    }
    struct Lines(Vec<String>);
    impl Sink for Lines {
        fn put(&mut self, line: &str) {
            self.0.push(line.to_owned());
            println!("{line} {}", self.0.len());
        }
    }
    fn run(sink: Arc<Mutex<dyn Sink>>) {
        let theirs = Arc::clone(&sink);
        let thread = thread::spawn(move || theirs.lock().unwrap().put("a"));
        sink.lock().unwrap().put("b");
        thread.join().unwrap();
    }
    run(Arc::new(Mutex::new(Lines(Vec::new()))));
}

fn arcs_are_selves() {
    struct Server(Mutex<u32>);
    impl Server {
        fn run(self: Arc<Self>) {
            *self.0.lock().unwrap() += 1;
            println!("{}", self.0.lock().unwrap());
        }
        fn show(self: &Arc<Self>) {
            println!("1 of {}", Arc::strong_count(self));
        }
        fn finish(self: Arc<Self>) -> &'static str {
            if Arc::into_inner(self).is_some() {
                "last"
            } else {
                "not last"
            }
        }
    }
    let server = Arc::new(Server(Mutex::new(0)));
    let theirs = Arc::clone(&server);
    server.show();
    thread::spawn(move || theirs.run()).join().unwrap();
    Arc::clone(&server).run();
    let theirs = Arc::clone(&server);
    let thread = thread::spawn(move || theirs.finish());
    let ours = server.finish();
    println!("{}\n{ours}", thread.join().unwrap());
}

fn the_last_owner_drops_a_trait() {
    trait Named: Send + Sync {}
    struct Names;
    impl Named for Names {}
    impl Drop for Names {
        fn drop(&mut self) {
            println!("{}", thread::current().name().unwrap_or("thread"));
            drop(Loud("value"));
        }
    }
    let arc: Arc<dyn Named> = Arc::new(Names);
    let theirs = Arc::clone(&arc);
    let thread = thread::spawn(move || drop(theirs));
    drop(arc);
    thread.join().unwrap();
}

fn arcs_from_everything() {
    let text: Arc<str> = Arc::from("text");
    let slice: Arc<[u32]> = Arc::from(vec![1, 2]);
    let number: Arc<u32> = 3.into();
    let boxed: Arc<str> = Arc::from(String::from("boxed").into_boxed_str());
    let array: Arc<[u32]> = Arc::from([4]);
    let cow: Arc<str> = Arc::from(Cow::Borrowed("cow"));
    let bytes: Arc<[u8]> = Arc::from(Arc::<str>::from("hi"));
    let fixed: Result<Arc<[u32; 2]>, _> = Arc::clone(&slice).try_into();
    println!(
        "{text} {slice:?} {number} {boxed} {array:?} {cow} {bytes:?} {}",
        fixed.is_ok() && Arc::<[u32]>::default().is_empty() && Arc::<str>::default().is_empty()
    );
}

fn arcs_of_any() {
    let any = || -> Arc<dyn Any + Send + Sync> { Arc::new(5_u32) };
    println!(
        "{:?} {}",
        any().downcast::<u32>(),
        any().downcast::<i32>().is_err()
    );
}

fn an_arc_made_in_two_steps() {
    let mut number = Arc::<u32>::new_uninit();
    Arc::get_mut(&mut number).unwrap().write(5);
    let slice: Arc<[u32]> = [1, 2].into_iter().collect();
    // Without `unsafe`, all that can be known of it is how big it is.
    println!("{} {slice:?}", size_of_val(&*number));
}

fn a_copy_of_a_slice() {
    let (mut slice, mut text): (Arc<[u32]>, Arc<str>) = (Arc::new([1, 2]), Arc::from("text"));
    let (before, small) = (Arc::clone(&slice), Arc::clone(&text));
    Arc::make_mut(&mut slice)[0] = 7;
    Arc::make_mut(&mut text).make_ascii_uppercase();
    println!("{before:?} {slice:?} {small} {text}");
}

fn arcs_outlive_what_they_do_not_use() {
    let (mut arc, number);
    number = 1;
    arc = Arc::new(&number);
    println!("{}", **arc + 1);
    arc = Arc::new(&2);
    let _ = arc;
}

fn a_thread_makes_a_weak_owner() {
    let arc = Arc::new(5);
    let theirs = Arc::clone(&arc);
    let thread = thread::spawn(move || drop(Arc::downgrade(&theirs)));
    println!("{}", Arc::weak_count(&arc));
    thread.join().unwrap();
}

fn a_thread_lets_a_weak_owner_go() {
    let arc = Arc::new(5);
    let weak = Arc::downgrade(&arc);
    let thread = thread::spawn(move || drop(weak));
    println!("{}", Arc::weak_count(&arc));
    thread.join().unwrap();
}

fn a_thread_copies_a_weak_owner() {
    let arc = Arc::new(5);
    let weak = Arc::downgrade(&arc);
    thread::scope(|scope| {
        scope.spawn(|| drop(weak.clone()));
        println!("{}", Arc::weak_count(&arc));
    });
}

fn weak_owners_count_each_other() {
    let arc = Arc::new(5);
    let (weak, other) = (Arc::downgrade(&arc), Arc::downgrade(&arc));
    let thread = thread::spawn(move || drop(other));
    println!("{}", weak.weak_count());
    thread.join().unwrap();
}

fn a_weak_owner_keeps_from_changing() {
    let mut arc = Arc::new(5);
    let weak = Arc::downgrade(&arc);
    let thread = thread::spawn(move || drop(weak));
    println!("{}", Arc::get_mut(&mut arc).is_some());
    thread.join().unwrap();
}

fn a_weak_owner_turned_strong_keeps_from_changing() {
    let mut arc = Arc::new(1);
    let weak = Arc::downgrade(&arc);
    let thread = thread::spawn(move || weak.upgrade());
    println!("{}", Arc::get_mut(&mut arc).is_some());
    drop(thread.join().unwrap());
}

fn a_weak_owner_does_not_keep_from_unwrapping() {
    let arc = Arc::new(1);
    let weak = Arc::downgrade(&arc);
    let thread = thread::spawn(move || drop(weak));
    println!("{:?}", Arc::try_unwrap(arc));
    thread.join().unwrap();
}

fn a_weak_owner_turned_strong_keeps_from_unwrapping() {
    let arc = Arc::new(1);
    let weak = Arc::downgrade(&arc);
    let thread = thread::spawn(move || weak.upgrade().map(|arc| *arc));
    let unwrapped = Arc::try_unwrap(arc).is_ok();
    println!("{unwrapped} {:?}", thread.join().unwrap());
}

fn a_weak_owner_loses_what_is_changed() {
    let mut arc = Arc::new(1);
    let weak = Arc::downgrade(&arc);
    let thread = thread::spawn(move || weak.upgrade().map(|arc| *arc));
    *Arc::make_mut(&mut arc) += 1;
    println!("{arc} {:?}", thread.join().unwrap());
}

fn a_weak_owner_is_late_while_the_value_is_dropped() {
    struct Own(Weak<Own>);
    impl Drop for Own {
        fn drop(&mut self) {
            println!("dropping {:?}", self.0.upgrade().map(|_| ()));
        }
    }
    drop(Arc::new_cyclic(|weak| Own(weak.clone())));
}

fn a_weak_counts_owners_meanwhile() {
    let one = Arc::new(());
    let (other, weak) = (Arc::clone(&one), Arc::downgrade(&one));
    let thread = thread::spawn(move || drop(other));
    let (before, after) = (weak.strong_count(), weak.strong_count());
    println!("{before} {after}");
    thread.join().unwrap();
}
