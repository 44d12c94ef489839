//! `HashMap`.

use super::order::{
    Order, Permutation, drop_in_no_order, drop_unseen, goes_in_order, is_random, may_be_empty,
    refuse_to_go_through,
};
use crate::hash::Inside;
use std::borrow::Borrow;
use std::collections::{HashMap as Original, TryReserveError};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Index;
use std::vec;

pub use crate::hash::RandomState;

pub use std::collections::hash_map::{DefaultHasher, Entry, ExtractIf, OccupiedEntry, VacantEntry};

/// What goes through keys and values.
pub struct Iter<'a, K, V>(vec::IntoIter<(&'a K, &'a V)>);

/// What goes through keys, and values that may be changed.
pub struct IterMut<'a, K, V>(vec::IntoIter<(&'a K, &'a mut V)>);

/// What takes everything out of a map.
pub struct IntoIter<K, V>(vec::IntoIter<(K, V)>);

/// What takes everything out of a map that may be used again.
pub struct Drain<'a, K, V>(vec::IntoIter<(K, V)>, PhantomData<&'a mut (K, V)>);

goes_in_order! {
    Iter<'a, K, V> of (&'a K, &'a V);
    IterMut<'a, K, V> of (&'a K, &'a mut V);
    IntoIter<K, V> of (K, V);
    Drain<'a, K, V> of (K, V);
}

may_be_empty! {
    Iter<'a, K, V>;
    IterMut<'a, K, V>;
    IntoIter<K, V>;
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

/// What goes through the keys or the values only.
macro_rules! goes_through_a_part {
    ($(
        $(#[$attribute:meta])*
        $name:ident<$($generic:tt),*> of $whole:ty,
        $part:tt: $item:ty, $shown:ident;
    )*) => { $(
        $(#[$attribute])*
        pub struct $name<$($generic),*>($whole);

        impl<$($generic),*> Iterator for $name<$($generic),*> {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                self.0.next().map(|pair| pair.$part)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<$($generic),*> ExactSizeIterator for $name<$($generic),*> {}

        impl<$($generic),*> std::iter::FusedIterator for $name<$($generic),*> {}

        impl<$($generic),*> Default for $name<$($generic),*> {
            fn default() -> Self {
                $name(Default::default())
            }
        }

        impl<$($generic),*> fmt::Debug for $name<$($generic),*>
        where
            $shown: fmt::Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let pairs = self.0.0.as_slice().iter();
                f.debug_list().entries(pairs.map(|pair| &pair.$part)).finish()
            }
        }
    )* };
}

goes_through_a_part! {
    /// What goes through the keys.
    Keys<'a, K, V> of Iter<'a, K, V>, 0: &'a K, K;
    /// What goes through the values.
    Values<'a, K, V> of Iter<'a, K, V>, 1: &'a V, V;
    /// What goes through the values, which may be changed.
    ValuesMut<'a, K, V> of IterMut<'a, K, V>, 1: &'a mut V, V;
    /// What takes the keys out of a map.
    IntoKeys<K, V> of IntoIter<K, V>, 0: K, K;
    /// What takes the values out of a map.
    IntoValues<K, V> of IntoIter<K, V>, 1: V, V;
}

impl<K, V> Clone for Keys<'_, K, V> {
    fn clone(&self) -> Self {
        Keys(self.0.clone())
    }
}

impl<K, V> Clone for Values<'_, K, V> {
    fn clone(&self) -> Self {
        Values(self.0.clone())
    }
}

/// A map.
pub struct HashMap<K, V, S = RandomState>(Original<K, V, Inside<S>>, Order);

impl<K, V> HashMap<K, V> {
    /// An empty map.
    pub fn new() -> HashMap<K, V> {
        HashMap::default()
    }

    /// An empty map with room.
    pub fn with_capacity(capacity: usize) -> HashMap<K, V> {
        let hasher = Inside(RandomState::default());
        let original = Original::with_capacity_and_hasher(capacity, hasher);
        HashMap(original, Order::new())
    }
}

impl<K, V, S> HashMap<K, V, S> {
    /// An empty map that hashes like this.
    pub const fn with_hasher(hasher: S) -> HashMap<K, V, S> {
        HashMap(Original::with_hasher(Inside(hasher)), Order::given())
    }

    /// An empty map with room that hashes like this.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> HashMap<K, V, S> {
        let original = Original::with_capacity_and_hasher(capacity, Inside(hasher));
        HashMap(original, Order::given())
    }

    /// How it hashes.
    pub fn hasher(&self) -> &S {
        &self.0.hasher().0
    }

    #[allow(unsafe_code, reason = "it moves out of what has a drop")]
    fn into_original(self) -> Original<K, V, Inside<S>> {
        let this = ManuallyDrop::new(self);
        // SAFETY: what it is read from is never used again.
        unsafe { std::ptr::read(&raw const this.0) }
    }

    /// How many elements fit in without more memory.
    pub fn capacity(&self) -> usize {
        self.0.capacity()
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

    /// Goes through keys and values, in an order of all that there are, if they are
    /// few: see [`Order`].
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter(self.order().apply(self.0.iter()))
    }

    /// The same, and the values may be changed.
    #[track_caller]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut(self.order().apply(self.0.iter_mut()))
    }

    /// Goes through the keys.
    #[track_caller]
    pub fn keys(&self) -> Keys<'_, K, V> {
        Keys(self.iter())
    }

    /// Goes through the values.
    #[track_caller]
    pub fn values(&self) -> Values<'_, K, V> {
        Values(self.iter())
    }

    /// The same, and they may be changed.
    #[track_caller]
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        ValuesMut(self.iter_mut())
    }

    /// Takes the keys out.
    #[track_caller]
    pub fn into_keys(self) -> IntoKeys<K, V> {
        IntoKeys(self.into_iter())
    }

    /// Takes the values out.
    #[track_caller]
    pub fn into_values(self) -> IntoValues<K, V> {
        IntoValues(self.into_iter())
    }

    /// Takes everything out.
    #[track_caller]
    pub fn drain(&mut self) -> Drain<'_, K, V> {
        let order = self.order();
        self.1.change();
        Drain(order.apply(self.0.drain()), PhantomData)
    }

    /// Removes what the function doesn't want to keep.
    #[track_caller]
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        if !self.has_orders() {
            return self.0.retain(keep);
        }
        let order = self.order();
        let mut is_kept = vec![false; self.len()];
        let pairs = self.0.iter_mut().zip(&mut is_kept);
        for ((key, value), is_kept) in order.apply(pairs) {
            *is_kept = keep(key, value);
        }
        let removed = is_kept.iter().filter(|is_kept| !**is_kept).count();
        if removed > 0 {
            self.1.change();
            let mut is_kept = is_kept.into_iter();
            // Each would have been dropped before the function is asked again.
            drop_in_no_order(|| self.0.retain(|_, _| is_kept.next().unwrap_or(true)));
        }
    }

    /// Takes out what the function wants, one after the other.
    #[track_caller]
    pub fn extract_if<F>(&mut self, wanted: F) -> ExtractIf<'_, K, V, F>
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        refuse_to_go_through::<S>("HashMap", self.len());
        self.0.extract_if(wanted)
    }

    fn has_orders(&self) -> bool {
        is_random::<S>() && self.len() > 1
    }

    #[track_caller]
    fn order(&self) -> Permutation {
        self.1.of::<S>("HashMap", self.len())
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> HashMap<K, V, S> {
    /// Makes room.
    pub fn reserve(&mut self, additional: usize) {
        self.1.change();
        self.0.reserve(additional);
    }

    /// Makes room, if there is memory.
    ///
    /// # Errors
    /// When there is none.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.1.change();
        self.0.try_reserve(additional)
    }

    /// Gives back memory that it doesn't need.
    pub fn shrink_to_fit(&mut self) {
        self.1.change();
        self.0.shrink_to_fit();
    }

    /// The same, down to some room.
    pub fn shrink_to(&mut self, least: usize) {
        self.1.change();
        self.0.shrink_to(least);
    }

    /// The place of a key, taken or free.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        self.1.change();
        self.0.entry(key)
    }

    /// Puts a value in; returns the one that was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.1.change();
        self.0.insert(key, value)
    }

    /// A key's value.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// A key's value, which may be changed.
    pub fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }

    /// The values of several keys, which may be changed.
    ///
    /// # Panics
    /// If two keys are equal.
    #[track_caller]
    pub fn get_disjoint_mut<Q: Hash + Eq + ?Sized, const N: usize>(
        &mut self,
        keys: [&Q; N],
    ) -> [Option<&mut V>; N]
    where
        K: Borrow<Q>,
    {
        self.0.get_disjoint_mut(keys)
    }

    /// The same, for keys that are known to differ.
    ///
    /// # Safety
    /// No two keys may be equal.
    #[allow(unsafe_code, reason = "the original's is unsafe to call")]
    pub unsafe fn get_disjoint_unchecked_mut<Q: Hash + Eq + ?Sized, const N: usize>(
        &mut self,
        keys: [&Q; N],
    ) -> [Option<&mut V>; N]
    where
        K: Borrow<Q>,
    {
        // SAFETY: the caller's.
        unsafe { self.0.get_disjoint_unchecked_mut(keys) }
    }

    /// A key as it is kept, and its value.
    pub fn get_key_value<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.0.get_key_value(key)
    }

    /// Whether it has a key.
    pub fn contains_key<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// Takes a key out; returns its value.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.1.change();
        self.0.remove(key)
    }

    /// Takes a key out; returns it and its value.
    pub fn remove_entry<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        self.1.change();
        self.0.remove_entry(key)
    }
}

// SAFETY: it drops keys and values, and does nothing else with them.
#[cfg(own_pointers)]
#[allow(unsafe_code, reason = "as the original")]
unsafe impl<#[may_dangle] K, #[may_dangle] V, S> Drop for HashMap<K, V, S> {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(not(own_pointers))]
impl<K, V, S> Drop for HashMap<K, V, S> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<K, V, S: Default> Default for HashMap<K, V, S> {
    fn default() -> HashMap<K, V, S> {
        HashMap(Original::default(), Order::new())
    }
}

impl<K: Clone, V: Clone, S: Clone> Clone for HashMap<K, V, S> {
    #[track_caller]
    fn clone(&self) -> HashMap<K, V, S> {
        let order = self.1.of_clone::<S>("HashMap", self.len());
        HashMap(self.0.clone(), order)
    }
}

impl<K: Eq + Hash, V: PartialEq, S: BuildHasher> PartialEq for HashMap<K, V, S> {
    fn eq(&self, other: &HashMap<K, V, S>) -> bool {
        self.0 == other.0
    }
}

impl<K: Eq + Hash, V: Eq, S: BuildHasher> Eq for HashMap<K, V, S> {}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for HashMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = self.1.to_show::<S>("HashMap", self.len());
        f.debug_map().entries(order.apply(self.0.iter())).finish()
    }
}

impl<K, V, S, Q> Index<&Q> for HashMap<K, V, S>
where
    K: Eq + Hash + Borrow<Q>,
    Q: Eq + Hash + ?Sized,
    S: BuildHasher,
{
    type Output = V;

    #[track_caller]
    fn index(&self, key: &Q) -> &V {
        self.0.get(key).expect("no entry found for key")
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> FromIterator<(K, V)> for HashMap<K, V, S> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> HashMap<K, V, S> {
        let mut map = HashMap::default();
        map.extend(pairs);
        map
    }
}

impl<K: Eq + Hash, V, const N: usize> From<[(K, V); N]> for HashMap<K, V> {
    fn from(pairs: [(K, V); N]) -> HashMap<K, V> {
        pairs.into_iter().collect()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Extend<(K, V)> for HashMap<K, V, S> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        self.1.change();
        self.0.extend(pairs);
    }
}

impl<'a, K, V, S> Extend<(&'a K, &'a V)> for HashMap<K, V, S>
where
    K: Eq + Hash + Copy,
    V: Copy,
    S: BuildHasher,
{
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, pairs: I) {
        self.1.change();
        self.0.extend(pairs);
    }
}

impl<K, V, S> IntoIterator for HashMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<K, V> {
        let order = self.order();
        IntoIter(order.apply(self.into_original().into_iter()))
    }
}

impl<'a, K, V, S> IntoIterator for &'a HashMap<K, V, S> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a mut HashMap<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    #[track_caller]
    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}
