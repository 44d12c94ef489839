use crossbeam_channel::{Receiver, bounded};
use std::thread;
use std::time::Duration;

fn main() {
    let (open, is_open) = bounded::<()>(0);

    thread::spawn(move || {
        thread::sleep(Duration::from_millis(350));
        drop(open);
    });

    assert_eq!(knock(&is_open), Some(4));
}

/// Knocks until somebody opens, and says at which try that was. Waits for 50 ms
/// after the first try, and twice as long after each of the next.
fn knock(is_open: &Receiver<()>) -> Option<u32> {
    let mut pause = Duration::from_millis(50);
    for attempt in 1..=5 {
        println!("knock number {attempt}");
        if is_open
            .try_recv()
            .is_err_and(|error| error.is_disconnected())
        {
            println!("come in");
            return Some(attempt);
        }
        thread::sleep(pause);
        pause *= 2;
    }
    None
}
