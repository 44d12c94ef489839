// How std shows locks, locked and poisoned.
use std::sync::{Mutex, Once, OnceLock, RwLock};
use std::thread;

static POISONED: Mutex<u32> = Mutex::new(5);

fn main() {
    let mutex = Mutex::new(1);
    let rwlock = RwLock::new("two");
    let once = OnceLock::new();
    println!("{mutex:?} {rwlock:?} {once:?} {:?}", Once::new());
    once.set(3).unwrap();
    let (guard, writing) = (mutex.lock().unwrap(), rwlock.write().unwrap());
    println!("{mutex:?} {rwlock:?} {once:?}");
    println!("{guard:?} {writing:?}");
    let _ = thread::spawn(|| {
        let _guard = POISONED.lock();
        panic!("oh");
    })
    .join();
    println!("{POISONED:?}");
    println!("{:#?}", POISONED.lock());
}
