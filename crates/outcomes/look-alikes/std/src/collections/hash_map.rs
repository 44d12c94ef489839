//! `HashMap`, without its order.

use super::order::{drop_unseen, refuse_to_go_through, refuse_to_show};
use crate::hash::Inside;
use std::borrow::Borrow;
use std::collections::{HashMap as Original, TryReserveError};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::mem::ManuallyDrop;
use std::ops::Index;

pub use crate::hash::RandomState;

pub use std::collections::hash_map::{
    DefaultHasher, Drain, Entry, ExtractIf, IntoIter, IntoKeys, IntoValues, Iter, IterMut, Keys,
    OccupiedEntry, VacantEntry, Values, ValuesMut,
};

/// A map.
pub struct HashMap<K, V, S = RandomState>(Original<K, V, Inside<S>>);

impl<K, V> HashMap<K, V> {
    /// An empty map.
    pub fn new() -> HashMap<K, V> {
        HashMap::default()
    }

    /// An empty map with room.
    pub fn with_capacity(capacity: usize) -> HashMap<K, V> {
        HashMap::with_capacity_and_hasher(capacity, RandomState::default())
    }
}

impl<K, V, S> HashMap<K, V, S> {
    /// An empty map that hashes like this.
    pub const fn with_hasher(hasher: S) -> HashMap<K, V, S> {
        HashMap(Original::with_hasher(Inside(hasher)))
    }

    /// An empty map with room that hashes like this.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> HashMap<K, V, S> {
        HashMap(Original::with_capacity_and_hasher(capacity, Inside(hasher)))
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
        self.0.clear();
    }

    /// Goes through keys and values. Refused if there is more than one, as is
    /// everything else that depends on the order.
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.refuse_order();
        self.0.iter()
    }

    /// The same, and the values may be changed.
    #[track_caller]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        self.refuse_order();
        self.0.iter_mut()
    }

    /// Goes through the keys.
    #[track_caller]
    pub fn keys(&self) -> Keys<'_, K, V> {
        self.refuse_order();
        self.0.keys()
    }

    /// Goes through the values.
    #[track_caller]
    pub fn values(&self) -> Values<'_, K, V> {
        self.refuse_order();
        self.0.values()
    }

    /// The same, and they may be changed.
    #[track_caller]
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        self.refuse_order();
        self.0.values_mut()
    }

    /// Takes the keys out.
    #[track_caller]
    pub fn into_keys(self) -> IntoKeys<K, V> {
        self.refuse_order();
        self.into_original().into_keys()
    }

    /// Takes the values out.
    #[track_caller]
    pub fn into_values(self) -> IntoValues<K, V> {
        self.refuse_order();
        self.into_original().into_values()
    }

    /// Takes everything out.
    #[track_caller]
    pub fn drain(&mut self) -> Drain<'_, K, V> {
        self.refuse_order();
        self.0.drain()
    }

    /// Removes what the function doesn't want to keep.
    #[track_caller]
    pub fn retain(&mut self, keep: impl FnMut(&K, &mut V) -> bool) {
        self.refuse_order();
        self.0.retain(keep);
    }

    /// Takes out what the function wants, one after the other.
    #[track_caller]
    pub fn extract_if<F>(&mut self, wanted: F) -> ExtractIf<'_, K, V, F>
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        self.refuse_order();
        self.0.extract_if(wanted)
    }

    #[track_caller]
    fn refuse_order(&self) {
        refuse_to_go_through::<S>("HashMap", self.len());
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> HashMap<K, V, S> {
    /// Makes room.
    pub fn reserve(&mut self, additional: usize) {
        self.0.reserve(additional);
    }

    /// Makes room, if there is memory.
    ///
    /// # Errors
    /// When there is none.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.0.try_reserve(additional)
    }

    /// Gives back memory that it doesn't need.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    /// The same, down to some room.
    pub fn shrink_to(&mut self, least: usize) {
        self.0.shrink_to(least);
    }

    /// The place of a key, taken or free.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        self.0.entry(key)
    }

    /// Puts a value in; returns the one that was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
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
        self.0.remove(key)
    }

    /// Takes a key out; returns it and its value.
    pub fn remove_entry<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
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
        HashMap::with_hasher(S::default())
    }
}

impl<K: Clone, V: Clone, S: Clone> Clone for HashMap<K, V, S> {
    fn clone(&self) -> HashMap<K, V, S> {
        HashMap(self.0.clone())
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
        refuse_to_show::<S>("HashMap", self.len());
        self.0.fmt(f)
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
        self.0.extend(pairs);
    }
}

impl<K, V, S> IntoIterator for HashMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<K, V> {
        self.refuse_order();
        self.into_original().into_iter()
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
