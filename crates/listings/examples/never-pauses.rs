use std::task::{Context, Waker};

fn main() {
    let mut tasks = vec![Box::pin(count("Pam")), Box::pin(count("Jim"))];
    let mut context = Context::from_waker(Waker::noop());

    while !tasks.is_empty() {
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        println!("Both had their turn.");
    }
}

async fn count(name: &str) {
    for number in 1..=2 {
        println!("{name}: {number}");
    }
}
