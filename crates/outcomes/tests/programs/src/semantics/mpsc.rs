//! Channels of `std::sync::mpsc`.

use super::{Loud, programs};
use std::sync::mpsc::{TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

programs! {
    a_try_sees_the_receiver_go: any ["false\n", "true\n"];
    mpsc_messages_outlive_senders: any ["Ok(1) Ok(2) Err(RecvError)\n"];
    mpsc_messages_come_in_their_senders_order: any ["[1, 2, 3]\n", "[1, 3, 2]\n", "[3, 1, 2]\n"];
    mpsc_send_fails_without_its_receiver: any ["1 2 3\n"];
    mpsc_pending_messages_are_dropped: any ["message dropped\nreceiver gone\n"];
    mpsc_tells_empty_from_closed: any ["Err(Empty) Ok(1) Err(Disconnected)\n"];
    mpsc_waits_for_a_time: any ["Err(Timeout) Ok(1) Err(Disconnected)\n"];
    mpsc_may_come_in_time: any ["Err(Timeout)\n", "Ok(1)\n"];
    mpsc_every_way_to_iterate: any ["[1, 2] [] 3 4 [5] None\n"];
    mpsc_receiver_wakes_when_senders_go: any ["Err(RecvError)\n"];
    mpsc_sync_channel_meets: any [
        "Ok(1)\nsent\nErr(RecvError)\n",
        "sent\nOk(1)\nErr(RecvError)\n",
    ];
    mpsc_sync_channel_does_not_send_ahead: any ["receiving\nsent\n"];
    mpsc_sync_channel_has_room: any ["sent\nOk(1) Ok(2)\n"];
    mpsc_sync_channel_blocks_when_full: any ["1 2\n"];
    mpsc_sync_channel_refuses: any ["Full 1, Disconnected 2, Full 4, Disconnected 5\n"];
    mpsc_try_send_meets_who_waits: any ["Full, Err(RecvError)\n", "sent, Ok(1)\n"];
    mpsc_senders_wake_when_the_receiver_goes: any ["Err(SendError { .. }) Err(SendError { .. })\n"];
    mpsc_senders_are_shared: any ["[1, 2]\n", "[2, 1]\n"];
    mpsc_debug: any ["Sender { .. } SyncSender { .. } Receiver { .. }\n"];
}

fn mpsc_messages_outlive_senders() {
    let (sender, receiver) = channel();
    let other = sender.clone();
    sender.send(1).unwrap();
    drop(sender);
    other.send(2).unwrap();
    drop(other);
    println!(
        "{:?} {:?} {:?}",
        receiver.recv(),
        receiver.recv(),
        receiver.recv()
    );
}

fn mpsc_messages_come_in_their_senders_order() {
    let (sender, receiver) = channel();
    let other = sender.clone();
    thread::spawn(move || [1, 2].map(|number| sender.send(number)));
    thread::spawn(move || other.send(3));
    println!("{:?}", receiver.iter().collect::<Vec<_>>());
}

fn mpsc_send_fails_without_its_receiver() {
    let (sender, receiver) = channel();
    drop(receiver);
    let one = sender.send(1).unwrap_err().0;
    let [two, three] = [(2, 0), (3, 1)].map(|(number, room)| {
        let (sender, receiver) = sync_channel(room);
        drop(receiver);
        sender.send(number).unwrap_err().0
    });
    println!("{one} {two} {three}");
}

fn mpsc_pending_messages_are_dropped() {
    let (sender, receiver) = channel();
    assert!(sender.send(Loud("message")).is_ok());
    drop(receiver);
    println!("receiver gone");
    drop(sender);
}

fn mpsc_tells_empty_from_closed() {
    let (sender, receiver) = channel();
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

fn mpsc_waits_for_a_time() {
    let (sender, receiver) = channel();
    let late = receiver.recv_timeout(MOMENT);
    sender.send(1).unwrap();
    drop(sender);
    let ready = receiver.recv_timeout(Duration::ZERO);
    println!("{late:?} {ready:?} {:?}", receiver.recv_timeout(MOMENT));
}

fn mpsc_may_come_in_time() {
    let (sender, receiver) = channel();
    let theirs = sender.clone();
    thread::spawn(move || theirs.send(1));
    println!("{:?}", receiver.recv_timeout(MOMENT));
    drop(sender);
}

fn mpsc_every_way_to_iterate() {
    let (sender, receiver) = channel();
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    let there: Vec<_> = receiver.try_iter().collect();
    let nothing: Vec<_> = receiver.try_iter().collect();
    print!("{there:?} {nothing:?}");
    for number in 3..=5 {
        sender.send(number).unwrap();
    }
    drop(sender);
    for number in &receiver {
        print!(" {number}");
        if number == 4 {
            break;
        }
    }
    let mut rest = receiver.into_iter();
    println!(" {:?} {:?}", rest.by_ref().collect::<Vec<_>>(), rest.next());
}

fn mpsc_receiver_wakes_when_senders_go() {
    let (sender, receiver) = channel::<u32>();
    let thread = thread::spawn(move || receiver.recv());
    drop(sender);
    println!("{:?}", thread.join().unwrap());
}

fn mpsc_sync_channel_meets() {
    let (sender, receiver) = sync_channel(0);
    let thread = thread::spawn(move || {
        sender.send(1).unwrap();
        println!("sent");
    });
    println!("{:?}", receiver.recv());
    thread.join().unwrap();
    println!("{:?}", receiver.recv());
}

fn mpsc_sync_channel_does_not_send_ahead() {
    let (sender, receiver) = sync_channel(0);
    let thread = thread::spawn(move || {
        sender.send(()).unwrap();
        println!("sent");
    });
    println!("receiving");
    receiver.recv().unwrap();
    thread.join().unwrap();
}

fn mpsc_sync_channel_has_room() {
    let (sender, receiver) = sync_channel(2);
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    println!("sent");
    println!("{:?} {:?}", receiver.recv(), receiver.recv());
}

fn mpsc_sync_channel_blocks_when_full() {
    let (sender, receiver) = sync_channel(1);
    sender.send(1).unwrap();
    thread::spawn(move || sender.send(2).unwrap());
    let first = receiver.recv().unwrap();
    println!("{first} {}", receiver.recv().unwrap());
}

fn refusal(sent: Result<(), TrySendError<u32>>) -> String {
    match sent {
        Ok(()) => "sent".to_owned(),
        Err(TrySendError::Full(number)) => format!("Full {number}"),
        Err(TrySendError::Disconnected(number)) => format!("Disconnected {number}"),
    }
}

fn mpsc_sync_channel_refuses() {
    let (sender, receiver) = sync_channel(0);
    let one = refusal(sender.try_send(1));
    drop(receiver);
    let two = refusal(sender.try_send(2));
    let (sender, receiver) = sync_channel(1);
    sender.try_send(3).unwrap();
    let four = refusal(sender.try_send(4));
    drop(receiver);
    println!("{one}, {two}, {four}, {}", refusal(sender.try_send(5)));
}

fn mpsc_try_send_meets_who_waits() {
    let (sender, receiver) = sync_channel(0);
    let thread = thread::spawn(move || receiver.recv());
    let sent = match sender.try_send(1) {
        Ok(()) => "sent",
        Err(TrySendError::Full(_)) => "Full",
        Err(TrySendError::Disconnected(_)) => "Disconnected",
    };
    drop(sender);
    println!("{sent}, {:?}", thread.join().unwrap());
}

fn mpsc_senders_wake_when_the_receiver_goes() {
    let (sender, receiver) = sync_channel(0);
    let without_room = thread::spawn(move || sender.send(1));
    drop(receiver);
    let (sender, receiver) = sync_channel(1);
    sender.send(1).unwrap();
    let full = thread::spawn(move || sender.send(2));
    drop(receiver);
    let (one, other) = (without_room.join().unwrap(), full.join().unwrap());
    println!("{one:?} {other:?}");
}

fn mpsc_senders_are_shared() {
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        let sender = &sender;
        for number in 1..=2 {
            scope.spawn(move || sender.send(number).unwrap());
        }
    });
    drop(sender);
    println!("{:?}", receiver.into_iter().collect::<Vec<_>>());
}

fn mpsc_debug() {
    let (sender, receiver) = channel::<u32>();
    let (sync_sender, _receiver) = sync_channel::<u32>(1);
    println!("{sender:?} {sync_sender:?} {receiver:?}");
}

fn a_try_sees_the_receiver_go() {
    let (sender, receiver) = sync_channel(1);
    let thread = thread::spawn(move || drop(receiver));
    println!("{}", sender.try_send(1).is_ok());
    thread.join().unwrap();
}
