use crossbeam_channel::bounded;
use std::thread;

fn main() {
    let (bell, door) = bounded(1);
    let guest = thread::spawn(move || {
        println!("the guest rings");
        bell.send(()).unwrap();
    });

    door.recv().unwrap();
    println!("the door is opened");
    guest.join().unwrap();
}
