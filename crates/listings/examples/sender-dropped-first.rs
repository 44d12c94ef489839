use crossbeam_channel::unbounded;

struct Parcel(u32);

impl Drop for Parcel {
    fn drop(&mut self) {
        println!("parcel {} is freed", self.0);
    }
}

fn main() {
    let (sender, receiver) = unbounded();
    for number in 1..=3 {
        sender.send(Parcel(number)).unwrap();
    }
    drop(sender);

    let parcel = receiver.recv().unwrap();
    println!("received parcel {}", parcel.0);
    drop(parcel);

    drop(receiver);
    println!("nobody can receive any more");
}
