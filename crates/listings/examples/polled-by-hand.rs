use std::pin::Pin;
use std::task::{Context, Poll, Waker};

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
        Pause { is_over: false }.await;
    }
}

struct Pause {
    is_over: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<()> {
        if self.is_over {
            return Poll::Ready(());
        }
        self.is_over = true;
        Poll::Pending
    }
}
