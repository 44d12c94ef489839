use crossbeam_channel::bounded;

fn main() {
    let (sender, receiver) = bounded(0);

    println!("sending");
    sender.send(10).unwrap();
    println!("received {}", receiver.recv().unwrap());
}
