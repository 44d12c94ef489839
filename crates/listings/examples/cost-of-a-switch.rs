use crossbeam_channel::bounded;
use std::thread;
use std::time::Instant;

const THROWS: u32 = 100_000;

fn main() {
    let (throw, catch) = bounded(0);
    let (throw_back, catch_again) = bounded(0);
    thread::spawn(move || {
        for ball in catch {
            throw_back.send(ball).unwrap();
        }
    });

    let start = Instant::now();
    for ball in 0..THROWS {
        throw.send(ball).unwrap();
        catch_again.recv().unwrap();
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(THROWS);

    println!("there and back: {each:.1} µs");
    println!("one switch: {:.1} µs", each / 2.0);
}
