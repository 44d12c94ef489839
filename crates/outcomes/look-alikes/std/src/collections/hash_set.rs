//! `HashSet`, without its order.

use super::order::{Hasher, drop_unseen, refuse_to_go_through, refuse_to_show};
use std::borrow::Borrow;
use std::collections::HashSet as Original;
use std::fmt;
use std::hash::Hash;
use std::mem;

pub use std::collections::hash_set::{Drain, IntoIter, Iter};

/// A set. It always hashes in the same way, so it takes no hasher.
pub struct HashSet<T>(Original<T, Hasher>);

impl<T> HashSet<T> {
    /// An empty set.
    pub fn new() -> HashSet<T> {
        HashSet(Original::default())
    }

    /// An empty set with room.
    pub fn with_capacity(capacity: usize) -> HashSet<T> {
        HashSet(Original::with_capacity_and_hasher(
            capacity,
            Hasher::default(),
        ))
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        let length = self.len();
        drop_unseen(&mut self.0, length, Original::clear);
        self.0.clear();
    }

    /// Goes through the elements. Refused if there is more than one, as is
    /// everything else that depends on the order.
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        self.refuse_order();
        self.0.iter()
    }

    /// Takes everything out.
    #[track_caller]
    pub fn drain(&mut self) -> Drain<'_, T> {
        self.refuse_order();
        self.0.drain()
    }

    /// Removes what the function doesn't want to keep.
    #[track_caller]
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.refuse_order();
        self.0.retain(keep);
    }

    #[track_caller]
    fn refuse_order(&self) {
        refuse_to_go_through("HashSet", self.len());
    }
}

impl<T: Eq + Hash> HashSet<T> {
    /// Makes room.
    pub fn reserve(&mut self, additional: usize) {
        self.0.reserve(additional);
    }

    /// Gives back memory that it doesn't need.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Puts an element in; returns whether it is new.
    pub fn insert(&mut self, element: T) -> bool {
        self.0.insert(element)
    }

    /// Puts an element in; returns the equal one that was there.
    pub fn replace(&mut self, element: T) -> Option<T> {
        self.0.replace(element)
    }

    /// Whether it has an element.
    pub fn contains<Q: Hash + Eq + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.contains(element)
    }

    /// An element as it is kept.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, element: &Q) -> Option<&T>
    where
        T: Borrow<Q>,
    {
        self.0.get(element)
    }

    /// Takes an element out; returns whether it was there.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.remove(element)
    }

    /// Takes an element out, and returns it.
    pub fn take<Q: Hash + Eq + ?Sized>(&mut self, element: &Q) -> Option<T>
    where
        T: Borrow<Q>,
    {
        self.0.take(element)
    }

    /// Whether the two have no element in common.
    pub fn is_disjoint(&self, other: &HashSet<T>) -> bool {
        self.0.is_disjoint(&other.0)
    }

    /// Whether the other has all elements of this.
    pub fn is_subset(&self, other: &HashSet<T>) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether this has all elements of the other.
    pub fn is_superset(&self, other: &HashSet<T>) -> bool {
        self.0.is_superset(&other.0)
    }
}

impl<T> Drop for HashSet<T> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<T> Default for HashSet<T> {
    fn default() -> HashSet<T> {
        HashSet::new()
    }
}

impl<T: Clone> Clone for HashSet<T> {
    fn clone(&self) -> HashSet<T> {
        HashSet(self.0.clone())
    }
}

impl<T: Eq + Hash> PartialEq for HashSet<T> {
    fn eq(&self, other: &HashSet<T>) -> bool {
        self.0 == other.0
    }
}

impl<T: Eq + Hash> Eq for HashSet<T> {}

impl<T: fmt::Debug> fmt::Debug for HashSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        refuse_to_show("HashSet", self.len());
        self.0.fmt(f)
    }
}

impl<T: Eq + Hash> FromIterator<T> for HashSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> HashSet<T> {
        HashSet(elements.into_iter().collect())
    }
}

impl<T: Eq + Hash, const N: usize> From<[T; N]> for HashSet<T> {
    fn from(elements: [T; N]) -> HashSet<T> {
        elements.into_iter().collect()
    }
}

impl<T: Eq + Hash> Extend<T> for HashSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.0.extend(elements);
    }
}

impl<'a, T: Eq + Hash + Copy> Extend<&'a T> for HashSet<T> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, elements: I) {
        self.0.extend(elements);
    }
}

impl<T> IntoIterator for HashSet<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[track_caller]
    fn into_iter(mut self) -> IntoIter<T> {
        self.refuse_order();
        mem::take(&mut self.0).into_iter()
    }
}

impl<'a, T> IntoIterator for &'a HashSet<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
