//! `HashSet`.

use super::order::{
    Order, Permutation, drop_in_no_order, drop_unseen, goes_in_order, is_random, may_be_empty,
    refuse_to_go_through,
};
use crate::hash::{Inside, RandomState};
use std::borrow::Borrow;
use std::collections::{HashSet as Original, TryReserveError, hash_set as original};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{BitAnd, BitOr, BitXor, Sub};
use std::vec;

pub use std::collections::hash_set::ExtractIf;

/// What goes through the elements.
pub struct Iter<'a, T>(vec::IntoIter<&'a T>);

/// What takes everything out of a set.
pub struct IntoIter<T>(vec::IntoIter<T>);

/// What takes everything out of a set that may be used again.
pub struct Drain<'a, T>(vec::IntoIter<T>, PhantomData<&'a mut T>);

goes_in_order! {
    Iter<'a, T> of &'a T;
    IntoIter<T> of T;
    Drain<'a, T> of T;
}

may_be_empty! {
    Iter<'a, T>;
    IntoIter<T>;
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

/// The elements of one set that another lacks.
pub type Difference<'a, T, S> = original::Difference<'a, T, Inside<S>>;
/// The elements of one set that another lacks, and the other way round.
pub type SymmetricDifference<'a, T, S> = original::SymmetricDifference<'a, T, Inside<S>>;
/// The elements that two sets have in common.
pub type Intersection<'a, T, S> = original::Intersection<'a, T, Inside<S>>;
/// The elements of two sets.
pub type Union<'a, T, S> = original::Union<'a, T, Inside<S>>;

/// A set.
pub struct HashSet<T, S = RandomState>(Original<T, Inside<S>>, Order);

impl<T> HashSet<T> {
    /// An empty set.
    pub fn new() -> HashSet<T> {
        HashSet::default()
    }

    /// An empty set with room.
    pub fn with_capacity(capacity: usize) -> HashSet<T> {
        let hasher = Inside(RandomState::default());
        let original = Original::with_capacity_and_hasher(capacity, hasher);
        HashSet(original, Order::new())
    }
}

impl<T, S> HashSet<T, S> {
    /// An empty set that hashes like this.
    pub const fn with_hasher(hasher: S) -> HashSet<T, S> {
        HashSet(Original::with_hasher(Inside(hasher)), Order::given())
    }

    /// An empty set with room that hashes like this.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> HashSet<T, S> {
        let original = Original::with_capacity_and_hasher(capacity, Inside(hasher));
        HashSet(original, Order::given())
    }

    /// How it hashes.
    pub fn hasher(&self) -> &S {
        &self.0.hasher().0
    }

    /// How many elements fit in without more memory.
    pub fn capacity(&self) -> usize {
        self.0.capacity()
    }

    #[allow(unsafe_code, reason = "it moves out of what has a drop")]
    fn into_original(self) -> Original<T, Inside<S>> {
        let this = ManuallyDrop::new(self);
        // SAFETY: what it is read from is never used again.
        unsafe { std::ptr::read(&raw const this.0) }
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
        drop_unseen::<S, _>(&mut self.0, length, Original::clear);
        self.1.change();
    }

    /// Goes through the elements, in an order of all that there are, if they are few:
    /// see [`Order`].
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self.order().apply(self.0.iter()))
    }

    /// Takes everything out.
    #[track_caller]
    pub fn drain(&mut self) -> Drain<'_, T> {
        let order = self.order();
        self.1.change();
        Drain(order.apply(self.0.drain()), PhantomData)
    }

    /// Removes what the function doesn't want to keep.
    #[track_caller]
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        if !self.has_orders() {
            return self.0.retain(keep);
        }
        let order = self.order();
        let mut is_kept = vec![false; self.len()];
        for (element, is_kept) in order.apply(self.0.iter().zip(&mut is_kept)) {
            *is_kept = keep(element);
        }
        let removed = is_kept.iter().filter(|is_kept| !**is_kept).count();
        if removed > 0 {
            self.1.change();
            let mut is_kept = is_kept.into_iter();
            // Each would have been dropped before the function is asked again.
            drop_in_no_order(|| self.0.retain(|_| is_kept.next().unwrap_or(true)));
        }
    }

    /// Takes out what the function wants, one after the other.
    #[track_caller]
    pub fn extract_if<F>(&mut self, wanted: F) -> ExtractIf<'_, T, F>
    where
        F: FnMut(&T) -> bool,
    {
        self.refuse_order();
        self.0.extract_if(wanted)
    }

    fn has_orders(&self) -> bool {
        is_random::<S>() && self.len() > 1
    }

    #[track_caller]
    fn order(&self) -> Permutation {
        self.1.of::<S>("HashSet", self.len())
    }

    #[track_caller]
    fn refuse_order(&self) {
        refuse_to_go_through::<S>("HashSet", self.len());
    }
}

impl<T: Eq + Hash, S: BuildHasher> HashSet<T, S> {
    /// Makes room.
    pub fn reserve(&mut self, additional: usize) {
        self.1.change();
        self.0.reserve(additional);
    }

    /// Gives back memory that it doesn't need.
    pub fn shrink_to_fit(&mut self) {
        self.1.change();
        self.0.shrink_to_fit();
    }

    /// Makes room, if there is memory.
    ///
    /// # Errors
    /// When there is none.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.1.change();
        self.0.try_reserve(additional)
    }

    /// Gives back memory that it doesn't need, down to some room.
    pub fn shrink_to(&mut self, least: usize) {
        self.1.change();
        self.0.shrink_to(least);
    }

    /// Goes through the elements that the other lacks.
    #[track_caller]
    pub fn difference<'a>(&'a self, other: &'a HashSet<T, S>) -> Difference<'a, T, S> {
        self.refuse_order();
        self.0.difference(&other.0)
    }

    /// Goes through the elements that only one of the two has.
    #[track_caller]
    pub fn symmetric_difference<'a>(
        &'a self,
        other: &'a HashSet<T, S>,
    ) -> SymmetricDifference<'a, T, S> {
        self.refuse_order();
        other.refuse_order();
        self.0.symmetric_difference(&other.0)
    }

    /// Goes through the elements that both have.
    #[track_caller]
    pub fn intersection<'a>(&'a self, other: &'a HashSet<T, S>) -> Intersection<'a, T, S> {
        self.refuse_order();
        self.0.intersection(&other.0)
    }

    /// Goes through the elements that one of the two has.
    #[track_caller]
    pub fn union<'a>(&'a self, other: &'a HashSet<T, S>) -> Union<'a, T, S> {
        self.refuse_order();
        other.refuse_order();
        self.0.union(&other.0)
    }

    /// Puts an element in; returns whether it is new.
    pub fn insert(&mut self, element: T) -> bool {
        self.1.change();
        self.0.insert(element)
    }

    /// Puts an element in; returns the equal one that was there.
    pub fn replace(&mut self, element: T) -> Option<T> {
        self.1.change();
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
        self.1.change();
        self.0.remove(element)
    }

    /// Takes an element out, and returns it.
    pub fn take<Q: Hash + Eq + ?Sized>(&mut self, element: &Q) -> Option<T>
    where
        T: Borrow<Q>,
    {
        self.1.change();
        self.0.take(element)
    }

    /// Whether the two have no element in common.
    pub fn is_disjoint(&self, other: &HashSet<T, S>) -> bool {
        self.0.is_disjoint(&other.0)
    }

    /// Whether the other has all elements of this.
    pub fn is_subset(&self, other: &HashSet<T, S>) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether this has all elements of the other.
    pub fn is_superset(&self, other: &HashSet<T, S>) -> bool {
        self.0.is_superset(&other.0)
    }
}

// SAFETY: it drops elements, and does nothing else with them.
#[cfg(own_pointers)]
#[allow(unsafe_code, reason = "as the original")]
unsafe impl<#[may_dangle] T, S> Drop for HashSet<T, S> {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(not(own_pointers))]
impl<T, S> Drop for HashSet<T, S> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<T, S: Default> Default for HashSet<T, S> {
    fn default() -> HashSet<T, S> {
        HashSet(Original::default(), Order::new())
    }
}

impl<T: Clone, S: Clone> Clone for HashSet<T, S> {
    #[track_caller]
    fn clone(&self) -> HashSet<T, S> {
        let order = self.1.of_clone::<S>("HashSet", self.len());
        HashSet(self.0.clone(), order)
    }
}

impl<T: Eq + Hash, S: BuildHasher> PartialEq for HashSet<T, S> {
    fn eq(&self, other: &HashSet<T, S>) -> bool {
        self.0 == other.0
    }
}

impl<T: Eq + Hash, S: BuildHasher> Eq for HashSet<T, S> {}

impl<T: fmt::Debug, S> fmt::Debug for HashSet<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = self.1.to_show::<S>("HashSet", self.len());
        f.debug_set().entries(order.apply(self.0.iter())).finish()
    }
}

macro_rules! operators {
    ($($operator:ident $function:ident $elements:ident;)*) => { $(
        impl<T, S> $operator<&HashSet<T, S>> for &HashSet<T, S>
        where
            T: Eq + Hash + Clone,
            S: BuildHasher + Default,
        {
            type Output = HashSet<T, S>;

            // In which order they come makes no difference to the set.
            fn $function(self, other: &HashSet<T, S>) -> HashSet<T, S> {
                self.0.$elements(&other.0).cloned().collect()
            }
        }
    )* };
}

operators! {
    BitAnd bitand intersection;
    BitOr bitor union;
    BitXor bitxor symmetric_difference;
    Sub sub difference;
}

impl<T: Eq + Hash, S: BuildHasher + Default> FromIterator<T> for HashSet<T, S> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> HashSet<T, S> {
        let mut set = HashSet::default();
        set.extend(elements);
        set
    }
}

impl<T: Eq + Hash, const N: usize> From<[T; N]> for HashSet<T> {
    fn from(elements: [T; N]) -> HashSet<T> {
        elements.into_iter().collect()
    }
}

impl<T: Eq + Hash, S: BuildHasher> Extend<T> for HashSet<T, S> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.1.change();
        self.0.extend(elements);
    }
}

impl<'a, T: Eq + Hash + Copy, S: BuildHasher> Extend<&'a T> for HashSet<T, S> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, elements: I) {
        self.1.change();
        self.0.extend(elements);
    }
}

impl<T, S> IntoIterator for HashSet<T, S> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        let order = self.order();
        IntoIter(order.apply(self.into_original().into_iter()))
    }
}

impl<'a, T, S> IntoIterator for &'a HashSet<T, S> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
