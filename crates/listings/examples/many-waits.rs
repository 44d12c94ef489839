use std::thread;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const WAIT: Duration = Duration::from_millis(100);

fn main() {
    for count in [1_000, 10_000] {
        let start = Instant::now();
        wait_in_threads(count);
        println!("{count} threads: {}", milliseconds_since(start));
    }
    for count in [1_000, 10_000, 100_000] {
        let start = Instant::now();
        wait_in_tasks(count);
        println!("{count} tasks: {}", milliseconds_since(start));
    }
}

fn wait_in_threads(count: usize) {
    thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| thread::sleep(WAIT));
        }
    });
}

#[tokio::main]
async fn wait_in_tasks(count: usize) {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        tasks.spawn(tokio::time::sleep(WAIT));
    }
    tasks.join_all().await;
}

fn milliseconds_since(start: Instant) -> String {
    format!("{:.0} ms", start.elapsed().as_secs_f64() * 1000.0)
}
