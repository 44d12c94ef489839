//! Deques for stealing work, of which a program can't make any.

use outcomes_engine::model;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::panic::Location;

const REASON: &str = "it makes a deque of crossbeam-deque, which is not modelled; with channels in \
                      its place it can be explored";

/// The deque of one worker.
#[derive(Debug)]
pub struct Worker<T>(Infallible, PhantomData<fn(T) -> T>);

/// The end of a deque from which others steal.
#[derive(Debug)]
pub struct Stealer<T>(Infallible, PhantomData<fn(T) -> T>);

/// A queue for all workers.
#[derive(Debug)]
pub struct Injector<T>(Infallible, PhantomData<fn(T) -> T>);

/// What came of stealing.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steal<T> {
    /// There is nothing.
    Empty,
    /// This.
    Success(T),
    /// Somebody came in between.
    Retry,
}

impl<T> Steal<T> {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Steal::Empty)
    }

    /// Whether there is something.
    pub fn is_success(&self) -> bool {
        matches!(self, Steal::Success(_))
    }

    /// Whether somebody came in between.
    pub fn is_retry(&self) -> bool {
        matches!(self, Steal::Retry)
    }

    /// What there is.
    pub fn success(self) -> Option<T> {
        match self {
            Steal::Success(value) => Some(value),
            Steal::Empty | Steal::Retry => None,
        }
    }

    /// This, or else what the other comes to.
    pub fn or_else<F: FnOnce() -> Steal<T>>(self, other: F) -> Steal<T> {
        match self {
            Steal::Empty => other(),
            Steal::Success(_) => self,
            Steal::Retry => match other() {
                Steal::Empty => Steal::Retry,
                other => other,
            },
        }
    }
}

impl<T> FromIterator<Steal<T>> for Steal<T> {
    fn from_iter<I: IntoIterator<Item = Steal<T>>>(steals: I) -> Steal<T> {
        let mut retry = false;
        for steal in steals {
            match steal {
                Steal::Empty => {}
                Steal::Success(_) => return steal,
                Steal::Retry => retry = true,
            }
        }
        if retry { Steal::Retry } else { Steal::Empty }
    }
}

impl<T> Worker<T> {
    /// Never makes one: the program is refused.
    #[track_caller]
    pub fn new_fifo() -> Worker<T> {
        model::refuse(REASON, Location::caller())
    }

    /// Never makes one: the program is refused.
    #[track_caller]
    pub fn new_lifo() -> Worker<T> {
        model::refuse(REASON, Location::caller())
    }

    /// The end from which others steal.
    pub fn stealer(&self) -> Stealer<T> {
        match self.0 {}
    }

    /// Puts work in.
    pub fn push(&self, _: T) {
        match self.0 {}
    }

    /// Takes work.
    pub fn pop(&self) -> Option<T> {
        match self.0 {}
    }

    /// How much there is.
    pub fn len(&self) -> usize {
        match self.0 {}
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        match self.0 {}
    }
}

impl<T> Injector<T> {
    /// Never makes one: the program is refused.
    #[track_caller]
    pub fn new() -> Injector<T> {
        model::refuse(REASON, Location::caller())
    }

    /// Puts work in.
    pub fn push(&self, _: T) {
        match self.0 {}
    }
}

impl<T> Default for Injector<T> {
    #[track_caller]
    fn default() -> Injector<T> {
        Injector::new()
    }
}

impl<T> Clone for Stealer<T> {
    fn clone(&self) -> Stealer<T> {
        match self.0 {}
    }
}

macro_rules! stolen_from {
    ($($from:ident),*) => { $(
        impl<T> $from<T> {
            /// Steals work.
            pub fn steal(&self) -> Steal<T> {
                match self.0 {}
            }

            /// Steals some of the work into a deque.
            pub fn steal_batch(&self, _: &Worker<T>) -> Steal<()> {
                match self.0 {}
            }

            /// Steals some of the work into a deque, and takes one of it.
            pub fn steal_batch_and_pop(&self, _: &Worker<T>) -> Steal<T> {
                match self.0 {}
            }

            /// Steals at most so much of the work into a deque.
            pub fn steal_batch_with_limit(&self, _: &Worker<T>, _: usize) -> Steal<()> {
                match self.0 {}
            }

            /// Steals at most so much of the work into a deque, and takes one
            /// of it.
            pub fn steal_batch_with_limit_and_pop(&self, _: &Worker<T>, _: usize) -> Steal<T> {
                match self.0 {}
            }

            /// How much there is.
            pub fn len(&self) -> usize {
                match self.0 {}
            }

            /// Whether there is none.
            pub fn is_empty(&self) -> bool {
                match self.0 {}
            }
        }
    )* };
}

stolen_from!(Stealer, Injector);
