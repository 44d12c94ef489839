use std::sync::mpsc;
use std::thread;
use std::time::Instant;

const COUNT: u32 = 5_000;

fn main() {
    println!("| room | crossbeam | std's mpsc | tokio | in hundreds |");
    for room in [1, 10, 100] {
        let [crossbeam, mpsc, tokio, hundreds] =
            [crossbeam, mpsc, tokio, in_hundreds].map(|through| nanoseconds(|| through(room)));
        println!("| {room} | {crossbeam} ns | {mpsc} ns | {tokio} ns | {hundreds} ns |");
    }
}

fn crossbeam(room: usize) {
    let (sender, receiver) = crossbeam_channel::bounded(room);
    thread::spawn(move || {
        for number in 0..COUNT {
            sender.send(number).unwrap();
        }
    });
    assert_eq!(receiver.iter().count(), COUNT as usize);
}

fn in_hundreds(room: usize) {
    let (sender, receiver) = crossbeam_channel::bounded(room);
    thread::spawn(move || {
        for first in (0..COUNT).step_by(100) {
            let hundred: Vec<u32> = (first..first + 100).collect();
            sender.send(hundred).unwrap();
        }
    });
    assert_eq!(receiver.iter().flatten().count(), COUNT as usize);
}

fn mpsc(room: usize) {
    let (sender, receiver) = mpsc::sync_channel(room);
    thread::spawn(move || {
        for number in 0..COUNT {
            sender.send(number).unwrap();
        }
    });
    assert_eq!(receiver.iter().count(), COUNT as usize);
}

#[tokio::main(flavor = "current_thread")]
async fn tokio(room: usize) {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(room);
    tokio::spawn(async move {
        for number in 0..COUNT {
            sender.send(number).await.unwrap();
        }
    });
    let mut count = 0;
    while receiver.recv().await.is_some() {
        count += 1;
    }
    assert_eq!(count, COUNT);
}

fn nanoseconds(work: impl FnOnce()) -> u32 {
    let start = Instant::now();
    work();
    (start.elapsed() / COUNT).subsec_nanos()
}
