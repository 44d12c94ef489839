//! `Wake` and `Waker`, of std.

use super::programs;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

programs! {
    a_task_is_ready_at_once: any ["hi\n"];
    a_task_waits_for_a_thread: any ["5\n"];
    a_waker_wakes_and_is_kept: any ["woken woken\n"];
    wakers_are_arcs: any ["1 2 1\n"];
}

struct Unparker(Thread);

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unparker(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

fn a_task_is_ready_at_once() {
    block_on(async { println!("hi") });
}

/// What a thread will give.
#[derive(Default)]
struct Promise(Mutex<(Option<u32>, Option<Waker>)>);

impl Promise {
    fn keep(&self, value: u32) {
        let mut state = self.0.lock().unwrap();
        state.0 = Some(value);
        if let Some(waker) = state.1.take() {
            waker.wake();
        }
    }
}

impl Future for &Promise {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        let mut state = self.0.lock().unwrap();
        match state.0 {
            Some(value) => Poll::Ready(value),
            None => {
                state.1 = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

fn a_task_waits_for_a_thread() {
    let promise = Promise::default();
    thread::scope(|scope| {
        scope.spawn(|| promise.keep(5));
        println!("{}", block_on(async { (&promise).await }));
    });
}

fn a_waker_wakes_and_is_kept() {
    struct Says;
    impl Wake for Says {
        fn wake(self: Arc<Self>) {
            print!("woken");
        }
    }
    let waker = Waker::from(Arc::new(Says));
    waker.wake_by_ref();
    print!(" ");
    waker.wake();
    println!();
}

fn wakers_are_arcs() {
    let unparker = Arc::new(Unparker(thread::current()));
    let before = Arc::strong_count(&unparker);
    let waker = Waker::from(Arc::clone(&unparker));
    let during = Arc::strong_count(&unparker);
    let copy = waker.clone();
    // `false` is right, too: std does its best.
    let _ = copy.will_wake(&waker);
    copy.wake_by_ref();
    copy.wake();
    drop(waker);
    println!("{before} {during} {}", Arc::strong_count(&unparker));
}
