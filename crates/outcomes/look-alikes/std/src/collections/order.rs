//! The order of a hash table: one of all, where they are few.
//!
//! The original's is drawn anew in each run. A table of up to [`MOST`] elements may have
//! any, so which one it has is a choice, made when somebody first goes through it; what
//! never does has no choice. It keeps its order until it is changed, and so does its clone,
//! for which it is chosen at the latest. What it may become then depends on where the
//! elements lie, which isn't modelled: going through it once more is refused. So is going
//! through a larger one, and through one that was given its `RandomState`: with that of
//! another it may have the other's order.
//!
//! Elements that hash alike by an `impl` of the program's may have fewer orders with the
//! original.

use crate::hash::RandomState;
use outcomes_engine::model::{self, Case, Object, Operation, Ready};
use std::any::type_name;
use std::panic::Location;
use std::sync::atomic::{AtomicU8, Ordering};
use std::vec;

/// How many elements a table may have whose order is chosen: 24 orders.
const MOST: usize = 4;

/// What is told of a choice: one for each order.
const ACTIONS: [&str; 24] = [
    "choose order 1 of the elements",
    "choose order 2 of the elements",
    "choose order 3 of the elements",
    "choose order 4 of the elements",
    "choose order 5 of the elements",
    "choose order 6 of the elements",
    "choose order 7 of the elements",
    "choose order 8 of the elements",
    "choose order 9 of the elements",
    "choose order 10 of the elements",
    "choose order 11 of the elements",
    "choose order 12 of the elements",
    "choose order 13 of the elements",
    "choose order 14 of the elements",
    "choose order 15 of the elements",
    "choose order 16 of the elements",
    "choose order 17 of the elements",
    "choose order 18 of the elements",
    "choose order 19 of the elements",
    "choose order 20 of the elements",
    "choose order 21 of the elements",
    "choose order 22 of the elements",
    "choose order 23 of the elements",
    "choose order 24 of the elements",
];

/// No order was chosen yet.
const OPEN: u8 = u8::MAX;

/// One was, and the table may have been changed since.
const CHANGED: u8 = u8::MAX - 1;

/// The table hashes by a `RandomState` that others may have.
const GIVEN: u8 = u8::MAX - 2;

/// What is known of a table's order: the number of the one that was chosen. It is only
/// written by the thread that runs, and not at the same time.
#[derive(Debug)]
pub(super) struct Order(AtomicU8);

impl Order {
    pub(super) const fn new() -> Order {
        Order(AtomicU8::new(OPEN))
    }

    /// That of a table which was given what it hashes by.
    pub(super) const fn given() -> Order {
        Order(AtomicU8::new(GIVEN))
    }

    /// The table may change.
    pub(super) fn change(&mut self) {
        let order = self.0.get_mut();
        if ![OPEN, GIVEN].contains(order) {
            *order = CHANGED;
        }
    }

    /// That of a table's clone, which hashes by the same: with the same elements it has
    /// the same.
    #[track_caller]
    pub(super) fn of_clone<S>(&self, what: &'static str, length: usize) -> Order {
        let order = self.0.load(Ordering::Relaxed);
        if order != OPEN {
            return Order(AtomicU8::new(order));
        }
        match (2..=MOST).contains(&length) && is_random::<S>() {
            true => Order(AtomicU8::new(self.of::<S>(what, length).number)),
            false => Order::given(),
        }
    }

    /// In this order somebody goes through the table, who is chosen if need be.
    #[track_caller]
    pub(super) fn of<S>(&self, what: &'static str, length: usize) -> Permutation {
        self.at::<S>(what, length, Location::caller())
    }

    /// The same where it isn't known which line of the program does.
    pub(super) fn to_show<S>(&self, what: &'static str, length: usize) -> Permutation {
        match is_random::<S>() && length > 1 {
            true => self.at::<S>(what, length, model::showing()),
            false => Permutation::NONE,
        }
    }

    fn at<S>(
        &self,
        what: &'static str,
        length: usize,
        at: &'static Location<'static>,
    ) -> Permutation {
        if !is_random::<S>() || length <= 1 {
            return Permutation::NONE;
        }
        if length > MOST {
            refuse(&format!("it goes through a {what}"), at);
        }
        let number = match self.0.load(Ordering::Relaxed) {
            GIVEN => {
                let going = "it goes, where others may hash alike, through a";
                refuse(&format!("{going} {what}"), at)
            }
            CHANGED => {
                let going = "it goes again, after it may have changed, through a";
                refuse(&format!("{going} {what}"), at)
            }
            OPEN => {
                let chosen = self.choose(what, length, at);
                // Another thread may have gone through it since.
                let (there, relaxed) = (&self.0, Ordering::Relaxed);
                let before = there.compare_exchange(OPEN, chosen, relaxed, relaxed);
                before.err().unwrap_or(chosen)
            }
            number => number,
        };
        Permutation { number, length }
    }

    fn choose(&self, what: &'static str, length: usize, at: &'static Location<'static>) -> u8 {
        let object = Some(Object::new(what, self, None));
        let cases = ACTIONS.map(|action| Case {
            action,
            object,
            ready: Ready::Always,
        });
        let orders = (1..=length).product();
        let chosen = model::perform(&Operation::new(&cases[..orders], at));
        let chosen = chosen.expect("each is ready");
        u8::try_from(chosen).expect("they are few")
    }
}

/// An order of so many elements, by its number among all: see [`apply`](Self::apply).
#[derive(Clone, Copy)]
pub(super) struct Permutation {
    number: u8,
    length: usize,
}

impl Permutation {
    /// The one in which they are.
    const NONE: Permutation = Permutation {
        number: 0,
        length: 0,
    };

    /// The elements in this order. The first is the number modulo how many there are, of
    /// those that are left the next is what remains of the number, and so on.
    pub(super) fn apply<T>(self, elements: impl Iterator<Item = T>) -> vec::IntoIter<T> {
        let mut left: Vec<T> = elements.collect();
        if self.length == 0 {
            return left.into_iter();
        }
        let mut number = usize::from(self.number);
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let next = number % left.len();
            number /= left.len();
            ordered.push(left.remove(next));
        }
        ordered.into_iter()
    }
}

/// Whether a table that hashes like this has a random order.
pub(super) fn is_random<S>() -> bool {
    type_name::<S>() == type_name::<RandomState>()
}

/// Stops the exploration, unless there are too few elements for an order.
#[track_caller]
pub(super) fn refuse_to_go_through<S>(what: &str, length: usize) {
    if is_random::<S>() && length > 1 {
        refuse(&format!("it goes through a {what}"), Location::caller());
    }
}

fn refuse(going: &str, at: &'static Location<'static>) -> ! {
    let reason = format!(
        "{going}, whose order is random; with a BTree in place of the Hash it can be explored"
    );
    model::refuse(&reason, at)
}

/// Drops elements in whatever order. Stops the exploration if that shows.
pub(super) fn drop_unseen<S, T>(elements: &mut T, length: usize, clear: impl FnOnce(&mut T)) {
    match length > 1 && is_random::<S>() {
        true => drop_in_no_order(|| clear(elements)),
        false => clear(elements),
    }
}

/// The same, whatever is dropped.
pub(super) fn drop_in_no_order(drop: impl FnOnce()) {
    model::without_operations(
        "it drops the elements of a hash table, whose order is random, and another thread or the \
         reader can tell",
        None,
        drop,
    );
}

/// What an iterator does that goes through elements which were put in order before.
macro_rules! goes_in_order {
    ($($name:ident<$($generic:tt),*> of $item:ty;)*) => { $(
        impl<$($generic),*> Iterator for $name<$($generic),*> {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<$($generic),*> ExactSizeIterator for $name<$($generic),*> {}

        impl<$($generic),*> std::iter::FusedIterator for $name<$($generic),*> {}

        impl<$($generic),*> std::fmt::Debug for $name<$($generic),*>
        where
            $item: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_list().entries(self.0.as_slice()).finish()
            }
        }
    )* };
}

/// The same for those of which there are empty ones.
macro_rules! may_be_empty {
    ($($name:ident<$($generic:tt),*>;)*) => { $(
        impl<$($generic),*> Default for $name<$($generic),*> {
            fn default() -> Self {
                $name(Vec::new().into_iter())
            }
        }
    )* };
}

pub(super) use {goes_in_order, may_be_empty};
