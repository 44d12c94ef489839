//! What the look-alike has of newer standard libraries than the oldest that
//! the rest is built with: its programs can't be built against the original.

use outcomes_engine::{Clock, Settings};
use outcomes_soak::explore;
use outcomes_std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use outcomes_std::sync::{LazyLock, RwLock, RwLockWriteGuard};
use outcomes_std::time::{Duration, Instant};
use outcomes_std::{println, thread};

fn outputs(main: fn()) -> Vec<String> {
    let main = || {
        main();
        0
    };
    let exploration = explore(&main, &Settings::default()).expect("it can be explored");
    let outputs = exploration.outputs().expect("finitely many");
    outputs.iter().map(|output| output.text).collect()
}

#[test]
fn nobody_writes_while_a_writer_becomes_a_reader() {
    fn main() {
        static NUMBER: RwLock<u32> = RwLock::new(0);
        let writer = thread::spawn(|| *NUMBER.write().unwrap() += 10);
        let mut guard = NUMBER.write().unwrap();
        *guard += 1;
        let one = *guard;
        let guard = RwLockWriteGuard::downgrade(guard);
        println!("{} {one}", *guard == one);
        drop(guard);
        writer.join().unwrap();
        println!("{}", NUMBER.read().unwrap());
    }
    assert_eq!(outputs(main), ["true 1\n11\n", "true 11\n11\n"]);
}

#[test]
fn sleeping_until_a_moment() {
    let main = || {
        let start = Instant::now();
        thread::sleep(Duration::from_millis(2));
        thread::sleep_until(start + Duration::from_millis(5));
        println!("{:?}", start.elapsed());
        thread::sleep_until(start);
        println!("{:?}", start.elapsed());
        0
    };
    let settings = Settings {
        clock: Clock::Prompt,
        ..Settings::default()
    };
    let outputs = explore(&main, &settings).unwrap().outputs().unwrap();
    let outputs: Vec<String> = outputs.iter().map(|output| output.text).collect();
    assert_eq!(outputs, ["5ms\n5ms\n"]);
}

#[test]
fn readers_come_in_when_a_writer_becomes_one() {
    fn main() {
        let lock = RwLock::new(0);
        let mut guard = lock.write().unwrap();
        *guard = 1;
        thread::scope(|scope| {
            let reader = scope.spawn(|| *lock.read().unwrap());
            let guard = RwLockWriteGuard::downgrade(guard);
            println!("{} {}", reader.join().unwrap(), lock.try_write().is_err());
            drop(guard);
        });
    }
    assert_eq!(outputs(main), ["1 true\n"]);
}

#[test]
fn lazy_locks_can_be_looked_into_and_changed() {
    fn main() {
        let mut lazy = LazyLock::new(|| 1);
        let is_made = LazyLock::get(&lazy).is_some();
        println!("{is_made} {:?}", LazyLock::get_mut(&mut lazy));
        *LazyLock::force_mut(&mut lazy) += 1;
        *lazy += 1;
        if let Some(made) = LazyLock::get_mut(&mut lazy) {
            *made += 1;
        }
        println!("{:?}", LazyLock::get(&lazy));
    }
    assert_eq!(outputs(main), ["false None\nSome(4)\n"]);
}

#[test]
fn a_lazy_lock_is_looked_into_while_another_makes_it() {
    fn main() {
        static LAZY: LazyLock<u32> = LazyLock::new(|| 1);
        let thread = thread::spawn(|| *LAZY);
        let seen = LazyLock::get(&LAZY);
        thread.join().unwrap();
        println!("{seen:?}");
    }
    assert_eq!(outputs(main), ["None\n", "Some(1)\n"]);
}

#[test]
fn atomics_are_updated() {
    fn main() {
        let atomic = AtomicU32::new(1);
        let add = || atomic.update(Ordering::AcqRel, Ordering::Acquire, |value| value + 1);
        thread::scope(|scope| {
            scope.spawn(add);
            scope.spawn(add);
        });
        let tried = atomic.try_update(Ordering::SeqCst, Ordering::SeqCst, |_| None);
        let numbers = [1, 2, 3];
        let pointer = AtomicPtr::new((&raw const numbers[0]).cast_mut());
        pointer.fetch_ptr_add(2, Ordering::SeqCst);
        pointer.fetch_byte_sub(4, Ordering::SeqCst);
        let second = pointer.load(Ordering::SeqCst).cast_const() == &raw const numbers[1];
        println!("{tried:?} {second}");
    }
    assert_eq!(outputs(main), ["Err(3) true\n"]);
}
