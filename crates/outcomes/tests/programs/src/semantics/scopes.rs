//! `std::thread::scope`, and `scope` of crossbeam-utils.

use super::{Loud, programs, words};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

programs! {
    a_scope_waits: any ["in the scope\n1 7\n"];
    scoped_threads_borrow: any ["[1, 2, 3, 4] 6\n"];
    scopes_nest: any ["inner\nmiddle\nouter\n"];
    threads_of_a_scope_start_others: any ["3\n"];
    a_panic_in_a_scope_is_passed_on: any ["a scoped thread panicked\n"];
    a_joined_panic_is_not: any ["joined, 7\n"];
    a_scope_waits_before_it_panics: any ["other\na scoped thread panicked\n"];
    a_body_that_panics_waits: any ["other\nin the body\n"];
    a_bodys_panic_goes_first: any ["in the body\n"];
    scoped_threads_have_names: any ["Some(\"scoped\") Some(\"scoped\")\n"];
    scoped_threads_are_finished: any ["true\n"];
    a_scope_waits_for_results: any ["value dropped\nafter\n"];
    crossbeam_scope_waits: any ["in the scope\n1 Ok(7)\n"];
    crossbeam_scopes_nest: any ["3\n"];
    crossbeam_scope_gives_its_panics: any ["1 in a thread\n"];
    crossbeam_scope_gives_all_panics: any ["[\"one\", \"other\"]\n"];
    crossbeam_scope_gives_joined_values: any ["42 sad Ok(())\n"];
    crossbeam_body_that_panics_waits: any ["other\nin the body\n"];
    crossbeam_builder: any ["Some(\"named\") Some(\"named\") None\n"];
    crossbeam_debug_of_scopes: any ["Scope { .. } ScopedJoinHandle { .. }\n"];
}

fn a_scope_waits() {
    let mut count = 0;
    let value = thread::scope(|scope| {
        scope.spawn(|| count += 1);
        scope.spawn(|| println!("in the scope")).join().unwrap();
        7
    });
    println!("{count} {value}");
}

fn scoped_threads_borrow() {
    let mut numbers = vec![1, 2, 3];
    let mut sum = 0;
    thread::scope(|scope| {
        scope.spawn(|| sum = numbers.iter().sum());
    });
    numbers.push(4);
    println!("{numbers:?} {sum}");
}

fn scopes_nest() {
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::scope(|scope| {
                scope.spawn(|| println!("inner"));
            });
            println!("middle");
        });
    });
    println!("outer");
}

fn threads_of_a_scope_start_others() {
    let count = AtomicU32::new(0);
    let count_up = || count.fetch_add(1, Ordering::SeqCst);
    thread::scope(|scope| {
        scope.spawn(|| {
            count_up();
            scope.spawn(|| {
                count_up();
                scope.spawn(count_up);
            });
        });
    });
    println!("{}", count.into_inner());
}

/// What it panics with.
fn panic_of<R>(run: impl FnOnce() -> R) -> String {
    let result = catch_unwind(AssertUnwindSafe(|| {
        run();
    }));
    words(&*result.unwrap_err()).to_owned()
}

fn a_panic_in_a_scope_is_passed_on() {
    println!(
        "{}",
        panic_of(|| {
            thread::scope(|scope| {
                scope.spawn(|| panic!("in the scope"));
            });
        })
    );
}

fn a_joined_panic_is_not() {
    let value = thread::scope(|scope| {
        let joined = scope.spawn(|| panic!("joined")).join();
        print!("{}, ", words(&*joined.unwrap_err()));
        7
    });
    println!("{value}");
}

fn a_scope_waits_before_it_panics() {
    let said = panic_of(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic!("in the scope"));
            scope.spawn(|| println!("other"));
        });
    });
    println!("{said}");
}

fn a_body_that_panics_waits() {
    let said = panic_of(|| {
        thread::scope(|scope| {
            scope.spawn(|| println!("other"));
            panic!("in the body");
        });
    });
    println!("{said}");
}

fn a_bodys_panic_goes_first() {
    let said = panic_of(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic!("in the scope"));
            panic!("in the body");
        });
    });
    println!("{said}");
}

fn scoped_threads_have_names() {
    let name = || thread::current().name().map(str::to_owned);
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("scoped".to_owned());
        let handle = builder.spawn_scoped(scope, name).unwrap();
        let outside = handle.thread().name().map(str::to_owned);
        println!("{outside:?} {:?}", handle.join().unwrap());
    });
}

fn scoped_threads_are_finished() {
    thread::scope(|scope| {
        let handle = scope.spawn(|| {});
        while !handle.is_finished() {
            thread::yield_now();
        }
        println!("{}", handle.join().is_ok());
    });
}

fn a_scope_waits_for_results() {
    thread::scope(|scope| {
        scope.spawn(|| Loud("value"));
    });
    println!("after");
}

fn crossbeam_scope_waits() {
    let mut count = 0;
    let value = crossbeam_utils::thread::scope(|scope| {
        scope.spawn(|_| count += 1);
        scope.spawn(|_| println!("in the scope")).join().unwrap();
        7
    });
    println!("{count} {value:?}");
}

fn crossbeam_scopes_nest() {
    let count = AtomicU32::new(0);
    let count_up = || count.fetch_add(1, Ordering::SeqCst);
    crossbeam_utils::thread::scope(|scope| {
        scope.spawn(|scope| {
            count_up();
            scope.spawn(|scope| {
                count_up();
                scope.spawn(|_| count_up());
            });
        });
    })
    .unwrap();
    println!("{}", count.load(Ordering::SeqCst));
}

/// The words of all panics that a scope gives.
fn panics_of(result: thread::Result<()>) -> Vec<String> {
    let payload = result.unwrap_err();
    let panics = payload.downcast::<Vec<Box<dyn Any + Send>>>().unwrap();
    let mut all: Vec<_> = panics
        .iter()
        .map(|panic| words(&**panic).to_owned())
        .collect();
    all.sort();
    all
}

fn crossbeam_scope_gives_its_panics() {
    let result = crossbeam_utils::thread::scope(|scope| {
        scope.spawn(|_| panic!("in a thread"));
        scope.spawn(|_| 7);
    });
    let panics = panics_of(result);
    println!("{} {}", panics.len(), panics[0]);
}

fn crossbeam_scope_gives_all_panics() {
    let result = crossbeam_utils::thread::scope(|scope| {
        scope.spawn(|_| panic!("one"));
        scope.spawn(|_| panic!("other"));
    });
    println!("{:?}", panics_of(result));
}

fn crossbeam_scope_gives_joined_values() {
    let result = crossbeam_utils::thread::scope(|scope| {
        let happy = scope.spawn(|_| 42).join();
        let sad = scope.spawn(|_| panic!("sad")).join();
        print!("{} {} ", happy.unwrap(), words(&*sad.unwrap_err()));
    });
    println!("{:?}", result.map_err(|_| "panicked"));
}

fn crossbeam_body_that_panics_waits() {
    let said = panic_of(|| {
        crossbeam_utils::thread::scope(|scope| {
            scope.spawn(|_| println!("other"));
            panic!("in the body");
        })
    });
    println!("{said}");
}

fn crossbeam_builder() {
    let name = || thread::current().name().map(str::to_owned);
    crossbeam_utils::thread::scope(|scope| {
        let builder = scope.builder().name("named".to_owned()).stack_size(1 << 16);
        let handle = builder.spawn(|_| name()).unwrap();
        let outside = handle.thread().name().map(str::to_owned);
        let unnamed = scope.builder().spawn(|_| name()).unwrap().join().unwrap();
        println!("{outside:?} {:?} {unnamed:?}", handle.join().unwrap());
    })
    .unwrap();
}

fn crossbeam_debug_of_scopes() {
    crossbeam_utils::thread::scope(|scope| {
        println!("{scope:?} {:?}", scope.spawn(|_| {}));
    })
    .unwrap();
}
