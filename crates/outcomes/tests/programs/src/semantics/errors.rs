//! What errors say, of std and of crossbeam-channel.

use super::programs;
use crossbeam_channel as channel;
use std::error::Error;
use std::sync::{Mutex, PoisonError, TryLockError, mpsc};

programs! {
    errors_of_channels: any ["\
sending on a disconnected channel
sending on a full channel
sending on a disconnected channel
timed out waiting on send operation
sending on a disconnected channel
receiving on an empty and disconnected channel
receiving on an empty channel
receiving on an empty and disconnected channel
timed out waiting on receive operation
channel is empty and disconnected
all operations in select would block
timed out waiting on select
"];
    errors_of_channels_are_told_apart: any ["\
true false 1, false true 2
true false 3, false true 4
true false, false true
true false, false true
"];
    errors_of_mpsc: any ["\
sending on a closed channel
sending on a full channel
sending on a closed channel
receiving on a closed channel
receiving on an empty channel
receiving on a closed channel
timed out waiting on channel
channel is empty and sending half is closed
"];
    errors_of_locks: any ["\
poisoned lock: another task failed inside
try_lock failed because the operation would block
poisoned lock: another task failed inside
1 2 3
"];
    errors_become_others: any ["true true true true\n"];
}

fn show(error: impl Error) {
    println!("{error}");
}

fn errors_of_channels() {
    show(channel::SendError(1));
    show(channel::TrySendError::Full(1));
    show(channel::TrySendError::Disconnected(1));
    show(channel::SendTimeoutError::Timeout(1));
    show(channel::SendTimeoutError::Disconnected(1));
    show(channel::RecvError);
    show(channel::TryRecvError::Empty);
    show(channel::TryRecvError::Disconnected);
    show(channel::RecvTimeoutError::Timeout);
    show(channel::RecvTimeoutError::Disconnected);
    show(channel::TrySelectError);
    show(channel::SelectTimeoutError);
}

fn errors_of_channels_are_told_apart() {
    use channel::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
    let sent = [TrySendError::Full(1), TrySendError::Disconnected(2)].map(|error| {
        let (full, disconnected) = (error.is_full(), error.is_disconnected());
        format!("{full} {disconnected} {}", error.into_inner())
    });
    println!("{}", sent.join(", "));
    let sent = [
        SendTimeoutError::Timeout(3),
        SendTimeoutError::Disconnected(4),
    ]
    .map(|error| {
        let (timeout, disconnected) = (error.is_timeout(), error.is_disconnected());
        format!("{timeout} {disconnected} {}", error.into_inner())
    });
    println!("{}", sent.join(", "));
    let received = [TryRecvError::Empty, TryRecvError::Disconnected]
        .map(|error| format!("{} {}", error.is_empty(), error.is_disconnected()));
    println!("{}", received.join(", "));
    let received = [RecvTimeoutError::Timeout, RecvTimeoutError::Disconnected]
        .map(|error| format!("{} {}", error.is_timeout(), error.is_disconnected()));
    println!("{}", received.join(", "));
}

fn errors_of_mpsc() {
    show(mpsc::SendError(1));
    show(mpsc::TrySendError::Full(1));
    show(mpsc::TrySendError::Disconnected(1));
    show(mpsc::RecvError);
    show(mpsc::TryRecvError::Empty);
    show(mpsc::TryRecvError::Disconnected);
    show(mpsc::RecvTimeoutError::Timeout);
    show(mpsc::RecvTimeoutError::Disconnected);
}

fn errors_of_locks() {
    show(PoisonError::new(1));
    show(TryLockError::<u32>::WouldBlock);
    show(TryLockError::from(PoisonError::new(1)));
    let mut error = PoisonError::new(1);
    let one = *error.get_ref();
    *error.get_mut() = 2;
    let (two, three) = (error.into_inner(), Mutex::new(3).into_inner());
    println!(
        "{one} {two} {}",
        three.unwrap_or_else(PoisonError::into_inner)
    );
}

fn errors_become_others() {
    println!(
        "{} {} {} {}",
        mpsc::TrySendError::from(mpsc::SendError(1)) == mpsc::TrySendError::Disconnected(1),
        channel::TrySendError::from(channel::SendError(1)).is_disconnected(),
        channel::TryRecvError::from(channel::RecvError).is_disconnected(),
        mpsc::RecvTimeoutError::from(mpsc::RecvError) == mpsc::RecvTimeoutError::Disconnected
    );
}
