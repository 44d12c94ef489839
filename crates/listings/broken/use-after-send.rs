use crossbeam_channel::unbounded;

fn main() {
    let (sender, receiver) = unbounded();

    let word = String::from("hello");
    sender.send(word).unwrap();
    println!("sent {word}");

    println!("received {}", receiver.recv().unwrap());
}
