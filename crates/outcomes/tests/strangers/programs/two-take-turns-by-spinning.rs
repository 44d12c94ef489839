// Ping-pong over one atomic, without any lock.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

static TURN: AtomicUsize = AtomicUsize::new(0);

fn play(me: usize) {
    for round in 0..2 {
        while TURN.load(SeqCst) % 2 != me {
            std::hint::spin_loop();
        }
        println!("{me} plays {round}");
        TURN.fetch_add(1, SeqCst);
    }
}

fn main() {
    let other = thread::spawn(|| play(1));
    play(0);
    other.join().unwrap();
}
