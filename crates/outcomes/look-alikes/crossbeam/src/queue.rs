//! Queues without locks, of which a program can't make any.

use outcomes_engine::model;
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

const REASON: &str = "it makes a queue of crossbeam-queue, which is not modelled; with a channel \
                      in its place it can be explored";

/// A queue that is full at some time.
pub struct ArrayQueue<T>(Infallible, PhantomData<fn(T) -> T>);

/// A queue that is never full.
pub struct SegQueue<T>(Infallible, PhantomData<fn(T) -> T>);

impl<T> ArrayQueue<T> {
    /// Never makes one: the program is refused.
    #[track_caller]
    pub fn new(_: usize) -> ArrayQueue<T> {
        model::refuse(REASON, Location::caller())
    }

    /// Puts a value in, if there is room.
    ///
    /// # Errors
    /// Gives it back if there isn't.
    pub fn push(&self, _: T) -> Result<(), T> {
        match self.0 {}
    }

    /// Puts a value in, in place of the oldest if there is no room.
    pub fn force_push(&self, _: T) -> Option<T> {
        match self.0 {}
    }

    /// For how many values there is room.
    pub fn capacity(&self) -> usize {
        match self.0 {}
    }

    /// Whether there is no room.
    pub fn is_full(&self) -> bool {
        match self.0 {}
    }
}

impl<T> SegQueue<T> {
    /// Never makes one: the program is refused.
    #[track_caller]
    pub fn new() -> SegQueue<T> {
        model::refuse(REASON, Location::caller())
    }

    /// Puts a value in.
    pub fn push(&self, _: T) {
        match self.0 {}
    }
}

impl<T> Default for SegQueue<T> {
    #[track_caller]
    fn default() -> SegQueue<T> {
        SegQueue::new()
    }
}

macro_rules! queues {
    ($($queue:ident),*) => { $(
        impl<T> $queue<T> {
            /// Takes the oldest value.
            pub fn pop(&self) -> Option<T> {
                match self.0 {}
            }

            /// How many values there are.
            pub fn len(&self) -> usize {
                match self.0 {}
            }

            /// Whether there is none.
            pub fn is_empty(&self) -> bool {
                match self.0 {}
            }
        }

        impl<T> fmt::Debug for $queue<T> {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {}
            }
        }
    )* };
}

queues!(ArrayQueue, SegQueue);
