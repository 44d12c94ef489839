use std::thread;
use std::time::{Duration, Instant};
use tokio::task::yield_now;
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let bell = tokio::spawn(ring("rung while a task sleeps"));
    yield_now().await;
    sleep(SECOND / 10).await;
    bell.await.unwrap();

    let bell = tokio::spawn(ring("rung while a thread sleeps"));
    yield_now().await;
    thread::sleep(SECOND / 10);
    bell.await.unwrap();
}

async fn ring(what: &str) {
    let start = Instant::now();
    sleep(SECOND / 50).await;
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    println!("{what}: {ms:.0} ms");
}
