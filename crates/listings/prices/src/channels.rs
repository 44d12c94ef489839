//! The channels between threads, each under the same few names.

use crossbeam_channel::select;
use std::sync::mpsc;

/// A channel for numbers.
pub trait Channel {
    const NAME: &'static str;
    type Sender: Clone + Send;
    type Receiver: Send;

    fn with_room(room: usize) -> (Self::Sender, Self::Receiver);
    fn send(sender: &Self::Sender, number: u32);
    fn receive(receiver: &Self::Receiver) -> u32;
    fn is_empty(receiver: &Self::Receiver) -> bool;
}

/// One that can be received from at whichever of several channels is ready.
pub trait ReceiveAny: Channel {
    fn receive_any(receivers: &[Self::Receiver; 4]) -> u32;
}

/// One that can be sent on at whichever of several channels is ready.
pub trait SendAny: Channel {
    fn send_any(senders: &[Self::Sender; 4], number: u32);
}

/// The crates for threads all call the same by the same names.
macro_rules! a_channel {
    ($name:ident, $text:literal, $source:ident) => {
        impl Channel for $name {
            const NAME: &'static str = $text;
            type Sender = $source::Sender<u32>;
            type Receiver = $source::Receiver<u32>;

            fn with_room(room: usize) -> (Self::Sender, Self::Receiver) {
                $source::bounded(room)
            }

            fn send(sender: &Self::Sender, number: u32) {
                sender.send(number).unwrap();
            }

            fn receive(receiver: &Self::Receiver) -> u32 {
                receiver.recv().unwrap()
            }

            fn is_empty(receiver: &Self::Receiver) -> bool {
                receiver.is_empty()
            }
        }
    };
}

pub struct Crossbeam;

a_channel!(Crossbeam, "crossbeam", crossbeam_channel);

impl ReceiveAny for Crossbeam {
    fn receive_any([a, b, c, d]: &[Self::Receiver; 4]) -> u32 {
        select! {
            recv(a) -> number => number.unwrap(),
            recv(b) -> number => number.unwrap(),
            recv(c) -> number => number.unwrap(),
            recv(d) -> number => number.unwrap(),
        }
    }
}

impl SendAny for Crossbeam {
    fn send_any([a, b, c, d]: &[Self::Sender; 4], number: u32) {
        select! {
            send(a, number) -> sent => sent.unwrap(),
            send(b, number) -> sent => sent.unwrap(),
            send(c, number) -> sent => sent.unwrap(),
            send(d, number) -> sent => sent.unwrap(),
        }
    }
}

/// std's has one receiver, and no select.
pub struct Std;

impl Channel for Std {
    const NAME: &'static str = "std's mpsc";
    type Sender = mpsc::SyncSender<u32>;
    type Receiver = mpsc::Receiver<u32>;

    fn with_room(room: usize) -> (Self::Sender, Self::Receiver) {
        mpsc::sync_channel(room)
    }

    fn send(sender: &Self::Sender, number: u32) {
        sender.send(number).unwrap();
    }

    fn receive(receiver: &Self::Receiver) -> u32 {
        receiver.recv().unwrap()
    }

    fn is_empty(receiver: &Self::Receiver) -> bool {
        receiver.try_recv().is_err()
    }
}

/// flume's can select, but isn't asked to send on one of several channels: 0.11
/// may send on more than one of them (28,158 of 20,000 messages came).
pub struct Flume;

a_channel!(Flume, "flume", flume);

impl ReceiveAny for Flume {
    fn receive_any(receivers: &[Self::Receiver; 4]) -> u32 {
        let every = receivers.iter();
        let selector = every.fold(flume::Selector::new(), |selector, receiver| {
            selector.recv(receiver, |number| number.unwrap())
        });
        selector.wait()
    }
}

/// kanal's has no select.
pub struct Kanal;

a_channel!(Kanal, "kanal", kanal);
