use crossbeam_channel::bounded;
use std::thread;

fn main() {
    let (sender, answers) = bounded(1);

    thread::scope(|scope| {
        for name in ["Pam", "Jim"] {
            let sender = sender.clone();
            scope.spawn(move || {
                if sender.send(name).is_err() {
                    println!("nobody waits for {name} anymore");
                }
            });
        }

        println!("{} was first", answers.recv().unwrap());
    });
}
