//! Hash tables: what their random order can't change is explored, and the rest
//! is refused.

use outcomes::Settings;
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

#[test]
fn the_order_is_refused() {
    fn map() -> HashMap<i32, i32> {
        HashMap::from([(1, 2), (3, 4)])
    }
    fn set() -> HashSet<i32> {
        HashSet::from([1, 2])
    }
    fn one() -> HashSet<i32> {
        HashSet::from([1])
    }
    let programs: [fn(); 26] = [
        || {
            for (key, _) in &HashMap::from([(1, 2), (3, 4)]) {
                println!("{key}");
            }
        },
        || println!("{:?}", HashMap::from([(1, 2), (3, 4)])),
        || assert!(HashSet::from([1, 2]).into_iter().count() == 2),
        || set().retain(|_| true),
        || _ = set().iter(),
        || _ = (&set()).into_iter(),
        || _ = set().drain(),
        || _ = set().extract_if(|_| true),
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
        || map().retain(|_, _| true),
        || _ = map().extract_if(|_, _| true),
    ];
    for program in programs {
        let reason = reason(program);
        assert!(reason.contains("whose order is random"), "{reason}");
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
