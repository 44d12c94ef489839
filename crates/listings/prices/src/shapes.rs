//! The six shapes in which messages are sent: those of crossbeam-channel's own
//! benchmarks, and called as they are there. Here they are for threads, in `tasks`
//! for tokio's tasks, and in `go/main.go` for goroutines.

use crate::channels::{Channel, ReceiveAny, SendAny};
use std::array;
use std::thread;

/// How many send, where several do, how many receive, and from how many channels
/// one selects.
pub const SEVERAL: u32 = 4;

/// One thread fills the channel, then empties it, as often as it takes.
pub fn seq<C: Channel>(room: usize, count: u32) {
    let (sender, receiver) = C::with_room(room);
    let mut left = count;
    while left > 0 {
        let batch = left.min(room as u32);
        (0..batch).for_each(|number| C::send(&sender, number));
        (0..batch).for_each(|number| assert_eq!(C::receive(&receiver), number));
        left -= batch;
    }
}

/// One thread sends, and one receives.
pub fn spsc<C: Channel>(room: usize, count: u32) {
    let (sender, receiver) = C::with_room(room);
    thread::scope(|scope| {
        scope.spawn(move || (0..count).for_each(|number| C::send(&sender, number)));
        (0..count).for_each(|number| assert_eq!(C::receive(&receiver), number));
    });
}

/// Several send, and one receives.
pub fn mpsc<C: Channel>(room: usize, count: u32) {
    let (sender, receiver) = C::with_room(room);
    thread::scope(|scope| {
        for _ in 0..SEVERAL {
            let sender = sender.clone();
            scope.spawn(move || share(count, |number| C::send(&sender, number)));
        }
        (0..count).for_each(|_| _ = C::receive(&receiver));
    });
    assert!(C::is_empty(&receiver));
}

/// Several send, and several receive.
pub fn mpmc<C: Channel>(room: usize, count: u32)
where
    C::Receiver: Clone,
{
    let (sender, receiver) = C::with_room(room);
    thread::scope(|scope| {
        for _ in 0..SEVERAL {
            let (sender, receiver) = (sender.clone(), receiver.clone());
            scope.spawn(move || share(count, |number| C::send(&sender, number)));
            scope.spawn(move || share(count, |_| _ = C::receive(&receiver)));
        }
    });
    assert!(C::is_empty(&receiver));
}

/// Several send, each on a channel of its own, and one selects among these.
pub fn select_rx<C: ReceiveAny>(room: usize, count: u32) {
    let (senders, receivers) = several::<C>(room);
    thread::scope(|scope| {
        for sender in &senders {
            let sender = sender.clone();
            scope.spawn(move || share(count, |number| C::send(&sender, number)));
        }
        (0..count).for_each(|_| _ = C::receive_any(&receivers));
    });
    assert!(receivers.iter().all(C::is_empty));
}

/// Several send and several receive, and each selects among several channels.
pub fn select_both<C: ReceiveAny + SendAny>(room: usize, count: u32)
where
    C::Receiver: Clone,
{
    let (senders, receivers) = several::<C>(room);
    thread::scope(|scope| {
        for _ in 0..SEVERAL {
            let (senders, receivers) = (senders.clone(), receivers.clone());
            scope.spawn(move || share(count, |number| C::send_any(&senders, number)));
            scope.spawn(move || share(count, |_| _ = C::receive_any(&receivers)));
        }
    });
    assert!(receivers.iter().all(C::is_empty));
}

type Several<T> = [T; SEVERAL as usize];

fn several<C: Channel>(room: usize) -> (Several<C::Sender>, Several<C::Receiver>) {
    let mut channels = array::from_fn(|_| Some(C::with_room(room)));
    let mut receivers = Vec::new();
    let senders = channels.each_mut().map(|channel: &mut Option<_>| {
        let (sender, receiver) = channel.take().unwrap();
        receivers.push(receiver);
        sender
    });
    let receivers = receivers.try_into().map_err(|_| "as many as senders");
    (senders, receivers.unwrap())
}

/// Does what one of several has to do.
fn share(count: u32, work: impl FnMut(u32)) {
    (0..count / SEVERAL).for_each(work);
}
