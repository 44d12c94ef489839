//! Hash tables, of std: whatever doesn't depend on their order.

#![allow(
    clippy::for_kv_map,
    clippy::iter_kv_map,
    clippy::into_iter_on_ref,
    reason = "each way there is to go through one is to be tried"
)]

use super::programs;
use std::collections::{HashMap, HashSet};
use std::hash::RandomState;

programs! {
    a_map_in_every_way: any ["\
true true 0 true
None Some(1) 1 false true
Some(2) None Some((\"a\", 2)) true false
3 3 Some(3) true
Some(3) None Some((\"b\", 5)) 0
[(\"c\", 7)] [\"c\"] [7] [(\"c\", 8)] [9]
true false {\"c\": 9} {\"c\": 9} 1 true
[\"c\"] [9] [(\"c\", 9)] [(\"c\", 9)] 0 [(\"c\", 9)] 0
4 4 true true 3 [\"c\"] 0
"];
    a_set_in_every_way: any ["\
true true 0 true
true false 1 false true
Some(\"a\") None Some(\"a\") true false
true false Some(\"b\") None 0
[\"c\"] [\"c\"] 1 {\"c\"} true false
true true false true true false
[\"c\"] [] [\"c\"] [\"c\", \"d\"] [\"c\"]
[\"c\"] 0 [\"c\"] 0 [\"c\"] [\"c\"] 0 4
"];
    one_element_is_cleared: any ["key dropped\nvalue dropped\n0\nelement dropped\n0\n"];
    one_element_is_dropped: any ["key dropped\nvalue dropped\nelement dropped\n"];
    tables_grow_and_shrink: any ["true true true true true true true true\n"];
}

fn a_map_in_every_way() {
    let mut map: HashMap<&str, u32> = HashMap::with_capacity(10);
    let with = HashMap::<&str, u32>::with_capacity_and_hasher(10, RandomState::new());
    println!(
        "{} {} {} {}",
        map.capacity() >= 10,
        with.capacity() >= 10,
        map.len(),
        map.is_empty()
    );
    let (first, second) = (map.insert("a", 1), map.insert("a", 2));
    let other: HashMap<&str, u32> = HashMap::new();
    println!(
        "{first:?} {second:?} {} {} {}",
        map.len(),
        map.is_empty(),
        other.is_empty()
    );
    println!(
        "{:?} {:?} {:?} {} {}",
        map.get("a"),
        map.get("b"),
        map.get_key_value("a"),
        map.contains_key("a"),
        map.contains_key("b")
    );
    *map.get_mut("a").unwrap() += 1;
    let [found] = map.get_disjoint_mut(["a"]);
    let found = found.copied();
    let entry = *map.entry("a").or_insert(9);
    let is_none = map.get_mut("b").is_none();
    println!("{} {entry} {found:?} {is_none}", map["a"]);
    map.entry("b").or_insert(5);
    let removed = (map.remove("a"), map.remove("a"), map.remove_entry("b"));
    println!(
        "{:?} {:?} {:?} {}",
        removed.0,
        removed.1,
        removed.2,
        map.len()
    );
    map.extend([("c", 7)]);
    let seen = |map: &HashMap<&'static str, u32>| {
        map.iter()
            .map(|(&key, &value)| (key, value))
            .collect::<Vec<_>>()
    };
    let keys: Vec<&str> = map.keys().copied().collect();
    let values: Vec<u32> = map.values().copied().collect();
    let before = seen(&map);
    map.iter_mut().for_each(|(_, value)| *value += 1);
    let between = seen(&map);
    map.values_mut().for_each(|value| *value += 1);
    let after: Vec<u32> = map.values().copied().collect();
    println!("{before:?} {keys:?} {values:?} {between:?} {after:?}");
    let copy = map.clone();
    let differs = HashMap::from([("c", 1)]);
    let collected: HashMap<&str, u32> = copy.clone().into_iter().collect();
    let mut refs = HashMap::with_hasher(RandomState::new());
    refs.extend(&copy);
    println!(
        "{} {} {copy:?} {collected:?} {} {}",
        map == copy,
        map == differs,
        refs.len(),
        refs == copy
    );
    for (_, value) in &mut refs {
        *value += 0;
    }
    let keys: Vec<&str> = copy.clone().into_keys().collect();
    let values: Vec<u32> = copy.clone().into_values().collect();
    let pairs: Vec<(&str, u32)> = copy.clone().into_iter().collect();
    let drained: Vec<(&str, u32)> = map.drain().collect();
    let taken: Vec<(&str, u32)> = refs.extract_if(|_, value| *value == 9).collect();
    println!(
        "{keys:?} {values:?} {pairs:?} {drained:?} {} {taken:?} {}",
        map.len(),
        refs.len()
    );
    let mut kept = copy.clone();
    kept.retain(|_, value| {
        *value = 3;
        true
    });
    let three = kept["c"];
    kept.retain(|_, _| false);
    map.extend([("x", 1), ("y", 2), ("x", 3), ("z", 4), ("w", 5)]);
    let number = map.len();
    let all = map.clone();
    map.clear();
    println!(
        "{number} {} {} {} {three} {:?} {}",
        all.len(),
        map.is_empty(),
        kept.is_empty(),
        (&copy).into_iter().map(|(key, _)| *key).collect::<Vec<_>>(),
        map.len()
    );
}

fn a_set_in_every_way() {
    let mut set: HashSet<&str> = HashSet::with_capacity(10);
    let with = HashSet::<&str>::with_capacity_and_hasher(10, RandomState::new());
    println!(
        "{} {} {} {}",
        set.capacity() >= 10,
        with.capacity() >= 10,
        set.len(),
        set.is_empty()
    );
    let (first, second) = (set.insert("a"), set.insert("a"));
    let other: HashSet<&str> = HashSet::new();
    println!(
        "{first} {second} {} {} {}",
        set.len(),
        set.is_empty(),
        other.is_empty()
    );
    let again = set.replace("a");
    println!(
        "{:?} {:?} {:?} {} {}",
        set.get("a"),
        set.get("b"),
        again,
        set.contains("a"),
        set.contains("b")
    );
    set.insert("b");
    let (one, two) = (set.remove("a"), set.remove("a"));
    let (three, four) = (set.take("b"), set.take("b"));
    println!("{one} {two} {three:?} {four:?} {}", set.len());
    set.extend(["c"]);
    let copy = set.clone();
    let collected: HashSet<&str> = copy.iter().copied().collect();
    let mut refs = HashSet::with_hasher(RandomState::new());
    refs.extend(&copy);
    println!(
        "{:?} {:?} {} {copy:?} {} {}",
        set.iter().collect::<Vec<_>>(),
        (&set).into_iter().collect::<Vec<_>>(),
        refs.len(),
        collected == copy,
        copy == other
    );
    let more = HashSet::from(["c", "d", "e"]);
    println!(
        "{} {} {} {} {} {}",
        copy.is_disjoint(&other),
        copy.is_subset(&more),
        copy.is_superset(&more),
        more.is_superset(&copy),
        !copy.is_disjoint(&more),
        more.is_subset(&copy)
    );
    let d = HashSet::from(["d"]);
    let mut both: Vec<&str> = copy.union(&d).copied().collect();
    both.sort_unstable();
    let one: Vec<_> = copy.symmetric_difference(&other).collect();
    println!(
        "{:?} {:?} {:?} {both:?} {one:?}",
        copy.difference(&d).collect::<Vec<_>>(),
        copy.intersection(&d).collect::<Vec<_>>(),
        copy.intersection(&copy).collect::<Vec<_>>(),
    );
    let drained: Vec<&str> = set.drain().collect();
    let taken: Vec<&str> = refs.extract_if(|_| true).collect();
    let mut kept = copy.clone();
    kept.retain(|_| true);
    let stays: Vec<&str> = kept.iter().copied().collect();
    kept.retain(|_| false);
    set.extend(["x", "y", "x", "z", "w"]);
    let number = set.len();
    set.clear();
    println!(
        "{drained:?} {} {taken:?} {} {stays:?} {:?} {} {number}",
        set.len(),
        refs.len() + kept.len(),
        copy.into_iter().collect::<Vec<_>>(),
        kept.len()
    );
}

fn tables_grow_and_shrink() {
    let (mut map, mut set) = (HashMap::from([(1, 1)]), HashSet::from([1]));
    map.reserve(100);
    set.reserve(100);
    let (map_grows, set_grows) = (map.capacity() > 100, set.capacity() > 100);
    map.shrink_to(50);
    set.shrink_to(50);
    let (map_to, set_to) = (map.capacity(), set.capacity());
    map.shrink_to_fit();
    set.shrink_to_fit();
    let (map_fits, set_fits) = (map.capacity() < 50, set.capacity() < 50);
    let tries = (map.try_reserve(200).is_ok(), set.try_reserve(200).is_ok());
    println!(
        "{map_grows} {set_grows} {} {} {map_fits} {set_fits} {} {}",
        (50..100).contains(&map_to),
        (50..100).contains(&set_to),
        tries.0 && map.capacity() > 200,
        tries.1 && set.capacity() > 200
    );
}

fn one_element_is_dropped() {
    #[derive(PartialEq, Eq, Hash)]
    struct Says(&'static str);
    impl Drop for Says {
        fn drop(&mut self) {
            println!("{} dropped", self.0);
        }
    }
    drop(HashMap::from([(Says("key"), Says("value"))]));
    drop(HashSet::from([Says("element")]));
}

fn one_element_is_cleared() {
    #[derive(PartialEq, Eq, Hash)]
    struct Says(&'static str);
    impl Drop for Says {
        fn drop(&mut self) {
            println!("{} dropped", self.0);
        }
    }
    let mut map = HashMap::from([(Says("key"), Says("value"))]);
    map.clear();
    println!("{}", map.len());
    let mut set = HashSet::from([Says("element")]);
    set.clear();
    println!("{}", set.len());
}
