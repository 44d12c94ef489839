use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::main]
async fn main() {
    let balance = Arc::new(Mutex::new(100));
    let task = tokio::spawn(async move {
        let mut guard = balance.lock().unwrap();
        sleep(Duration::from_millis(10)).await;
        *guard -= 10;
    });
    task.await.unwrap();
}
