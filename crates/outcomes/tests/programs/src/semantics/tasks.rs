//! `Wake` and `Waker`, of std.

use super::programs;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

programs! {
    a_task_is_ready_at_once: any ["hi\n"];
    a_task_waits_for_a_thread: any ["5\n"];
    an_executor_polls_who_is_woken: any [
        "one waits\none goes on\ntwo waits\ntwo goes on\n",
        "one waits\ntwo waits\none goes on\ntwo goes on\n",
        "one waits\ntwo waits\ntwo goes on\none goes on\n",
    ];
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

/// The numbers of tasks that are to be polled.
#[derive(Default)]
struct Ready {
    numbers: Mutex<VecDeque<usize>>,
    is_more: Condvar,
}

struct Ticket {
    number: usize,
    ready: Arc<Ready>,
}

impl Wake for Ticket {
    fn wake(self: Arc<Self>) {
        self.ready.numbers.lock().unwrap().push_back(self.number);
        self.ready.is_more.notify_one();
    }
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// An executor of one thread. Others wake its tasks.
fn run_all(mut tasks: Vec<Option<Task>>) {
    let ready = Arc::new(Ready::default());
    ready.numbers.lock().unwrap().extend(0..tasks.len());
    while tasks.iter().any(Option::is_some) {
        let numbers = ready.numbers.lock().unwrap();
        let nobody = |numbers: &mut VecDeque<usize>| numbers.is_empty();
        let mut numbers = ready.is_more.wait_while(numbers, nobody).unwrap();
        let number = numbers.pop_front().unwrap();
        drop(numbers);
        let Some(task) = &mut tasks[number] else {
            continue;
        };
        let ready = Arc::clone(&ready);
        let waker = Waker::from(Arc::new(Ticket { number, ready }));
        if task
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
        {
            tasks[number] = None;
        }
    }
}

/// One that starts at the first poll is waited for from there on: of two such, the first
/// may be over before the second has begun.
fn an_executor_polls_who_is_woken() {
    let task = |name: &'static str| -> Option<Task> {
        Some(Box::pin(async move {
            println!("{name} waits");
            let promise = Arc::new(Promise::default());
            let theirs = Arc::clone(&promise);
            thread::spawn(move || theirs.keep(7));
            (&*promise).await;
            println!("{name} goes on");
        }))
    };
    run_all(vec![task("one"), task("two")]);
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
