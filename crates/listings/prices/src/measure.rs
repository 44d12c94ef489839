//! The prices of Rust's threads, tasks, channels and locks, in nanoseconds. What
//! `go/main.go` does in Go, by the same counts.

use rayon::ThreadPool;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Instant;
use tokio::runtime::Runtime;

/// How much room the channels have.
pub const ROOMS: [usize; 5] = [0, 1, 10, 100, 1000];

/// Measures all of it once, with every count divided by this, and tells each price.
pub fn all(divisor: u32, mut tell: impl FnMut(&str, f64)) {
    let runtime = Runtime::new().expect("a runtime of tokio's");
    let pool = rayon::ThreadPoolBuilder::new().build();
    starts(
        divisor,
        &runtime,
        &pool.expect("rayon's threads"),
        &mut tell,
    );
    locks(2_000_000 / divisor, &mut tell);
    for room in ROOMS {
        messages(divisor, &runtime, room, &mut tell);
    }
}

fn starts(divisor: u32, runtime: &Runtime, pool: &ThreadPool, tell: &mut impl FnMut(&str, f64)) {
    let mut price =
        |what: &str, count: u32, work: &dyn Fn(u32)| tell(what, each(count / divisor, work));
    price("one thread", 5_000, &|count| {
        for _ in 0..count {
            thread::spawn(|| {}).join().unwrap();
        }
    });
    price("one scope", 5_000, &|count| {
        for _ in 0..count {
            thread::scope(|scope| _ = scope.spawn(|| {}));
        }
    });
    // From outside of the pool, as a program's main would.
    price("one rayon", 100_000, &|count| {
        for _ in 0..count {
            pool.scope(|scope| scope.spawn(|_| {}));
        }
    });
    price("one tokio", 100_000, &|count| {
        let task = runtime.spawn(async move {
            for _ in 0..count {
                tokio::spawn(async {}).await.unwrap();
            }
        });
        runtime.block_on(task).unwrap();
    });
    price("many thread", 2_000, &|count| {
        let threads: Vec<_> = (0..count).map(|_| thread::spawn(|| {})).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    price("many scope", 2_000, &|count| {
        thread::scope(|scope| {
            for _ in 0..count {
                scope.spawn(|| {});
            }
        });
    });
    price("many rayon", 200_000, &|count| {
        pool.scope(|scope| {
            for _ in 0..count {
                scope.spawn(|_| {});
            }
        });
    });
    price("many tokio", 200_000, &|count| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(async {})).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    });
}

fn locks(count: u32, tell: &mut impl FnMut(&str, f64)) {
    let alone = Mutex::new(0);
    let lock = |mutex: &Mutex<u32>, times: u32| {
        for _ in 0..times {
            *mutex.lock().unwrap() += 1;
        }
    };
    tell("lock alone", each(count, &|count| lock(&alone, count)));
    let wanted = Mutex::new(0);
    let by_two = |count| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| lock(&wanted, count / 2));
            }
        });
    };
    tell("lock wanted", each(count, &by_two));
    assert_eq!(
        (*alone.lock().unwrap(), *wanted.lock().unwrap()),
        (count, count)
    );
}

fn messages(divisor: u32, runtime: &Runtime, room: usize, tell: &mut impl FnMut(&str, f64)) {
    // Fewer where each takes long.
    let count = match room {
        0..10 => 50_000,
        10..1000 => 500_000,
        _ => 1_000_000,
    } / divisor;
    let mut price = |channel: &str, work: &dyn Fn(u32)| {
        tell(&format!("message {channel} {room}"), each(count, work));
    };
    price("crossbeam", &|count| {
        let (sender, receiver) = crossbeam_channel::bounded(room);
        let send = move |number| sender.send(number).unwrap();
        in_threads(count, send, || receiver.iter().count());
    });
    price("mpsc", &|count| {
        let (sender, receiver) = mpsc::sync_channel(room);
        let send = move |number| sender.send(number).unwrap();
        in_threads(count, send, || receiver.iter().count());
    });
    price("flume", &|count| {
        let (sender, receiver) = flume::bounded(room);
        let send = move |number| sender.send(number).unwrap();
        in_threads(count, send, || receiver.iter().count());
    });
    price("kanal", &|count| {
        let (sender, receiver) = kanal::bounded(room);
        let send = move |number| sender.send(number).unwrap();
        in_threads(count, send, || receiver.count());
    });
    // tokio's channels have no rendezvous.
    if room > 0 {
        price("tokio", &|count| runtime.block_on(in_tasks(room, count)));
    }
}

/// Sends from another thread, and counts here what comes.
fn in_threads(count: u32, send: impl Fn(u32) + Send + 'static, receive: impl FnOnce() -> usize) {
    let sending = thread::spawn(move || (0..count).for_each(send));
    assert_eq!(receive(), count as usize);
    sending.join().unwrap();
}

async fn in_tasks(room: usize, count: u32) {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(room);
    let sending = tokio::spawn(async move {
        for number in 0..count {
            sender.send(number).await.unwrap();
        }
    });
    let receiving = tokio::spawn(async move {
        let mut received = 0;
        while receiver.recv().await.is_some() {
            received += 1;
        }
        received
    });
    sending.await.unwrap();
    assert_eq!(receiving.await.unwrap(), count);
}

/// The time for one, in nanoseconds, when a piece of work does so many.
fn each(count: u32, work: &dyn Fn(u32)) -> f64 {
    let start = Instant::now();
    work(count);
    start.elapsed().as_secs_f64() * 1e9 / f64::from(count)
}
