use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::main]
async fn main() {
    let balance = Arc::new(Mutex::new(100));
    let paying = tokio::spawn(pay(Arc::clone(&balance)));
    paying.await.unwrap();
    println!("{} left", balance.lock().unwrap());
}

async fn pay(balance: Arc<Mutex<u32>>) {
    sleep(Duration::from_millis(10)).await;
    *balance.lock().unwrap() -= 10;
}
