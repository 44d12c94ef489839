use std::hint::black_box;
use std::thread;
use std::time::Instant;
use tokio::runtime::Runtime;

const COUNT: u32 = 200;

fn main() {
    price("the work alone", || {
        for _ in 0..COUNT {
            work();
        }
    });
    price("a thread", || {
        for _ in 0..COUNT {
            thread::spawn(work).join().unwrap();
        }
    });
    price("a thread in a scope", || {
        for _ in 0..COUNT {
            thread::scope(|scope| _ = scope.spawn(work));
        }
    });
    price("a task of rayon's", || {
        for _ in 0..COUNT {
            rayon::scope(|scope| scope.spawn(|_| work()));
        }
    });
    let runtime = Runtime::new().unwrap();
    price("a task of tokio's", || {
        runtime.block_on(runtime.spawn(spawn_tasks())).unwrap()
    });
}

async fn spawn_tasks() {
    for _ in 0..COUNT {
        tokio::spawn(async { work() }).await.unwrap();
    }
}

fn work() {
    let sum: u64 = (1..=black_box(100_000)).sum();
    black_box(sum);
}

fn price(what: &str, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    let each = start.elapsed() / COUNT;
    println!("{what}: {:.1} µs", each.as_secs_f64() * 1e6);
}
