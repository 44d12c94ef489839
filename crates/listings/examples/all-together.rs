use std::sync::Barrier;
use std::thread;

fn main() {
    let start = Barrier::new(2);

    thread::scope(|scope| {
        for name in ["Pam", "Jim"] {
            let start = &start;
            scope.spawn(move || {
                println!("{name} is ready");
                start.wait();
                println!("{name} runs");
            });
        }
    });
}
