// Barrier::wait's documentation: one arbitrary thread is the leader.
use std::sync::Barrier;
use std::thread;

fn main() {
    let barrier = Barrier::new(2);
    thread::scope(|s| {
        for name in ["a", "b"] {
            let barrier = &barrier;
            s.spawn(move || {
                if barrier.wait().is_leader() {
                    println!("{name} leads");
                }
            });
        }
    });
}
