use std::thread;

fn main() {
    let sharing = thread::spawn(|| share(12, 0));

    let pieces = sharing.join().unwrap();
    println!("everybody gets {pieces}");
}

fn share(pieces: u32, people: u32) -> u32 {
    if people == 0 {
        panic!("nobody to share with");
    }
    pieces / people
}
