use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

fn main() {
    run(vec![Box::pin(greet("Pam")), Box::pin(greet("Jim"))]);
}

async fn greet(name: &'static str) {
    let letter = letter_from(name).await;
    println!("{letter}");
}

// The executor.

type Task = Pin<Box<dyn Future<Output = ()>>>;

fn run(mut tasks: Vec<Task>) {
    let waker = Waker::from(Arc::new(Bell(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        if tasks.is_empty() {
            return;
        }
        thread::park();
    }
}

struct Bell(Thread);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

// A future that another thread completes.

fn letter_from(name: &'static str) -> Letter {
    let letter = Letter::default();
    let written = letter.clone();
    thread::spawn(move || {
        let mut slot = written.0.lock().unwrap();
        slot.text = Some(format!("Hello from {name}"));
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    });
    letter
}

#[derive(Clone, Default)]
struct Letter(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    text: Option<String>,
    waker: Option<Waker>,
}

impl Future for Letter {
    type Output = String;

    fn poll(self: Pin<&mut Self>, context: &mut Context) -> Poll<String> {
        let mut slot = self.0.lock().unwrap();
        if let Some(text) = slot.text.take() {
            return Poll::Ready(text);
        }
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
