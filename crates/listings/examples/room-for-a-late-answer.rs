use crossbeam_channel::bounded;
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = bounded(1);

    let answers = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        sender.send("here is your answer").unwrap();
    });

    match receiver.recv_timeout(Duration::from_millis(50)) {
        Ok(answer) => println!("{answer}"),
        Err(error) => println!("{error}"),
    }
    answers.join().unwrap();
    println!("that was all");
}
