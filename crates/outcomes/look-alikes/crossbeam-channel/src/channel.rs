//! The two ends of a channel.

use crate::flavors::{Flavor, Timed};
use crossbeam_channel::{
    RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
};
use outcomes_engine::model::{
    self, Case, Channel, Object, Operation, Otherwise, Ready, Refinement,
};
use outcomes_std::time::{Duration, Instant};
use std::fmt;
use std::iter::FusedIterator;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// A channel that holds any number of messages.
#[track_caller]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    ends(None, Location::caller())
}

/// A channel that holds this many messages at most. If it holds none, sender
/// and receiver meet.
#[track_caller]
pub fn bounded<T>(cap: usize) -> (Sender<T>, Receiver<T>) {
    ends(Some(cap), Location::caller())
}

fn ends<T>(capacity: Option<usize>, at: &'static Location<'static>) -> (Sender<T>, Receiver<T>) {
    let channel = Channel::new(capacity, at);
    let channel = Arc::new(match capacity {
        None | Some(0) => channel,
        Some(_) => channel.keeping_messages(),
    });
    let receiver = Receiver {
        flavor: Flavor::Channel(Arc::clone(&channel)),
    };
    model::end_made(channel.object(), "sender", at);
    model::end_made(channel.object(), "receiver", at);
    let sender = Sender { channel, made: at };
    (sender, receiver)
}

/// A receiver that gets one message after this time.
#[track_caller]
pub fn after(duration: Duration) -> Receiver<Instant> {
    timed(duration, None, None, Location::caller())
}

/// A receiver that gets one message at this time.
#[track_caller]
pub fn at(when: Instant) -> Receiver<Instant> {
    timed(left(when), None, Some(when), Location::caller())
}

/// A receiver that gets a message again and again, this time apart.
#[track_caller]
pub fn tick(duration: Duration) -> Receiver<Instant> {
    timed(duration, Some(duration), None, Location::caller())
}

fn timed(
    first: Duration,
    period: Option<Duration>,
    when: Option<Instant>,
    at: &'static Location<'static>,
) -> Receiver<Instant> {
    Receiver {
        flavor: Flavor::Timed(Timed::new(first, period, when, at)),
    }
}

/// A receiver that never gets a message.
pub fn never<T>() -> Receiver<T> {
    Receiver {
        flavor: Flavor::Never,
    }
}

/// Time up to a moment. Without a clock it doesn't matter.
pub(crate) fn left(deadline: Instant) -> Duration {
    let now = model::now().unwrap_or_default();
    deadline.since_start().saturating_sub(now)
}

fn until(deadline: Instant) -> Otherwise {
    Otherwise::TimeOut(left(deadline))
}

/// The sending end of a channel.
pub struct Sender<T> {
    channel: Arc<Channel<T>>,
    /// Where it was made or cloned.
    made: &'static Location<'static>,
}

impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}

impl<T> Sender<T> {
    pub(crate) fn case(&self, action: &'static str) -> Case<'_> {
        Case {
            action,
            object: Some(self.channel.object()),
            ready: Ready::Send(self.channel.level()),
        }
    }

    /// Sends, after the operation was taken.
    pub(crate) fn put(&self, message: T) -> Result<(), SendError<T>> {
        self.channel.put(message).map_err(SendError)
    }

    fn send_or(
        &self,
        message: T,
        otherwise: Otherwise,
        at: &'static Location<'static>,
    ) -> Result<(), SendTimeoutError<T>> {
        model::swept(|| {
            let case = [self.case("send")];
            let value = || model::show(&message);
            let operation = Operation::new(&case, at).or(otherwise).with_value(&value);
            if model::perform(&operation).is_none() {
                return Err(SendTimeoutError::Timeout(message));
            }
            self.put(message).map_err(SendTimeoutError::from)
        })
    }

    /// Sends a message if that is possible at once.
    ///
    /// # Errors
    /// Gives it back if it isn't, or if the receivers are gone.
    #[track_caller]
    pub fn try_send(&self, msg: T) -> Result<(), TrySendError<T>> {
        model::refine(Refinement::Channels);
        let sent = self.send_or(msg, Otherwise::GoOn, Location::caller());
        sent.map_err(|error| match error {
            SendTimeoutError::Timeout(message) => TrySendError::Full(message),
            SendTimeoutError::Disconnected(message) => TrySendError::Disconnected(message),
        })
    }

    /// Waits until the message can be sent.
    ///
    /// # Errors
    /// Gives it back if the receivers are gone.
    #[track_caller]
    pub fn send(&self, msg: T) -> Result<(), SendError<T>> {
        let sent = self.send_or(msg, Otherwise::Block, Location::caller());
        sent.map_err(|error| SendError(error.into_inner()))
    }

    /// Waits until the message can be sent, for this long at most.
    ///
    /// # Errors
    /// Gives it back if it can't by then, or if the receivers are gone.
    #[track_caller]
    pub fn send_timeout(&self, msg: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
        model::refine(Refinement::Channels);
        self.send_or(msg, Otherwise::TimeOut(timeout), Location::caller())
    }

    /// Waits until the message can be sent, up to this moment.
    ///
    /// # Errors
    /// As for [`send_timeout`](Sender::send_timeout).
    #[track_caller]
    pub fn send_deadline(&self, msg: T, deadline: Instant) -> Result<(), SendTimeoutError<T>> {
        model::refine(Refinement::Channels);
        self.send_or(msg, until(deadline), Location::caller())
    }

    #[track_caller]
    fn look(&self, action: &'static str) {
        look(action, Some(self.channel.object()), Location::caller());
    }

    /// Whether there are no messages. Always so where there is no room.
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no room for another message. Always so where there
    /// is none at all.
    #[track_caller]
    pub fn is_full(&self) -> bool {
        Some(self.len()) == self.capacity()
    }

    /// How many messages there are.
    #[track_caller]
    pub fn len(&self) -> usize {
        self.look("count messages");
        self.channel.level().length()
    }

    /// How many messages there is room for, if there is a limit.
    pub fn capacity(&self) -> Option<usize> {
        self.channel.level().capacity()
    }

    /// Whether both belong to the same channel.
    pub fn same_channel(&self, other: &Sender<T>) -> bool {
        Arc::ptr_eq(&self.channel, &other.channel)
    }
}

/// Looks at a channel, which another thread may change meanwhile.
fn look(action: &'static str, object: Option<Object>, at: &'static Location<'static>) {
    model::refine(Refinement::Channels);
    model::act(action, object, at);
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if !model::is_modelled() {
            return;
        }
        let matters = std::mem::needs_drop::<T>() && model::refined(Refinement::Owners);
        if model::gives_up(Refinement::Channels) || matters {
            let object = self.channel.object();
            model::act("drop a sender", Some(object), model::nowhere());
        }
        let left = self.channel.remove_sender();
        model::end_gone(self.channel.object(), "sender", Some(self.made));
        if !left.is_empty() {
            model::drop_shared(|| drop(left));
        }
    }
}

impl<T> Clone for Sender<T> {
    #[track_caller]
    fn clone(&self) -> Sender<T> {
        let made = Location::caller();
        self.channel.add_sender();
        model::end_made(self.channel.object(), "sender", made);
        Sender {
            channel: Arc::clone(&self.channel),
            made,
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("Sender { .. }")
    }
}

/// The receiving end of a channel.
pub struct Receiver<T> {
    pub(crate) flavor: Flavor<T>,
}

impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}

impl<T> Receiver<T> {
    /// `None` if it gave up, `Some(None)` if the senders are gone.
    fn take_or(&self, otherwise: Otherwise, at: &'static Location<'static>) -> Option<Option<T>> {
        model::swept(|| {
            let case = [self.flavor.case("receive")];
            model::perform(&Operation::new(&case, at).or(otherwise))?;
            Some(self.flavor.take())
        })
    }

    /// A message, if there is one.
    ///
    /// # Errors
    /// If there is none.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        model::refine(Refinement::Channels);
        let message = self.take_or(Otherwise::GoOn, Location::caller());
        let message = message.ok_or(TryRecvError::Empty)?;
        message.ok_or(TryRecvError::Disconnected)
    }

    /// Waits for a message.
    ///
    /// # Errors
    /// If there is none and the senders are gone.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        let message = self.take_or(Otherwise::Block, Location::caller());
        message.flatten().ok_or(RecvError)
    }

    /// Waits for a message, for this long at most.
    ///
    /// # Errors
    /// If there is none by then, or the senders are gone.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.recv_until(Otherwise::TimeOut(timeout), Location::caller())
    }

    /// Waits for a message, up to this moment.
    ///
    /// # Errors
    /// As for [`recv_timeout`](Receiver::recv_timeout).
    #[track_caller]
    pub fn recv_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
        self.recv_until(until(deadline), Location::caller())
    }

    fn recv_until(
        &self,
        otherwise: Otherwise,
        at: &'static Location<'static>,
    ) -> Result<T, RecvTimeoutError> {
        model::refine(Refinement::Channels);
        let message = self.take_or(otherwise, at);
        let message = message.ok_or(RecvTimeoutError::Timeout)?;
        message.ok_or(RecvTimeoutError::Disconnected)
    }

    /// Whether there are no messages. Always so where there is no room.
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no room for another message. Always so where there
    /// is none at all.
    #[track_caller]
    pub fn is_full(&self) -> bool {
        Some(self.len()) == self.capacity()
    }

    /// How many messages there are.
    #[track_caller]
    pub fn len(&self) -> usize {
        let at = Location::caller();
        if let Flavor::Channel(channel) = &self.flavor {
            look("count messages", Some(channel.object()), at);
            return channel.level().length();
        }
        let case = [self.flavor.case("count messages")];
        let operation = Operation::new(&case, at).or(Otherwise::GoOn);
        usize::from(model::perform(&operation).is_some())
    }

    /// How many messages there is room for, if there is a limit.
    pub fn capacity(&self) -> Option<usize> {
        match &self.flavor {
            Flavor::Channel(channel) => channel.level().capacity(),
            Flavor::Timed(_) => Some(1),
            Flavor::Never => Some(0),
        }
    }

    /// Messages, waiting for each, until the senders are gone.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    /// The messages that are there.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self }
    }

    /// Whether both belong to the same channel.
    pub fn same_channel(&self, other: &Receiver<T>) -> bool {
        match (&self.flavor, &other.flavor) {
            (Flavor::Channel(one), Flavor::Channel(other)) => Arc::ptr_eq(one, other),
            (Flavor::Timed(one), Flavor::Timed(other)) => Arc::ptr_eq(one, other),
            (Flavor::Never, Flavor::Never) => true,
            _ => false,
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if let Flavor::Channel(channel) = &self.flavor
            && model::is_modelled()
        {
            model::act("drop a receiver", Some(channel.object()), model::nowhere());
            let left = channel.remove_receiver();
            model::end_gone(channel.object(), "receiver", None);
            // It may be a sender who drops messages.
            if channel.keeps_messages() && !left.is_empty() {
                model::drop_shared(|| drop(left));
            }
        }
    }
}

impl<T> Clone for Receiver<T> {
    #[track_caller]
    fn clone(&self) -> Receiver<T> {
        if let Flavor::Channel(channel) = &self.flavor {
            channel.add_receiver();
            model::end_made(channel.object(), "receiver", Location::caller());
        }
        Receiver {
            flavor: self.flavor.clone(),
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("Receiver { .. }")
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
        IntoIter { receiver: self }
    }
}

/// See [`Receiver::iter`].
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<T> FusedIterator for Iter<'_, T> {}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("Iter { .. }")
    }
}

/// See [`Receiver::try_iter`].
pub struct TryIter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("TryIter { .. }")
    }
}

/// Messages, waiting for each, until the senders are gone.
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> FusedIterator for IntoIter<T> {}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("IntoIter { .. }")
    }
}
