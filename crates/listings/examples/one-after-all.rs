use std::thread;

fn main() {
    let parts: Vec<u32> = (1..=2)
        .map(|part| {
            thread::spawn(move || {
                println!("part {part}");
                part
            })
        })
        .map(|thread| thread.join().unwrap())
        .collect();
    println!("{parts:?}");
}
