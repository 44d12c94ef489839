use std::thread;

fn main() {
    thread::scope(|scope| {
        scope.spawn(|| share(12, 0));
    });
    println!("main goes on");
}

fn share(pieces: u32, people: u32) -> u32 {
    if people == 0 {
        panic!("nobody to share with");
    }
    pieces / people
}
