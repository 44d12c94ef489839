use crossbeam_channel::unbounded;
use std::thread;

fn main() {
    let (sender, halves) = unbounded();

    for number in [4_u32, 7] {
        let sender = sender.clone();
        thread::spawn(move || {
            assert_eq!(number % 2, 0, "{number} has no half");
            sender.send(number / 2).unwrap();
        });
    }

    drop(sender);

    for half in halves {
        println!("half of it: {half}");
    }
}
