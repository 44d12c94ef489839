use crossbeam_channel::bounded;
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = bounded(0);

    let answers = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        let _ = sender.send("here is your answer");
    });

    match receiver.recv_timeout(Duration::from_millis(50)) {
        Ok(answer) => println!("{answer}"),
        Err(error) => println!("{error}"),
    }
    drop(receiver);
    answers.join().unwrap();
    println!("that was all");
}
