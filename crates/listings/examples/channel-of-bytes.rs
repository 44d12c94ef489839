use crossbeam_channel::unbounded;

fn main() {
    let (sender, receiver) = unbounded::<Vec<u8>>();

    sender.send(b"Interleaved".to_vec()).unwrap();

    let bytes = receiver.recv().unwrap();
    println!("{} bytes, the first is {}", bytes.len(), bytes[0]);
}
