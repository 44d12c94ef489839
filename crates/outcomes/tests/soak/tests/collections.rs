//! Hash tables: what their random order can't change is explored, and the rest
//! is refused.

use outcomes_engine::Settings;
use outcomes_soak::explore;
use outcomes_std::collections::hash_map::RandomState;
use outcomes_std::collections::{HashMap, HashSet};
use outcomes_std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use outcomes_std::sync::{Arc, Mutex, mpsc};
use outcomes_std::{println, thread};

fn explored(main: fn()) -> Result<Vec<String>, String> {
    let main = || {
        main();
        0
    };
    let exploration = explore(&main, &Settings::default())?;
    let outputs = exploration.outputs().expect("finitely many");
    Ok(outputs.iter().map(|output| output.text).collect())
}

fn reason(main: fn()) -> String {
    explored(main).expect_err("it depends on the order")
}

#[test]
fn a_shared_map() {
    fn count() {
        let words: Arc<Mutex<HashMap<&str, u32>>> = Arc::default();
        let threads: Vec<_> = ["a", "b", "a"]
            .map(|word| {
                let words = Arc::clone(&words);
                thread::spawn(move || {
                    let mut words = words.lock().unwrap();
                    *words.entry(word).or_default() += 1;
                    println!("{word} {}", words[word]);
                })
            })
            .into();
        for thread in threads {
            thread.join().unwrap();
        }
        println!("{}", words.lock().unwrap().len());
    }
    assert_eq!(
        explored(count).unwrap(),
        [
            "a 1\na 2\nb 1\n2\n",
            "a 1\nb 1\na 2\n2\n",
            "b 1\na 1\na 2\n2\n"
        ]
    );
}

#[test]
fn one_element_has_one_order() {
    fn show() {
        println!("{:?} {:?}", HashMap::from([(1, 2)]), HashSet::from([3]));
    }
    assert_eq!(explored(show).unwrap(), ["{1: 2} {3}\n"]);
}

/// Of 24 orders with the same chance one is missing once in 10^17.
const RUNS: usize = 1000;

/// Every order that the original has in so many runs, of as few elements, is chosen
/// once; and no other.
#[test]
fn orders_are_those_of_the_original() {
    macro_rules! same {
        ($($program:expr;)*) => { $(
            let found = {
                #[allow(unused_imports, reason = "each program uses one of them")]
                use outcomes_std::collections::{HashMap, HashSet};
                let main: fn() = || println!("{}", $program);
                explored(main).unwrap()
            };
            let mut real: Vec<String> = (0..RUNS)
                .map(|_| {
                    #[allow(unused_imports, reason = "as above")]
                    use std::collections::{HashMap, HashSet};
                    format!("{}\n", $program)
                })
                .collect();
            real.sort();
            real.dedup();
            assert_eq!(found, real, "{}", stringify!($program));
        )* };
    }
    same! {
        format!("{:?}", HashMap::from([(1, 'a'), (2, 'b'), (3, 'c')]));
        format!("{:#?}", HashSet::from([1, 2]));
        format!("{:?}", HashSet::from([1, 2, 3, 4]));
        HashMap::from([(1, 2), (3, 4)]).into_keys().map(|it| it.to_string()).collect::<String>();
        {
            // It keeps its order, and so does its clone.
            let map = HashMap::from([("a", 1), ("b", 2), ("c", 3)]);
            format!("{:?} {:?} {:?}", map.keys(), map.clone().values(), map)
        };
        {
            // Each has its own.
            let set = || HashSet::from([1, 2]);
            format!("{:?} {:?}", set(), set())
        };
        {
            let mut map = HashMap::from([(1, 1), (2, 2), (3, 3)]);
            let mut seen = Vec::new();
            map.retain(|key, value| {
                seen.push(*key);
                *value += 1;
                *key == 2
            });
            format!("{seen:?} {map:?}")
        };
        {
            // Whichever of the two is gone through first.
            let set = HashSet::from([1, 2, 3]);
            let other = set.clone();
            let first: Vec<_> = other.into_iter().collect();
            format!("{first:?} {set:?}")
        };
        HashSet::from([1, 2]).drain().map(|it| it.to_string()).collect::<String>();
        {
            // Nobody can tell.
            let mut all: Vec<_> = HashMap::from([(2, 1), (1, 2), (4, 3)]).into_iter().collect();
            all.sort();
            format!("{all:?} {}", HashSet::from([1, 2, 3]).iter().sum::<i32>())
        };
        {
            let mut map = HashMap::from([(1, 1), (2, 2)]);
            map.values_mut().zip(1..).for_each(|(value, by)| *value *= by);
            format!("{:?}", map)
        };
    }
}

#[test]
fn orders_and_schedules_are_explored_together() {
    fn main() {
        let shared = Arc::new(Mutex::new(HashMap::new()));
        let threads = [1, 2].map(|number| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.lock().unwrap().insert(number, number);
                println!("{number}");
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        println!("{:?}", shared.lock().unwrap().keys());
    }
    assert_eq!(
        explored(main).unwrap(),
        [
            "1\n2\n[1, 2]\n",
            "1\n2\n[2, 1]\n",
            "2\n1\n[1, 2]\n",
            "2\n1\n[2, 1]\n"
        ]
    );
}

#[test]
fn two_who_share_a_table_see_one_order() {
    fn main() {
        let shared = Arc::new(HashSet::from([1, 2]));
        let threads = [0, 1].map(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.iter().copied().collect::<Vec<_>>())
        });
        println!("{:?}", threads.map(|thread| thread.join().unwrap()));
    }
    assert_eq!(
        explored(main).unwrap(),
        ["[[1, 2], [1, 2]]\n", "[[2, 1], [2, 1]]\n"]
    );
}

#[test]
fn the_order_is_refused_where_there_are_many() {
    fn map() -> HashMap<i32, i32> {
        (0..5).map(|number| (number, number)).collect()
    }
    fn set() -> HashSet<i32> {
        (0..5).collect()
    }
    fn one() -> HashSet<i32> {
        HashSet::from([1])
    }
    let programs: [fn(); 28] = [
        || {
            for (key, _) in &map() {
                println!("{key}");
            }
        },
        || println!("{:?}", map()),
        || assert!(set().into_iter().count() == 5),
        || set().retain(|_| true),
        || _ = set().iter(),
        || _ = (&set()).into_iter(),
        || _ = set().drain(),
        || _ = set().extract_if(|_| true),
        || _ = HashSet::from([1, 2]).difference(&one()),
        || _ = set().difference(&one()),
        || _ = set().intersection(&one()),
        || _ = set().union(&one()),
        || _ = one().union(&set()),
        || _ = set().symmetric_difference(&one()),
        || _ = one().symmetric_difference(&set()),
        || println!("{:?}", set()),
        || _ = map().iter(),
        || _ = map().iter_mut(),
        || _ = (&mut map()).into_iter(),
        || _ = map().keys(),
        || _ = map().values(),
        || _ = map().values_mut(),
        || _ = map().into_keys(),
        || _ = map().into_values(),
        || _ = map().into_iter(),
        || _ = map().drain(),
        || map().retain(|_, _| true),
        || _ = map().extract_if(|_, _| true),
    ];
    for program in programs {
        let reason = reason(program);
        assert!(reason.contains("whose order is random"), "{reason}");
    }
}

#[test]
fn the_order_of_what_was_changed_is_refused() {
    let programs: [fn(); 5] = [
        || {
            let mut set = HashSet::from([1, 2]);
            println!("{set:?}");
            set.insert(3);
            println!("{set:?}");
        },
        || {
            let mut map = HashMap::from([(1, 2), (2, 3), (3, 4)]);
            println!("{map:?}");
            map.remove(&3);
            println!("{map:?}");
        },
        || {
            let mut map = HashMap::from([(1, 2), (2, 3)]);
            println!("{map:?}");
            *map.entry(1).or_default() += 1;
            println!("{map:?}");
        },
        || {
            let mut set = HashSet::from([1, 2]);
            println!("{set:?}");
            set.clear();
            set.extend([1, 2]);
            println!("{set:?}");
        },
        || {
            let mut map = HashMap::from([(1, 2), (2, 3), (3, 4)]);
            map.retain(|key, _| *key > 1);
            println!("{map:?}");
        },
    ];
    for program in programs {
        let reason = reason(program);
        assert!(
            reason.contains("again, after it may have changed, through a Hash"),
            "{reason}"
        );
    }
}

#[test]
fn the_order_of_what_hashes_as_another_is_refused() {
    let programs: [fn(); 3] = [
        || {
            let state = RandomState::new();
            let mut all = [0, 1].map(|_| HashSet::with_hasher(state.clone()));
            for set in &mut all {
                set.extend([1, 2]);
            }
            println!("{all:?}");
        },
        || {
            let mut all = vec![HashSet::new(); 2];
            for set in &mut all {
                set.extend([1, 2]);
            }
            println!("{all:?}");
        },
        || {
            let mut map: HashMap<u8, u8> = (0..5).map(|number| (number, number)).collect();
            let mut other = map.clone();
            for number in 0..3 {
                map.remove(&number);
                other.remove(&number);
            }
            println!("{map:?} {other:?}");
        },
    ];
    for program in programs {
        let reason = reason(program);
        assert!(
            reason.contains("where others may hash alike, through a Hash"),
            "{reason}"
        );
    }
}

#[test]
fn the_order_of_drops_is_refused_where_it_shows() {
    fn closes_two() {
        let (one, first) = mpsc::channel::<()>();
        let (two, second) = mpsc::channel::<()>();
        thread::spawn(move || drop(HashMap::from([(1, one), (2, two)])));
        println!("{:?} {:?}", second.recv(), first.try_recv());
    }
    assert!(reason(closes_two).contains("drops the elements"));
    fn closes_a_set() {
        #[derive(PartialEq, Eq, Hash)]
        struct Prints(u8);
        impl Drop for Prints {
            fn drop(&mut self) {
                println!("{}", self.0);
            }
        }
        drop(HashSet::from([Prints(1), Prints(2)]));
    }
    assert!(reason(closes_a_set).contains("drops the elements"));
    fn closes_one() {
        let (sender, receiver) = mpsc::channel::<()>();
        drop(HashMap::from([(1, sender.clone()), (2, sender)]));
        println!("{:?}", receiver.recv());
    }
    assert_eq!(explored(closes_one).unwrap(), ["Err(RecvError)\n"]);
    fn keeps_strings() {
        drop(HashSet::from(["a".to_owned(), "b".to_owned()]));
        println!("dropped");
    }
    assert_eq!(explored(keeps_strings).unwrap(), ["dropped\n"]);
}

#[test]
fn what_does_not_depend_on_the_order() {
    fn main() {
        // It outlives what it refers to, as the original may.
        let mut lengths: HashMap<&str, usize>;
        let word = String::from("word");
        lengths = HashMap::new();
        lengths.insert(&word, word.len());
        let (one, other) = (HashSet::from([1, 2, 3]), HashSet::from([2, 3, 4]));
        println!(
            "{} {} {} {} {}",
            lengths["word"],
            (&one & &other) == HashSet::from([3, 2]),
            (&one | &other).len(),
            (&one ^ &other) == HashSet::from([1, 4]),
            (&one - &other).contains(&1),
        );
    }
    assert_eq!(explored(main).unwrap(), ["4 true 4 true true\n"]);
}

#[test]
fn an_order_of_the_programs_own_is_explored() {
    type Ordered = BuildHasherDefault<Same>;
    /// Hashes everything to the same.
    #[derive(Default)]
    struct Same;
    impl Hasher for Same {
        fn write(&mut self, _: &[u8]) {}
        fn finish(&self) -> u64 {
            0
        }
    }
    fn main() {
        let numbers: HashSet<u32, Ordered> = [3, 1].into_iter().collect();
        let mut map = HashMap::with_hasher(Ordered::default());
        map.insert(5, numbers.iter().sum::<u32>());
        map.insert(6, 0);
        println!("{} {}", map.keys().sum::<u32>(), map.values().sum::<u32>());
    }
    assert_eq!(explored(main).unwrap(), ["11 4\n"]);
}

#[test]
fn random_hashes_are_refused() {
    let hashes = || println!("{}", RandomState::new().hash_one(1));
    assert!(reason(hashes).contains("RandomState"));
    let hashes = || println!("{}", HashSet::from([1]).hasher().hash_one(1));
    assert!(reason(hashes).contains("RandomState"));
}
