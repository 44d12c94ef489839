//! Hash tables: what their random order can't change is explored, and the rest
//! is refused.

use outcomes::Settings;
use outcomes_soak::explore;
use outcomes_std::collections::{HashMap, HashSet};
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
    let programs: [fn(); 4] = [
        || {
            for (key, _) in &HashMap::from([(1, 2), (3, 4)]) {
                println!("{key}");
            }
        },
        || println!("{:?}", HashMap::from([(1, 2), (3, 4)])),
        || assert!(HashSet::from([1, 2]).into_iter().count() == 2),
        || HashSet::from([1, 2]).retain(|_| true),
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
