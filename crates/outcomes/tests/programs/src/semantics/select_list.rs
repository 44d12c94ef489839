//! `Select`, a list of operations made at run time, of crossbeam-channel.

use super::{programs, words};
use crossbeam_channel::{Receiver, RecvError, Select, bounded, never, unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

programs! {
    selecting_whom_one_meets: any ["Ok(1) Ok(2)\n"];
    looking_in_time_for_whom_one_could_meet: any ["0 Ok(1)\n", "nobody\n"];
    who_only_tries_is_not_met: any ["nobody\n"];
    trying_to_select_whom_one_meets: any ["Ok(1)\n", "nobody\n"];
    looking_for_whom_one_could_meet: any ["0 Ok(1)\n", "nobody\n"];
    two_who_only_try_do_not_meet: any ["true true\n"];
    a_send_to_another_channel_than_selected: any ["[aborts]"];
    a_receive_from_another_channel_than_selected: any ["[aborts]"];
    selected_and_not_completed: any ["dropped `SelectedOperation` without completing the operation\n"];
    an_empty_list_has_nothing: any [
        "TrySelectError SelectTimeoutError SelectTimeoutError TryReadyError ReadyTimeoutError ReadyTimeoutError\n",
    ];
    waiting_for_nothing_panics: any [
        "no operations have been added to `Select`\nno operations have been added to `Select`\n",
    ];
    indices_count_up: any ["0 1 2\n"];
    a_ready_operation_of_several: any ["1 Ok(\"one\")\n", "2 Ok(\"two\")\n"];
    only_the_last_is_ready: any ["2 Ok(())\n"];
    the_first_to_be_ready_is_taken: any ["Ok(10)\n", "Ok(20)\n"];
    a_closed_channel_is_ready_in_a_list: any ["0 Err(RecvError), 1 Err(\"SendError(..)\")\n"];
    removed_operations_are_not_taken: any ["1 Err(RecvError), 0 Ok(10), 2\n"];
    removing_twice_panics: any ["no operation with this index\nindex out of bounds; 1 >= 1\n"];
    trying_to_select: any ["TrySelectError, 0 Ok(1)\n"];
    selecting_for_a_time: any ["SelectTimeoutError SelectTimeoutError, Ok(1) Ok(2)\n"];
    selecting_may_be_in_time: any ["Ok(1)\n", "SelectTimeoutError\n"];
    any_ready_index: any ["0\n", "1\n"];
    being_ready_takes_nothing: any ["0 0 0 0 4\n"];
    ready_for_a_time: any ["TryReadyError ReadyTimeoutError ReadyTimeoutError\n"];
    another_may_be_faster: any ["Ok(1) Err(RecvError)\n", "Err(RecvError) Ok(1)\n"];
    ready_to_meet: any ["0 Ok(1)\n"];
    a_biased_list_takes_the_first: any ["0 Ok(1), 1 Ok(2), 0, none\n"];
    clones_are_lists_of_their_own: any ["1 0\n"];
    one_end_in_many_operations: any ["0 Ok(1)\n", "1 Ok(1)\n"];
    a_list_is_used_again: any ["[1, 2, 3]\n", "[1, 3, 2]\n", "[3, 1, 2]\n"];
    an_operation_must_be_completed: any [
        "dropped `SelectedOperation` without completing the operation\n",
    ];
    completing_with_another_end_aborts: any ["[aborts]"];
    debug_of_lists: any ["Select { .. } SelectedOperation { .. }\n"];
}

const MOMENT: Duration = Duration::from_millis(1);

fn an_empty_list_has_nothing() {
    let mut select = Select::new();
    let one = select.try_select().unwrap_err();
    let two = select.select_timeout(MOMENT).unwrap_err();
    let three = select.select_deadline(Instant::now() + MOMENT).unwrap_err();
    let four = select.try_ready().unwrap_err();
    let five = select.ready_timeout(MOMENT).unwrap_err();
    let six = select.ready_deadline(Instant::now() + MOMENT).unwrap_err();
    println!("{one:?} {two:?} {three:?} {four:?} {five:?} {six:?}");
}

/// What it panics with.
fn panic_of<R>(run: impl FnOnce() -> R) -> String {
    let result = catch_unwind(AssertUnwindSafe(|| {
        run();
    }));
    words(&*result.unwrap_err()).to_owned()
}

fn waiting_for_nothing_panics() {
    println!("{}", panic_of(|| Select::new().select().index()));
    println!("{}", panic_of(|| Select::new().ready()));
}

fn indices_count_up() {
    let (sender, receiver) = unbounded::<u32>();
    let mut select = Select::default();
    let one = select.send(&sender);
    let other = select.recv(&receiver);
    println!("{one} {other} {}", select.recv(&receiver));
}

fn a_ready_operation_of_several() {
    let channels: Vec<_> = (0..3).map(|_| bounded(1)).collect();
    channels[1].0.send("one").unwrap();
    channels[2].0.send("two").unwrap();
    let mut select = Select::new();
    for (_, receiver) in &channels {
        select.recv(receiver);
    }
    let operation = select.select();
    let index = operation.index();
    println!("{index} {:?}", operation.recv(&channels[index].1));
}

fn only_the_last_is_ready() {
    let (s1, _r1) = bounded::<()>(0);
    let (_s2, r2) = bounded::<()>(0);
    let (s3, _r3) = bounded(1);
    let mut select = Select::new();
    select.send(&s1);
    select.recv(&r2);
    select.send(&s3);
    let operation = select.select();
    println!("{} {:?}", operation.index(), operation.send(&s3, ()));
}

/// Receives from any of these.
fn receive<T>(receivers: &[Receiver<T>]) -> Result<T, RecvError> {
    let mut select = Select::new();
    for receiver in receivers {
        select.recv(receiver);
    }
    let operation = select.select();
    let index = operation.index();
    operation.recv(&receivers[index])
}

fn the_first_to_be_ready_is_taken() {
    let channels = [unbounded(), unbounded()];
    for (number, (sender, _)) in [10, 20].into_iter().zip(&channels) {
        let sender = sender.clone();
        thread::spawn(move || sender.send(number));
    }
    let (_senders, receivers): (Vec<_>, Vec<_>) = channels.into_iter().unzip();
    println!("{:?}", receive(&receivers));
}

fn a_closed_channel_is_ready_in_a_list() {
    let (_, closed) = bounded::<u32>(0);
    let (alone, _) = bounded(0);
    let mut select = Select::new();
    let receiving = select.recv(&closed);
    let operation = select.select();
    assert_eq!(operation.index(), receiving);
    let received = operation.recv(&closed);
    select.remove(receiving);
    let sending = select.send(&alone);
    let operation = select.select();
    let sent = operation.send(&alone, 10);
    println!("{receiving} {received:?}, {sending} {sent:?}");
}

fn removed_operations_are_not_taken() {
    let (s1, r1) = unbounded::<i32>();
    let (_, r2) = unbounded::<i32>();
    let mut select = Select::new();
    select.recv(&r1);
    let second = select.recv(&r2);
    let operation = select.select();
    print!("{} {:?}, ", operation.index(), operation.recv(&r2));
    select.remove(second);
    s1.send(10).unwrap();
    let operation = select.select();
    print!("{} {:?}, ", operation.index(), operation.recv(&r1));
    // An index is not used again.
    println!("{}", select.recv(&r2));
}

fn removing_twice_panics() {
    let receiver = never::<u32>();
    let mut select = Select::new();
    let index = select.recv(&receiver);
    select.remove(index);
    println!("{}", panic_of(|| select.remove(index)));
    println!("{}", panic_of(|| select.remove(index + 1)));
}

fn trying_to_select() {
    let (sender, receiver) = unbounded();
    let mut select = Select::new();
    select.recv(&receiver);
    print!("{:?}, ", select.try_select().unwrap_err());
    sender.send(1).unwrap();
    let operation = select.try_select().unwrap();
    println!("{} {:?}", operation.index(), operation.recv(&receiver));
}

fn selecting_for_a_time() {
    let (sender, receiver) = unbounded();
    let mut select = Select::new();
    select.recv(&receiver);
    let one = select.select_timeout(MOMENT).unwrap_err();
    let other = select.select_deadline(Instant::now() + MOMENT).unwrap_err();
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    // No time is enough when an operation is ready.
    let first = select
        .select_timeout(Duration::ZERO)
        .unwrap()
        .recv(&receiver);
    let second = select
        .select_deadline(Instant::now())
        .unwrap()
        .recv(&receiver);
    println!("{one:?} {other:?}, {first:?} {second:?}");
}

fn selecting_may_be_in_time() {
    let (sender, receiver) = unbounded();
    let theirs = sender.clone();
    thread::spawn(move || theirs.send(1));
    let mut select = Select::new();
    select.recv(&receiver);
    match select.select_timeout(MOMENT) {
        Ok(operation) => println!("{:?}", operation.recv(&receiver)),
        Err(error) => println!("{error:?}"),
    }
    drop(sender);
}

fn any_ready_index() {
    let (sender, receiver) = bounded::<u32>(1);
    let (_, closed) = unbounded::<u32>();
    let mut select = Select::new();
    select.send(&sender);
    select.recv(&closed);
    println!("{}", select.ready());
    drop(receiver);
}

fn being_ready_takes_nothing() {
    let (sender, receiver) = unbounded();
    sender.send(4).unwrap();
    let mut select = Select::new();
    select.recv(&receiver);
    let (one, two) = (select.ready(), select.try_ready().unwrap());
    let three = select.ready_timeout(Duration::ZERO).unwrap();
    let four = select.ready_deadline(Instant::now()).unwrap();
    println!(
        "{one} {two} {three} {four} {}",
        receiver.try_recv().unwrap()
    );
}

fn ready_for_a_time() {
    let (_sender, receiver) = unbounded::<u32>();
    let mut select = Select::new();
    select.recv(&receiver);
    let one = select.try_ready().unwrap_err();
    let two = select.ready_timeout(MOMENT).unwrap_err();
    let three = select.ready_deadline(Instant::now() + MOMENT).unwrap_err();
    println!("{one:?} {two:?} {three:?}");
}

/// Receives when it is ready, again and again until nobody was faster.
fn receive_when_ready<T>(receiver: &Receiver<T>) -> Result<T, RecvError> {
    let mut select = Select::new();
    select.recv(receiver);
    loop {
        select.ready();
        match receiver.try_recv() {
            Err(error) if error.is_empty() => {}
            received => return received.map_err(|_| RecvError),
        }
    }
}

fn another_may_be_faster() {
    let (sender, receiver) = unbounded();
    let theirs = receiver.clone();
    let thread = thread::spawn(move || receive_when_ready(&theirs));
    sender.send(1).unwrap();
    drop(sender);
    let ours = receive_when_ready(&receiver);
    println!("{ours:?} {:?}", thread.join().unwrap());
}

fn ready_to_meet() {
    let (sender, receiver) = bounded(0);
    let theirs = sender.clone();
    thread::spawn(move || theirs.send(1));
    let mut select = Select::new();
    select.recv(&receiver);
    println!("{} {:?}", select.ready(), receiver.recv());
    drop(sender);
}

fn a_biased_list_takes_the_first() {
    let (s1, r1) = unbounded();
    let (s2, r2) = unbounded();
    s1.send(1).unwrap();
    s2.send(2).unwrap();
    let mut select = Select::new_biased();
    select.recv(&r1);
    select.recv(&r2);
    let operation = select.select();
    print!("{} {:?}, ", operation.index(), operation.recv(&r1));
    let operation = select.select_timeout(MOMENT).unwrap();
    print!("{} {:?}, ", operation.index(), operation.recv(&r2));
    s2.send(4).unwrap();
    s1.send(3).unwrap();
    print!("{}, ", select.ready());
    assert_eq!((r1.recv(), r2.recv()), (Ok(3), Ok(4)));
    println!(
        "{}",
        if select.try_select().is_err() {
            "none"
        } else {
            "some"
        }
    );
}

fn clones_are_lists_of_their_own() {
    let (_, closed) = unbounded::<u32>();
    let nothing = never::<u32>();
    let mut select = Select::new();
    select.recv(&nothing);
    let mut other = select.clone();
    other.recv(&closed);
    let index = other.try_ready().unwrap();
    println!("{index} {}", usize::from(select.try_ready().is_ok()));
}

fn one_end_in_many_operations() {
    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    let mut select = Select::new();
    select.recv(&receiver);
    select.recv(&receiver);
    let operation = select.select();
    println!("{} {:?}", operation.index(), operation.recv(&receiver));
}

fn a_list_is_used_again() {
    let channels = [unbounded(), unbounded()];
    for (numbers, (sender, _)) in [vec![1, 2], vec![3]].into_iter().zip(&channels) {
        for number in numbers {
            sender.send(number).unwrap();
        }
    }
    let mut select = Select::new();
    for (_, receiver) in &channels {
        select.recv(receiver);
    }
    let numbers: Vec<_> = (0..3)
        .map(|_| {
            let operation = select.select();
            let index = operation.index();
            operation.recv(&channels[index].1).unwrap()
        })
        .collect();
    println!("{numbers:?}");
}

fn an_operation_must_be_completed() {
    let (_, receiver) = unbounded::<u32>();
    let mut select = Select::new();
    select.recv(&receiver);
    println!("{}", panic_of(|| drop(select.select())));
}

fn completing_with_another_end_aborts() {
    let (_, receiver) = unbounded::<u32>();
    let other = receiver.clone();
    let mut select = Select::new();
    select.recv(&receiver);
    // It panics, and so does the operation, which is dropped uncompleted.
    let _ = select.select().recv(&other);
}

fn debug_of_lists() {
    let (_, receiver) = unbounded::<u32>();
    let mut select = Select::new();
    select.recv(&receiver);
    let list = format!("{select:?}");
    let operation = select.select();
    println!("{list} {operation:?}");
    let _ = operation.recv(&receiver);
}

fn a_send_to_another_channel_than_selected() {
    let ((one, _receiver), (other, _others)) = (unbounded::<u32>(), unbounded::<u32>());
    let mut select = Select::new();
    select.send(&one);
    let _ = select.select().send(&other, 1);
    println!("not reached");
}

fn a_receive_from_another_channel_than_selected() {
    let ((sender, one), (_others, other)) = (unbounded::<u32>(), unbounded::<u32>());
    sender.send(1).unwrap();
    let mut select = Select::new();
    select.recv(&one);
    let _ = select.select().recv(&other);
    println!("not reached");
}

fn selected_and_not_completed() {
    let (sender, one) = unbounded::<u32>();
    sender.send(1).unwrap();
    let mut select = Select::new();
    select.recv(&one);
    let panic = catch_unwind(AssertUnwindSafe(|| drop(select.select()))).unwrap_err();
    println!("{}", words(&*panic));
}

fn trying_to_select_whom_one_meets() {
    let (sender, receiver) = bounded(0);
    thread::scope(|scope| {
        scope.spawn(|| sender.send(1).unwrap());
        let mut list = Select::new();
        list.recv(&receiver);
        match list.try_select() {
            Ok(operation) => println!("{:?}", operation.recv(&receiver)),
            Err(_) => {
                println!("nobody");
                receiver.recv().unwrap();
            }
        }
    });
}

fn looking_for_whom_one_could_meet() {
    let (sender, receiver) = bounded(0);
    thread::scope(|scope| {
        scope.spawn(|| sender.send(1).unwrap());
        let mut list = Select::new();
        list.recv(&receiver);
        match list.try_ready() {
            Ok(index) => println!("{index} {:?}", receiver.recv()),
            Err(_) => {
                println!("nobody");
                receiver.recv().unwrap();
            }
        }
    });
}

fn two_who_only_try_do_not_meet() {
    let (sender, receiver) = bounded(0);
    thread::scope(|scope| {
        let thread = scope.spawn(|| sender.try_send(1).is_err());
        let received = receiver.try_recv().is_err();
        println!("{received} {}", thread.join().unwrap());
    });
}

fn selecting_whom_one_meets() {
    let (sender, receiver) = bounded(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            sender.send(1).unwrap();
            sender.send(2).unwrap();
        });
        let mut list = Select::new();
        list.recv(&receiver);
        let one = list.select().recv(&receiver);
        let other = loop {
            if let Ok(operation) = list.select_timeout(Duration::from_secs(1)) {
                break operation.recv(&receiver);
            }
        };
        println!("{one:?} {other:?}");
    });
}

fn looking_in_time_for_whom_one_could_meet() {
    let (sender, receiver) = bounded(0);
    thread::scope(|scope| {
        scope.spawn(|| sender.send(1).unwrap());
        let mut list = Select::new();
        list.recv(&receiver);
        match list.ready_timeout(Duration::from_millis(1)) {
            Ok(index) => println!("{index} {:?}", receiver.recv()),
            Err(_) => {
                println!("nobody");
                receiver.recv().unwrap();
            }
        }
    });
}

fn who_only_tries_is_not_met() {
    let (sender, receiver) = bounded(0);
    thread::scope(|scope| {
        scope.spawn(|| sender.try_send(1).unwrap_err());
        let mut list = Select::new();
        list.recv(&receiver);
        match list.try_ready() {
            Ok(index) => println!("{index}"),
            Err(_) => println!("nobody"),
        }
    });
}
