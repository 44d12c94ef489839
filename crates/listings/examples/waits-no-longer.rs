use std::future::pending;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::main]
async fn main() {
    tokio::select! {
        () = letter() => println!("A letter!"),
        () = sleep(Duration::from_millis(10)) => println!("No letter."),
    }
}

async fn letter() {
    let _diary = Diary;
    pending::<()>().await;
    println!("It has come.");
}

struct Diary;

impl Drop for Diary {
    fn drop(&mut self) {
        println!("Nobody waits for it anymore.");
    }
}
