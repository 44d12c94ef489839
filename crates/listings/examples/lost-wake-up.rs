use std::sync::{Condvar, Mutex};
use std::thread;

static BELL: Condvar = Condvar::new();
static DOOR: Mutex<()> = Mutex::new(());

fn main() {
    let guest = thread::spawn(|| {
        println!("the guest rings");
        BELL.notify_one();
    });

    let door = DOOR.lock().unwrap();
    drop(BELL.wait(door).unwrap());
    println!("the door is opened");
    guest.join().unwrap();
}
