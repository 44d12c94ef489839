use crossbeam_channel::unbounded;
use std::thread;

fn main() {
    let (give, numbers) = unbounded();
    let (report, squares) = unbounded();

    let mut workers = Vec::new();
    for _ in 0..2 {
        let (numbers, report) = (numbers.clone(), report.clone());
        workers.push(thread::spawn(move || {
            for number in numbers {
                report.send((number, number * number)).unwrap();
            }
        }));
    }
    drop(numbers);

    for number in 1..=3 {
        give.send(number).unwrap();
    }
    drop(give);

    let mut squares: Vec<(u32, u32)> = squares.iter().collect();
    squares.sort();
    println!("{squares:?}");
    for worker in workers {
        worker.join().unwrap();
    }
}
