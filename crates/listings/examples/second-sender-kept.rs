use crossbeam_channel::unbounded;

fn main() {
    let (first, receiver) = unbounded();
    let second = first.clone();

    first.send("from the first").unwrap();
    drop(first);
    second.send("from the second").unwrap();

    println!("{:?}", receiver.recv());
    println!("{:?}", receiver.recv());
    println!("{:?}", receiver.recv());
}
