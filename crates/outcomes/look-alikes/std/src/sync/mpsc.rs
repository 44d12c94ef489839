//! Channels with one receiver, as in `std::sync::mpsc`.

use crate::time::Duration;
use outcomes_engine::model::{self, Case, Channel, Operation, Otherwise, Ready, Refinement};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

/// A channel without bounds.
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (end, receiver) = ends(None, Location::caller());
    (Sender(end), receiver)
}

/// A channel that holds this many messages at most. If it holds none, sender
/// and receiver meet.
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (end, receiver) = ends(Some(bound), Location::caller());
    (SyncSender(end), receiver)
}

fn ends<T>(capacity: Option<usize>, at: &'static Location<'static>) -> (End<T>, Receiver<T>) {
    let channel = Arc::new(Channel::new(capacity, at));
    let receiver = Receiver {
        channel: Arc::clone(&channel),
        not_sync: PhantomData,
    };
    model::end_made(channel.object(), "sender", at);
    model::end_made(channel.object(), "receiver", at);
    (End(channel, at), receiver)
}

/// A sender of either kind, and where it was made or cloned.
struct End<T>(Arc<Channel<T>>, &'static Location<'static>);

impl<T> End<T> {
    fn send(
        &self,
        message: T,
        otherwise: Otherwise,
        at: &'static Location<'static>,
    ) -> Result<(), TrySendError<T>> {
        let case = [Case {
            action: "send",
            object: Some(self.0.object()),
            ready: Ready::Send(self.0.level()),
        }];
        let value = || model::show(&message);
        let operation = Operation::new(&case, at).or(otherwise).with_value(&value);
        if model::perform(&operation).is_none() {
            return Err(TrySendError::Full(message));
        }
        self.0.put(message).map_err(TrySendError::Disconnected)
    }
}

impl<T> Clone for End<T> {
    #[track_caller]
    fn clone(&self) -> End<T> {
        let made = Location::caller();
        self.0.add_sender();
        model::end_made(self.0.object(), "sender", made);
        End(Arc::clone(&self.0), made)
    }
}

impl<T> Drop for End<T> {
    fn drop(&mut self) {
        if !model::is_modelled() {
            return;
        }
        if model::gives_up(Refinement::Channels) {
            model::act("drop a sender", Some(self.0.object()), model::nowhere());
        }
        let left = self.0.remove_sender();
        model::end_gone(self.0.object(), "sender", Some(self.1));
        drop(left);
    }
}

/// The sending end of a [`channel`].
pub struct Sender<T>(End<T>);

/// The sending end of a [`sync_channel`].
pub struct SyncSender<T>(End<T>);

impl<T> Sender<T> {
    /// Sends a message.
    ///
    /// # Errors
    /// Gives it back if the receiver is gone.
    #[track_caller]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        let sent = self.0.send(message, Otherwise::Block, Location::caller());
        sent.map_err(SendError::from_try)
    }
}

impl<T> SyncSender<T> {
    /// Waits until there is room, and sends a message.
    ///
    /// # Errors
    /// Gives it back if the receiver is gone.
    #[track_caller]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        let sent = self.0.send(message, Otherwise::Block, Location::caller());
        sent.map_err(SendError::from_try)
    }

    /// Sends a message if there is room.
    ///
    /// # Errors
    /// Gives it back if there isn't, or if the receiver is gone.
    #[track_caller]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        model::refine(Refinement::Channels);
        self.0.send(message, Otherwise::GoOn, Location::caller())
    }
}

/// From the error of a send that could not have given up.
trait FromTry<T> {
    fn from_try(error: TrySendError<T>) -> Self;
}

impl<T> FromTry<T> for SendError<T> {
    fn from_try(error: TrySendError<T>) -> SendError<T> {
        match error {
            TrySendError::Full(message) | TrySendError::Disconnected(message) => SendError(message),
        }
    }
}

impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}
impl<T> UnwindSafe for SyncSender<T> {}
impl<T> RefUnwindSafe for SyncSender<T> {}

impl<T> Clone for Sender<T> {
    #[track_caller]
    fn clone(&self) -> Sender<T> {
        Sender(self.0.clone())
    }
}

impl<T> Clone for SyncSender<T> {
    #[track_caller]
    fn clone(&self) -> SyncSender<T> {
        SyncSender(self.0.clone())
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SyncSender").finish_non_exhaustive()
    }
}

/// The receiving end of a channel.
pub struct Receiver<T> {
    channel: Arc<Channel<T>>,
    /// As the original's, it can't be shared.
    not_sync: PhantomData<Cell<()>>,
}

impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}

impl<T> Receiver<T> {
    /// `None` if it gave up, `Some(None)` if the senders are gone.
    fn take(&self, otherwise: Otherwise, at: &'static Location<'static>) -> Option<Option<T>> {
        model::swept(|| {
            let case = [Case {
                action: "receive",
                object: Some(self.channel.object()),
                ready: Ready::Receive(self.channel.level()),
            }];
            model::perform(&Operation::new(&case, at).or(otherwise))?;
            let message = self.channel.take();
            model::note(|| message.as_ref().and_then(model::show));
            Some(message)
        })
    }

    /// Waits for a message.
    ///
    /// # Errors
    /// If there is none and the senders are gone.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        let message = self.take(Otherwise::Block, Location::caller());
        message.flatten().ok_or(RecvError)
    }

    /// A message, if there is one.
    ///
    /// # Errors
    /// If there is none.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        model::refine(Refinement::Channels);
        let message = self.take(Otherwise::GoOn, Location::caller());
        let message = message.ok_or(TryRecvError::Empty)?;
        message.ok_or(TryRecvError::Disconnected)
    }

    /// Waits for a message, for this long at most.
    ///
    /// # Errors
    /// If there is none by then, or the senders are gone.
    #[track_caller]
    pub fn recv_timeout(&self, duration: Duration) -> Result<T, RecvTimeoutError> {
        model::refine(Refinement::Channels);
        let message = self.take(Otherwise::TimeOut(duration), Location::caller());
        let message = message.ok_or(RecvTimeoutError::Timeout)?;
        message.ok_or(RecvTimeoutError::Disconnected)
    }

    /// Messages, waiting for each, until the senders are gone.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { rx: self }
    }

    /// The messages that are there.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { rx: self }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if !model::is_modelled() {
            return;
        }
        let object = self.channel.object();
        model::act("drop the receiver", Some(object), model::nowhere());
        let left = self.channel.remove_receiver();
        model::end_gone(object, "receiver", None);
        drop(left);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Receiver").finish_non_exhaustive()
    }
}

/// See [`Receiver::iter`].
#[derive(Debug)]
pub struct Iter<'a, T> {
    rx: &'a Receiver<T>,
}

/// See [`Receiver::try_iter`].
#[derive(Debug)]
pub struct TryIter<'a, T> {
    rx: &'a Receiver<T>,
}

/// Messages, waiting for each, until the senders are gone.
#[derive(Debug)]
pub struct IntoIter<T> {
    rx: Receiver<T>,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { rx: self }
    }
}
