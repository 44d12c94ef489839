//! A channel's messages and its ends, for the look-alikes of std's and
//! crossbeam's channels.

use crate::machine::{Home, acquire_views, receive_views, release_views, send_views};
use crate::model::{Object, Side};
use crate::try_lock::{Shared, TryLock};
use std::panic::Location;

/// How full a channel is, and who is left at its ends.
#[derive(Debug)]
pub struct Level {
    /// `None` for a channel without bounds; 0 where sender and receiver meet.
    capacity: Option<usize>,
    length: Shared<usize>,
    senders: Shared<usize>,
    receivers: Shared<usize>,
}

impl Level {
    /// How many messages it can hold; `None` for any number.
    pub fn capacity(&self) -> Option<usize> {
        self.capacity
    }

    /// How many messages it holds.
    pub fn length(&self) -> usize {
        self.length.get()
    }

    /// Whether a sender can go on without meeting a receiver.
    pub(crate) fn can_send(&self) -> bool {
        self.receivers.get() == 0
            || self
                .capacity
                .is_none_or(|capacity| self.length.get() < capacity)
    }

    /// Whether a receiver can go on without meeting a sender.
    pub(crate) fn can_receive(&self) -> bool {
        self.length.get() > 0 || self.senders.get() == 0
    }

    /// Whether a sender at this end can meet a receiver at that.
    pub(crate) fn can_meet(&self, other: &Level) -> bool {
        std::ptr::eq(self, other)
            && self.capacity == Some(0)
            && self.receivers.get() > 0
            && self.senders.get() > 0
    }
}

/// A channel. What waits for it is an operation with
/// [`Ready::Send`](crate::model::Ready::Send) or
/// [`Ready::Receive`](crate::model::Ready::Receive) on its [`Level`]; when
/// that is taken, [`put`](Channel::put) or [`take`](Channel::take) does it.
#[derive(Debug)]
pub struct Channel<T> {
    level: Level,
    /// In order. At a meeting, what is being handed over.
    messages: TryLock<Vec<T>>,
    home: Home,
    created: &'static Location<'static>,
    /// Whether messages stay when the last receiver goes, until the last
    /// sender does.
    keeps: bool,
}

impl<T> Channel<T> {
    /// A channel with one sender and one receiver.
    pub fn new(capacity: Option<usize>, created: &'static Location<'static>) -> Channel<T> {
        Channel {
            level: Level {
                capacity,
                length: Shared::new(0),
                senders: Shared::new(1),
                receivers: Shared::new(1),
            },
            messages: TryLock::new(Vec::new()),
            home: Home::here(),
            created,
            keeps: false,
        }
    }

    /// The same, whose messages stay when the last receiver goes, until the
    /// last sender does.
    pub fn keeping_messages(self) -> Channel<T> {
        Channel {
            keeps: true,
            ..self
        }
    }

    /// Whether messages stay when the last receiver goes.
    pub fn keeps_messages(&self) -> bool {
        self.keeps
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    /// How full it is.
    pub fn level(&self) -> &Level {
        &self.level
    }

    /// What operations name it by.
    pub fn object(&self) -> Object {
        Object {
            kind: "channel",
            address: std::ptr::from_ref(self).cast(),
            size: 0,
            created: Some(self.created),
        }
    }

    /// Sends, after the operation was taken.
    ///
    /// # Errors
    /// Gives the message back if there are no receivers.
    pub fn put(&self, message: T) -> Result<(), T> {
        let address = self.address();
        if self.level.receivers.get() == 0 {
            acquire_views(address, Side::Shared);
            return Err(message);
        }
        if self.level.capacity != Some(0) && !self.level.can_send() {
            self.refuse_delay();
        }
        send_views(address, self.level.capacity);
        let mut messages = self.messages.lock();
        crate::machine::moves(&message, None);
        self.home.visit(|| {
            messages.reserve_exact(1);
            messages.push(message);
        });
        self.update_length(messages.len());
        Ok(())
    }

    /// Receives, after the operation was taken. `None` if there are neither
    /// messages nor senders.
    pub fn take(&self) -> Option<T> {
        let mut messages = self.messages.lock();
        if messages.is_empty() {
            if self.level.senders.get() > 0 {
                drop(messages);
                self.refuse_delay();
            }
            acquire_views(self.address(), Side::Only);
            return None;
        }
        receive_views(self.address(), self.level.capacity);
        let message = self.home.visit(|| {
            let message = messages.remove(0);
            // So that nothing is left of it in memory.
            messages.shrink_to_fit();
            message
        });
        self.update_length(messages.len());
        Some(message)
    }

    fn refuse_delay(&self) -> ! {
        crate::machine::refuse(
            "it does something else between selecting an operation on a channel and completing it",
            self.created,
        )
    }

    fn update_length(&self, length: usize) {
        if self.level.capacity != Some(0) {
            self.level.length.set(length);
        }
    }

    /// One more sender.
    pub fn add_sender(&self) {
        self.level.senders.set(self.level.senders.get() + 1);
    }

    /// One more receiver.
    pub fn add_receiver(&self) {
        self.level.receivers.set(self.level.receivers.get() + 1);
    }

    /// One sender less. The last end takes the messages with it.
    pub fn remove_sender(&self) -> Left<'_, T> {
        release_views(self.address(), Side::Only);
        let left = self.level.senders.get() - 1;
        self.level.senders.set(left);
        self.left(left == 0 && self.keeps && self.level.receivers.get() == 0)
    }

    /// One receiver less. The last one takes the messages with it, unless
    /// they are kept for the last sender.
    pub fn remove_receiver(&self) -> Left<'_, T> {
        release_views(self.address(), Side::Shared);
        let left = self.level.receivers.get() - 1;
        self.level.receivers.set(left);
        self.left(left == 0 && !(self.keeps && self.level.senders.get() > 0))
    }

    fn left(&self, take: bool) -> Left<'_, T> {
        let mut messages = Vec::new();
        if take {
            messages = std::mem::take(&mut *self.messages.lock());
            for _ in &messages {
                receive_views(self.address(), self.level.capacity);
            }
        }
        Left {
            messages,
            level: &self.level,
        }
    }
}

/// What nobody will receive. When it is dropped, the messages are dropped in
/// their order; if one panics, the others are never dropped, as with the
/// originals.
#[derive(Debug)]
pub struct Left<'a, T> {
    messages: Vec<T>,
    level: &'a Level,
}

impl<T> Left<'_, T> {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

impl<T> Drop for Left<'_, T> {
    fn drop(&mut self) {
        if self.messages.is_empty() {
            return;
        }
        let mut messages = Forgotten(Some(std::mem::take(&mut self.messages).into_iter()));
        while let Some(message) = messages.0.as_mut().and_then(Iterator::next) {
            drop(message);
        }
        drop(messages.0.take());
        self.level.length.set(0);
    }
}

/// Messages that are not dropped with this.
struct Forgotten<T>(Option<std::vec::IntoIter<T>>);

impl<T> Drop for Forgotten<T> {
    fn drop(&mut self) {
        std::mem::forget(self.0.take());
    }
}
