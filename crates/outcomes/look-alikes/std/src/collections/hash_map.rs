//! `HashMap`, without its order.

use super::order::{Hasher, drop_unseen, refuse_to_go_through, refuse_to_show};
use std::borrow::Borrow;
use std::collections::{HashMap as Original, TryReserveError};
use std::fmt;
use std::hash::Hash;
use std::mem;
use std::ops::Index;

pub use std::collections::hash_map::{
    DefaultHasher, Drain, Entry, IntoIter, IntoKeys, IntoValues, Iter, IterMut, Keys,
    OccupiedEntry, VacantEntry, Values, ValuesMut,
};

/// A map. It always hashes in the same way, so it takes no hasher.
pub struct HashMap<K, V>(Original<K, V, Hasher>);

impl<K, V> HashMap<K, V> {
    /// An empty map.
    pub fn new() -> HashMap<K, V> {
        HashMap(Original::default())
    }

    /// An empty map with room.
    pub fn with_capacity(capacity: usize) -> HashMap<K, V> {
        HashMap(Original::with_capacity_and_hasher(
            capacity,
            Hasher::default(),
        ))
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
        drop_unseen(&mut self.0, length, Original::clear);
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
    pub fn into_keys(mut self) -> IntoKeys<K, V> {
        self.refuse_order();
        mem::take(&mut self.0).into_keys()
    }

    /// Takes the values out.
    #[track_caller]
    pub fn into_values(mut self) -> IntoValues<K, V> {
        self.refuse_order();
        mem::take(&mut self.0).into_values()
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

    #[track_caller]
    fn refuse_order(&self) {
        refuse_to_go_through("HashMap", self.len());
    }
}

impl<K: Eq + Hash, V> HashMap<K, V> {
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

impl<K, V> Drop for HashMap<K, V> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<K, V> Default for HashMap<K, V> {
    fn default() -> HashMap<K, V> {
        HashMap::new()
    }
}

impl<K: Clone, V: Clone> Clone for HashMap<K, V> {
    fn clone(&self) -> HashMap<K, V> {
        HashMap(self.0.clone())
    }
}

impl<K: Eq + Hash, V: PartialEq> PartialEq for HashMap<K, V> {
    fn eq(&self, other: &HashMap<K, V>) -> bool {
        self.0 == other.0
    }
}

impl<K: Eq + Hash, V: Eq> Eq for HashMap<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for HashMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        refuse_to_show("HashMap", self.len());
        self.0.fmt(f)
    }
}

impl<K: Eq + Hash + Borrow<Q>, V, Q: Eq + Hash + ?Sized> Index<&Q> for HashMap<K, V> {
    type Output = V;

    #[track_caller]
    fn index(&self, key: &Q) -> &V {
        self.0.get(key).expect("no entry found for key")
    }
}

impl<K: Eq + Hash, V> FromIterator<(K, V)> for HashMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> HashMap<K, V> {
        HashMap(pairs.into_iter().collect())
    }
}

impl<K: Eq + Hash, V, const N: usize> From<[(K, V); N]> for HashMap<K, V> {
    fn from(pairs: [(K, V); N]) -> HashMap<K, V> {
        pairs.into_iter().collect()
    }
}

impl<K: Eq + Hash, V> Extend<(K, V)> for HashMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        self.0.extend(pairs);
    }
}

impl<'a, K: Eq + Hash + Copy, V: Copy> Extend<(&'a K, &'a V)> for HashMap<K, V> {
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, pairs: I) {
        self.0.extend(pairs);
    }
}

impl<K, V> IntoIterator for HashMap<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    #[track_caller]
    fn into_iter(mut self) -> IntoIter<K, V> {
        self.refuse_order();
        mem::take(&mut self.0).into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a HashMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut HashMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    #[track_caller]
    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}
