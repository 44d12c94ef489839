//! Channels of crossbeam-channel.

use super::{Loud, programs};
use crossbeam_channel::{
    Receiver, SendTimeoutError, Sender, TrySendError, after, bounded, never, unbounded,
};
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

programs! {
    messages_nobody_will_receive_are_gone: any ["0 true\n"];
    lengths_change_meanwhile: any ["0 0 true\n", "0 0 false\n", "0 1 false\n", "1 1 false\n"];
    a_partner_that_waits_is_met: prompt ["Ok(()) Ok(1)\n"] modelled only;
    a_receiver_sees_the_last_sender_go: any [
        "Ok(1) Err(Disconnected)\n", "Ok(1) Err(Empty)\n",
        "Err(Empty) Err(Empty)\n", "Err(Empty) Ok(1)\n",
    ];
    waiting_for_a_time_sees_the_last_sender_go: any [
        "Err(Disconnected)\n", "Err(Timeout)\n",
    ];
    the_same_channel: any ["true false true false true false\n"];
    messages_outlive_senders: any ["[1, 2, 3] true Err(RecvError)\n"];
    messages_come_in_their_senders_order: any [
        "[1, 2, 3, 4]\n", "[1, 3, 2, 4]\n", "[1, 3, 4, 2]\n",
        "[3, 1, 2, 4]\n", "[3, 1, 4, 2]\n", "[3, 4, 1, 2]\n",
    ];
    clones_share_one_stream: any ["Ok(10) Ok(20) Ok(30)\n"];
    ends_are_shared_by_reference: any ["Ok(1) Ok(2)\n"];
    send_without_receivers_fails: any ["1 gone, 2 gone, 3 gone\n"];
    a_failed_send_gives_the_message_back: any ["full one, gone two\n"];
    unbounded_never_blocks: any ["100 false None None\n"];
    bounded_blocks_when_full: any ["1 2\n"];
    the_last_sender_drops_what_is_left: any [
        "a\nb\ndropped by main\n",
        "a\nb\ndropped by thread\n",
        "b\na\ndropped by main\n",
        "b\na\ndropped by thread\n",
    ];
    bounded_keeps_messages_for_its_senders: any ["\
receiver gone
2 true sending on a disconnected channel
one sender gone
message dropped
message dropped
senders gone
"];
    bounded_drops_messages_with_its_last_end: any ["sender gone\nmessage dropped\nreceiver gone\n"];
    unbounded_drops_messages_with_its_receivers: any ["message dropped\nreceiver gone\nsender gone\n"];
    mpsc_drops_messages_with_its_receiver: any ["message dropped\nreceiver gone\nsender gone\n"];
    whoever_is_last_drops_the_messages: any ["a thread\n", "main\n"];
    an_answer_that_nobody_sends: any ["[deadlocks]"];
    an_answer_that_nobody_sends_in_mpsc: any ["Err(RecvError)\n"];
    a_panic_keeps_other_messages_from_being_dropped: any ["\
array 1 caught
list 1 caught
mpsc 1 caught
"];
    zero_capacity_holds_nothing: any ["0 true true Some(0), 0 true true Some(0)\n"];
    bounded_counts_messages: any ["0 true false Some(2), 2 false true Some(2)\n"];
    zero_capacity_try_send_needs_a_receiver: any [
        "Err(\"Full(..)\")\nErr(\"Full(..)\")\nErr(RecvError)\n",
        "Err(\"Full(..)\")\nOk(())\nOk(2)\n",
        "Err(\"Full(..)\")\nOk(2)\nOk(())\n",
    ];
    zero_capacity_try_recv_needs_a_sender: any [
        "Err(Empty) Err(\"SendError(..)\")\n",
        "Ok(1) Ok(())\n",
    ];
    zero_capacity_send_waits: any ["receiving\nsent\n"];
    full_channel_refuses: any ["Ok(()) Err(\"Full(..)\")\n"];
    try_recv_tells_empty_from_closed: any ["Err(Empty) Ok(1) Err(Disconnected)\n"];
    a_timeout_passes: any [
        "(Timeout, Timeout), Err(Timeout) Err(Timeout)\n",
    ];
    a_timeout_notices_the_end: any ["Disconnected, Err(Disconnected)\n"];
    no_time_is_enough_when_ready: any ["Ok(()) Ok(()), Ok(1) Ok(2)\n"];
    a_message_may_come_in_time: any ["Err(Timeout)\n", "Ok(1)\n"];
    room_may_come_in_time: any ["Err(Timeout)\n", "Ok(())\n"];
    receivers_wake_when_senders_go: any ["Err(RecvError)\n"];
    senders_wake_when_receivers_go: any ["Err(\"SendError(..)\") Err(\"SendError(..)\")\n"];
    iterating_ends_when_senders_are_gone: any ["[1, 2]\n", "[2, 1]\n"];
    iterating_takes_what_is_there: any ["[1, 2] [] [3]\n"];
    every_way_to_iterate: any ["1 2 3\nNone None\nfalse\n"];
    any_receiver_may_win: any ["1 got m\n", "2 got m\n"];
    each_message_is_received_once: any ["[[], [1, 2]]\n", "[[1], [2]]\n", "[[1, 2], []]\n", "[[2], [1]]\n"];
    same_channel: any ["true false, true false\n"];
    the_last_receiver_drops_the_messages: any ["sent\nmessage dropped\nreceivers gone\nErr(\"SendError(..)\")\n"];
    nobody_receives: any ["[deadlocks]"];
    nobody_sends: any ["[deadlocks]"];
    never_never_delivers: any ["Err(Empty) Err(Timeout) 0 true true Some(0)\n"];
}

fn messages_outlive_senders() {
    let (sender, receiver) = unbounded();
    for number in 1..=3 {
        sender.send(number).unwrap();
    }
    drop(sender);
    let received: Vec<_> = (0..3).map(|_| receiver.recv().unwrap()).collect();
    println!("{received:?} {} {:?}", receiver.is_empty(), receiver.recv());
}

fn messages_come_in_their_senders_order() {
    let (sender, receiver) = bounded(4);
    for numbers in [[1, 2], [3, 4]] {
        let sender = sender.clone();
        thread::spawn(move || numbers.map(|number| sender.send(number).unwrap()));
    }
    drop(sender);
    println!("{:?}", receiver.iter().collect::<Vec<_>>());
}

fn clones_share_one_stream() {
    let (s1, r1) = unbounded();
    let (s2, r2) = (s1.clone(), r1.clone());
    let (s3, r3) = (s2.clone(), r2.clone());
    s1.send(10).unwrap();
    s2.send(20).unwrap();
    s3.send(30).unwrap();
    println!("{:?} {:?} {:?}", r3.recv(), r1.recv(), r2.recv());
}

fn ends_are_shared_by_reference() {
    let (sender, receiver) = bounded(0);
    thread::scope(|scope| {
        let theirs = scope.spawn(|| {
            let received = receiver.recv();
            sender.send(2).unwrap();
            received
        });
        sender.send(1).unwrap();
        let received = receiver.recv();
        println!("{:?} {received:?}", theirs.join().unwrap());
    });
}

fn send_without_receivers_fails() {
    let ends = [bounded(0), bounded(1), unbounded()];
    let failed = (1..).zip(ends).map(|(number, (sender, receiver))| {
        drop(receiver);
        format!("{} gone", sender.send(number).unwrap_err().into_inner())
    });
    println!("{}", failed.collect::<Vec<_>>().join(", "));
}

fn a_failed_send_gives_the_message_back() {
    let (sender, receiver) = bounded(0);
    let full = sender.try_send("one".to_owned()).unwrap_err();
    drop(receiver);
    let gone = sender.try_send("two".to_owned()).unwrap_err();
    match (full, gone) {
        (TrySendError::Full(one), TrySendError::Disconnected(two)) => {
            println!("full {one}, gone {two}");
        }
        other => println!("{other:?}"),
    }
}

fn unbounded_never_blocks() {
    let (sender, receiver) = unbounded();
    for number in 0..100 {
        sender.send(number).unwrap();
    }
    let (len, full) = (sender.len(), sender.is_full());
    println!(
        "{len} {full} {:?} {:?}",
        sender.capacity(),
        receiver.capacity()
    );
}

fn bounded_blocks_when_full() {
    let (sender, receiver) = bounded(1);
    sender.send(1).unwrap();
    // Able to complete only after the first message is received.
    thread::spawn(move || sender.send(2).unwrap());
    let first = receiver.recv().unwrap();
    println!("{first} {}", receiver.recv().unwrap());
}

fn counts<T>(sender: &Sender<T>, receiver: &Receiver<T>) -> [String; 2] {
    let of_sender = (
        sender.len(),
        sender.is_empty(),
        sender.is_full(),
        sender.capacity(),
    );
    let of_receiver = (
        receiver.len(),
        receiver.is_empty(),
        receiver.is_full(),
        receiver.capacity(),
    );
    [of_sender, of_receiver]
        .map(|(len, empty, full, capacity)| format!("{len} {empty} {full} {capacity:?}"))
}

fn bounded_keeps_messages_for_its_senders() {
    let (sender, receiver) = bounded(2);
    let other = sender.clone();
    sender.send(Loud("message")).unwrap();
    sender.send(Loud("message")).unwrap();
    drop(receiver);
    println!("receiver gone");
    let refused = sender.send(Loud("")).map_err(|error| {
        let said = error.to_string();
        std::mem::forget(error);
        said
    });
    println!(
        "{} {} {}",
        sender.len(),
        sender.is_full(),
        refused.unwrap_err()
    );
    drop(sender);
    println!("one sender gone");
    drop(other);
    println!("senders gone");
}

/// Which of them is the last is not told by what they do before.
fn the_last_sender_drops_what_is_left() {
    struct Names;
    impl Drop for Names {
        fn drop(&mut self) {
            println!(
                "dropped by {}",
                thread::current().name().unwrap_or("thread")
            );
        }
    }
    let (sender, receiver) = bounded(1);
    let other = sender.clone();
    sender.send(Names).unwrap();
    drop(receiver);
    let thread = thread::spawn(move || {
        println!("a");
        drop(other);
    });
    println!("b");
    drop(sender);
    thread.join().unwrap();
}

fn bounded_drops_messages_with_its_last_end() {
    let (sender, receiver) = bounded(2);
    sender.send(Loud("message")).unwrap();
    drop(sender);
    println!("sender gone");
    drop(receiver);
    println!("receiver gone");
}

fn unbounded_drops_messages_with_its_receivers() {
    let (sender, receiver) = unbounded();
    sender.send(Loud("message")).unwrap();
    drop(receiver);
    println!("receiver gone");
    drop(sender);
    println!("sender gone");
}

fn mpsc_drops_messages_with_its_receiver() {
    let (sender, receiver) = mpsc::sync_channel(1);
    sender.send(Loud("message")).unwrap();
    drop(receiver);
    println!("receiver gone");
    drop(sender);
    println!("sender gone");
}

fn whoever_is_last_drops_the_messages() {
    struct Names;
    impl Drop for Names {
        fn drop(&mut self) {
            println!("{}", thread::current().name().unwrap_or("a thread"));
        }
    }
    let (sender, receiver) = bounded(1);
    sender.send(Names).unwrap();
    let thread = thread::spawn(move || drop(sender));
    drop(receiver);
    thread.join().unwrap();
}

fn an_answer_that_nobody_sends() {
    let (questions, server) = bounded(1);
    let (answer, answers) = bounded::<u32>(1);
    questions.send(answer).unwrap();
    drop(server);
    println!("{:?}", answers.recv());
}

fn an_answer_that_nobody_sends_in_mpsc() {
    let (questions, server) = mpsc::sync_channel(1);
    let (answer, answers) = mpsc::sync_channel::<u32>(1);
    questions.send(answer).unwrap();
    drop(server);
    println!("{:?}", answers.recv());
}

/// Panics when it is dropped.
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        print!("{} ", self.0);
        panic!("dropped");
    }
}

fn a_panic_keeps_other_messages_from_being_dropped() {
    let caught = |receiver: Box<dyn std::any::Any>| {
        panic::catch_unwind(AssertUnwindSafe(|| drop(receiver))).unwrap_err();
        println!("caught");
    };
    let (sender, receiver) = bounded(2);
    sender.send(Bomb(1)).unwrap();
    sender.send(Bomb(2)).unwrap();
    drop(sender);
    print!("array ");
    caught(Box::new(receiver));
    let (sender, receiver) = unbounded();
    sender.send(Bomb(1)).unwrap();
    sender.send(Bomb(2)).unwrap();
    print!("list ");
    caught(Box::new(receiver));
    drop(sender);
    let (sender, receiver) = mpsc::channel();
    sender.send(Bomb(1)).unwrap();
    sender.send(Bomb(2)).unwrap();
    print!("mpsc ");
    caught(Box::new(receiver));
}

fn zero_capacity_holds_nothing() {
    let (sender, receiver) = bounded::<u32>(0);
    println!("{}", counts(&sender, &receiver).join(", "));
}

fn bounded_counts_messages() {
    let (sender, receiver) = bounded(2);
    let [of_sender, of_receiver] = counts(&sender, &receiver);
    assert_eq!(of_sender, of_receiver);
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    let [of_full, of_other] = counts(&sender, &receiver);
    assert_eq!(of_full, of_other);
    println!("{of_sender}, {of_full}");
}

fn zero_capacity_try_send_needs_a_receiver() {
    let (sender, receiver) = bounded(0);
    println!("{:?}", sender.try_send(1));
    let thread = thread::spawn(move || println!("{:?}", receiver.recv()));
    println!("{:?}", sender.try_send(2));
    drop(sender);
    thread.join().unwrap();
}

fn zero_capacity_try_recv_needs_a_sender() {
    let (sender, receiver) = bounded(0);
    let thread = thread::spawn(move || sender.send(1));
    let received = receiver.try_recv();
    drop(receiver);
    println!("{received:?} {:?}", thread.join().unwrap());
}

fn zero_capacity_send_waits() {
    let (sender, receiver) = bounded(0);
    let thread = thread::spawn(move || {
        sender.send(()).unwrap();
        println!("sent");
    });
    println!("receiving");
    receiver.recv().unwrap();
    thread.join().unwrap();
}

fn full_channel_refuses() {
    let (sender, _receiver) = bounded(1);
    println!("{:?} {:?}", sender.try_send(1), sender.try_send(2));
}

fn try_recv_tells_empty_from_closed() {
    let (sender, receiver) = bounded(1);
    let empty = receiver.try_recv();
    sender.send(1).unwrap();
    drop(sender);
    println!(
        "{empty:?} {:?} {:?}",
        receiver.try_recv(),
        receiver.try_recv()
    );
}

const MOMENT: Duration = Duration::from_millis(1);

fn a_timeout_passes() {
    let (sender, _receiver) = bounded(0);
    let sent = sender.send_timeout(1, MOMENT).unwrap_err();
    let too = sender
        .send_deadline(2, Instant::now() + MOMENT)
        .unwrap_err();
    let kinds = (short(&sent), short(&too));
    assert_eq!((sent.into_inner(), too.into_inner()), (1, 2));
    let (_sender, receiver) = unbounded::<u32>();
    let received = receiver.recv_timeout(MOMENT);
    let received_too = receiver.recv_deadline(Instant::now() + MOMENT);
    println!("{kinds:?}, {received:?} {received_too:?}");
}

/// Which of the errors it is.
#[derive(Debug)]
enum Short {
    Timeout,
    Disconnected,
}

fn short<T>(error: &SendTimeoutError<T>) -> Short {
    match error {
        SendTimeoutError::Timeout(_) => Short::Timeout,
        SendTimeoutError::Disconnected(_) => Short::Disconnected,
    }
}

fn a_timeout_notices_the_end() {
    let (sender, receiver) = bounded(0);
    drop(receiver);
    let sent = sender.send_timeout(1, MOMENT).unwrap_err();
    let (sender, receiver) = bounded::<u32>(0);
    drop(sender);
    println!("{:?}, {:?}", short(&sent), receiver.recv_timeout(MOMENT));
}

fn no_time_is_enough_when_ready() {
    let past = Instant::now();
    let (sender, receiver) = bounded(2);
    let sent = sender.send_timeout(1, Duration::ZERO);
    let sent_too = sender.send_deadline(2, past);
    let received = receiver.recv_timeout(Duration::ZERO);
    let received_too = receiver.recv_deadline(past);
    println!("{sent:?} {sent_too:?}, {received:?} {received_too:?}");
}

fn a_message_may_come_in_time() {
    let (sender, receiver) = bounded(1);
    let theirs = sender.clone();
    thread::spawn(move || theirs.send(1).unwrap());
    println!("{:?}", receiver.recv_timeout(MOMENT));
    drop(sender);
}

fn room_may_come_in_time() {
    let (sender, receiver) = bounded(1);
    sender.send(1).unwrap();
    let theirs = receiver.clone();
    thread::spawn(move || theirs.recv().unwrap());
    let sent = sender
        .send_timeout(2, MOMENT)
        .map_err(|error| short(&error));
    println!("{sent:?}");
    drop(receiver);
}

fn receivers_wake_when_senders_go() {
    let (sender, receiver) = bounded::<u32>(0);
    let thread = thread::spawn(move || receiver.recv());
    drop(sender);
    println!("{:?}", thread.join().unwrap());
}

fn senders_wake_when_receivers_go() {
    let (sender, receiver) = bounded(0);
    let without_room = thread::spawn(move || sender.send(1));
    drop(receiver);
    let (sender, receiver) = bounded(1);
    sender.send(1).unwrap();
    let full = thread::spawn(move || sender.send(2));
    drop(receiver);
    let (one, other) = (without_room.join().unwrap(), full.join().unwrap());
    println!("{one:?} {other:?}");
}

fn iterating_ends_when_senders_are_gone() {
    let (sender, receiver) = unbounded();
    let other = sender.clone();
    thread::spawn(move || other.send(1).unwrap());
    thread::spawn(move || sender.send(2).unwrap());
    println!("{:?}", receiver.iter().collect::<Vec<_>>());
}

fn iterating_takes_what_is_there() {
    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    // No need to drop the sender.
    let first: Vec<_> = receiver.try_iter().collect();
    let second: Vec<_> = receiver.try_iter().collect();
    sender.send(3).unwrap();
    let third: Vec<_> = receiver.try_iter().collect();
    println!("{first:?} {second:?} {third:?}");
}

fn every_way_to_iterate() {
    let (sender, receiver) = unbounded();
    let other = sender.clone();
    let thread = thread::spawn(move || {
        for number in 1..=3 {
            sender.send(number).unwrap();
        }
    });
    let mut numbers = Vec::new();
    for number in &receiver {
        numbers.push(number.to_string());
        if number == 2 {
            break;
        }
    }
    thread.join().unwrap();
    drop(other);
    let mut rest = receiver.into_iter();
    numbers.extend(rest.next().map(|number| number.to_string()));
    println!("{}", numbers.join(" "));
    // It stays at its end.
    println!("{:?} {:?}", rest.next(), rest.next());

    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    for number in receiver {
        if number == 1 {
            break;
        }
    }
    // The loop owned the receiver.
    println!("{}", sender.send(2).is_ok());
}

fn any_receiver_may_win() {
    let (sender, receiver) = bounded(0);
    let threads = [1, 2].map(|id| {
        let receiver = receiver.clone();
        thread::spawn(move || {
            receiver
                .recv()
                .map(|message| println!("{id} got {message}"))
        })
    });
    sender.send('m').unwrap();
    drop(sender);
    for thread in threads {
        let _ = thread.join().unwrap();
    }
}

fn each_message_is_received_once() {
    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    drop(sender);
    let threads = [receiver.clone(), receiver]
        .map(|receiver| thread::spawn(move || receiver.iter().collect::<Vec<_>>()));
    println!("{:?}", threads.map(|thread| thread.join().unwrap()));
}

fn same_channel() {
    let (sender, receiver) = bounded::<u32>(1);
    let (other_sender, other_receiver) = bounded(1);
    println!(
        "{} {}, {} {}",
        sender.same_channel(&sender.clone()),
        sender.same_channel(&other_sender),
        receiver.same_channel(&receiver.clone()),
        receiver.same_channel(&other_receiver)
    );
}

fn the_last_receiver_drops_the_messages() {
    let (sender, receiver) = unbounded();
    let other = receiver.clone();
    assert!(sender.send(Loud("message")).is_ok());
    drop(receiver);
    println!("sent");
    drop(other);
    println!("receivers gone");
    let sent = sender.send(Loud("another"));
    println!("{sent:?}");
    std::mem::forget(sent);
}

fn nobody_receives() {
    let (sender, receiver) = bounded(0);
    sender.send(1).unwrap();
    drop(receiver);
}

fn nobody_sends() {
    let (sender, receiver) = bounded::<u32>(0);
    let _ = receiver.recv();
    drop(sender);
}

fn never_never_delivers() {
    let receiver = never::<u32>();
    let (tried, waited) = (receiver.try_recv(), receiver.recv_timeout(MOMENT));
    let (len, empty, full) = (receiver.len(), receiver.is_empty(), receiver.is_full());
    println!(
        "{tried:?} {waited:?} {len} {empty} {full} {:?}",
        receiver.capacity()
    );
}

fn a_receiver_sees_the_last_sender_go() {
    let (sender, receiver) = unbounded();
    let thread = thread::spawn(move || {
        sender.send(1).unwrap();
        drop(sender);
    });
    let (first, second) = (receiver.try_recv(), receiver.try_recv());
    println!("{first:?} {second:?}");
    thread.join().unwrap();
}

fn waiting_for_a_time_sees_the_last_sender_go() {
    let (sender, receiver) = unbounded::<u32>();
    let thread = thread::spawn(move || drop(sender));
    println!("{:?}", receiver.recv_timeout(Duration::from_micros(20)));
    thread.join().unwrap();
}

fn the_same_channel() {
    let (sender, receiver) = unbounded::<u32>();
    let (other, others) = unbounded::<u32>();
    let (one, two) = (never::<u32>(), after(Duration::ZERO));
    println!(
        "{} {} {} {} {} {}",
        sender.same_channel(&sender.clone()),
        sender.same_channel(&other),
        receiver.same_channel(&receiver.clone()),
        receiver.same_channel(&others),
        one.same_channel(&never()),
        two.same_channel(&after(Duration::ZERO)),
    );
}

fn lengths_change_meanwhile() {
    let (sender, receiver) = unbounded();
    thread::scope(|scope| {
        scope.spawn(move || {
            sender.send(1).unwrap();
            // So that it doesn't go.
            std::mem::forget(sender);
        });
        let (before, after) = (receiver.len(), receiver.len());
        println!("{before} {after} {}", receiver.is_empty());
    });
}

fn a_partner_that_waits_is_met() {
    let (sender, receiver) = bounded(0);
    let (back, answers) = bounded(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            let number: u32 = receiver.recv().unwrap();
            back.send(number).unwrap();
        });
        thread::sleep(Duration::from_millis(5));
        let sent = sender.try_send(1);
        thread::sleep(Duration::from_millis(5));
        println!("{sent:?} {:?}", answers.try_recv());
    });
}

fn messages_nobody_will_receive_are_gone() {
    let (sender, receiver) = crossbeam_channel::unbounded();
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    drop(receiver);
    println!("{} {}", sender.len(), sender.is_empty());
}
