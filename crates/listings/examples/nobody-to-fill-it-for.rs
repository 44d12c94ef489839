use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

fn main() {
    fill("bounded(0)", bounded(0));
    fill("bounded(1)", bounded(1));
    fill("bounded(2)", bounded(2));
    fill("unbounded()", unbounded());
}

fn fill(name: &str, (sender, receiver): (Sender<u32>, Receiver<u32>)) {
    drop(receiver);
    let sent = (1..=5)
        .take_while(|&number| sender.try_send(number).is_ok())
        .count();
    println!("{name} takes {sent} of 5 while nobody receives");
}
