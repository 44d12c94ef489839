use std::thread;

fn main() {
    let threads: Vec<_> = (1..=2)
        .map(|part| {
            thread::spawn(move || {
                println!("part {part}");
                part
            })
        })
        .collect();
    let parts: Vec<u32> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    println!("{parts:?}");
}
