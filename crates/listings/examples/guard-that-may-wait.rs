use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::sleep;

#[tokio::main]
async fn main() {
    let balance = Arc::new(Mutex::new(100));
    let paying = tokio::spawn(pay(Arc::clone(&balance)));
    paying.await.unwrap();
    println!("{} left", balance.lock().await);
}

async fn pay(balance: Arc<Mutex<u32>>) {
    let mut guard = balance.lock().await;
    sleep(Duration::from_millis(10)).await;
    *guard -= 10;
}
