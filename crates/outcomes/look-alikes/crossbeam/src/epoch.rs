//! Memory that is given back when nobody looks at it any more: a program is
//! refused that asks for it. What needs `unsafe` to be used is not here, since
//! a program with `unsafe` is refused before.

use outcomes_engine::model;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::panic::Location;

const REASON: &str = "it uses crossbeam-epoch, which is not modelled; with an Arc or a lock in its \
                      place it can be explored";

/// Keeps what the thread may look at.
#[derive(Debug)]
pub struct Guard(Infallible);

/// A pointer that threads share.
#[derive(Debug)]
pub struct Atomic<T>(Infallible, PhantomData<T>);

/// A value that one thread has.
#[derive(Debug)]
pub struct Owned<T>(Infallible, PhantomData<T>);

/// Never keeps anything: the program is refused.
#[track_caller]
pub fn pin() -> Guard {
    model::refuse(REASON, Location::caller())
}

/// Never says whether the thread keeps anything: the program is refused.
#[track_caller]
pub fn is_pinned() -> bool {
    model::refuse(REASON, Location::caller())
}

impl Guard {
    /// Gives back what nobody looks at any more.
    pub fn flush(&self) {
        match self.0 {}
    }

    /// Keeps what the thread looks at from now on.
    pub fn repin(&mut self) {
        match self.0 {}
    }
}

impl<T> Atomic<T> {
    /// Never makes one: the program is refused.
    #[track_caller]
    pub fn new(_: T) -> Atomic<T> {
        model::refuse(REASON, Location::caller())
    }

    /// Never makes one: the program is refused.
    #[track_caller]
    pub fn null() -> Atomic<T> {
        model::refuse(REASON, Location::caller())
    }
}

impl<T> Owned<T> {
    /// Never makes one: the program is refused.
    #[track_caller]
    pub fn new(_: T) -> Owned<T> {
        model::refuse(REASON, Location::caller())
    }
}
